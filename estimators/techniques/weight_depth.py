"""How deep in a network a layer or a weight lies."""

from __future__ import annotations

import re

__all__ = ["hidden_layer_of"]

_BEFORE_HIDDEN_LAYERS = (
    *("padded_steps", "features", "feature_scale", "member_scale"),
    *("mixed_rows", "augmentation"),
)


def hidden_layer_of(path: str) -> int | None:
    """Return the number of the hidden layer that a Keras layer or a weight belongs to.

    Parameters
    ----------
    path : str
        Name of a layer of :func:`estimators.network.network_of`, or the path of a variable: names
        of its layers and its own, with slashes between.

    Returns
    -------
    int or None
        From 0; what encodes or scales the input belongs to the first one, and the output to none.

    Examples
    --------
    >>> [hidden_layer_of(path) for path in ("features/bin_edges", "batch_norm_1/gamma", "output")]
    [0, 1, None]
    """
    for layer in path.split("/"):
        if layer in _BEFORE_HIDDEN_LAYERS:
            return 0
        numbered = re.fullmatch(r"(?!member_)[a-z_]+_(\d+)", layer)
        if numbered:
            return int(numbered[1])
    return None
