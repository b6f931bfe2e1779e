"""What a search spends on programs: ``python -m benchmarks.compiling``.

``GridSearch`` on California housing, eight configurations, three folds, 20 epochs, one job: how
many programs are made, and the seconds of tracing them, of waiting for XLA, of XLA beside the
training, of building Keras' networks and of computing. With the next configuration compiled ahead
and without, in turns, each in a process of its own with nothing on disk.
"""

from __future__ import annotations

import json
import resource
import threading
import time
import warnings
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from functools import wraps
from statistics import median
from typing import Any
from unittest.mock import patch

import click

from benchmarks.report import write_report
from benchmarks.runner import cpu_seconds, fresh

__all__ = ["main", "measure"]

GRID: dict[str, list[Any]] = {
    "activation": ["relu", "selu", "elu", "tanh"],
    "batch_norm": [None, "before_dense"],
    "hidden_layer_sizes": [(100, 50, 10, 10, 10)],
    "optimizer": ["sgd"],
    "epochs": [20],
    "batch_size": [32],
}

WAYS = {"in its turn": False, "ahead": True}

FIGURES = {
    "seconds": "the whole search",
    "cpu_seconds": "CPU, all threads",
    "programs": "programs made",
    "tracing": "tracing",
    "waiting": "waiting for XLA",
    "beside": "XLA beside the training",
    "building": "building Keras' networks",
    "computing": "computing",
}


def measure(ahead: bool) -> dict[str, float]:
    """Run the search once, and add up what it did by the clock."""
    import estimators

    estimators.configure()
    from estimators.base import KerasNetwork
    from estimators.engine.program import EpochProgram
    from pipelines import GridSearch, load_dataset, make_pipeline
    from pipelines.search import grid_search

    data, _ = load_dataset("california_housing").split()
    search = GridSearch(make_pipeline(data, preset="plain", random_state=0), GRID, refit=False)
    sums: dict[str, float] = defaultdict(float)
    main_thread = threading.main_thread()

    def timed(method: Callable[..., Any], name: Callable[[], str]) -> Callable[..., Any]:
        @wraps(method)
        def call(*args: Any, **how: Any) -> Any:
            began = time.perf_counter()
            try:
                return method(*args, **how)
            finally:
                sums[name()] += time.perf_counter() - began
                sums["programs"] += method.__name__ == "__init__"

        return call

    def of_thread() -> str:
        return "waiting" if threading.current_thread() is main_thread else "beside"

    methods = [
        (EpochProgram, "__init__", lambda: "tracing"),
        (EpochProgram, "compile", of_thread),
        (EpochProgram, "__call__", lambda: "calls"),
        (KerasNetwork, "_build", lambda: "building"),
    ]
    with ExitStack() as stack:
        for owner, name, called in methods:
            stack.enter_context(patch.object(owner, name, timed(getattr(owner, name), called)))
        if not ahead:
            stack.enter_context(patch.object(grid_search, "compile_candidate", lambda *_, **__: 0))
        began, cpu = time.perf_counter(), cpu_seconds(resource.RUSAGE_SELF)
        search.fit(data.X, data.y)
        sums["seconds"] = time.perf_counter() - began
        sums["cpu_seconds"] = cpu_seconds(resource.RUSAGE_SELF) - cpu
    sums["computing"] = sums["calls"] - sums["waiting"]
    return {name: sums[name] for name in FIGURES}


@click.command()
@click.option("--runs", default=5, show_default=True, help="Runs of each way.")
@click.option("--once", type=click.Choice([*WAYS]), hidden=True)
def main(runs: int, once: str | None) -> None:
    """Measure what a search spends on programs."""
    if once:
        warnings.simplefilter("ignore")
        click.echo(json.dumps(measure(WAYS[once])))
        return
    samples: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
    for _ in range(runs):
        for way, some in samples.items():
            some.append(fresh("benchmarks.compiling", "--once", way))
    lines = [
        "# Compiling in a search",
        "",
        "`GridSearch`, California housing, 8 configurations, 3 folds, 20 epochs, one job, nothing "
        f"on disk: medians of {runs} alternating runs, start-up left out. A program is compiled "
        "when it is needed, or ahead, while the configuration before trains. In seconds, but for "
        "the number of programs; `python -m benchmarks.compiling` repeats it.",
        "",
        f"| | {' | '.join(WAYS)} |",
        "| --- | ---: | ---: |",
    ]
    for figure, label in FIGURES.items():
        cells = [f"{median(one[figure] for one in some):.3g}" for some in samples.values()]
        lines.append(f"| {label} | {' | '.join(cells)} |")
    write_report("compiling", {"runs": samples}, "\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
