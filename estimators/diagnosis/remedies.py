"""What to set against each cause, in the order in which to try it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

__all__ = ["REMEDIES"]

Params = Mapping[str, Any]
Remedies = list[dict[str, Any]]

_SUITED = {"kernel_initializer": "auto", "bias_initializer": "zeros"}
_LARGEST_WIDTH = 2048


def _rate(*factors: float) -> Callable[[Params], Remedies]:
    def remedies(params: Params) -> Remedies:
        rate = params["learning_rate"]
        if callable(rate):
            rate = float(rate(0))
        return [{"learning_rate": float(f"{rate * factor:.3g}")} for factor in factors]

    return remedies


def _without_clipping(params: Params) -> Remedies:
    return [{name: None} for name in ("clipnorm", "clipvalue", "global_clipnorm") if params[name]]


def _normalized(params: Params) -> Remedies:
    plain = {"activation": "relu", **_SUITED} if params["activation"] == "selu" else {}
    return [{"batch_norm": "before_dense", **plain}]


def _less_regularization(params: Params) -> Remedies:
    return [{name: 0.0} for name in ("dropout", "weight_decay", "mixup") if params.get(name)]


def _underfit(params: Params) -> Remedies:
    sizes = tuple(int(size) for size in np.atleast_1d(params["hidden_layer_sizes"]))
    wider = tuple(min(_LARGEST_WIDTH, max(64, 2 * size)) for size in sizes)
    less = _less_regularization(params)
    return [
        *less,
        {"hidden_layer_sizes": wider},
        *([{**less[0], "hidden_layer_sizes": wider}] if less else []),
        {"epochs": 3 * params["epochs"]},
    ]


# Those of AutoTrainer (Zhang et al. 2021) in its order, as far as they suit a table; first comes
# what undoes the cause.
REMEDIES: dict[str, Callable[[Params], Remedies]] = {
    "too much regularization": _less_regularization,
    "symmetric units": lambda params: [_SUITED],
    "input not scaled": _normalized,
    "target not scaled": lambda params: [{"standardize_target": True}],
    "exploding gradients": lambda params: [
        _SUITED,
        {"activation": "relu", **_SUITED},
        {"global_clipnorm": 1.0, "clipnorm": None, "clipvalue": None},
        {"batch_norm": "before_dense", "dropout": 0.0},
    ],
    "saturated units": lambda params: [
        _SUITED,
        {"activation": "relu", **_SUITED},
        *_rate(0.1)(params),
        {"batch_norm": "before_dense", "dropout": 0.0},
    ],
    "vanishing gradients": lambda params: [
        _SUITED,
        {"activation": "relu", **_SUITED},
        {"activation": "selu", **_SUITED},
        {"batch_norm": "before_dense", "dropout": 0.0},
    ],
    "learning rate too high": _rate(0.1, 0.01, 0.001),
    "dead units": lambda params: [
        {"activation": "leaky_relu", **_SUITED},
        *_rate(0.1)(params),
        {"batch_norm": "before_dense", "dropout": 0.0},
        {"activation": "selu", **_SUITED},
    ],
    "clipping always on": _without_clipping,
    "learning rate too low": _rate(10, 100, 1000),
    "stopped early": lambda params: [
        {"epochs": 3 * params["epochs"]},
        {"epochs": 10 * params["epochs"]},
    ],
    "overfit": lambda params: [
        {"early_stopping": True},
        {"dropout": 0.2},
        {"weight_decay": 0.01, "optimizer": "adamw"},
        {"dropout": 0.2, "early_stopping": True},
    ],
    "underfit": _underfit,
}
