"""Hyperparameters and settings as the params that MLflow keeps, which are texts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

__all__ = ["format_params", "parse_params"]


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


_SIZES = re.compile(r"\d+(-\d+)*")
_PAIR = re.compile(r"(\w+)=([^,=]+)")


def parse_params(texts: Mapping[str, str]) -> dict[str, Any]:
    """Read hyperparameters that :func:`format_params` wrote.

    Examples
    --------
    >>> parse_params({"dropout": "none", "learning_rate": "1e-05", "nesterov": "true"})
    {'dropout': None, 'learning_rate': 1e-05, 'nesterov': True}
    >>> parse_params({"hidden_layer_sizes": "100-50", "learning_rate_factors": "bias=0.1"})
    {'hidden_layer_sizes': (100, 50), 'learning_rate_factors': {'bias': 0.1}}
    """
    return {name: _parse(name, text) for name, text in texts.items()}


def _parse(name: str, text: str) -> Any:
    if name == "hidden_layer_sizes":
        return tuple(map(int, text.split("-"))) if _SIZES.fullmatch(text) else ()
    if text == "none":
        return None
    pairs = text.split(", ")
    if all(_PAIR.fullmatch(pair) for pair in pairs):
        return {key: _parse(key, value) for key, value in (pair.split("=") for pair in pairs)}
    try:
        return float(text) if not text.lstrip("-").isdigit() else int(text)
    except ValueError:
        return {"true": True, "false": False}.get(text, text)
