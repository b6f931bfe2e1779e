"""How a search scales with its workers: ``python -m benchmarks.scaling``.

Measured: the throughput of the default grid on California housing with one and with two Dask
workers of one thread, programs compiled beforehand; how long each evaluation takes; what the
searching process, Dask's scheduler and the journal need for each (evaluations that take no time);
and how many a second reach MLflow. Simulated from these: more workers than this machine has.
"""

from __future__ import annotations

import heapq
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import click
import numpy as np
from distributed import LocalCluster

from benchmarks.machine import describe_machine
from benchmarks.report import report_path, write_report

__all__ = ["main", "simulate"]

N_SIMULATED = 4096
WORKERS = (1, 2, 8, 64, 512)


def simulate(
    n_workers: int, seconds: Sequence[float], overhead: float, n_tasks: int = N_SIMULATED
) -> float:
    """Tasks a second with some workers, by discrete events.

    Each task passes through the searching process, one after the other, for ``overhead`` seconds,
    and then occupies a worker; the workers take whatever comes first.

    Parameters
    ----------
    n_workers : int
    seconds : sequence of float
        Measured durations, drawn from with a fixed seed.
    overhead : float
    n_tasks : int

    Examples
    --------
    >>> round(simulate(1, [0.9], 0.1, n_tasks=1000), 2)
    1.11
    >>> round(simulate(100, [0.9], 0.1, n_tasks=1000), 1)
    9.9
    """
    durations = np.random.default_rng(0).choice(seconds, n_tasks)
    free_at = [0.0] * n_workers
    handed_out = 0.0
    end = 0.0
    for duration in durations:
        handed_out = max(handed_out, free_at[0] - overhead) + overhead
        heapq.heapreplace(free_at, handed_out + duration)
        end = max(end, handed_out + duration)
    return float(n_tasks / end)


def _no_time(candidate: Any, X: Any, y: Any, evaluation: Any, **how: Any) -> Any:
    return evaluation.of(candidate)


def measure(n_runs: int) -> dict[str, Any]:
    """Run the searches, on workers of this machine."""
    from pipelines import GridSearch, load_dataset, make_pipeline
    from pipelines.grid import default_grid, parse_grid
    from pipelines.search import evaluate_all
    from pipelines.search.dask_workers import dask_workers
    from pipelines.tracking import MLflowTracker

    data, _ = load_dataset("california_housing").split()
    search = GridSearch(
        make_pipeline(data, preset="plain", random_state=0),
        parse_grid(default_grid(data.task)),
        refit=False,
    )
    seconds: list[float] = []
    rates: dict[str, list[float]] = {"1": [], "2": []}
    for n_workers in (1, 2) * n_runs:
        with (
            LocalCluster(
                n_workers=n_workers, threads_per_worker=1, dashboard_address=None
            ) as cluster,
            dask_workers(cluster.scheduler_address),
        ):
            for warm in (False, True):
                began = time.perf_counter()
                search.fit(data.X, data.y)
                took = time.perf_counter() - began
                if warm:
                    rates[str(n_workers)].append(len(search.evaluations_) / took)
            if n_workers == 1:
                seconds += [done.ended_at - done.started_at for done in search.evaluations_]
    first = search.evaluations_[0].candidate
    candidates = [
        replace(first, number=number, name=f"number {number}", fingerprint=None)
        for number in range(300)
    ]
    call = partial(_no_time, evaluation=search.evaluations_[0])
    with (
        tempfile.TemporaryDirectory() as folder,
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        dask_workers(cluster.scheduler_address),
        MLflowTracker(
            experiment="scaling", tracking_uri=f"sqlite:///{folder}/mlflow.db", journals=folder
        ) as tracker,
    ):
        evaluate_all(candidates[:20], call, data.X, data.y)  # so that the workers are there
        began = time.perf_counter()
        evaluate_all(candidates, call, data.X, data.y, observers=[tracker])
        overhead = (time.perf_counter() - began) / len(candidates)
        tracker.flush(600)
        writing = (time.perf_counter() - began) / len(candidates)
    return {
        "evaluation_seconds": seconds,
        "overhead_seconds": overhead,
        "writing_seconds": writing,
        "measured_per_second": {n: float(np.median(rate)) for n, rate in rates.items()},
    }


def markdown(measured: dict[str, Any], simulated: dict[str, float], machine: dict) -> str:
    """Write what was found as a table for people."""
    mean = float(np.mean(measured["evaluation_seconds"]))
    limit = 1 / measured["overhead_seconds"]
    lines = [
        "# How a search scales",
        "",
        f"The default grid on California housing; an evaluation (3 folds of 20 epochs) takes "
        f"{mean:.2f} s on average, read on {machine['cpu']}, {machine['cores']} cores. "
        "`python -m benchmarks.scaling` repeats it.",
        "",
        "| workers | evaluations a minute, measured | simulated | of linear |",
        "| ---: | ---: | ---: | ---: |",
    ]
    for workers, rate in simulated.items():
        found = measured["measured_per_second"].get(workers)
        lines.append(
            f"| {workers} | {f'{60 * found:.0f}' if found else ''} | {60 * rate:.0f} | "
            f"{rate / simulated['1'] / int(workers):.0%} |"
        )
    lines += [
        "",
        f"Dispatch, return and journal take {1000 * measured['overhead_seconds']:.1f} ms an "
        f"evaluation in the one searching process, so that it is busy with "
        f"{60 * limit:.0f} a minute: about {limit * mean:.0f} workers with evaluations of this "
        "length, more with longer ones. MLflow on SQLite takes "
        f"{60 / measured['writing_seconds']:.0f} evaluations a minute; beyond that the writer "
        "falls behind, and the search does not wait for it.",
        "",
        "On one machine two workers share its cores, its caches and its memory's bandwidth, which "
        "the simulation leaves out: each worker there has cores of its own.",
    ]
    return "\n".join(lines) + "\n"


def plot(measured: dict[str, Any], simulated: dict[str, float], path: Path) -> None:
    """Draw throughput against workers."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot as plt

    workers = [int(n) for n in simulated]
    figure, axes = plt.subplots(figsize=(6.5, 4), layout="constrained")
    first = 60 * simulated["1"]
    axes.plot(workers, [first * n for n in workers], ":", color="#6b7280", label="linear")
    axes.plot(
        workers,
        [60 * rate for rate in simulated.values()],
        "o-",
        color="#0072B2",
        label="simulated",
    )
    found = measured["measured_per_second"]
    axes.plot(
        [int(n) for n in found],
        [60 * rate for rate in found.values()],
        "D",
        color="#D55E00",
        label="measured",
    )
    axes.axhline(
        60 / measured["writing_seconds"], color="#009E73", ls="--", label="MLflow on SQLite"
    )
    axes.set(xscale="log", yscale="log", xlabel="workers", ylabel="evaluations a minute")
    axes.set_xticks(workers, [str(n) for n in workers])
    axes.legend(frameon=False)
    figure.savefig(path)


@click.command()
@click.option(
    "--runs", default=3, show_default=True, help="Searches with one and with two workers."
)
def main(runs: int) -> None:
    """Measure and simulate how a search scales."""
    measured = measure(runs)
    simulated = {
        str(n): simulate(n, measured["evaluation_seconds"], measured["overhead_seconds"])
        for n in WORKERS
    }
    text = markdown(measured, simulated, describe_machine())
    write_report("scaling", {**measured, "simulated_per_second": simulated}, text)
    plot(measured, simulated, report_path("scaling", ".svg"))


if __name__ == "__main__":
    main()
