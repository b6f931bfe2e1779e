"""The input of the network: categories one-hot encoded or embedded, and embeddings of numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import ceil
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import numpy as np

from estimators._sklearn import Interval, StrOptions
from estimators.techniques.references import HOLZMULLER_2024
from estimators.techniques.rule import has, without_effect
from estimators.techniques.technique import (
    Hyperparameter,
    NetworkPlan,
    Params,
    Reference,
    SearchDomain,
    Stage,
    Summary,
    Technique,
)

if TYPE_CHECKING:
    import keras
    from numpy.typing import NDArray

    from estimators.layers import Features as FeaturesLayer

__all__ = ["NUMERIC_EMBEDDINGS", "Features", "features_layer"]

NUMERIC_EMBEDDINGS = ("piecewise_linear", "periodic", "both")

GORISHNIY_2022 = Reference(
    "Gorishniy2022", "Gorishniy et al. 2022", "https://arxiv.org/abs/2203.05556"
)
GUO_2016 = Reference("Guo2016", "Guo and Berkhahn 2016", "https://arxiv.org/abs/1604.06737")

_BINS = ("piecewise_linear", "both")
_WAVES = ("periodic", "both")

_ROWS_A_BIN = 32


class Features(Technique):
    """What the columns of the input become before the first dense layer."""

    hyperparameters = (
        Hyperparameter(
            "categorical_features",
            "from_dtype",
            (StrOptions({"from_dtype"}), "array-like", None),
            '"from_dtype", None or array-like of str, int or bool',
            'Columns that are categories: those of a DataFrame with the dtype "category", none, or '
            "those of some names, indices or of a mask. Missing levels, and those that no row had "
            "in the first fit, are zeros to the network. A category of two levels is -1 or 1.",
        ),
        Hyperparameter(
            "max_one_hot",
            8,
            (Interval(Integral, 0, None, closed="left"),),
            "int",
            "Most levels of a category that becomes one column a level; above, each level has a "
            "learned vector [Guo2016]_.",
        ),
        Hyperparameter(
            "category_embedding_dim",
            8,
            (Interval(Integral, 1, None, closed="left"),),
            "int",
            "Length of the vectors of a category, which begin with N(0, 1) [Holzmuller2024]_.",
        ),
        Hyperparameter(
            "numeric_embedding",
            None,
            (StrOptions(set(NUMERIC_EMBEDDINGS)), None),
            '{"piecewise_linear", "periodic", "both"} or None',
            "What stands beside each number that has more than two distinct values "
            '[Gorishniy2022]_: "piecewise_linear", a linear layer of its own over the share of '
            'each of its bins that lies below it; "periodic", one over cosines of several '
            "frequencies [Holzmuller2024]_.",
            search=(
                SearchDomain(
                    [None, "piecewise_linear", "periodic", "both"], when={"data": "table"}
                ),
            ),
        ),
        Hyperparameter(
            "n_bins",
            32,
            (Interval(Integral, 1, None, closed="left"),),
            "int",
            "Bins of a number, between quantiles of the training rows.",
            search=(
                SearchDomain([16, 32, 48], when={"numeric_embedding": [*_BINS], "data": "table"}),
            ),
        ),
        Hyperparameter(
            "numeric_embedding_dim",
            8,
            (Interval(Integral, 1, None, closed="left"),),
            "int",
            "Outputs a number of the piecewise-linear embedding; the periodic one has 3.",
            search=(
                SearchDomain([4, 8, 16], when={"numeric_embedding": [*_BINS], "data": "table"}),
            ),
        ),
        Hyperparameter(
            "n_frequencies",
            16,
            (Interval(Integral, 1, None, closed="left"),),
            "int",
            "Frequencies a number of the periodic embedding.",
        ),
        Hyperparameter(
            "frequency_scale",
            0.1,
            (Interval(Real, 0, None, closed="neither"),),
            "float",
            "Deviation of the first frequencies, in turns a unit of the number.",
            role="initialization",
            search=(
                SearchDomain(
                    {"low": 0.02, "high": 10.0, "log": True},
                    when={"numeric_embedding": [*_WAVES], "data": "table"},
                ),
            ),
        ),
    )
    rules = tuple(
        without_effect(
            name,
            default,
            f"numeric_embedding {needed[0]!r} or {needed[1]!r}",
            has("numeric_embedding", *needed),
            str(GORISHNIY_2022),
        )
        for name, default, needed in (
            ("n_bins", 32, _BINS),
            ("numeric_embedding_dim", 8, _BINS),
            ("n_frequencies", 16, _WAVES),
            ("frequency_scale", 0.1, _WAVES),
        )
    )
    references = (GORISHNIY_2022, GUO_2016, HOLZMULLER_2024)
    summary = (
        Summary(
            "`categorical_features`, `max_one_hot`, `category_embedding_dim`",
            "the dtype category of a DataFrame, or names, indices, a mask",
            "one-hot up to 8 levels, embedded above; missing and unseen levels are zeros",
            (GUO_2016, HOLZMULLER_2024),
        ),
        Summary(
            "`numeric_embedding`",
            "none, piecewise_linear (`n_bins`, `numeric_embedding_dim`), periodic "
            "(`n_frequencies`, `frequency_scale`), both",
            "of numbers with more than two distinct values, which are kept beside it",
            (GORISHNIY_2022, HOLZMULLER_2024),
        ),
    )

    @property
    def name(self) -> str:
        return "feature embeddings"

    def faults(self, params: Params) -> Iterator[str]:
        columns = params["categorical_features"]
        if columns is None or isinstance(columns, str) or not np.iterable(columns):
            return
        kinds = [next((kind for kind in _KINDS if isinstance(one, kind)), None) for one in columns]
        if isinstance(columns, Mapping) or None in kinds or len(set(kinds)) > 1:
            yield (
                "The 'categorical_features' parameter of {estimator} must hold names, indices or "
                f"bools alone. Got {columns!r}."
            )

    def resolve(self, params: Params) -> Params:
        columns = params["categorical_features"]
        if columns is not None and not isinstance(columns, str):
            columns = tuple(one.item() if isinstance(one, np.generic) else one for one in columns)
        return {
            "categorical_features": columns,
            "frequency_scale": float(params["frequency_scale"]),
        }

    def layers(self, stage: Stage, plan: NetworkPlan) -> Sequence[Callable[..., Any]]:
        if stage != "input" or plan.features is None:
            return []
        return [features_layer(plan, next(plan.seeds))]

    def initialize(self, network: keras.Model, X: NDArray[Any], seed: int, params: Params) -> None:
        """Put the edges of the bins at quantiles of the rows."""
        from estimators import layers

        for layer in network.layers:
            if isinstance(layer, layers.Features) and layer.embedded and layer.n_bins:
                layer.bin_edges.assign(quantile_edges(X[:, layer.embedded], layer.n_bins))

    def layers_by_row(self) -> tuple[type, ...]:
        from estimators import layers

        return (layers.Features,)


def features_layer(plan: NetworkPlan, seed: int) -> FeaturesLayer:
    """Make the layer of a plan's features."""
    from estimators import layers

    params, schema = plan.params, plan.features
    assert schema is not None
    kind = params["numeric_embedding"]
    return layers.Features(
        schema.numbers,
        schema.embedded,
        schema.categories,
        schema.n_levels,
        max_one_hot=params["max_one_hot"],
        category_embedding_dim=params["category_embedding_dim"],
        n_bins=params["n_bins"] if kind in _BINS else None,
        numeric_embedding_dim=params["numeric_embedding_dim"],
        n_frequencies=params["n_frequencies"] if kind in _WAVES else None,
        frequency_scale=params["frequency_scale"],
        seed=seed,
        name="features",
    )


