"""A single step of an optimizer, worked out beside the training, which goes on without it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from estimators.engine.state import StateLayout
from estimators.engine.updates import FusedWeights, Update
from estimators.techniques import Technique

__all__ = ["changes_of_step"]


def changes_of_step(
    network: keras.Model,
    techniques: Sequence[Technique],
    params: Mapping[str, Any],
    gradients: Sequence[tf.Tensor],
) -> list[NDArray[Any]]:
    """Work out by how much the next step changes each weight array of a network.

    Clipping, weight decay and factors of the learning rate are part of it. Neither weights nor
    optimizer are changed.

    Parameters
    ----------
    network : keras.Model
        Compiled, its optimizer built.
    techniques : sequence of Technique
    params : mapping of str to object
        Resolved hyperparameters.
    gradients : sequence of tf.Tensor
        One for each of ``network.trainable_variables``.

    Returns
    -------
    list of ndarray
        New weights minus the present ones, in the same order.
    """
    weights = network.trainable_variables
    fused = FusedWeights([tuple(weight.shape) for weight in weights])
    update = Update(techniques, params, fused, [weight.path for weight in weights])
    trained = {id(weight) for weight in weights}
    layout = StateLayout(
        [id(variable) in trained for variable in network.variables], fused, update, averages=False
    )
    state = layout.nested([tf.convert_to_tensor(each) for each in layout.read(network)])
    rate = params["learning_rate"]
    first = {**params, "learning_rate": float(rate(0)) if callable(rate) else rate}
    after, _ = update(list(gradients), state.weights, state.optimizer, first)
    changes = [np.subtract(new, old) for new, old in zip(after, state.weights, strict=True)]
    return fused.split(changes)
