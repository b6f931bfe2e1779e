"""The entry point ``techniques``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import click

from pipelines.cli.options import (
    DataOptions,
    RunOptions,
    data_options,
    prepare_process,
    run_options,
)
from pipelines.cli.types import Names, Optional

if TYPE_CHECKING:
    from pipelines.data import Dataset
    from pipelines.techniques import ClaimResult, StudyResult
    from pipelines.tracking import MLflowTracker

__all__ = ["techniques"]

_BOTH = "both"


@click.command()
@data_options
@click.option(
    "--rows",
    type=Names(),
    default="",
    help="Rows of the table, such as selu,batch_norm; else all. The baseline is added.",
)
@click.option(
    "--variant",
    type=click.Choice([_BOTH, "as_described", "as_run"]),
    default=_BOTH,
    show_default=True,
    help="What the published table describes, what was really run, or both.",
)
@click.option("--repeats", type=int, default=5, show_default=True, help="Seeds of each row.")
@click.option("--epochs", type=Optional(int), default="", help="Epochs, in place of the table's.")
@click.option(
    "--learning-rate",
    type=Optional(float),
    default="",
    help="Learning rate, in place of the table's.",
)
@click.option(
    "--test-size",
    type=float,
    default=0.2,
    show_default=True,
    help="Share of rows held out, of data without a published split.",
)
@click.option(
    "--claims",
    type=bool,
    default=True,
    show_default=True,
    help="Whether to try the claims about the techniques as well, with quick settings.",
)
@click.option(
    "--output", type=Optional(str), default="", help="Folder to write the report to as well."
)
@run_options(experiment="techniques")
def techniques(
    data: DataOptions,
    rows: tuple[str, ...],
    variant: str,
    repeats: int,
    epochs: int | None,
    learning_rate: float | None,
    test_size: float,
    claims: bool,
    output: str | None,
    run: RunOptions,
) -> None:
    """Compare the published techniques, with several seeds, and judge them."""
    dataset = data.load()
    prepare_process()

    from pipelines.report import ProgressBar
    from pipelines.techniques import ClaimsStudy, TechniquesStudy, Variant, measure_for
    from pipelines.tracking import MLflowTracker

    overrides: dict[str, Any] = {"epochs": epochs, "learning_rate": learning_rate}
    variants: tuple[Variant, ...] = tuple(
        known for known in get_args(Variant) if variant in (_BOTH, known.replace(" ", "_"))
    )
    study = TechniquesStudy(
        rows=rows,
        repeats=repeats,
        variants=variants,
        hyperparameters={name: value for name, value in overrides.items() if value is not None},
        test_size=test_size,
        random_state=run.seed,
        n_jobs=run.n_jobs,
    )
    plan = study.plan(dataset)  # what is impossible is said before a run is opened
    settings = {
        "dataset": dataset.name,
        "task": dataset.task,
        "n_rows": len(dataset.X),
        "rows": ", ".join(dict.fromkeys(line.row.name for line in plan.lines)),
        "variant": variant,
        "repeats": repeats,
        "n_jobs": run.n_jobs,
        "claims": claims,
        "seed": run.seed,
    }
    trials = ClaimsStudy(
        repeats=repeats,
        epochs=epochs,
        test_size=test_size,
        random_state=run.seed,
        n_jobs=run.n_jobs,
        first_number=plan.next_number,
    )
    with (
        run.workers(),
        MLflowTracker(experiment=run.experiment, run_name=f"techniques {dataset.name}") as tracker,
    ):
        tracker.log_settings(settings)
        tracker.log_dataset(dataset)
        tracker.parents = {**plan.parents, **trials.plan(dataset).parents}
        for one in (study, trials):
            one.line_observers = [tracker]
            one.observers = [ProgressBar(measure_for(dataset).scorer)]
            one.resume = tracker.find_evaluations if run.resume else None
        result = study.run(dataset)
        tried = trials.run(dataset) if claims else ()
        _record(result, tried, dataset, tracker, output)


def _record(
    result: StudyResult,
    claims: tuple[ClaimResult, ...],
    dataset: Dataset,
    tracker: MLflowTracker,
    output: str | None,
) -> None:
    from rich.console import Console

    from pipelines.report.claims_table import claim_rows
    from pipelines.report.study_console import print_study
    from pipelines.report.study_files import write_study
    from pipelines.report.study_page import report_study
    from pipelines.report.study_tables import line_measurements, study_table

    report = report_study(result, claims=claims, dataset=dataset, figures_path=dataset.name)
    for line in result.lines:
        tracker.log_metrics(line.line.number, line_measurements(result, line))
    tracker.log_results(study_table(result))
    tracker.log_text(report.html, "techniques.html")
    tracker.log_text(report.markdown, "techniques.md")
    for drawing in report.drawings:
        tracker.log_bytes(drawing.png, f"{dataset.name}/{drawing.name}.png")
    console = Console()
    print_study(result, console)
    for row in claim_rows(claims):
        console.print(f"{row.mark} {row.verdict}: {row.text}", markup=False, soft_wrap=True)
    where = f"Recorded as run {tracker.run_id} in {tracker.address}, the page as techniques.html."
    if output:
        where += f" Also written to {write_study(result, report, output)}."
    console.print(f"\n{where} To look at it: make ui", markup=False, soft_wrap=True)
