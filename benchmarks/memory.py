"""What fits and searches leave behind in memory: ``python -m benchmarks.memory``.

Growth of the process over 200 fits of structures that it knows, over fits of structures that come
once each, as in a random search, so that the engine drops their programs again, and over a search
of 1,000 configurations that is recorded in MLflow.
"""

from __future__ import annotations

import gc
import itertools
import json
import os
import tempfile
import warnings
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd
import psutil

from benchmarks.report import write_report
from benchmarks.runner import fresh

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


def search_megabytes(n_candidates: int) -> list[float]:
    """The memory of a search after each configuration."""
    from pipelines import OptunaSearch, load_dataset, make_pipeline
    from pipelines.search import SearchObserver
    from pipelines.tracking import MLflowTracker

    grown: list[float] = []

    class Watch(SearchObserver):
        def on_candidate_end(self, evaluation: Any) -> None:
            grown.append(megabytes())

    X = pd.DataFrame(np.random.default_rng(0).normal(size=(10_000, 8)).astype("float32"))
    X = X.add_prefix("x").assign(y=X[0] * X[1])
    with (
        tempfile.TemporaryDirectory() as folder,
        MLflowTracker(
            experiment="memory",
            tracking_uri=f"sqlite:///{folder}/mlflow.db",
            journals=Path(folder, "journals"),
        ) as tracker,
    ):
        data = load_dataset(X, target="y")
        pipeline = make_pipeline(data, preset="plain", random_state=0)
        OptunaSearch(
            pipeline,
            "extends: default\nepochs: 2\nbatch_size: [128, 256]",
            n_trials=n_candidates,
            sampler="random",
            pruner="none",
            refit=False,
            observers=[tracker, Watch()],
        ).fit(data.X, data.y)
    return grown


@click.command()
@click.option("--fits", default=200, show_default=True, help="Of known structures.")
@click.option("--structures", default=150, show_default=True, help="That come once each.")
@click.option("--candidates", default=1000, show_default=True, help="Of the search.")
@click.option("--once", is_flag=True, hidden=True, help="The search alone, in this process.")
def main(fits: int, structures: int, candidates: int, once: bool) -> None:
    """Measure how the process grows."""
    os.environ["MLP_COMPILE_CACHE"] = "off"
    warnings.simplefilter("ignore")
    if once:
        print(json.dumps({"megabytes": search_megabytes(candidates)}))
        return
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
    searched = fresh("benchmarks.memory", "--candidates", candidates, "--once")["megabytes"]
    text = (
        "# Memory\n\n"
        f"{fits} fits of {len(MIXED)} structures that were known: the process grew by "
        f"{known:.1f} MB (aim: less than 30), from {sizes[0]:.0f} MB.\n\n"
        f"{structures} more structures, each of which takes another one's place in the cache: "
        f"{new:+.0f} MB in all.\n\n"
        f"A random search of {candidates} configurations of the default space with two epochs each, "
        "on 10,000 rows, recorded in MLflow: "
        f"{searched[min(49, candidates - 1)]:.0f} MB after fifty, {searched[-1]:.0f} MB at its end, "
        f"{max(searched):.0f} MB at most (aim: no more than 300 MB above the fiftieth).\n"
    )
    figures = {
        "fits": fits,
        "megabytes_of_known": sizes,
        "structures": structures,
        "megabytes_of_new": grown,
        "megabytes_of_search": searched,
    }
    write_report("memory", figures, text)


if __name__ == "__main__":
    main()
