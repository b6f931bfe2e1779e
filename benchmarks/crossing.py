"""From how many steps on compiling pays: ``python -m benchmarks.crossing``.

Seconds of a fit, start-up left out and compiling left in, by both ways of the engine, each in a
process of its own; the two lines over the number of steps cross where ``engine="auto"`` should
change from one to the other.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from statistics import median
from typing import Any

import click
import numpy as np
from rich.progress import track

from benchmarks.report import write_report
from benchmarks.runner import fresh

__all__ = ["main"]

ENGINES = ("uncompiled", "compiled")
STEPS = (250, 2000)
NETWORKS: dict[str, dict[str, Any]] = {
    "digits 64-100-50-50": {"n_features": 64, "hidden_layer_sizes": (100, 50, 50)},
    "housing 8-100-50-10-10-10": {"n_features": 8, "hidden_layer_sizes": (100, 50, 10, 10, 10)},
    "housing, batch norm": {
        "n_features": 8,
        "hidden_layer_sizes": (100, 50, 10, 10, 10),
        "batch_norm": "before_dense",
    },
    "housing, Adam": {
        "n_features": 8,
        "hidden_layer_sizes": (100, 50, 10, 10, 10),
        "optimizer": "adam",
    },
    "Fashion-MNIST 784-300-100-50-50-50": {
        "n_features": 784,
        "hidden_layer_sizes": (300, 100, 50, 50, 50),
    },
    "LSTM of 32 units, 50 timesteps": {"n_timesteps": 50, "hidden_layer_sizes": (32,)},
    "LSTM of 64 units, 20 timesteps": {"n_timesteps": 20, "hidden_layer_sizes": (64,)},
}


def fit_seconds(network: str, engine: str, n_steps: int) -> float:
    """Seconds of one fit of some steps, in ten epochs."""
    from benchmarks.peers import wake_estimators
    from estimators import KerasMLPRegressor, KerasRNNRegressor

    settings = {"optimizer": "sgd", "early_stopping": False, **NETWORKS[network]}
    n_rows, n_timesteps = 32 * n_steps // 10, settings.pop("n_timesteps", None)
    width = (n_timesteps, 2) if n_timesteps else (settings.pop("n_features"),)
    X = np.random.default_rng(0).normal(size=(n_rows, *width))
    wake_estimators()
    kind = KerasRNNRegressor if n_timesteps else KerasMLPRegressor
    model = kind(**settings, batch_size=32, epochs=10, engine=engine, random_state=0)
    began = time.perf_counter()
    model.fit(X, X.reshape(n_rows, -1)[:, 0])
    return time.perf_counter() - began


def crossing(seconds: dict[str, list[float]]) -> float:
    """Steps at which two lines, each through two points, cross.

    Examples
    --------
    >>> crossing({"uncompiled": [0.5, 4.0], "compiled": [1.0, 1.0]})
    500.0
    """
    begins, slopes = [], []
    for low, high in (seconds[engine] for engine in ENGINES):
        slopes.append((high - low) / (STEPS[1] - STEPS[0]))
        begins.append(low - slopes[-1] * STEPS[0])
    return (begins[1] - begins[0]) / (slopes[0] - slopes[1])


@click.command()
@click.option("--runs", default=3, show_default=True)
@click.option("--once", nargs=3, hidden=True)
def main(runs: int, once: tuple[str, str, str] | None) -> None:
    """Measure where the two ways cross."""
    if once:
        warnings.simplefilter("ignore")
        click.echo(json.dumps({"seconds": fit_seconds(once[0], once[1], int(once[2]))}))
        return
    samples: dict[tuple[str, str, int], list[float]] = {}
    turns = [(n, e, s) for n in NETWORKS for e in ENGINES for s in STEPS] * runs
    for turn in track(turns, description="crossing"):
        found = fresh("benchmarks.crossing", "--once", *turn)["seconds"]
        samples.setdefault(turn, []).append(found)
    lines = [
        "| network | uncompiled, s | compiled, s | cross at, steps |",
        "| --- | ---: | ---: | ---: |",
    ]
    rows = []
    for network in NETWORKS:
        seconds = {e: [median(samples[network, e, steps]) for steps in STEPS] for e in ENGINES}
        rows.append({"network": network, "seconds": seconds, "steps": crossing(seconds)})
        told = " | ".join(" to ".join(f"{each:.2f}" for each in seconds[e]) for e in ENGINES)
        lines.append(f"| {network} | {told} | {rows[-1]['steps']:.0f} |")
    head = (
        "# Where compiling begins to pay\n\n"
        f"Seconds of a fit of {STEPS[0]} to {STEPS[1]} steps, median of {runs}. A search compiles "
        "once for all folds and for every configuration of a structure, so that it gains from a "
        "third of these steps on or less; the engine's rule lies between.\n\n"
    )
    write_report("crossing", {"steps": STEPS, "rows": rows}, head + "\n".join(lines) + "\n")


if __name__ == "__main__":
    sys.exit(main())
