"""The machine that figures were read on, and its arithmetic floor."""

from __future__ import annotations

import itertools
import os
import platform
import time
from functools import cache
from pathlib import Path

import numpy as np

__all__ = ["FASHION_FLOP", "describe_machine", "peak_gflops"]

_LAYERS = (784, 300, 100, 50, 50, 50, 10)

# Forward and backward products of the Fashion-MNIST network for one row; the input needs no
# gradient.
FASHION_FLOP = 2 * sum(
    n_in * n_out * (2 if index == 0 else 3)
    for index, (n_in, n_out) in enumerate(itertools.pairwise(_LAYERS))
)


@cache
def describe_machine() -> dict[str, object]:
    """Processor, cores and versions."""
    from importlib.metadata import version

    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        cpu = names[0].split(":")[1].strip() if names else cpu
    packages = ("tensorflow", "keras", "scikit-learn", "scikeras", "numpy")
    return {
        "cpu": cpu,
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        **{name: version(name) for name in packages},
        "peak_gflops": round(peak_gflops(), 1),
    }


def peak_gflops(size: int = 2048, n_runs: int = 7) -> float:
    """The best rate of a large float32 matrix product, on all cores, in GFLOP a second."""
    a = np.random.default_rng(0).normal(size=(size, size)).astype("float32")
    seconds = []
    for _ in range(n_runs):
        began = time.perf_counter()
        a @ a
        seconds.append(time.perf_counter() - began)
    return 2 * size**3 / min(seconds) / 1e9
