"""Hyperparameters and settings as the params that MLflow keeps, which are texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

__all__ = ["format_params"]


def format_params(values: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Write hyperparameters or settings as people would.

    Examples
    --------
    >>> format_params({"dropout": None, "nesterov": True, "learning_rate": 1e-3})
    {'dropout': 'none', 'nesterov': 'true', 'learning_rate': '0.001'}
    >>> format_params({"layers": (100, 50), "options": {"a": 1, "b": None}}, prefix="search.")
    {'search.layers': '100-50', 'search.options': 'a=1, b=none'}
    """
    return {f"{prefix}{name}": _format(value) for name, value in values.items()}


def _format(value: Any) -> str:
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={_format(item)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return "-".join(map(_format, value)) or "none"
    return getattr(value, "__name__", None) or str(value)
