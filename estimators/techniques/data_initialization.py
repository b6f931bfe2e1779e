"""Initial weights in the light of the training rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from estimators.techniques.batch_normalization import BATCH_NORM_PLACEMENTS
from estimators.techniques.references import HOLZMULLER_2024
from estimators.techniques.rule import Rule
from estimators.techniques.technique import (
    Hyperparameter,
    Params,
    Reference,
    SearchDomain,
    Summary,
    Technique,
)

if TYPE_CHECKING:
    import keras
    from numpy.typing import NDArray

__all__ = ["DataInitialization"]

MISHKIN_2016 = Reference(
    "Mishkin2016", "Mishkin and Matas 2016", "https://arxiv.org/abs/1511.06422"
)

_N_ROWS = 1024
_N_CENTERS = 5  # rows that a bias is a mean of
_SMALLEST_DEVIATION = 1e-6
_STREAM = 1  # of the seed: apart from that of the order of the rows


class DataInitialization(Technique):
    """Units that the rows reach before the first step."""

    hyperparameters = (
        Hyperparameter(
            "data_initialization",
            False,
            ("boolean",),
            "bool",
            "Whether the initial weights are adapted to up to 1,024 training rows, layer after "
            "layer: each unit's pre-activations get variance 1 [Mishkin2016]_, and its bias is "
            "minus a random weighted mean of those of five rows, so that the units bend where the "
            "rows are [Holzmuller2024]_.",
            role="initialization",
            search=(
                SearchDomain([False, True], when={"batch_norm": None}),
                SearchDomain(False, when={"batch_norm": [*BATCH_NORM_PLACEMENTS]}),
                SearchDomain(False, when={"activation": "selu"}),
            ),
        ),
    )
    rules = (
        Rule(
            "one normalization of the first signals",
            lambda setting: setting["data_initialization"] and setting["batch_norm"] is not None,
            "batch_norm={batch_norm!r} brings the signals to one size in each step, whatever "
            "data_initialization does",
            "use one of the two",
            str(MISHKIN_2016),
        ),
    )
    references = (MISHKIN_2016, HOLZMULLER_2024)
    summary = (
        Summary(
            "`data_initialization`",
            "off or on",
            "not with batch norm",
            (MISHKIN_2016, HOLZMULLER_2024),
        ),
    )

    def initialize(self, network: keras.Model, X: NDArray[Any], seed: int, params: Params) -> None:
        """Give each unit pre-activations of variance 1, and a bias that some rows decide."""
        if not params["data_initialization"]:
            return
        random = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(_STREAM,)))
        rows = X[random.permutation(len(X))[:_N_ROWS]]
        for layer in network.layers:
            if hasattr(layer, "kernel"):
                _adapt(layer, _inputs_of(network, layer, rows), random)


def _inputs_of(network: keras.Model, layer: keras.layers.Layer, rows: NDArray[Any]) -> NDArray[Any]:
    import keras

    before = keras.Model(network.inputs[0], layer.input)
    return np.asarray(before(rows, training=False))


def _adapt(layer: keras.layers.Layer, inputs: NDArray[Any], random: np.random.Generator) -> None:
    """Rescale the kernel of a dense layer that gets some inputs, and set its bias.

    A unit for which the rows are all alike keeps its kernel, for there is no scale to divide by.
    Members of an ensemble that share a kernel or a bias count as further rows.
    """
    import keras

    function, layer.activation = layer.activation, keras.activations.linear
    bias = 0.0 if layer.bias is None else layer.bias.numpy()
    products = np.asarray(layer(inputs), dtype=float) - bias
    layer.activation = function
    by_unit = products.reshape(-1, products.shape[-1])
    is_shared = len(layer.kernel.shape) == 2
    of_units = by_unit if is_shared else products
    deviation = of_units.std(axis=0)
    is_constant = deviation <= _SMALLEST_DEVIATION * (1 + np.abs(of_units.mean(axis=0)))
    deviation = np.where(is_constant, 1.0, deviation + _SMALLEST_DEVIATION)
    of_kernel = deviation if is_shared else deviation[:, None]
    layer.kernel.assign(layer.kernel.numpy() / of_kernel)
    if layer.bias is None:
        return
    if len(layer.bias.shape) == 1:
        products = by_unit
    centers = random.integers(len(products), size=(_N_CENTERS, *products.shape[1:]))
    weights = random.exponential(size=centers.shape)
    means = (weights * np.take_along_axis(products, centers, axis=0)).sum(axis=0)
    layer.bias.assign(bias - means / weights.sum(axis=0) / deviation)
