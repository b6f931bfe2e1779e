"""Seconds against rows, configurations and layers: ``python -m benchmarks.scale``.

Each point is a process of its own, start-up left out and compiling left in. Time is linear where
the exponent, the slope of a line through the logarithms of the points, is at most 1.
"""

from __future__ import annotations

import itertools
import json
import time
import warnings
from pathlib import Path

import click
import numpy as np
from rich.progress import track

from benchmarks.history import Headline
from benchmarks.machine import peak_gflops
from benchmarks.report import report_path, write_report
from benchmarks.runner import fresh

__all__ = ["main"]

SIZES = {
    "rows": (1_000, 10_000, 100_000, 1_000_000),
    "configurations": (2, 8, 32, 200),
    "layers": (1, 2, 5, 10, 20),
}
LABELS = {
    "rows": "rows (8-100-50-10-10-10, 5 epochs)",
    "configurations": "configurations (learning rates, 3 folds of 2,000 rows, 5 epochs)",
    "layers": "hidden layers of 50 (10,000 rows, 10 epochs)",
}


def rows(n: int) -> float:
    """Seconds of one fit of some rows."""
    return _fit_seconds(n, (100, 50, 10, 10, 10), epochs=5)


def layers(n: int) -> float:
    """Seconds of one fit of a network of some layers."""
    return _fit_seconds(10_000, (50,) * n, epochs=10)


def configurations(n: int) -> float:
    """Seconds of a grid search over some learning rates."""
    from sklearn.model_selection import GridSearchCV

    from estimators import KerasMLPRegressor

    X = _data(2_000)
    grid = {"learning_rate": np.logspace(-4, -1, n).tolist()}
    model = KerasMLPRegressor(
        (50, 50), epochs=5, early_stopping=False, engine="compiled", random_state=0
    )
    search = GridSearchCV(model, grid, cv=3, refit=False)
    began = time.perf_counter()
    search.fit(X, X[:, 0])
    return time.perf_counter() - began


def _data(n_rows: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(n_rows, 8)).astype("float32")


def _fit_seconds(n_rows: int, sizes: tuple[int, ...], epochs: int) -> float:
    from estimators import KerasMLPRegressor

    X = _data(n_rows)
    model = KerasMLPRegressor(
        sizes,
        optimizer="sgd",
        epochs=epochs,
        early_stopping=False,
        engine="compiled",
        random_state=0,
    )
    began = time.perf_counter()
    model.fit(X, X[:, 0])
    return time.perf_counter() - began


MEASURES = {"rows": rows, "configurations": configurations, "layers": layers}


def floor_seconds(gflops: float) -> dict[int, float]:
    """Seconds that the arithmetic of the fits over rows takes at the machine's peak."""
    sizes = (8, 100, 50, 10, 10, 10, 1)
    products = [a * b for a, b in itertools.pairwise(sizes)]
    flop = 2 * (3 * sum(products) - products[0])  # the data need no gradient
    return {n: 5 * n * flop / 1e9 / gflops for n in SIZES["rows"]}


def exponent(seconds: dict[int, float]) -> float:
    """Slope of seconds over size, both as logarithms, through the two largest sizes."""
    (small, low), (large, high) = sorted(seconds.items())[-2:]
    return float(np.log(high / low) / np.log(large / small))


@click.command()
@click.option("--once", nargs=2, hidden=True)
def main(once: tuple[str, str] | None) -> None:
    """Measure, and write scale.json, scale.md and scale.svg."""
    if once:
        warnings.simplefilter("ignore")
        click.echo(json.dumps({"seconds": MEASURES[once[0]](int(once[1]))}))
        return
    turns = [(what, n) for what, sizes in SIZES.items() for n in sizes]
    seconds: dict[str, dict[int, float]] = {what: {} for what in SIZES}
    for what, n in track(turns, description="scale"):
        seconds[what][n] = fresh("benchmarks.scale", "--once", what, n)["seconds"]
    gflops = peak_gflops()
    floor = floor_seconds(gflops)
    text = "# Scale\n\n![Seconds against rows, configurations and layers](scale.svg)\n\n"
    text += "| what | seconds | exponent at the end |\n| --- | --- | ---: |\n"
    for what, points in seconds.items():
        told = ", ".join(f"{n:,}: {each:.2f}" for n, each in points.items())
        text += f"| {LABELS[what]} | {told} | {exponent(points):.2f} |\n"
    most = max(SIZES["rows"])
    text += (
        f"\nThe arithmetic of {most:,} rows, at the {gflops:.0f} GFLOP/s of a large matrix product "
        f"on all cores, takes {floor[most]:.2f} s: the fit stands "
        f"{seconds['rows'][most] / floor[most]:.0f} times above this floor. Products of 32 rows by "
        "10 units are too small to come near.\n"
    )
    headlines = [
        Headline(f"{LABELS[what]}, {max(points):,}, s", points[max(points)], "lower")
        for what, points in seconds.items()
    ]
    write_report("scale", {"seconds": seconds, "floor_seconds_of_rows": floor}, text, headlines)
    plot(seconds, floor, report_path("scale", ".svg"))


def plot(seconds: dict[str, dict[int, float]], floor: dict[int, float], path: Path) -> None:
    """Draw seconds against size, with a line of what would be linear."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot as plt

    figure, panels = plt.subplots(1, len(seconds), figsize=(12, 3.6), layout="constrained")
    for axes, (what, points) in zip(panels, seconds.items(), strict=True):
        sizes, values = np.array(list(points)), np.array(list(points.values()))
        axes.loglog(sizes, values, "o-", color="#0072B2", label="measured")
        axes.loglog(sizes, values[-1] * sizes / sizes[-1], "--", color="#6b7280", label="linear")
        if what == "rows":
            axes.loglog(sizes, list(floor.values()), ":", color="#D55E00", label="arithmetic floor")
        axes.set_xlabel(LABELS[what].replace(" (", "\n("))
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8)
    panels[0].set_ylabel("seconds")
    figure.savefig(path)


if __name__ == "__main__":
    main()
