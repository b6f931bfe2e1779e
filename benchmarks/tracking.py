"""What tracking costs: ``python -m benchmarks.tracking``.

The default grid on digits, as ``mlflow run . -e grid`` searches it, with and without MLflow in
turn, each in a process of its own: the search and the emptying of the tracker's queue, start-up
left out and compiling left in.
"""

from __future__ import annotations

import json
import tempfile
import time
from statistics import median

import click

from benchmarks.report import write_report
from benchmarks.runner import fresh

__all__ = ["main"]


def search_seconds(*, tracked: bool) -> float:
    """Seconds of one search."""
    from pipelines import GridSearch, load_dataset, make_pipeline
    from pipelines.grid import default_grid, parse_grid
    from pipelines.tracking import MLflowTracker

    data, _ = load_dataset("digits").split()
    search = GridSearch(
        make_pipeline(data, preset="plain", random_state=0),
        parse_grid(default_grid(data.task)),
        refit=False,
    )
    with tempfile.TemporaryDirectory() as folder:
        store = f"sqlite:///{folder}/mlflow.db"
        if not tracked:
            began = time.perf_counter()
            search.fit(data.X, data.y)
        else:
            with MLflowTracker(experiment="cost", tracking_uri=store) as tracker:
                search.observers = [tracker]
                began = time.perf_counter()
                search.fit(data.X, data.y)
        return time.perf_counter() - began


@click.command()
@click.option("--runs", default=3, show_default=True)
@click.option("--once", type=click.Choice(["with", "without"]), hidden=True)
def main(runs: int, once: str | None) -> None:
    """Measure the share of a search's time that tracking takes."""
    if once:
        click.echo(json.dumps({"seconds": search_seconds(tracked=once == "with")}))
        return
    seconds: dict[str, list[float]] = {"without": [], "with": []}
    for _ in range(runs):
        for how, measured in seconds.items():
            measured.append(fresh("benchmarks.tracking", "--once", how)["seconds"])
    share = median(seconds["with"]) / median(seconds["without"]) - 1
    head = f"# Tracking\n\nTracking takes {100 * share:.1f} % of the time of the default grid"
    text = f"{head} on digits ({runs} runs with it and without).\n"
    write_report("tracking", {"seconds": seconds, "share": share}, text)


if __name__ == "__main__":
    main()
