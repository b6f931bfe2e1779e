"""What each technique is worth on tables of several kinds: ``python -m benchmarks.worth``.

``mlp explain`` of one network of the preset fast, on each table: every technique is added to a
plain network alone, and left out of the whole alone, with several seeds and folds, all compared
in pairs and corrected for their number. What a run has recorded in the store is taken over by the
next one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import matplotlib.pyplot as plt
import pandas as pd
from mlflow import MlflowClient

from benchmarks.machine import describe_machine
from benchmarks.report import report_path, write_report
from benchmarks.tables import read_table

__all__ = ["markdown"]

_TABLES = "abalone,telco,cpu_act"
_EXPERIMENT = "worth"
_WAYS = {"alone": "added to plain", "in_best": "left out of fast"}
_MARKS = {"better": " ▲", "worse": " ▼"}
_LINEAR_TO = 0.05
_ERRORS = ("log loss",)  # of these metrics less is better


def _explain(
    folder: Path, name: str, store: str, seeds: int, folds: int, timeout: float | None
) -> None:
    table = read_table(folder, name)
    metric = "" if table.is_regression else "neg_log_loss"  # the usual ones begin with R²
    subprocess.run(
        [
            *(sys.executable, "-m", "pipelines", "explain"),
            *(f"--dataset={table.path}", f"--target={table.target}"),
            f"--grid={report_path('worth', '.yaml')}",
            # On regressions they are one anyway, for one breaks a rule without the other.
            "--together=parametrization+optimizer",
            *(f"--metrics={metric}", f"--seeds={seeds}", f"--folds={folds}"),
            *(f"--experiment={_EXPERIMENT}", "--resume=true", f"--timeout={timeout or ''}"),
        ],
        env={**os.environ, "MLFLOW_TRACKING_URI": store},
        check=True,
    )


def _recorded(store: str, name: str) -> dict[str, Any]:
    """The newest study of a table in a store."""
    client = MlflowClient(store)
    experiments = client.search_experiments(filter_string=f"name = '{_EXPERIMENT}'")
    run = client.search_runs(
        [each.experiment_id for each in experiments],
        f"params.`search.dataset` = '{name}' and attributes.status = 'FINISHED'",
        order_by=["attributes.start_time DESC"],
        max_results=1,
    )[0]
    tables = {
        each: pd.read_csv(client.download_artifacts(run.info.run_id, f"{each}.csv"))
        for each in ("techniques", "networks")
    }
    networks = tables["networks"].set_index("network")
    metric = networks.columns[1]
    return {
        "table": name,
        "task": run.data.params["search.task"],
        "n_rows": int(run.data.params["search.n_rows"]),
        "metric": metric,
        **{end: float(networks.loc[end, metric]) for end in ("plain", "best")},
        "seconds": {end: float(networks.loc[end, "fit_seconds"]) for end in ("plain", "best")},
        "techniques": json.loads(_as_gains(tables["techniques"], metric).to_json(orient="records")),
    }


def _as_gains(techniques: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Differences that are above 0 where a technique helps, whatever the metric."""
    if metric not in _ERRORS:
        return techniques
    gains = techniques.copy()
    for way in _WAYS:
        gains[way] = -techniques[way]
        gains[f"{way}_low"] = -techniques[f"{way}_high"]
        gains[f"{way}_high"] = -techniques[f"{way}_low"]
    return gains


def _gain(technique: Mapping[str, Any], way: str) -> str:
    """A gain with its interval, and whether it is shown."""
    mean, low, high = (technique[f"{way}{end}"] for end in ("", "_low", "_high"))
    if mean is None:
        return ""
    mark = _MARKS.get(technique[f"{way}_verdict"], "")
    return f"{mean:+.3f} ({low:+.3f} to {high:+.3f}){mark}"


