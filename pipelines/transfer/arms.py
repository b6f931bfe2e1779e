"""The ways to reuse a network that are compared with a new one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["ARMS", "SCRATCH", "TransferArm"]

_FROZEN_SHARE = 4  # of the epochs, one in so many
_LAYER_FACTOR = 1 / 2.6


@dataclass(frozen=True)
class TransferArm:
    """A way to train a network on the target.

    Attributes
    ----------
    name : str
        By which people ask for it.
    text : str
        What it does, for people.
    is_reused : bool
        Whether it begins with the source's weights.
    hyperparameters : callable
        Those beside ``init_from``, from the numbers of hidden layers and of epochs.
    """

    name: str
    text: str
    is_reused: bool
    hyperparameters: Callable[[int, int], Mapping[str, Any]]


SCRATCH = TransferArm("scratch", "a new network", False, lambda n_layers, epochs: {})

ARMS: Mapping[str, TransferArm] = {
    arm.name: arm
    for arm in (
        SCRATCH,
        TransferArm(
            "frozen",
            "the hidden layers stay as they are, and only the output learns",
            True,
            lambda n_layers, epochs: {"frozen_layers": n_layers},
        ),
        TransferArm(
            "thawed",
            "the hidden layers begin to learn after a quarter of the epochs",
            True,
            lambda n_layers, epochs: {
                "frozen_layers": n_layers,
                "unfreeze_at": max(1, epochs // _FROZEN_SHARE),
            },
        ),
        TransferArm(
            "discriminative",
            "each layer learns 2.6 times as slowly as the one behind it",
            True,
            lambda n_layers, epochs: {"layer_learning_rates": _LAYER_FACTOR},
        ),
        TransferArm("fine-tuned", "all layers learn alike", True, lambda n_layers, epochs: {}),
    )
}
"""By name; the first one is what the others are compared with."""
