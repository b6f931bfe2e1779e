"""The entry point ``techniques``: from its options to the record of a study."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipelines.cli.options import (
    DataOptions,
    RunOptions,
    data_options,
    option_group,
    prepare_process,
    run_options,
)
from pipelines.cli.summary import study_summary
from pipelines.cli.tracker import MakeTracker, mlflow_ahead, mlflow_tracker
from pipelines.cli.types import Names, Optional
from pipelines.cli.ui import how_to_look
from pipelines.errors import check_installed
from pipelines.output import check_output_folder

if TYPE_CHECKING:
    from pipelines.data import Dataset
    from pipelines.study import ClaimResult, StudyResult, Variant
    from pipelines.tracker import Tracker

__all__ = ["StudyOptions", "run_techniques", "techniques"]

_VARIANTS: dict[str, tuple[Variant, ...]] = {
    "both": ("as described", "as run"),
    "as_described": ("as described",),
    "as_run": ("as run",),
}


@dataclass(frozen=True)
class StudyOptions:
    """What is studied, and how often."""

    rows: tuple[str, ...]
    variant: str
    repeats: int
    epochs: int | None
    learning_rate: float | None
    test_size: float
    claims: bool
    output: str | None


_study_options = option_group(
    "options",
    StudyOptions,
    [
        click.option(
            "--rows",
            type=Names(),
            default="",
            help="Rows of the table, such as selu,batch_norm; else all. The baseline is added.",
        ),
        click.option(
            "--variant",
            type=click.Choice(list(_VARIANTS)),
            default="both",
            show_default=True,
            help="What the published table describes, what was really run, or both.",
        ),
        click.option(
            "--repeats", type=int, default=5, show_default=True, help="Seeds of each row."
        ),
        click.option(
            "--epochs", type=Optional(int), default="", help="Epochs, in place of the table's."
        ),
        click.option(
            "--learning-rate",
            type=Optional(float),
            default="",
            help="Learning rate, in place of the table's.",
        ),
        click.option(
            "--test-size",
            type=float,
            default=0.2,
            show_default=True,
            help="Share of rows held out, of data without a published split.",
        ),
        click.option(
            "--claims",
            type=bool,
            default=True,
            show_default=True,
            help="Whether to try the claims about the techniques as well, with quick settings.",
        ),
        click.option(
            "--output",
            type=Optional(str),
            default="",
            help="Folder to write the report to as well.",
        ),
    ],
)


@click.command()
@data_options
@_study_options
@run_options(experiment="techniques", models=False)
def techniques(data: DataOptions, options: StudyOptions, run: RunOptions) -> None:
    """Compare the published techniques, with several seeds, and judge them."""
    with mlflow_ahead() as make_tracker:
        run_techniques(data, options, run, make_tracker)


def run_techniques(
    data: DataOptions,
    options: StudyOptions,
    run: RunOptions,
    make_tracker: MakeTracker = mlflow_tracker,
) -> StudyResult:
    """Run the study, record it, and print the verdicts.

    ``make_tracker`` makes the tracker from the names of the experiment and of the run.
    """
    if options.output is not None:
        check_output_folder(Path(options.output))
    for package in ("matplotlib", "statsmodels"):
        check_installed(package, extra="study", needed_by="The study")
    dataset = data.load(by_step=False)
    prepare_process()

    from pipelines.data import findings_table
    from pipelines.report import ProgressBar
    from pipelines.study import StudyResult, plan_claims, plan_study, run_experiments
    from pipelines.study.report import arm_measurements

    overrides = {"epochs": options.epochs, "learning_rate": options.learning_rate}
    common: dict[str, Any] = {
        "repeats": options.repeats,
        "test_size": options.test_size,
        "random_state": run.seed,
        "numbers": itertools.count(),
    }
    # What is impossible is said before a run is opened.
    study = plan_study(
        dataset,
        arms=options.rows,
        variants=_VARIANTS[options.variant],
        hyperparameters={name: value for name, value in overrides.items() if value is not None},
        **common,
    )
    claims = plan_claims(dataset, epochs=options.epochs, **common) if options.claims else None
    settings = {
        "dataset": dataset.name,
        "task": dataset.task,
        "n_rows": len(dataset.X),
        "rows": ", ".join(dict.fromkeys(arm.name for arm in study.arms)),
        "variant": options.variant,
        "repeats": options.repeats,
        "n_jobs": run.n_jobs,
        "claims": options.claims,
        "seed": run.seed,
    }
    with run.workers(), make_tracker(run.experiment, f"{dataset.name} techniques") as tracker:
        tracker.log_settings(settings)
        tracker.log_dataset(dataset)
        if dataset.findings:
            tracker.log_table(findings_table(dataset.findings), "data_findings")
        # The tracker first: what is shown has been recorded.
        observers: list[Any] = [tracker, ProgressBar(study.metric)]
        arms, *others = run_experiments(
            [study, *([claims.experiment] if claims else [])],
            n_jobs=run.n_jobs,
            observers=observers,
            resume=tracker.find_evaluations if run.resume else None,
        )
        result = StudyResult.of(study, arms, n_jobs=run.n_jobs)
        tried = claims.results(others[0], result) if claims else ()
        for group, arm in zip(study.groups, result.arms, strict=True):
            measured = arm_measurements(result, arm)
            over_seeds = {f"over_seeds/{name}": value for name, value in measured.items()}
            tracker.log_metrics(group.number, over_seeds)
        _record(result, tried, dataset, tracker, options.output)
    return result


def _record(
    result: StudyResult,
    claims: Sequence[ClaimResult],
    dataset: Dataset,
    tracker: Tracker,
    output: str | None,
) -> None:
    from rich.console import Console

    from pipelines.study.report import (
        claim_rows,
        print_study,
        report_study,
        results_table,
        write_report,
    )

    report = report_study(result, claims=claims, dataset=dataset, figures_path=dataset.name)
    tracker.log_results(results_table(result))
    tracker.log_text(report.html, "techniques.html")
    tracker.log_text(report.plain_markdown, "techniques.md")
    tracker.log_summary(study_summary(f"Techniques on {dataset.name}", result, claims))
    for drawing in report.drawings:
        tracker.log_bytes(drawing.png, f"{dataset.name}/{drawing.name}.png")
    console = Console()
    print_study(result, console)
    for row in claim_rows(claims):
        console.print(f"{row.mark} {row.verdict}: {row.text}", markup=False, soft_wrap=True)
    where = f"Recorded as run {tracker.run_id} in {tracker.address}, the page as techniques.html."
    if output:
        where += f" Also written to {write_report(result, report, output)}."
    console.print(f"\n{where}", markup=False, soft_wrap=True)
    console.print(how_to_look(tracker.address, tracker.view), markup=False, soft_wrap=True)
