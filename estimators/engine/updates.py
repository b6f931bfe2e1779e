"""An optimizer's update of all weights, as a pure function."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from estimators.techniques import Technique
from estimators.techniques.optimizer import OPTIMIZERS

__all__ = ["FusedWeights", "OptimizerState", "Update"]

Tensors = list[Any]


class FusedWeights:
    """Which weights of a network are fused into one array: biases, offsets, scales, learned slopes.

    A program of one update instead of one for each of them is much quicker to compile.

    Parameters
    ----------
    shapes : sequence of tuple of int
        Of the weights.
    """

    def __init__(self, shapes: Sequence[tuple[int, ...]]):
        self.n_weights = len(shapes)
        self._apart = [index for index, shape in enumerate(shapes) if len(shape) != 1]
        self._together = [index for index, shape in enumerate(shapes) if len(shape) == 1]
        self._bounds = list(accumulate((shapes[index][0] for index in self._together), initial=0))
        self.shapes = [shapes[index] for index in self._apart]
        if self._together:
            self.shapes.append((self._bounds[-1],))

    def fuse(
        self, values: Sequence[Any], concatenate: Callable[..., Any] = np.concatenate
    ) -> Tensors:
        """Arrays of :attr:`shapes` from one array a weight."""
        apart = [values[index] for index in self._apart]
        if not self._together:
            return apart
        return [*apart, concatenate([values[index] for index in self._together], 0)]

    def spread(self, numbers: Sequence[float]) -> list[Any]:
        """From one number a weight: one for each fused array, or for each of its elements.

        Examples
        --------
        >>> kernel, biases = FusedWeights([(3, 2), (2,), (1,)]).spread([2.0, 1.0, 0.5])
        >>> kernel, biases.tolist()
        (2.0, [1.0, 1.0, 0.5])
        """
        apart: list[Any] = [numbers[index] for index in self._apart]
        together = [numbers[index] for index in self._together]
        if not together:
            return apart
        if len(set(together)) == 1:
            return [*apart, together[0]]
        return [*apart, np.repeat(together, np.diff(self._bounds)).astype("float32")]

    def split(self, values: Sequence[Any]) -> Tensors:
        """One array a weight from arrays of :attr:`shapes`."""
        parts = dict(zip(self._apart, values, strict=False))
        for index, (begin, end) in zip(self._together, pairwise(self._bounds), strict=True):
            parts[index] = values[-1][begin:end]
        return [parts[index] for index in range(self.n_weights)]


class OptimizerState(NamedTuple):
    """What an optimizer keeps.

    Attributes
    ----------
    count : tensor or ndarray, int64
        Steps done.
    scalars : dict of str to tensor
    slots : dict of str to list of tensor
        By name, one for each fused weight.
    """

    count: Any
    scalars: dict[str, Any]
    slots: dict[str, Tensors]


class Update:
    """The update of fused weights by an optimizer of some hyperparameters.

    Every optimizer that the estimators name treats each element by itself, so that joining
    changes nothing.

    Parameters
    ----------
    techniques : sequence of Technique
        Those that change gradients or weights on the way.
    params : mapping of str to object
        Resolved hyperparameters.
    fused : FusedWeights
    paths : sequence of str
        Of the weights, not fused, as Keras has them.
    """

    def __init__(
        self,
        techniques: Sequence[Technique],
        params: Mapping[str, Any],
        fused: FusedWeights,
        paths: Sequence[str],
    ):
        self._techniques = techniques
        self._rule = OPTIMIZERS[params["optimizer"]]
        self._fused = fused
        self._own_factors = [_factors(techniques, params, path) for path in paths]
        self._factors = _fused_factors(self._own_factors, fused)
        self.slot_groups = self._rule.slots(params)
        self.scalar_names = list(self._rule.scalars)

    @property
    def slot_names(self) -> list[str]:
        """Names of the slots, group after group."""
        return [name for group in self.slot_groups for name in group]

    def __call__(
        self,
        gradients: Tensors,
        weights: Tensors,
        state: OptimizerState,
        params: Mapping[str, Any],
    ) -> tuple[Tensors, OptimizerState]:
        """Make a step.

        Parameters
        ----------
        gradients : list of tf.Tensor
            One a weight, not fused.
        weights : list of tf.Tensor
            Joined.
        state : OptimizerState
        params : mapping of str to object
            Hyperparameters, dynamic values as tensors.

        Returns
        -------
        weights, state
        """
        gradients = [
            _kept(self._rests({**params, **_multiplied(params, own)}), 0.0, gradient)
            for gradient, own in zip(gradients, self._own_factors, strict=True)
        ]
        for technique in self._techniques:
            gradients = list(technique.change_gradients(gradients, params))
        fused = self._fused.fuse(gradients, tf.concat)
        step = tf.cast(state.count + 1, tf.float32)
        scalars = state.scalars
        if self._rule.advance is not None:
            scalars = dict(self._rule.advance(scalars, step, params))
        updated: Tensors = []
        slots: dict[str, Tensors] = {name: [] for name in state.slots}
        for position, (gradient, before) in enumerate(zip(fused, weights, strict=True)):
            own = {**params, **_multiplied(params, self._factors[position])}
            weight = before
            for technique in self._techniques:
                weight = technique.change_weight(weight, own)
            slots_before = {name: values[position] for name, values in state.slots.items()}
            change, new = self._rule.update(
                gradient, slots_before, own["learning_rate"], step, scalars, own
            )
            rests = self._rests(own)
            updated.append(_kept(rests, before, weight - change))
            for name, value in new.items():
                slots[name].append(_kept(rests, slots_before[name], value))
        return updated, OptimizerState(state.count + 1, scalars, slots)

    def _rests(self, params: Mapping[str, Any]) -> Any:
        """Where an array of some hyperparameters rests; None where nowhere."""
        places = (technique.rests(params) for technique in self._techniques)
        return next((place for place in places if place is not None), None)


def _kept(rests: Any, before: Any, after: tf.Tensor) -> tf.Tensor:
    return after if rests is None else tf.where(rests, before, after)


def _factors(
    techniques: Sequence[Technique], params: Mapping[str, Any], path: str
) -> dict[str, float]:
    """Factors of hyperparameters for a weight: the product of what techniques say."""
    product: dict[str, float] = {}
    for technique in techniques:
        for name, factor in technique.factors(path, params).items():
            product[name] = product.get(name, 1.0) * factor
    return product


def _fused_factors(
    of_weights: Sequence[Mapping[str, float]], fused: FusedWeights
) -> list[dict[str, Any]]:
    """Factors of hyperparameters for each fused weight, without those that are 1."""
    of_fused: list[dict[str, Any]] = [{} for _ in fused.shapes]
    for name in sorted({name for own in of_weights for name in own}):
        spread = fused.spread([own.get(name, 1.0) for own in of_weights])
        for factors, factor in zip(of_fused, spread, strict=True):
            if not isinstance(factor, float) or factor != 1:
                factors[name] = factor
    return of_fused


def _multiplied(params: Mapping[str, Any], factors: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: 0.0 if isinstance(factor, float) and not factor else params[name] * factor
        for name, factor in factors.items()
        if not isinstance(factor, float) or factor != 1
    }
