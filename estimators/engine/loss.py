"""The loss of a minibatch, and what training does to its rows and targets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import keras
import tensorflow as tf

from estimators.objective import Objective
from estimators.techniques.label_smoothing import smoothed

__all__ = ["BatchLoss", "Targets", "mixed"]


class Targets(NamedTuple):
    """Targets of the rows of a minibatch.

    Attributes
    ----------
    y : tf.Tensor of shape (batch_size, ...)
    loss_weight : tf.Tensor of shape (batch_size,) or (batch_size, n_steps)
        Of each row, or step, in the loss.
    weight : tf.Tensor of shape (batch_size,) or (batch_size, n_steps)
        Of each row, or step, in the metrics: 0 at places without one.
    """

    y: tf.Tensor
    loss_weight: tf.Tensor
    weight: tf.Tensor


def mixed(targets: Targets, partners: tf.Tensor, share: tf.Tensor) -> list[Targets]:
    """Give rows that are mixed with others the targets of both.

    Parameters
    ----------
    targets : Targets
    partners : tf.Tensor of shape (batch_size,), int
        Place of the row that each is mixed with.
    share : tf.Tensor
        Of the row itself.

    Returns
    -------
    list of Targets
        Their own and those of the partners, with weights of their shares. A step that one of the
        two lacks counts in neither, as the network does not see it.
    """
    y, loss_weight, weight = targets
    of_partners = tf.gather(loss_weight, partners) * weight
    if weight.shape.rank > 1:
        present = tf.gather(weight, partners)
        loss_weight, weight = loss_weight * present, weight * present
    return [
        Targets(y, loss_weight * share, weight * share),
        Targets(tf.gather(y, partners), of_partners * (1 - share), weight * (1 - share)),
    ]


class BatchLoss:
    """The loss of an objective, summed over the rows of a minibatch.

    Parameters
    ----------
    objective : Objective
    n_outputs : int
    """

    def __init__(self, objective: Objective, n_outputs: int):
        self._loss = objective.make_loss()
        self._of_probabilities = objective.make_probability_loss()
        self._n_outputs = n_outputs
        self._by_number = objective.is_of_class_numbers

    def __call__(self, targets: Targets, outputs: tf.Tensor) -> tf.Tensor:
        """Sum up the weighted losses of rows."""
        return _total(self._loss, targets, outputs)

    def in_training(
        self, targets: Sequence[Targets], outputs: tf.Tensor, values: Mapping[str, tf.Tensor]
    ) -> tf.Tensor:
        """Sum up the weighted losses under several targets, smoothed where training has it so.

        Parameters
        ----------
        targets : sequence of Targets
        outputs : tf.Tensor
        values : mapping of str to tf.Tensor
            Dynamic hyperparameters that are set.
        """
        loss = self._loss
        if "label_smoothing" in values:
            loss, share = self._of_probabilities, values["label_smoothing"]
            targets = [each._replace(y=self._smoothed(each.y, share)) for each in targets]
        first, *others = (_total(loss, each, outputs) for each in targets)
        return tf.add_n([first, *others]) if others else first

    def _smoothed(self, y: tf.Tensor, share: tf.Tensor) -> tf.Tensor:
        if not self._by_number:
            return smoothed(y, share, 2)
        probabilities = tf.one_hot(tf.cast(tf.squeeze(y, -1), tf.int32), self._n_outputs)
        return smoothed(probabilities, share, self._n_outputs)


def _total(loss: keras.losses.Loss, targets: Targets, outputs: tf.Tensor) -> tf.Tensor:
    """Sum of the weighted losses of rows or steps; of several members or outputs it is the mean."""
    y = targets.y
    if outputs.shape.rank > y.shape.rank:  # outputs of several members
        y = tf.repeat(y[:, None], outputs.shape[1], axis=1)
    losses = loss.call(y, outputs)
    n_axes = targets.loss_weight.shape.rank
    if losses.shape.rank > n_axes:
        losses = tf.reduce_mean(losses, axis=list(range(n_axes, losses.shape.rank)))
    return tf.reduce_sum(losses * targets.loss_weight)
