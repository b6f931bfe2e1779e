"""What a second core brings to a search: ``python -m benchmarks.threads``.

``GridSearchCV`` over seeds with ``n_jobs`` 1 and 2, of a small and of a wide network. Workers of
joblib are started, and have compiled, before the clock.
"""

from __future__ import annotations

import json
import time
import warnings
from statistics import median
from typing import Any

import click
import numpy as np

from benchmarks.history import Headline
from benchmarks.report import write_report
from benchmarks.runner import fresh

__all__ = ["main"]

NETWORKS: dict[str, tuple[int, dict[str, Any]]] = {
    "8-100-50-10-10-10, 10,000 rows": (8, {"hidden_layer_sizes": (100, 50, 10, 10, 10)}),
    "784-300-100-50-50-50, 10,000 rows": (784, {"hidden_layer_sizes": (300, 100, 50, 50, 50)}),
}


def search_seconds(network: str, n_jobs: int) -> float:
    """Seconds of a search of 8 fits."""
    from sklearn.model_selection import GridSearchCV, ShuffleSplit

    from estimators import KerasMLPRegressor

    n_features, settings = NETWORKS[network]
    X = np.random.default_rng(0).normal(size=(10_000, n_features)).astype("float32")
    same: dict[str, Any] = {
        "optimizer": "sgd",
        "epochs": 20,
        "early_stopping": False,
        "engine": "compiled",
    }
    model = KerasMLPRegressor(**settings, **same)
    search = GridSearchCV(
        model,
        {"random_state": range(4)},
        cv=ShuffleSplit(2, random_state=0),
        n_jobs=n_jobs,
        refit=False,
    )
    search.fit(X, X[:, 0])
    began = time.perf_counter()
    search.fit(X, X[:, 0])
    return time.perf_counter() - began


@click.command()
@click.option("--runs", default=3, show_default=True)
@click.option("--once", nargs=2, hidden=True)
def main(runs: int, once: tuple[str, str] | None) -> None:
    """Measure the throughput with one and two jobs."""
    if once:
        warnings.simplefilter("ignore")
        click.echo(json.dumps({"seconds": search_seconds(once[0], int(once[1]))}))
        return
    samples: dict[str, dict[int, list[float]]] = {name: {1: [], 2: []} for name in NETWORKS}
    for _ in range(runs):
        for name, by_jobs in samples.items():
            for n_jobs, seconds in by_jobs.items():
                seconds.append(fresh("benchmarks.threads", "--once", name, n_jobs)["seconds"])
    headlines = []
    lines = [
        "| network | n_jobs=1, s | n_jobs=2, s | times as fast |",
        "| --- | ---: | ---: | ---: |",
    ]
    for name, by_jobs in samples.items():
        one, two = median(by_jobs[1]), median(by_jobs[2])
        lines.append(f"| {name} | {one:.2f} | {two:.2f} | **{one / two:.2f}** |")
        headlines.append(Headline(f"{name}, two jobs, times as fast as one", one / two, "higher"))
    head = "# Two processes on two cores\n\nEight fits of 20 epochs.\n\n"
    write_report("threads", {"seconds": samples}, head + "\n".join(lines) + "\n", headlines)


if __name__ == "__main__":
    main()
