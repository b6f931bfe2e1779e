"""Places in a network where figures are read, and a pass through it forwards and backwards."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import keras
    from numpy.typing import NDArray

    from estimators.engine.rows import Rows

__all__ = ["Pass", "Tap", "TappedNetwork"]

_HIDDEN = re.compile(r"(dense|recurrent)_(\d+)$")


@dataclass(frozen=True)
class Tap:
    """Where the figures of a layer are read.

    Attributes
    ----------
    name : str
        Of the layer.
    layer : keras.layers.Layer
    before, after : KerasTensor
        What goes into its activation, and what comes out of it; the latter is None where the
        activation is within the layer.
    """

    name: str
    layer: Any
    before: Any
    after: Any


class Pass(NamedTuple):
    """What a batch of rows leaves.

    Attributes
    ----------
    loss : float
    of_weights : list of ndarray
        Gradients, one for each of :attr:`TappedNetwork.weights`.
    before, signals : list of ndarray
        What each tap reads before the activation, and the gradient there.
    after : list of ndarray or None
        What it reads after it.
    """

    loss: float
    of_weights: list[NDArray[Any]]
    before: list[NDArray[Any]]
    signals: list[NDArray[Any]]
    after: list[NDArray[Any] | None]


class TappedNetwork:
    """A network with a tap at each layer, the output the last one.

    Parameters
    ----------
    network : keras.Model
        Left as it is: neither its weights nor moving statistics nor draws change.

    Attributes
    ----------
    taps : list of Tap
    weights : list of keras.Variable
        In the order of the network's trainable variables.
    """

    def __init__(self, network: keras.Model):
        import keras

        taps = _taps(network)
        if not _is_connected(taps[0], network):  # Keras calls the layers of a stored one twice
            copy = keras.models.clone_model(network)
            copy.set_weights(network.get_weights())
            network, taps = copy, _taps(copy)
        self.taps = taps
        self.weights = network.trainable_variables
        self._have_after = [tap.after is not None for tap in taps]
        read = [
            *(tap.before for tap in taps),
            *(tap.after for tap in taps if tap.after is not None),
        ]
        self._model = keras.Model(network.inputs[0], [*read, network.outputs[0]])

    def run(self, loss: Any, rows: Rows) -> Pass:
        """Send rows through, as in training, and the gradient of their loss back."""
        import tensorflow as tf

        model = self._model
        weights = [tf.convert_to_tensor(weight) for weight in model.trainable_variables]
        others = [tf.convert_to_tensor(variable) for variable in model.non_trainable_variables]
        n_taps = len(self.taps)
        with tf.GradientTape() as tape:
            # What is frozen, too: without, no gradient would reach the layers of before.
            tape.watch([*weights, *(each for each in others if each.dtype.is_floating)])
            (*read, outputs), _ = model.stateless_call(
                weights, others, tf.convert_to_tensor(rows.X), training=True
            )
            value = loss(rows.y, outputs)
        found, signals = tape.gradient(
            value, [weights, read[:n_taps]], unconnected_gradients=tf.UnconnectedGradients.ZERO
        )
        by_weight = dict(zip(map(id, model.trainable_variables), found, strict=True))
        after = iter(_arrays(read[n_taps:]))
        return Pass(
            float(value),
            _arrays([by_weight[id(weight)] for weight in self.weights]),
            _arrays(read[:n_taps]),
            _arrays(signals),
            [next(after) if has_after else None for has_after in self._have_after],
        )


def _arrays(tensors: Sequence[Any]) -> list[NDArray[Any]]:
    return [np.asarray(tensor) for tensor in tensors]


def _taps(network: keras.Model) -> list[Tap]:
    by_name = {layer.name: layer for layer in network.layers}
    taps = []
    for name, layer in by_name.items():
        found = _HIDDEN.match(name)
        if not found:
            continue
        activation = by_name.get(f"activation_{found[2]}")
        if activation is None:  # a recurrent layer has it within
            taps.append(Tap(name, layer, layer.output, None))
        else:
            taps.append(Tap(name, layer, activation.input, activation.output))
    taps.sort(key=lambda tap: int(tap.name.rsplit("_", 1)[1]))
    output = by_name["output"]
    return [*taps, Tap("output", output, output.output, None)]


def _is_connected(tap: Tap, network: keras.Model) -> bool:
    """Whether the outputs of a network are computed from what a tap reads."""
    import keras

    layers = network.layers
    if layers[-1].output is network.outputs[0] and all(
        after.input is before.output for before, after in itertools.pairwise(layers)
    ):
        return True  # a chain, which is told in no time
    try:
        keras.Model(tap.before, network.outputs[0])
    except ValueError:
        return False
    return True
