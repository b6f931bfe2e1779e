"""Hyperparameters whose values a compiled program is given when it runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any

__all__ = ["dynamic_value", "dynamic_values"]

_NONE: Mapping[str, Any] = MappingProxyType({})
_values: ContextVar[Mapping[str, Any]] = ContextVar("dynamic_values", default=_NONE)


@contextmanager
def dynamic_values(values: Mapping[str, Any]) -> Iterator[None]:
    """Have layers calculate with some values, by name of the hyperparameter, for a while.

    Parameters
    ----------
    values : mapping of str to tf.Tensor
    """
    token = _values.set(values)
    try:
        yield
    finally:
        _values.reset(token)


def dynamic_value(hyperparameter: str, default: Any) -> Any:
    """Return the value of a hyperparameter that a program is being traced with.

    Parameters
    ----------
    hyperparameter : str
    default : float
        What counts where no program is being traced, or where the program has it built in.

    Returns
    -------
    float or tf.Tensor
    """
    return _values.get().get(hyperparameter, default)
