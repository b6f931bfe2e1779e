"""What a search finds in the same time, and how fast it tries: ``python -m benchmarks.search``.

Best validation score against seconds, of the grid, random search and Optuna with pruning, on
California housing and Fashion-MNIST; and configurations a minute on California housing against
KerasTuner's Hyperband (``pip install keras-tuner tensorboard``) and Optuna over scikeras. One job each.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

import click
import numpy as np
from rich.progress import track

from benchmarks.machine import describe_machine
from benchmarks.search_runs import METHODS, RATES

__all__ = ["best_by", "main"]

FOLDER = Path(__file__).parent
COLOURS = {"grid": "#009E73", "random": "#E69F00", "optuna": "#0072B2"}

# Who is compared with whom: both with the same splits.
PAIRS = (
    ("one split, Hyperband", "ours_split", "keras_tuner", "KerasTuner"),
    ("three folds, Hyperband against none", "ours_folds", "scikeras", "Optuna over scikeras"),
)


def best_by(points: Sequence[Sequence[float]], moments: Sequence[float]) -> np.ndarray:
    """The best score by some moments; nan before the first.

    Parameters
    ----------
    points : sequence of (seconds, score)
        Each time that a better score was found.
    moments : sequence of float
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
    command = [sys.executable, "-m", "benchmarks.search_runs", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"{arguments} did not run: {done.stderr.strip().splitlines()[-1]}", file=sys.stderr)
        return None
    return json.loads(done.stdout.splitlines()[-1])


def plot(quality: dict[str, Any], seconds: float, path: Path) -> None:
    """Draw the best score against seconds: the median seed as a line, all seeds as a band."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot as plt

    moments = np.linspace(0, seconds, 200)
    figure, panels = plt.subplots(
        1, len(quality), figsize=(5.5 * len(quality), 4), layout="constrained", squeeze=False
    )
    for axes, (dataset, methods) in zip(panels[0], quality.items(), strict=True):
        for method, runs in methods.items():
            curves = np.array([best_by(one["points"], moments) for one in runs])
            known = np.isfinite(curves).all(axis=0)
            if known.any():
                times, seen = moments[known], curves[:, known]
                axes.plot(times, np.median(seen, axis=0), color=COLOURS[method], label=method)
                axes.fill_between(
                    times, seen.min(axis=0), seen.max(axis=0), color=COLOURS[method], alpha=0.15
                )
        axes.set_title(dataset)
        axes.set_xlabel("seconds")
        axes.set_ylabel("best validation score so far")
        axes.legend(loc="lower right")
    figure.savefig(path)


def markdown(results: dict[str, Any]) -> str:
    """Write the figures as tables for people."""
    machine, seconds = results["machine"], results["seconds"]
    lines = [
        "# Searching",
        "",
        f"`python -m benchmarks.search` repeats these, on {machine['cpu']}, {machine['cores']} "
        "cores, one job, start-up left out and compiling left in.",
        "",
        f"Best validation score after {seconds:g} seconds (accuracy, or r2 of a regression): "
        "median over the seeds (lowest to highest), and the median number of configurations.",
        "",
        "| data | grid | random | Optuna |",
        "| --- | --- | --- | --- |",
    ]
    for dataset, methods in results["quality"].items():
        cells = [_scores(methods[method], seconds) for method in METHODS]
        lines.append(f"| {dataset} | {' | '.join(cells)} |")
    lines += [
        "",
        f"Configurations a minute on California housing, over {results['rate_seconds']:g} seconds:",
        "",
        "| | against | ours | theirs | times as many |",
        "| --- | --- | ---: | ---: | ---: |",
    ]
    for what, ours, peer, against in PAIRS:
        if results["rates"][ours] and results["rates"][peer]:
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


@click.command()
@click.option("--seconds", default=600.0, show_default=True, help="Of each search for quality.")
@click.option("--rate-seconds", default=300.0, show_default=True, help="Of each measured rate.")
@click.option("--seeds", default=5, show_default=True)
@click.option(
    "--dataset",
    "datasets",
    multiple=True,
    default=["california_housing", "fashion_mnist"],
    show_default=True,
)
@click.option("--rates/--no-rates", default=True, show_default=True)
@click.option("--output", default=str(FOLDER / "search"), help="Path of the files, less endings.")
def main(
    seconds: float,
    rate_seconds: float,
    seeds: int,
    datasets: tuple[str, ...],
    rates: bool,
    output: str,
) -> None:
    """Measure what searches find, and how many configurations they try."""
    results: dict[str, Any] = {
        "machine": describe_machine(),
        "seconds": seconds,
        "rate_seconds": rate_seconds,
        "quality": {dataset: {method: [] for method in METHODS} for dataset in datasets},
        "rates": {peer: [] for peer in RATES},
    }
    # All in turn before any comes again, so that what the machine does besides meets all alike.
    rounds = [
        (seed, dataset, method)
        for seed in range(seeds)
        for dataset in datasets
        for method in METHODS
    ]
    for seed, dataset, method in track(rounds, description="quality"):
        found = run("quality", method, dataset, seconds, seed)
        if found:
            results["quality"][dataset][method].append({"seed": seed, **found})
    turns = [(seed, peer) for seed in range(min(seeds, 3)) for peer in RATES] if rates else []
    for seed, peer in track(turns, description="rates"):
        found = run("rate", peer, rate_seconds, seed)
        if found:
            a_minute = 60 * found["n_configurations"] / rate_seconds
            results["rates"][peer].append(a_minute)
    text = markdown(results)
    path = Path(output)
    path.with_suffix(".json").write_text(json.dumps(results, indent=1) + "\n")
    path.with_suffix(".md").write_text(text)
    plot(results["quality"], seconds, path.with_suffix(".svg"))
    click.echo(text)


if __name__ == "__main__":
    main()
