"""Imports of large packages that a library makes where they are there, and that nothing needs."""

from __future__ import annotations

import importlib.abc
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["ARRAY_PACKAGES", "left_out"]

ARRAY_PACKAGES = ("cupy", "dask", "jax", "ndonnx", "torch")
"""What scikit-learn has an adapter for, which skops imports as it lists scikit-learn's classes."""


class _Refusal(importlib.abc.MetaPathFinder):
    """Finds no package of some names, in one thread."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names
        self._thread = threading.get_ident()

    def find_spec(self, name: str, *where: Any) -> None:
        if name in self._names and threading.get_ident() == self._thread:
            raise ModuleNotFoundError(f"{name} is left out", name=name)


@contextmanager
def left_out(*names: str) -> Iterator[None]:
    """Let this thread import as if some packages were not installed, unless they are imported.

    Torch alone takes seconds. Whoever imports one of them afterwards gets it.

    Parameters
    ----------
    *names : str
        Of top-level packages.

    Examples
    --------
    >>> with left_out("wave"):
    ...     import wave
    Traceback (most recent call last):
    ModuleNotFoundError: wave is left out
    >>> import wave
    """
    refusal = _Refusal(names)
    sys.meta_path.insert(0, refusal)
    try:
        yield
    finally:
        sys.meta_path.remove(refusal)
