"""Recurrent networks against ``Model.fit`` and peers: ``python -m benchmarks.sequences``.

One layer of 64 LSTM units on the official split of three sets of the archive of time series, and
on Fashion-MNIST row by row, in processes of their own that take turns. The first fit of a process
builds the program, the second one, with another seed, finds it. sktime's recurrent classifier, of
as many simple cells, runs in an environment of its own, where one is named.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

import click
import numpy as np

from benchmarks.report import write_report
from benchmarks.sequences_fit import METHODS

__all__ = ["main"]

# Epochs by set.
DATASETS = {
    "italy_power_demand": 30,
    "japanese_vowels": 30,
    "basic_motions": 30,
    "fashion_mnist_rows": 5,
}
_MOST_ROWS = 3000  # of a set, to train and to test on
PEER = "sktime SimpleRNN"
_FIT = Path(__file__).with_name("sequences_fit.py")


def save_split(name: str, folder: Path) -> Path:
    """Write the standardized sequences of a set, and those to test on, for all methods."""
    from pipelines import load_dataset
    from pipelines.preprocessing import ChannelScaler

    data, test = load_dataset(name).split()
    sequences = data.sequences[:_MOST_ROWS]
    scaler = ChannelScaler().fit(sequences)
    path = folder / f"{name}.npz"
    np.savez(
        path,
        X=scaler.transform(sequences),
        y=data.y.to_numpy(str)[:_MOST_ROWS],
        X_test=scaler.transform(test.sequences[:_MOST_ROWS]),
        y_test=test.y.to_numpy(str)[:_MOST_ROWS],
    )
    return path


def run(python: str, method: str, path: Path, epochs: int) -> dict[str, float]:
    """Run a method in a process of its own.

    Raises
    ------
    RuntimeError
        If it fails, with its last words.
    """
    done = subprocess.run(
        [python, str(_FIT), method, str(path), str(epochs)],
        env={**os.environ, "MLP_COMPILE_CACHE": "off", "PYTHONPATH": str(_FIT.parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{method}: {done.stderr.strip().splitlines()[-1]}")
    return json.loads(done.stdout.splitlines()[-1])


def report(figures: dict[str, Any]) -> str:
    """Write the figures as Markdown."""
    lines = [
        "# Recurrent networks",
        "",
        "One layer of 64 LSTM units, batch 32; seconds of a fit, the median of "
        f"{figures['runs']} processes that took turns with all others, and accuracy on the official "
        f"test rows, the mean of two seeds, of {_MOST_ROWS:,} rows to train and to test on at most. "
        "Imports are not counted; the first fit of a process builds the program, the second finds "
        f"it. {figures['note']}",
        "",
        "| data set, epochs | method | first fit, s | Model.fit = 1 | second fit, s | Model.fit = 1 | accuracy |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, methods in figures["results"].items():
        base = methods["Model.fit"]
        for method, own in methods.items():
            lines.append(
                f"| {name}, {figures['epochs'][name]} | {method} | {own['first']:.1f} | "
                f"{base['first'] / own['first']:.1f} | {own['second']:.2f} | {base['second'] / own['second']:.1f} | {own['score']:.3f} |"
            )
    lines += [
        "",
        "Model.fit = 1: how many times as fast. The Keras loop is the network as one writes it "
        "in Keras; sktime's SimpleRNNClassifier has simple cells, takes sequences of one length, "
        "so that padding counts as 0, and one output layer. Repeat it with "
        f"`python -m benchmarks.sequences --runs {figures['runs']} "
        "--peers <python with sktime and tensorflow>`.",
        "",
    ]
    return "\n".join(lines)


@click.command()
@click.option("--runs", type=int, default=3, show_default=True, help="Processes of each method.")
@click.option("--peers", default="", help="Python of an environment with sktime and tensorflow.")
@click.option("--note", default="", help="A sentence about how it was run.")
def main(runs: int, peers: str, note: str) -> None:
    """Measure, and write sequences.md and sequences.json."""
    pythons = {method: peers if method == PEER else sys.executable for method in METHODS}
    results: dict[str, dict[str, dict[str, float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, epochs in DATASETS.items():
            path = save_split(name, Path(folder))
            samples: dict[str, list[dict[str, float]]] = {}
            for method, python in [*pythons.items()] * runs:
                if python:
                    samples.setdefault(method, []).append(run(python, method, path, epochs))
            results[name] = {
                method: {key: median(one[key] for one in own) for key in own[0]}
                for method, own in samples.items()
            }
    figures = {"epochs": DATASETS, "runs": runs, "note": note, "results": results}
    write_report("sequences", figures, report(figures))


if __name__ == "__main__":
    main()
