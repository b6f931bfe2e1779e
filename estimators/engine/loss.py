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
    loss_weight : tf.Tensor of shape (batch_size,)
        Of each row in the loss.
    weight : tf.Tensor of shape (batch_size,)
        Of each row in the metrics: 0 at places without a row.
    """

    y: tf.Tensor
    loss_weight: tf.Tensor
    weight: tf.Tensor


def mixed(
    X: tf.Tensor, targets: Targets, n_present: tf.Tensor, share: tf.Tensor
) -> tuple[tf.Tensor, list[Targets]]:
    """Mix each row of a minibatch with the next one, and the last with the first.

    Parameters
    ----------
    X : tf.Tensor of shape (batch_size, ...)
    targets : Targets
    n_present : tf.Tensor
        Number of rows, which come before places without one.
    share : tf.Tensor
        Of the row itself.

    Returns
    -------
    X : tf.Tensor
    targets : list of Targets
        Those of the rows themselves and those of the next ones, with weights of their shares.
    """
    places = tf.range(tf.shape(X)[0])
    following = tf.where(places + 1 < n_present, places + 1, 0)
    y, loss_weight, weight = targets
    own = Targets(y, loss_weight * share, weight * share)
    other = Targets(
        tf.gather(y, following),
        tf.gather(loss_weight, following) * weight * (1 - share),
        weight * (1 - share),
    )
    return X * share + tf.gather(X, following) * (1 - share), [own, other]


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
    """Sum of the weighted losses of the rows; that of a row of several steps is their mean."""
    losses = loss.call(targets.y, outputs)
    if losses.shape.rank > 1:
        losses = tf.reduce_mean(losses, axis=list(range(1, losses.shape.rank)))
    return tf.reduce_sum(losses * targets.loss_weight)
