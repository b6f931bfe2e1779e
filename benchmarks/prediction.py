"""Prediction against onnxruntime, the floor: ``python -m benchmarks.prediction``.

The same network by both in one process, by turns, on as many threads each: a row at a time, and
10,000 rows at once. Without the preprocessing, and in a Pipeline with a scaler.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import Any

import click
import numpy as np
from rich.progress import track

from benchmarks.history import Headline
from benchmarks.report import write_report

__all__ = ["main"]

N_FEATURES = 8
MANY = 10_000
NETWORKS: dict[str, dict[str, Any]] = {
    "8-50-20-1": {"hidden_layer_sizes": (50, 20)},
    "8-256-256-256-1, relu": {"hidden_layer_sizes": (256, 256, 256)},
    "as the preset fast": {
        "hidden_layer_sizes": (256, 256, 256),
        "activation": "silu",
        "parametric_activation": True,
        "parametrization": "neural_tangent",
        "numeric_embedding": "both",
        "n_bins": 32,
        "feature_scale": True,
    },
}


def seconds_of(calls: dict[str, Callable[[], Any]], n_calls: int, n_turns: int) -> dict[str, float]:
    """Seconds of a call of each, the least of some turns, in which all come one after another."""
    found: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(n_turns):
        for name, call in calls.items():
            began = time.perf_counter()
            for _ in range(n_calls):
                call()
            found[name].append((time.perf_counter() - began) / n_calls)
    return {name: min(each) for name, each in found.items()}


def measured(settings: dict[str, Any]) -> dict[str, dict[str, float]]:
    """Seconds of a row and of many rows, by ways."""
    import onnxruntime
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    from estimators import KerasMLPRegressor
    from pipelines.export import to_onnx

    X = np.random.default_rng(0).normal(size=(MANY, N_FEATURES)).astype("float32")
    model = KerasMLPRegressor(**settings, epochs=1, early_stopping=False, random_state=0).fit(
        X[:1000], X[:1000, 0]
    )
    pipeline = make_pipeline(StandardScaler(), model).fit(X[:1000], X[:1000, 0])
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # as the estimator
    session = onnxruntime.InferenceSession(to_onnx(model).SerializeToString(), options)
    wide = X.astype("float64")
    assert np.allclose(session.run(None, {"X": wide})[0], model.predict(X), atol=1e-5)

    def calls(rows: slice) -> dict[str, Callable[[], Any]]:
        these, also = X[rows], wide[rows]
        ways = {
            "estimator": lambda: model.predict(these),
            "onnxruntime": lambda: session.run(None, {"X": also}),
            "pipeline": lambda: pipeline.predict(these),
        }
        for call in ways.values():
            for _ in range(40):  # a network that is called often is frozen
                call()
        return ways

    return {
        "one": seconds_of(calls(slice(0, 1)), n_calls=20, n_turns=40),
        "many": seconds_of(calls(slice(0, MANY)), n_calls=1, n_turns=10),
    }


@click.command()
@click.option("--runs", default=3, show_default=True)
def main(runs: int) -> None:
    """Measure predictions against onnxruntime."""
    rows = []
    headlines = []
    lines = [
        f"| network | one row, us | onnxruntime | in a Pipeline | {MANY:,} rows, ms | onnxruntime "
        "| times its time |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name, settings in track([*NETWORKS.items()], description="prediction"):
        samples = [measured(settings) for _ in range(runs)]
        seconds = {
            size: {way: median(each[size][way] for each in samples) for way in samples[0][size]}
            for size in samples[0]
        }
        rows.append({"network": name, "seconds": seconds})
        one, many = seconds["one"], seconds["many"]
        ratio = many["estimator"] / many["onnxruntime"]
        headlines += [
            Headline(f"{name}, one row, us", one["estimator"] * 1e6, "lower"),
            Headline(f"{name}, {MANY:,} rows, times onnxruntime's time", ratio, "lower"),
        ]
        microseconds = (one[way] * 1e6 for way in ("estimator", "onnxruntime", "pipeline"))
        milliseconds = (many[way] * 1e3 for way in ("estimator", "onnxruntime"))
        lines.append(
            f"| {name} | {' | '.join(f'{each:.0f}' for each in microseconds)} | "
            f"{' | '.join(f'{each:.2f}' for each in milliseconds)} | {ratio:.2f} |"
        )
    head = (
        "# Prediction\n\n"
        "`predict` of a fitted estimator and the same network in onnxruntime, each on one thread, "
        f"by turns in one process: the least of many turns, median of {runs}. In a Pipeline there is "
        "a StandardScaler before it.\n\n"
    )
    write_report("prediction", {"rows": rows}, head + "\n".join(lines) + "\n", headlines)


if __name__ == "__main__":
    main()