def markdown(machine: Mapping[str, object], studies: Sequence[Mapping[str, Any]]) -> str:
    """Write what each technique is worth as a report for people."""
    lines = [
        "# What each technique is worth",
        "",
        "One network of the preset fast against a plain one, and what lies between: each technique "
        "added to the plain network alone, and left out of the whole alone. A gain is that of the "
        "network with it over the one without it, above 0 where it helps, in R² or in log loss "
        "(how much less it is). Several seeds with folds of their own, compared in pairs, 95 % intervals; ▲ is shown "
        "to help and ▼ to do harm, corrected for the number of techniques. `python -m "
        "benchmarks.worth --tables <folder>` repeats it, and `mlp explain` does it on your table.",
        "",
        f"Read on {machine['cpu']}, {machine['cores']} cores.",
        "",
        "![what each technique is worth](worth.svg)",
    ]
    for study in studies:
        lines += [
            "",
            f"## {study['table']}",
            "",
            f"{study['task'].capitalize()}, {study['n_rows']:,} rows; {study['metric']} of plain "
            f"{study['plain']:.3f}, of the whole {study['best']:.3f}. A fit takes "
            f"{study['seconds']['plain']:.2g} and {study['seconds']['best']:.2g} s.",
            "",
            "| technique | added to plain | left out of the whole | time of training with it |",
            "| --- | --- | --- | ---: |",
        ]
        lines += [
            f"| {one['technique']} | {_gain(one, 'alone')} | {_gain(one, 'in_best')} | "
            f"x {one['time_ratio']:.2f} |"
            for one in study["techniques"]
        ]
    return "\n".join(lines) + "\n"


def _plot(studies: Sequence[Mapping[str, Any]]) -> None:
    """Draw the differences with their intervals, a panel for each table."""
    names = list(dict.fromkeys(one["technique"] for each in studies for one in each["techniques"]))
    figure, axes = plt.subplots(
        1, len(studies), figsize=(3.2 * len(studies) + 2, 0.36 * len(names) + 1.2), sharey=True
    )
    for panel, study in zip(axes, studies, strict=True):
        for offset, (way, label) in zip((-0.14, 0.14), _WAYS.items(), strict=True):
            shown = [one for one in study["techniques"] if one[way] is not None]
            means = [one[way] for one in shown]
            ends = [
                [one[way] - one[f"{way}_low"] for one in shown],
                [one[f"{way}_high"] - one[way] for one in shown],
            ]
            places = [names.index(one["technique"]) + offset for one in shown]
            panel.errorbar(means, places, xerr=ends, fmt="o", markersize=4, label=label)
        panel.axvline(0, color="0.6", linewidth=0.8)
        # One harm many times as large as all else would hide the rest.
        panel.set_xscale("symlog", linthresh=_LINEAR_TO)
        low, high = panel.get_xlim()
        for places in ([-1.0, -0.1, 0.0, 0.1, 1.0], [-0.05, 0.0, 0.05], [-0.02, 0.0, 0.02]):
            ticks = [tick for tick in places if low <= tick <= high]
            if len(ticks) > 1:
                break
        panel.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        panel.set_title(study["table"])
        panel.set_xlabel(f"gain in {study['metric']}")
    axes[0].set_yticks(range(len(names)), names)
    axes[0].invert_yaxis()
    axes[-1].legend(loc="lower right", fontsize="small")
    figure.tight_layout()
    figure.savefig(report_path("worth", ".svg"), metadata={"Date": None})


@click.command()
@click.option("--tables", type=click.Path(exists=True, path_type=Path), required=True)
@click.option("--only", default=_TABLES, show_default=True, help="Names of tables.")
@click.option("--store", default="sqlite:///worth.db", show_default=True, help="Of MLflow.")
@click.option("--seeds", default=3, show_default=True)
@click.option("--folds", default=3, show_default=True)
@click.option("--timeout", type=float, help="Seconds of a table after which no seed is begun.")
@click.option("--read-only", is_flag=True, help="Report what the store has, and train nothing.")
def main(
    tables: Path,
    only: str,
    store: str,
    seeds: int,
    folds: int,
    timeout: float | None,
    read_only: bool,
) -> None:
    """Measure, and write worth.json, worth.md and worth.svg."""
    studies = []
    for name in only.split(","):
        if not read_only:
            _explain(tables, name, store, seeds, folds, timeout)
        studies.append(_recorded(store, name))
    _plot(studies)
    write_report("worth", {"studies": studies}, markdown(describe_machine(), studies))


if __name__ == "__main__":
    main()
