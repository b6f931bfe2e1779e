"""What fits leave behind in memory: ``python -m benchmarks.memory``.

Growth of the process over 200 fits of structures that it knows, and over fits of structures that
come once each, as in a random search, so that the engine drops their programs again.
"""

from __future__ import annotations

import gc
import itertools
import os
import warnings
from typing import Any

import click
import numpy as np
import psutil

from benchmarks.report import write_report

__all__ = ["main"]

MIXED = [
    dict(zip(("activation", "batch_norm", "optimizer"), values, strict=True))
    for values in itertools.product(
        ("relu", "selu", "prelu"), (None, "before_dense", "after_dense"), ("sgd", "adam")
    )
]


def megabytes() -> float:
    gc.collect()
    return psutil.Process().memory_info().rss / 1e6


@click.command()
@click.option("--fits", default=200, show_default=True, help="Of known structures.")
@click.option("--structures", default=150, show_default=True, help="That come once each.")
def main(fits: int, structures: int) -> None:
    """Measure how the process grows."""
    os.environ["MLP_COMPILE_CACHE"] = "off"
    warnings.simplefilter("ignore")
    from estimators import KerasMLPRegressor

    X = np.random.default_rng(0).normal(size=(1024, 8)).astype("float32")

    def fit(sizes: tuple[int, ...], seed: int, **settings: Any) -> None:
        settings |= {"epochs": 2, "early_stopping": False, "engine": "compiled"}
        model = KerasMLPRegressor(sizes, **settings, random_state=seed)
        model.fit(X, X[:, 0]).predict(X)

    for number in range(2 * len(MIXED)):
        fit((30, 20), number, **MIXED[number % len(MIXED)])
    sizes = [megabytes()]
    for number in range(fits):
        fit((30, 20), number, **MIXED[number % len(MIXED)])
    sizes.append(megabytes())
    known = sizes[1] - sizes[0]
    # The cache fills up before anything can be dropped.
    grown = []
    for number in range(64 + structures):
        fit((20 + number, 20), number)
        if number >= 63:
            grown.append(megabytes())
    new = grown[-1] - grown[0]
    text = (
        "# Memory\n\n"
        f"{fits} fits of {len(MIXED)} structures that were known: the process grew by "
        f"{known:.1f} MB (aim: less than 30), from {sizes[0]:.0f} MB.\n\n"
        f"{structures} more structures, each of which takes another one's place in the cache: "
        f"{new:+.0f} MB in all.\n"
    )
    figures = {
        "fits": fits,
        "megabytes_of_known": sizes,
        "structures": structures,
        "megabytes_of_new": grown,
    }
    write_report("memory", figures, text)


if __name__ == "__main__":
    main()
