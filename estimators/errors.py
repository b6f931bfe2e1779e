"""What the estimators raise and warn of."""

from __future__ import annotations

from typing import Any

__all__ = ["DivergenceError", "RuleWarning"]


class DivergenceError(ValueError):
    """Training gave a loss or weights that are not finite.

    Attributes
    ----------
    epoch : int
        The epoch in which it happened, counted from 1.
    """

    def __init__(self, message: str, epoch: int):
        super().__init__(message)
        self.epoch = epoch

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.args[0], self.epoch)


class RuleWarning(UserWarning):
    """A combination of hyperparameters that a rule of the field advises against."""
