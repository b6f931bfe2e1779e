"""Which kind of weight a variable of a network is."""

from __future__ import annotations

from typing import Literal, get_args

__all__ = ["WEIGHT_KINDS", "WeightKind", "is_bias", "weight_kind"]

WeightKind = Literal["kernel", "bias", "activation", "scale", "embedding"]

WEIGHT_KINDS: tuple[WeightKind, ...] = get_args(WeightKind)

_OF_ACTIVATIONS = ("alpha", "slope")
_BIASES = ("bias", "beta")


def weight_kind(path: str) -> WeightKind:
    """Return the kind of a weight array.

    Parameters
    ----------
    path : str
        Of the Keras variable: names of its layers and its own, with slashes between.

    Returns
    -------
    {"kernel", "bias", "activation", "scale", "embedding"}
        "bias" is an offset of batch or layer normalization too, "activation" what an activation
        function learns, "scale" that of the input's features, "embedding" what embeds numbers.
        All else is a "kernel".

    Examples
    --------
    >>> [weight_kind(path) for path in ("dense_0/kernel", "dense_0/bias", "activation_0/alpha")]
    ['kernel', 'bias', 'activation']
    """
    *layers, name = path.split("/")
    if any(layer.startswith("feature_scale") for layer in layers):
        return "scale"
    if "features" in layers and name.startswith("numeric_"):
        return "embedding"
    if name in _OF_ACTIVATIONS:
        return "activation"
    return "bias" if name in _BIASES else "kernel"


def is_bias(path: str) -> bool:
    """Whether a weight array is added to something, as biases of embeddings are too.

    Examples
    --------
    >>> is_bias("features/numeric_bias"), is_bias("features/numeric_kernel")
    (True, False)
    """
    name = path.rsplit("/", 1)[-1]
    return name in _BIASES or name.endswith("_bias")
