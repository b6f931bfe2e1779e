"""What a table of mixed columns takes in memory, stage by stage: ``python -m benchmarks.table_memory``.

Twenty numeric columns and ten categorical ones of up to 50 levels, a twentieth of the values
missing, from Parquet through loading, preprocessing, a fit and a prediction. Each number of rows is
a process of its own. The peak of a stage is the most that the process holds while it lasts (Linux).
"""

from __future__ import annotations

import json
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd
from sklearn.base import clone

from benchmarks.report import write_report
from benchmarks.runner import fresh

__all__ = ["main"]

N_NUMERIC, N_CATEGORICAL, MISSING = 20, 10, 0.05
STAGES = ("load", "preprocess", "fit", "predict")


def write_table(path: Path, n_rows: int) -> None:
    """Write the table, always the same for a number of rows."""
    draws = np.random.default_rng(0)
    columns: dict[str, Any] = {}
    y = np.zeros(n_rows)
    for number in range(N_NUMERIC):
        values = draws.normal(size=n_rows)
        y += values * draws.normal()
        values[draws.random(n_rows) < MISSING] = np.nan
        columns[f"number_{number}"] = values
    for number in range(N_CATEGORICAL):
        n_levels = 5 * (number + 1)
        codes = draws.integers(n_levels, size=n_rows)
        y += draws.normal(size=n_levels)[codes]
        codes[draws.random(n_rows) < MISSING] = -1
        levels = [f"level_{each}" for each in range(n_levels)]
        columns[f"category_{number}"] = pd.Categorical.from_codes(codes, levels).astype("str")
    pd.DataFrame({**columns, "y": y}).to_parquet(path)


def held() -> dict[str, int]:
    """Bytes that the process holds now, and the most since :func:`forget_peak`."""
    lines = Path("/proc/self/status").read_text().splitlines()
    status = dict(line.split(":", 1) for line in lines)
    return {
        "now": int(status["VmRSS"].split()[0]) * 1024,
        "peak": int(status["VmHWM"].split()[0]) * 1024,
    }


def forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def stages(n_rows: int, until: str) -> dict[str, Any]:
    """Measure each stage up to one: bytes before, at the peak and after it, and seconds."""
    import estimators

    estimators.configure()
    from pipelines import make_pipeline
    from pipelines.data import load_dataset

    figures: dict[str, Any] = {}
    found: dict[str, Any] = {}

    def load() -> None:
        found["data"] = load_dataset(str(path), target="y")

    def preprocess() -> None:
        found["model"] = make_pipeline(found["data"], preset="fast", epochs=2, random_state=0)
        clone(found["model"][:-1]).fit_transform(found["data"].X)

    def fit() -> None:
        found["model"].fit(found["data"].X, found["data"].y)

    def predict() -> None:
        found["model"].predict(found["data"].X)

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "table.parquet")
        write_table(path, 1_000)
        wanted = (load, preprocess, fit, predict)[: STAGES.index(until) + 1]
        for stage in wanted:  # imports, and what TensorFlow wakes up
            stage()
        found.clear()
        write_table(path, n_rows)
        for stage in wanted:
            forget_peak()
            before, began = held()["now"], time.perf_counter()
            stage()
            seconds = time.perf_counter() - began
            figures[stage.__name__] = {"before": before, **held(), "seconds": seconds}
    return figures


@click.command()
@click.option("--rows", multiple=True, type=int, default=(100_000, 300_000, 1_000_000))
@click.option("--until", type=click.Choice(STAGES), default="predict", show_default=True)
@click.option("--once", type=int, hidden=True)
def main(rows: tuple[int, ...], until: str, once: int | None) -> None:
    """Measure, and write table_memory.json and table_memory.md."""
    if once:
        warnings.simplefilter("ignore")
        click.echo(json.dumps(stages(once, until)))
        return
    figures = {n: fresh("benchmarks.table_memory", "--until", until, "--once", n) for n in rows}
    measured = STAGES[: STAGES.index(until) + 1]
    text = (
        "# A table in memory\n\n"
        f"{N_NUMERIC} numeric and {N_CATEGORICAL} categorical columns from Parquet, preset `fast`, "
        "2 epochs. Bytes a row: the most that the process holds in a stage, less what it held "
        "before the table was read.\n\n"
        f"| rows | {' | '.join(measured)} |\n| ---: |{' ---: |' * len(measured)}\n"
    )
    for n, by_stage in figures.items():
        start = by_stage["load"]["before"]
        told = (f"{(by_stage[stage]['peak'] - start) / n:,.0f}" for stage in measured)
        text += f"| {n:,} | {' | '.join(told)} |\n"
    write_report("table_memory", {"stages": figures}, text)


if __name__ == "__main__":
    main()
