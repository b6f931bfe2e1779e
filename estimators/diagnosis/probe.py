"""Figures of a network from one batch of rows, forwards and backwards."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from estimators.techniques import Technique
from estimators.techniques.gradient_clipping import GradientClipping, is_clipped

if TYPE_CHECKING:
    import keras
    from numpy.typing import NDArray

    from estimators.engine.rows import Rows

__all__ = ["Probe", "lone_network", "probe_network"]

_HIDDEN = re.compile(r"(dense|recurrent)_(\d+)$")
_N_BATCHES = 4
_ZERO = 1e-6
_UNCLIPPED = 0.999
# Where an activation no longer answers to its input: the share of its range from the middle.
_BOUNDS = {"sigmoid": (0.5, 0.49), "tanh": (0.0, 0.98)}


@dataclass(frozen=True)
class Probe:
    """What a batch of rows shows of a network.

    Attributes
    ----------
    layers : DataFrame
        A row a layer, the hidden ones first: "layer", "units", "dead" (share of the units that
        give 0 for every row), "saturated" (share of the outputs of sigmoid or tanh at their ends),
        "equal" (share of the units whose incoming weights another unit has too), "variance" (of
        what goes into the activations), "gradient" (root mean square of the loss' gradient there),
        "weight" (root mean square of the kernel), "gradient_norm" (of the kernel) and
        "update_ratio" (root mean square of the kernel's next change over that of the kernel).
    loss : float
        Of the batch, as the network is trained: with dropout and the batch's own statistics.
    clipped : float
        Share of the minibatches whose gradient is clipped; nan where none can be.
    kept : float
        The median length that is left of these gradients, as a share of their own.
    """

    layers: pd.DataFrame
    loss: float
    clipped: float
    kept: float

    @property
    def hidden(self) -> pd.DataFrame:
        """The rows of the hidden layers."""
        return self.layers[self.layers["layer"] != "output"]

    def largest(self, figure: str) -> float:
        """The largest of the hidden layers; nan where none has it."""
        values = self.hidden[figure].dropna()
        return float(values.max()) if len(values) else np.nan

    @property
    def gradient_ratio(self) -> float:
        """The gradient at the first hidden layer over that at the last one."""
        gradients = self.hidden["gradient"].to_numpy()
        if len(gradients) < 2:
            return np.nan
        return float(gradients[0] / max(gradients[-1], np.finfo(np.float32).tiny))

    @property
    def variance_ratio(self) -> float:
        """The variance at the last hidden layer over that at the first one."""
        variances = self.hidden["variance"].to_numpy()
        if len(variances) < 2:
            return np.nan
        return float(variances[-1] / max(variances[0], np.finfo(np.float32).tiny))

    @property
    def update_ratio(self) -> float:
        """The median over the layers, the output among them."""
        return float(self.layers["update_ratio"].median())


def lone_network(model: keras.Model) -> keras.Model:
    """The network itself, or the first one where it averages several."""
    names = {layer.name for layer in model.layers}
    return model.get_layer("member_0") if "member_0" in names else model


def probe_network(
    network: keras.Model,
    loss: Any,
    rows: Rows,
    techniques: Sequence[Technique],
    params: Mapping[str, Any],
) -> Probe:
    """Send a batch of rows through a network and the gradient of its loss back.

    Nothing of the network changes: neither moving statistics nor the draws of random layers.

    Parameters
    ----------
    network : keras.Model
        Of one member.
    loss : keras.losses.Loss
    rows : Rows
        As the network gets them.
    techniques : sequence of Technique
    params : mapping of str to object
        Resolved hyperparameters.

    Returns
    -------
    Probe
    """
    import keras

    taps = _taps(network)
    source = network
    if not _is_connected(
        taps[0], network
    ):  # as after loading a Sequential, which Keras calls twice
        source = keras.models.clone_model(network)
        source.set_weights(network.get_weights())
        taps = _taps(source)
    inputs, outputs = source.inputs[0], source.outputs[0]
    tapped = keras.Model(inputs, [*(tap.before for tap in taps), outputs])
    after = [tap.after for tap in taps if tap.after is not None]
    value, of_weights, before, signals = _backward(tapped, loss, rows)
    weights = tapped.trainable_variables
    by_weight = {id(weight): each for weight, each in zip(weights, of_weights, strict=True)}
    gradients = [by_weight[id(weight)] for weight in source.trainable_variables]
    changes = dict(
        zip(
            map(id, source.trainable_variables),
            _changes(network, techniques, params, gradients),
            strict=True,
        )
    )
    activations = iter(_forward(keras.Model(inputs, after), rows) if after else [])
    table = []
    for tap, entering, signal in zip(taps, before, signals, strict=True):
        leaving = None if tap.after is None else next(activations)
        kernel = _kernel_of(tap.layer)
        table.append(
            {
                "layer": tap.name,
                "units": int(tap.before.shape[-1]),
                **_of_activations(leaving, params.get("activation")),
                "equal": _share_of_equal(kernel.numpy()),
                "variance": float(entering.var(dtype=float)),
                "gradient": _size(signal),
                "weight": _size(kernel.numpy()),
                "gradient_norm": float(np.linalg.norm(by_weight[id(kernel)])),
                "update_ratio": _size(changes[id(kernel)]) / max(_size(kernel.numpy()), _ZERO),
            }
        )
    clipped, kept = _clipping(tapped, loss, rows, params)
    return Probe(pd.DataFrame(table), value, clipped, kept)


@dataclass(frozen=True)
class _Tap:
    """Where the figures of a layer are read."""

    name: str
    layer: Any
    before: Any
    after: Any


def _taps(network: keras.Model) -> list[_Tap]:
    by_name = {layer.name: layer for layer in network.layers}
    taps = []
    for name, layer in by_name.items():
        found = _HIDDEN.match(name)
        if not found:
            continue
        activation = by_name.get(f"activation_{found[2]}")
        if activation is None:  # a recurrent layer has it within
            taps.append(_Tap(name, layer, layer.output, None))
        else:
            taps.append(_Tap(name, layer, activation.input, activation.output))
    taps.sort(key=lambda tap: int(tap.name.rsplit("_", 1)[1]))
    output = by_name["output"]
    return [*taps, _Tap("output", output, output.output, None)]


def _is_connected(tap: _Tap, network: keras.Model) -> bool:
    """Whether the outputs of a network are computed from what a tap reads."""
    import keras

    try:
        keras.Model(tap.before, network.outputs[0])
    except ValueError:
        return False
    return True


def _backward(
    tapped: keras.Model, loss: Any, rows: Rows
) -> tuple[float, list[NDArray[Any]], list[NDArray[Any]], list[NDArray[Any]]]:
    """Loss, gradients of the weights, what the taps read, and the gradients there."""
    import tensorflow as tf

    weights = [tf.convert_to_tensor(weight) for weight in tapped.trainable_variables]
    others = [tf.convert_to_tensor(variable) for variable in tapped.non_trainable_variables]
    with tf.GradientTape() as tape:
        tape.watch(weights)
        (*tapped_values, outputs), _ = tapped.stateless_call(
            weights, others, tf.convert_to_tensor(rows.X), training=True
        )
        value = loss(rows.y, outputs)
    gradients = tape.gradient(
        value, [weights, tapped_values], unconnected_gradients=tf.UnconnectedGradients.ZERO
    )
    of_weights, signals = ([np.asarray(each) for each in part] for part in gradients)
    return float(value), of_weights, [np.asarray(each) for each in tapped_values], signals


def _forward(model: keras.Model, rows: Rows) -> list[NDArray[Any]]:
    outputs, _ = model.stateless_call(
        [weight.value for weight in model.trainable_variables],
        [variable.value for variable in model.non_trainable_variables],
        rows.X,
        training=True,
    )
    return [np.asarray(each) for each in (outputs if isinstance(outputs, list) else [outputs])]


def _changes(
    network: keras.Model,
    techniques: Sequence[Technique],
    params: Mapping[str, Any],
    gradients: Sequence[NDArray[Any]],
) -> list[NDArray[Any]]:
    """What the next step changes; nan of a network that comes without an optimizer."""
    import tensorflow as tf

    from estimators.engine.step import changes_of_step

    if getattr(network, "optimizer", None) is None or not network.optimizer.built:
        return [np.full(gradient.shape, np.nan) for gradient in gradients]
    tensors = [tf.convert_to_tensor(gradient) for gradient in gradients]
    return changes_of_step(network, techniques, params, tensors)


def _kernel_of(layer: Any) -> Any:
    arrays = [weight for weight in layer.trainable_variables if len(weight.shape) >= 2]
    return next((weight for weight in arrays if weight.name == "kernel"), arrays[0])


def _of_activations(outputs: NDArray[Any] | None, activation: str | None) -> dict[str, float]:
    if outputs is None:
        return {"dead": np.nan, "saturated": np.nan}
    by_row = outputs.reshape(len(outputs), -1)
    saturated = np.nan
    if activation in _BOUNDS:
        middle, reach = _BOUNDS[activation]
        saturated = float((np.abs(by_row - middle) > reach).mean())
    largest = np.abs(by_row).max(axis=0)
    return {"dead": float((largest <= _ZERO * largest.max()).mean()), "saturated": saturated}


def _share_of_equal(kernel: NDArray[Any]) -> float:
    """Share of the units whose weights another unit has as well, up to float32 rounding."""
    columns = kernel.reshape(-1, kernel.shape[-1]).T
    if len(columns) < 2:
        return 0.0
    size = max(float(np.abs(columns).max()), _ZERO)
    _, counts = np.unique(np.round(columns / size, 5), axis=0, return_counts=True)
    return float(counts[counts > 1].sum() / len(columns))


def _size(values: Any) -> float:
    return float(np.sqrt(np.mean(np.square(np.asarray(values, dtype=float)))))


def _clipping(
    tapped: keras.Model, loss: Any, rows: Rows, params: Mapping[str, Any]
) -> tuple[float, float]:
    """Share of the minibatches that are clipped, and what is left of their gradients' length."""
    if not is_clipped(params):
        return np.nan, np.nan
    size, left = min(params["batch_size"], len(rows.X)), []
    for start in range(0, len(rows.X) - size + 1, size)[:_N_BATCHES]:
        batch = rows.take(np.arange(start, start + size))
        _, gradients, _, _ = _backward(tapped, loss, batch)
        clipped = GradientClipping().change_gradients(gradients, params)
        length = _length(gradients)
        left.append(_length(clipped) / length if length else 1.0)
    return float(np.mean(np.less(left, _UNCLIPPED))), float(np.median(left))


def _length(arrays: Sequence[Any]) -> float:
    return float(np.sqrt(sum(float(np.square(array, dtype=float).sum()) for array in arrays)))
