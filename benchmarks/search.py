"""What a search finds in the same time, and how fast it tries: ``python -m benchmarks.search``.

Best validation score against seconds, of the grid, random search and Optuna with pruning, on
California housing and Fashion-MNIST; and configurations a minute on California housing against
KerasTuner's Hyperband (``pip install keras-tuner tensorboard``) and Optuna over scikeras. One job
each, nothing compiled before; the searches for quality two at a time, each on a core of its own.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any

import click
import numpy as np
from rich.progress import track

from benchmarks.machine import describe_machine
from benchmarks.report import report_path, write_report
from benchmarks.runner import fresh
from benchmarks.search_runs import METHODS, RATES, SEARCHED_EPOCHS

__all__ = ["best_by", "main"]

COLOURS = {"grid": "#009E73", "random": "#E69F00", "optuna": "#0072B2"}

TITLES = {
    "california_housing": "California housing, r2",
    "fashion_mnist": "Fashion-MNIST, accuracy",
}

SECONDS = {"california_housing": 240.0, "fashion_mnist": 600.0}
"""How long each search for quality lasts, by data set."""

RATE_SECONDS = 90.0

# Who is compared with whom: both with the same splits.
PAIRS = (
    ("one split, Hyperband", "ours_split", "keras_tuner", "KerasTuner"),
    ("three folds, Hyperband against none", "ours_folds", "scikeras", "Optuna over scikeras"),
)


def best_by(points: Sequence[Sequence[float]], moments: Iterable[float]) -> np.ndarray:
    """The best score by some moments; nan before the first.

    Parameters
    ----------
    points : sequence of (seconds, score)
        Each time that a better score was found.
    moments : iterable of float
        Seconds.

    Examples
    --------
    >>> best_by([(1.0, 0.5), (3.0, 0.7)], [0, 1, 2, 3, 4]).tolist()
    [nan, 0.5, 0.5, 0.7, 0.7]
    """
    known = [np.nan, *(score for _, score in points)]
    return np.array([known[sum(at <= moment for at, _ in points)] for moment in moments])


def run(*arguments: object) -> dict[str, Any] | None:
    """One run in a process of its own; None where it cannot run."""
    try:
        return fresh("benchmarks.search_runs", *arguments)
    except RuntimeError as error:
        print(f"{arguments} did not run: {error}", file=sys.stderr)
        return None


def plot(quality: dict[str, Any], path: Path) -> None:
    """Draw the best score against seconds: the median seed as a line, all seeds as a band."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot as plt

    figure, panels = plt.subplots(
        1, len(quality), figsize=(5.5 * len(quality), 4), layout="constrained", squeeze=False
    )
    for axes, (dataset, methods) in zip(panels[0], quality.items(), strict=True):
        moments = np.linspace(0, SECONDS[dataset], 200)
        lowest, highest = np.inf, -np.inf
        for method, runs in methods.items():
            curves = np.array([best_by(one["points"], moments) for one in runs])
            known = np.isfinite(curves).all(axis=0)
            if known.any():
                times, seen = moments[known], curves[:, known]
                middle = np.median(seen, axis=0)
                axes.plot(times, middle, color=COLOURS[method], label=method)
                lowest = min(lowest, middle[len(middle) // 8])
                highest = max(highest, seen.max())
                axes.fill_between(
                    times, seen.min(axis=0), seen.max(axis=0), color=COLOURS[method], alpha=0.15
                )
        if np.isfinite(lowest):  # what was found in the first moments would hide the rest
            axes.set_ylim(lowest, highest + (highest - lowest) / 20)
        axes.set_title(TITLES[dataset])
        axes.set_xlabel("seconds")
    panels[0, 0].set_ylabel("best validation score so far")
    figure.legend(*panels[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    figure.savefig(path)


def markdown(results: dict[str, Any]) -> str:
    """Write the figures as tables for people."""
    machine = results["machine"]
    lines = [
        "# Searching",
        "",
        f"`python -m benchmarks.search` repeats these, on {machine['cpu']}, {machine['cores']} "
        "cores, one job, start-up left out and compiling left in.",
        "",
        "Best validation score after some seconds (accuracy, or r2 of a regression): median over "
        "the seeds (lowest to highest), and the median number of configurations. California "
        "housing with three folds, Fashion-MNIST with 10,000 validation rows once.",
        "",
        "| data | epochs | seconds | grid | random | Optuna |",
        "| --- | ---: | ---: | --- | --- | --- |",
    ]
    for dataset, methods in results["quality"].items():
        cells = [_scores(methods[method], SECONDS[dataset]) for method in METHODS]
        protocol = f"{SEARCHED_EPOCHS[dataset]} | {SECONDS[dataset]:g}"
        lines.append(f"| {dataset} | {protocol} | {' | '.join(cells)} |")
    lines += [
        "",
        f"Configurations a minute on California housing, over {RATE_SECONDS:g} seconds:",
        "",
        "| | against | ours | theirs | times as many |",
        "| --- | --- | ---: | ---: | ---: |",
    ]
    for what, ours, peer, against in PAIRS:
        if results["rates"].get(ours) and results["rates"].get(peer):
            mine, theirs = (median(results["rates"][who]) for who in (ours, peer))
            ratio = f"{mine / theirs:.1f}" if theirs else "none of theirs ended"
            lines.append(f"| {what} | {against} | {mine:.1f} | {theirs:.1f} | **{ratio}** |")
    return "\n".join(lines) + "\n"


def _scores(runs: Sequence[dict[str, Any]], seconds: float) -> str:
    scores = [float(best_by(one["points"], [seconds])[0]) for one in runs]
    if not scores:
        return ""
    n_ended = median(one["n_ended"] for one in runs)
    return f"{median(scores):.4f} ({min(scores):.4f} to {max(scores):.4f}), {n_ended:g}"


def measure_quality(dataset: str, seeds: int, at_once: int) -> dict[str, list[dict[str, Any]]]:
    """Search a data set by every method, with every seed in turn."""
    found: dict[str, list[dict[str, Any]]] = {method: [] for method in METHODS}
    # All in turn before any comes again, so that what the machine does besides meets all alike.
    rounds = [(seed, method) for seed in range(seeds) for method in METHODS]
    with ThreadPoolExecutor(at_once) as pool:
        runs = pool.map(
            lambda one: run("quality", one[1], dataset, SECONDS[dataset], one[0]), rounds
        )
        for (seed, method), one in zip(
            rounds, track(runs, description=dataset, total=len(rounds)), strict=True
        ):
            if one:
                found[method].append({"seed": seed, **one})
                print(f"{method}, seed {seed}: {_scores([one], SECONDS[dataset])}", file=sys.stderr)
    return found


def measure_rates(seeds: int) -> dict[str, list[float]]:
    """Configurations a minute of every peer, with every seed in turn."""
    rates: dict[str, list[float]] = {peer: [] for peer in RATES}
    turns = [(seed, peer) for seed in range(seeds) for peer in RATES]
    for seed, peer in track(turns, description="rates"):
        found = run("rate", peer, RATE_SECONDS, seed)
        if found:
            rates[peer].append(60 * found["n_configurations"] / RATE_SECONDS)
    return rates


@click.command()
@click.argument("parts", nargs=-1, type=click.Choice([*SECONDS, "rates"]))
@click.option("--seeds", default=5, show_default=True)
@click.option("--at-once", default=2, show_default=True, help="Searches for quality at a time.")
def main(parts: tuple[str, ...], seeds: int, at_once: int) -> None:
    """Measure what searches find, and how many configurations they try; all PARTS by default."""
    path = report_path("search", ".json")
    results: dict[str, Any] = {"quality": {}, "rates": {}}
    if path.exists():
        results = json.loads(path.read_text())
    for part in parts or (*SECONDS, "rates"):
        if part == "rates":
            results["rates"] = measure_rates(min(seeds, 3))
        else:
            results["quality"][part] = measure_quality(part, seeds, at_once)
        results["machine"] = describe_machine()
        write_report("search", results, markdown(results))
        if results["quality"]:
            plot(results["quality"], report_path("search", ".svg"))


if __name__ == "__main__":
    main()
