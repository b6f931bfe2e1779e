"""Weight initializers, by name."""

from __future__ import annotations

from collections.abc import Callable

import keras

__all__ = ["INITIALIZERS", "make_initializer"]

INITIALIZERS: dict[str, Callable[..., keras.initializers.Initializer]] = {
    "zeros": keras.initializers.Zeros,
    "ones": keras.initializers.Ones,
    "glorot_normal": keras.initializers.GlorotNormal,
    "glorot_uniform": keras.initializers.GlorotUniform,
    "he_normal": keras.initializers.HeNormal,
    "he_uniform": keras.initializers.HeUniform,
    "lecun_normal": keras.initializers.LecunNormal,
    "lecun_uniform": keras.initializers.LecunUniform,
    "orthogonal": keras.initializers.Orthogonal,
    "variance_scaling": keras.initializers.VarianceScaling,
}

_CONSTANT = frozenset({"zeros", "ones"})


def make_initializer(
    name: str,
    *,
    seed: int | None = None,
    scale: float = 1.0,
    mode: str = "fan_in",
    distribution: str = "truncated_normal",
) -> keras.initializers.Initializer:
    """Make a Keras initializer from its name.

    Parameters
    ----------
    name : str
        A key of ``INITIALIZERS``.
    seed : int, default=None
        Seed of the draw; None draws differently each time.
    scale, mode, distribution
        Of "variance_scaling" alone: the variance is ``scale / fan``, with the fan that
        ``mode`` names ("fan_in", "fan_out" or "fan_avg"), and ``distribution`` one of
        "truncated_normal", "untruncated_normal" and "uniform".

    Returns
    -------
    keras.initializers.Initializer

    Examples
    --------
    >>> make_initializer("he_uniform", seed=0).scale
    2.0
    """
    initializer = INITIALIZERS[name]
    if name in _CONSTANT:
        return initializer()
    if name == "variance_scaling":
        return initializer(scale=scale, mode=mode, distribution=distribution, seed=seed)
    return initializer(seed=seed)
