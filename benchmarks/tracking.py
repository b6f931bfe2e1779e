"""What tracking costs: ``python -m benchmarks.tracking``.

The default grid on digits, with and without MLflow in turn, in one process that has compiled
already, so that the share is the largest that a user sees.
"""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path
from statistics import median

import click

from pipelines import GridSearch, load_dataset, make_pipeline
from pipelines.grid import default_grid, parse_grid
from pipelines.tracking import MLflowTracker

__all__ = ["main"]


def search_seconds(observers: list) -> float:
    """Seconds of one search, refit left out."""
    data, _ = load_dataset("digits").split()
    search = GridSearch(
        make_pipeline(data, random_state=0),
        parse_grid(default_grid(data.task)),
        refit=False,
        observers=observers,
    )
    began = time.perf_counter()
    search.fit(data.X, data.y)
    return time.perf_counter() - began


@click.command()
@click.option("--runs", default=3, show_default=True)
def main(runs: int) -> None:
    """Measure the share of a search's time that tracking takes."""
    search_seconds([])
    seconds: dict[str, list[float]] = {"without": [], "with": []}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(runs):
            seconds["without"].append(search_seconds([]))
            began = time.perf_counter()
            with MLflowTracker(
                experiment="cost", tracking_uri=f"sqlite:///{folder}/mlflow.db"
            ) as tracker:
                opened = time.perf_counter() - began
                tracked = search_seconds([tracker])
                began = time.perf_counter()
            drained = time.perf_counter() - began
            seconds["with"].append(tracked + drained)
            click.echo(f"opening the store {opened:.2f} s, draining at the end {drained:.2f} s")
    share = median(seconds["with"]) / median(seconds["without"]) - 1
    result = {"seconds": seconds, "share": share}
    (Path(__file__).parent / "tracking.json").write_text(json.dumps(result, indent=1) + "\n")
    click.echo(f"tracking takes {100 * share:.1f} % of the search's time")


if __name__ == "__main__":
    main()
