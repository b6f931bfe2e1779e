"""Figures of a network from one batch of rows, forwards and backwards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from estimators.diagnosis.taps import TappedNetwork
from estimators.techniques import Technique
from estimators.techniques.gradient_clipping import GradientClipping, is_clipped
from estimators.techniques.weight_depth import hidden_layer_of

if TYPE_CHECKING:
    import keras
    from numpy.typing import NDArray

    from estimators.engine.rows import Rows

__all__ = ["Probe", "lone_network", "probe_network"]

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
        "update_ratio" (root mean square of the kernel's next change over that of the kernel; nan of
        ``frozen_layers``).
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

    @cached_property
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
    tapped = TappedNetwork(network)
    passed = tapped.run(loss, rows)
    gradients = {id(w): each for w, each in zip(tapped.weights, passed.of_weights, strict=True)}
    found = _changes(network, techniques, params, passed.of_weights)
    changes = {id(w): each for w, each in zip(tapped.weights, found, strict=True)}
    n_frozen, table = params.get("frozen_layers", 0), []
    for tap, entering, signal, leaving in zip(
        tapped.taps, passed.before, passed.signals, passed.after, strict=True
    ):
        kernel = _kernel_of(tap.layer)
        values = kernel.numpy()
        size, number = _size(values), hidden_layer_of(tap.name)
        is_frozen = number is not None and number < n_frozen
        table.append(
            {
                "layer": tap.name,
                "units": int(tap.before.shape[-1]),
                **_of_activations(leaving, params.get("activation")),
                "equal": _share_of_equal(values),
                "variance": float(entering.var(dtype=float)),
                "gradient": _size(signal),
                "weight": size,
                "gradient_norm": float(np.linalg.norm(gradients.get(id(kernel), np.nan))),
                "update_ratio": np.nan
                if is_frozen
                else _size(changes[id(kernel)]) / max(size, _ZERO),
            }
        )
    clipped, kept = _clipping(tapped, loss, rows, params)
    return Probe(pd.DataFrame(table), passed.loss, clipped, kept)


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
    arrays = [weight for weight in layer.weights if len(weight.shape) >= 2]
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
    rounded = np.round(columns / size, 5) + 0.0  # for -0.0 is 0.0
    counts = Counter(column.tobytes() for column in rounded)
    return sum(count for count in counts.values() if count > 1) / len(columns)


def _size(values: Any) -> float:
    return float(np.sqrt(np.mean(np.square(np.asarray(values, dtype=float)))))


def _clipping(
    tapped: TappedNetwork, loss: Any, rows: Rows, params: Mapping[str, Any]
) -> tuple[float, float]:
    """Share of the minibatches that are clipped, and what is left of their gradients' length."""
    if not is_clipped(params):
        return np.nan, np.nan
    size, left = min(params["batch_size"], len(rows.X)), []
    for start in range(0, len(rows.X) - size + 1, size)[:_N_BATCHES]:
        batch = rows.take(np.arange(start, start + size))
        gradients = tapped.run(loss, batch).of_weights
        clipped = GradientClipping().change_gradients(gradients, params)
        length = _length(gradients)
        left.append(_length(clipped) / length if length else 1.0)
    return float(np.mean(np.less(left, _UNCLIPPED))), float(np.median(left))


def _length(arrays: Sequence[Any]) -> float:
    return float(np.sqrt(sum(float(np.square(array, dtype=float).sum()) for array in arrays)))
