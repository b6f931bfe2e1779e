"""What a network's input is made of, so that the inputs of two networks can be matched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import keras
    from numpy.typing import NDArray

    from estimators.features import FeatureEncoder

__all__ = ["InputChannels", "InputColumns", "matched_places"]

_FIRST_DENSE = ("dense_0", "output")  # without hidden layers the output gets the columns


_INPUT_KERNELS = ("kernel", "forward_kernel", "backward_kernel")


@dataclass(frozen=True)
class InputColumns:
    """The columns of an input, and what a network makes of them.

    Attributes
    ----------
    names : sequence of hashable
        Of the columns: their names, or their positions.
    encoder : FeatureEncoder
        Fitted to them.
    network : keras.Model
    """

    names: Sequence[Hashable]
    encoder: FeatureEncoder
    network: keras.Model

    def keys(self, weight: str) -> tuple[list[Hashable], int] | None:
        """Say what the places along an axis of a weight array stand for.

        Parameters
        ----------
        weight : str
            Names of layer and weight, with a slash between.

        Returns
        -------
        keys : list of hashable
            Equal ones, in two inputs, stand for the same.
        axis : int
            From the end: -1 is the last one.
        None
            For a weight that has no such axis.
        """
        layer, _, name = weight.partition("/")
        if layer == "features":
            return self._of_features(name)
        if weight == f"{self._first_dense}/kernel":
            return self._inputs(), -2
        if layer in ("feature_scale", "member_scale") or self._normalizes_input(layer):
            return self._inputs(), -1
        return None

    @property
    def _first_dense(self) -> str:
        layers = {layer.name for layer in self.network.layers}
        return next(name for name in _FIRST_DENSE if name in layers)

    def _normalizes_input(self, layer: str) -> bool:
        order = [each.name for each in self.network.layers]
        return layer == "batch_norm_0" and order.index(layer) < order.index(self._first_dense)

    @property
    def _features(self) -> Any:
        named = {layer.name: layer for layer in self.network.layers}
        return named.get("features")

    def _levels(self, column: int) -> list[Any]:
        levels: list[Any] = self.encoder.categories_[column].tolist()
        return levels

    def _inputs(self) -> list[Hashable]:
        """What each input of the first dense layer stands for."""
        layer = self._features
        if layer is None:
            return [(name, "number", 0) for name in self.names]
        keys: list[Hashable] = []
        parts: Counter[int] = Counter()
        for column in layer.columns_of_outputs:
            key: tuple[Hashable, ...] = ("number", parts[column])
            if column in layer.categories:
                levels = self._levels(column)
                if len(levels) == 2:
                    key = ("binary", *levels)
                elif len(levels) <= layer.max_one_hot:
                    key = ("level", levels[parts[column]])
                else:
                    key = ("embedding", parts[column])
            parts[column] += 1
            keys.append((self.names[column], *key))
        return keys

    def _of_features(self, weight: str) -> tuple[list[Hashable], int] | None:
        layer = self._features
        if weight == "category_embedding":
            learned = {
                column: self._levels(column)
                for column, n_levels in zip(layer.categories, layer.n_levels, strict=True)
                if n_levels > max(2, layer.max_one_hot)
            }
            return [(self.names[c], level) for c, levels in learned.items() for level in levels], -2
        axes = {"bin_edges": -2, "numeric_bin_kernel": -3, "numeric_wave_kernel": -3}
        return [self.names[column] for column in layer.embedded], axes.get(weight, -2)


@dataclass(frozen=True)
class InputChannels:
    """The channels of sequences, which a recurrent network reads in each step.

    Attributes
    ----------
    names : sequence of hashable
        Of the channels: names of the columns of the first step, or their positions.
    """

    names: Sequence[Hashable]

    def keys(self, weight: str) -> tuple[list[Hashable], int] | None:
        """Say what the places along an axis of a weight array stand for.

        See :meth:`InputColumns.keys`; the arrays of the two directions are ``forward_kernel`` and
        ``backward_kernel``.
        """
        layer, _, name = weight.partition("/")
        if layer == "batch_norm_0":
            return [*self.names], -1
        if layer == "recurrent_0" and name in _INPUT_KERNELS:
            return [*self.names], -2
        return None


def matched_places(
    keys: Sequence[Hashable], others: Sequence[Hashable]
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Find equal keys.

    Returns
    -------
    places, places_in_others : ndarray of int
        Of the same length.

    Examples
    --------
    >>> [places.tolist() for places in matched_places(["a", "b", "c"], ["c", "a"])]
    [[0, 2], [1, 0]]
    """
    at = {key: place for place, key in enumerate(others)}
    pairs = [(place, at[key]) for place, key in enumerate(keys) if key in at]
    found = np.array(pairs, dtype=int).reshape(-1, 2)
    return found[:, 0], found[:, 1]