def quantile_edges(X: NDArray[Any], n_bins: int) -> NDArray[Any]:
    """Edges of bins that hold equally many rows each, as far as values do not repeat.

    A value that would fill a bin alone is an edge of its own, as in LightGBM [1]_, and the other
    edges are quantiles of the rows without it, of at least 32 rows a bin where there are as many:
    so a number that is 0 in most rows has edges among its other values, too.

    Parameters
    ----------
    X : ndarray of shape (n_rows, n_numbers)
    n_bins : int

    Returns
    -------
    ndarray of shape (n_numbers, n_bins + 1), float32
        Ascending, each edge once; the last one is repeated where there are fewer bins.

    References
    ----------
    .. [1] Ke et al. 2017, https://papers.nips.cc/paper/6907

    Examples
    --------
    >>> quantile_edges(np.array([[1.0], [1.0], [1.0], [2.0], [4.0]]), 4).tolist()
    [[1.0, 2.0, 4.0, 4.0, 4.0]]
    """
    edges = np.empty((X.shape[1], n_bins + 1), "float32")
    for own, column in zip(edges, X.T, strict=True):
        distinct = _edges(column.astype("float32"), n_bins)
        own[: len(distinct)] = distinct
        own[len(distinct) :] = distinct[-1]
    return edges


def _edges(values: NDArray[Any], n_bins: int) -> NDArray[Any]:
    """Edges of at most some bins of one number, ascending."""
    distinct, counts = np.unique(values, return_counts=True)
    rows_a_bin = len(values) / n_bins
    alone = counts >= rows_a_bin
    others = distinct[~alone]
    left = np.repeat(others, counts[~alone])
    n_left = min(n_bins + 1 - alone.sum(), 1 + ceil(len(left) / min(rows_a_bin, _ROWS_A_BIN)))
    if len(others) > n_left:
        others = np.quantile(left, np.linspace(0, 1, n_left)).astype("float32")
    return np.union1d(distinct[alone], others)


# A bool is an int as well.
_KINDS = (str, bool | np.bool_, Integral)
