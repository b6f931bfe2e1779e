"""The values that a hyperparameter may take."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

__all__ = ["Choice", "Domain", "Layers", "Range", "Suggest", "same"]

Suggest = Callable[[str, "Choice | Range"], Any]
"""Decides for a key, within a domain: a label of a choice, a number of a range."""


def same(one: Any, other: Any) -> bool:
    """Whether two values of a hyperparameter are equal, where 1 is not True.

    Examples
    --------
    >>> same(1, 1.0), same(1, True), same([50, 10], (50, 10))
    (True, False, True)
    """
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and one == other


@dataclass(frozen=True)
class Choice:
    """One of some values; a single one is fixed, and nothing is decided.

    Attributes
    ----------
    values : tuple
    """

    values: tuple[Any, ...]

    def __str__(self) -> str:
        return "/".join(map(str, self.labels))

    @property
    def labels(self) -> tuple[Any, ...]:
        """The values, written as text where they are sequences."""
        return tuple("-".join(map(str, v)) if isinstance(v, tuple) else v for v in self.values)

    @property
    def is_fixed(self) -> bool:
        return len(self.values) == 1

    def draw(self, key: str, suggest: Suggest) -> Any:
        """Return a value, having asked for a label where there are several."""
        if self.is_fixed:
            return self.values[0]
        label = suggest(key, self)
        return next(
            v for v, mine in zip(self.values, self.labels, strict=True) if same(label, mine)
        )

    def find(self, key: str, value: Any) -> dict[str, Any] | None:
        """What must be suggested for a value to be drawn; None where it cannot be."""
        for mine, label in zip(self.values, self.labels, strict=True):
            if same(mine, value):
                return {} if self.is_fixed else {key: label}
        return None


@dataclass(frozen=True)
class Range:
    """A number between two others, both included; whole where both are.

    Attributes
    ----------
    low, high : int or float
    log : bool
        Whether equal ratios are equally likely, rather than equal differences.
    step : int or float or None
        Distance between neighbouring values.
    """

    low: float
    high: float
    log: bool = False
    step: float | None = None

    def __str__(self) -> str:
        return f"{self.low:g} to {self.high:g}"

    @property
    def is_whole(self) -> bool:
        return all(isinstance(number, int) for number in (self.low, self.high, self.step or 1))

    @property
    def is_fixed(self) -> bool:
        return False

    def draw(self, key: str, suggest: Suggest) -> Any:
        """Return a number that was asked for."""
        return suggest(key, self)

    def find(self, key: str, value: Any) -> dict[str, Any] | None:
        """What must be suggested for a value to be drawn; None where it cannot be."""
        if not isinstance(value, int | float) or isinstance(value, bool):
            return None
        if not self.low <= value <= self.high or (self.is_whole and value != int(value)):
            return None
        steps = (value - self.low) / self.step if self.step else 0
        return {key: value} if math.isclose(steps, round(steps), abs_tol=1e-9) else None


@dataclass(frozen=True)
class Layers:
    """Sizes of hidden layers: how many there are, and how wide each is.

    Attributes
    ----------
    depth, width : Choice or Range
        Of whole numbers.
    """

    depth: Choice | Range
    width: Choice | Range

    def __str__(self) -> str:
        return f"depth {self.depth}, width {self.width}"

    @property
    def is_fixed(self) -> bool:
        return False

    def draw(self, key: str, suggest: Suggest) -> tuple[int, ...]:
        """Return sizes, having asked for the depth and then for the width of each layer."""
        depth = self.depth.draw(f"{key} depth", suggest)
        return tuple(self.width.draw(f"{key} {layer}", suggest) for layer in range(1, depth + 1))

    def find(self, key: str, value: Any) -> dict[str, Any] | None:
        """What must be suggested for sizes to be drawn; None where they cannot be."""
        sizes = value if isinstance(value, list | tuple) else (value,)
        found = [self.depth.find(f"{key} depth", len(sizes))]
        found += [self.width.find(f"{key} {layer}", size) for layer, size in enumerate(sizes, 1)]
        if any(part is None for part in found):
            return None
        return {name: value for part in found if part for name, value in part.items()}


Domain: TypeAlias = Choice | Range | Layers
