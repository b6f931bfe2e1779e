"""How a hyperparameter reads in the name of a configuration."""

from __future__ import annotations

from typing import Any

__all__ = ["SELF_EXPLANATORY", "label"]

SELF_EXPLANATORY = ("cell", "activation", "kernel_initializer")
"""Hyperparameters that are known by their values, and belong to every name."""


def label(name: str, value: Any) -> str:
    """Say what a hyperparameter is.

    Examples
    --------
    >>> label("activation", "relu"), label("hidden_layer_sizes", (50, 10)), label("dropout", 0.1)
    ('relu', 'layers 50-10', 'dropout 0.1')
    >>> label("batch_norm", None), label("nesterov", True)
    ('no batch_norm', 'nesterov')
    """
    if name in SELF_EXPLANATORY:
        return str(value)
    if value is None or isinstance(value, bool):
        return name if value else f"no {name}"
    if isinstance(value, tuple):
        value = "-".join(map(str, value))
    if isinstance(value, float):
        value = f"{value:.3g}"
    return f"{'layers' if name == 'hidden_layer_sizes' else name} {value}"
