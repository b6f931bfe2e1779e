"""The entry point ``transfer``: from its options to the record of a comparison."""

from __future__ import annotations

from dataclasses import dataclass, replace
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
from pipelines.cli.search_record import busy
from pipelines.cli.tracker import MakeTracker, mlflow_ahead, mlflow_tracker
from pipelines.cli.types import Names, Optional
from pipelines.cli.ui import how_to_look
from pipelines.errors import InputError
from pipelines.output import check_output_folder

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

    from pipelines.data import Dataset
    from pipelines.tracker import Tracker
    from pipelines.transfer import SourceDesign, TransferPlan, TransferResult

__all__ = ["TransferOptions", "run_transfer_command", "transfer"]


@dataclass(frozen=True)
class TransferOptions:
    """What is reused, and how it is compared."""

    source: str | None
    design: str | None
    arms: tuple[str, ...]
    shares: tuple[str, ...]
    repeats: int
    epochs: int | None
    preprocessing: str
    test_size: float
    output: str | None

    def __post_init__(self) -> None:
        if (self.source is None) == (self.design is None):
            raise InputError(
                "A transfer is from a source: give source=<run id> with the data set to learn, or "
                "design=<name>, one of the two."
            )

    def numbers(self) -> list[float] | None:
        """The shares as numbers; None where none were given."""
        try:
            return [float(share) for share in self.shares] or None
        except ValueError as error:
            raise InputError(
                f"shares must be numbers, but they are {','.join(self.shares)}; give for example "
                "0.01,0.1,1."
            ) from error


_transfer_options = option_group(
    "options",
    TransferOptions,
    [
        click.option(
            "--source",
            type=Optional(str),
            default="",
            help="Run whose model is reused; or a model's address or folder.",
        ),
        click.option(
            "--design",
            type=Optional(str),
            default="",
            help="In place of source: a study, such as california_north_south, or a YAML file that "
            "says which rows of the data set are the source's.",
        ),
        click.option(
            "--arms",
            type=Names(),
            default="",
            help="Ways to reuse it, such as frozen,thawed; else all. scratch is added.",
        ),
        click.option(
            "--shares",
            type=Names(),
            default="",
            help="Shares of the training rows; else 0.01,0.03,0.1,0.3,1 or the design's.",
        ),
        click.option(
            "--repeats", type=int, default=5, show_default=True, help="Seeds of each network."
        ),
        click.option(
            "--epochs",
            type=Optional(int),
            default="",
            help="On the largest share; else 20 or the design's. Fewer rows get as many steps.",
        ),
        click.option(
            "--preprocessing",
            type=click.Choice(["auto", "source", "new"]),
            default="auto",
            show_default=True,
            help="Of reused networks: the source's, or fitted anew; auto takes the source's where "
            "the data set has its columns.",
        ),
        click.option(
            "--test-size",
            type=float,
            default=0.2,
            show_default=True,
            help="Share of rows that all are scored on.",
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
@_transfer_options
@run_options(experiment="transfer", models=False)
def transfer(data: DataOptions, options: TransferOptions, run: RunOptions) -> None:
    """Compare a reused network with new ones, at growing numbers of rows, and judge it."""
    with mlflow_ahead() as make_tracker:
        run_transfer_command(data, options, run, make_tracker)


def run_transfer_command(
    data: DataOptions,
    options: TransferOptions,
    run: RunOptions,
    make_tracker: MakeTracker = mlflow_tracker,
) -> TransferResult:
    """Run the comparison, record it, and print the verdicts.

    ``make_tracker`` makes the tracker from the names of the experiment and of the run.
    """
    shares = options.numbers()
    if options.output is not None:
        check_output_folder(Path(options.output))
    from pipelines.transfer.design import EPOCHS, SHARES, read_design

    design = None if options.design is None else read_design(options.design)
    if design is not None and design.dataset is not None:
        data = replace(data, dataset=design.dataset)
    dataset = data.load(by_step=False)
    with busy("Starting TensorFlow"):
        prepare_process()
        from pipelines.transfer.plan import plan_transfer, run_transfer

    source, name, target = _source(options, design, dataset, run.seed)
    # What is impossible is said before a run is opened.
    plan = plan_transfer(
        target,
        source,
        source_name=name,
        arms=options.arms,
        shares=shares or (design.shares if design else SHARES),
        repeats=options.repeats,
        epochs=options.epochs or (design.epochs if design else EPOCHS),
        preprocessing=options.preprocessing,
        test_size=options.test_size,
        random_state=run.seed,
    )

    from pipelines.report import ProgressBar

    with run.workers(), make_tracker(run.experiment, f"transfer {target.name}") as tracker:
        _record_plan(plan, options, run, tracker)
        result = run_transfer(
            plan,
            n_jobs=run.n_jobs,
            # The tracker first: what is shown has been recorded.
            observers=[tracker, ProgressBar(plan.metric)],  # type: ignore[list-item]
            resume=tracker.find_evaluations if run.resume else None,
        )
        _record(result, tracker, options)
    return result


def _source(
    options: TransferOptions, design: SourceDesign | None, dataset: Dataset, seed: int
) -> tuple[Pipeline, str, Dataset]:
    """The source's pipeline and name, and the target."""
    if design is not None:
        with busy("Training the source"):
            pipeline = design.fit_source(dataset, seed)
        return pipeline, design.source.name, design.target.take(dataset)
    from pipelines.tracking import load_pipeline, searched_data

    address = str(options.source)
    with busy("Loading the source"):
        pipeline = load_pipeline(address)
        searched = searched_data(address)
    if searched == (dataset.name, len(dataset.X)):
        raise InputError(
            f"The source {address} has learned {dataset.name} itself, so that rows which all are "
            "scored on would be among its own: name other data in dataset, or give a design, which "
            "says which rows are the source's."
        )
    return pipeline, f"the model of {address}", dataset


def _record_plan(
    plan: TransferPlan, options: TransferOptions, run: RunOptions, tracker: Tracker
) -> None:
    import pandas as pd

    from pipelines.data import findings_table

    target = plan.target
    settings: dict[str, Any] = {
        "dataset": target.name,
        "task": target.task,
        "source": options.source or plan.source_name,
        "design": options.design,
        "arms": ", ".join(arm.name for arm in plan.arms),
        "rows": ", ".join(map(str, plan.epochs)),
        "repeats": options.repeats,
        "preprocessing": plan.preprocessing,
        "n_jobs": run.n_jobs,
        "seed": run.seed,
    }
    tracker.log_settings(settings)
    tracker.log_dataset(target)
    if target.findings:
        tracker.log_table(findings_table(target.findings), "data_findings")
    tracker.log_table(pd.DataFrame(plan.transferred), "transferred")
    if options.source is not None:
        tracker.log_source(options.source)


def _record(result: TransferResult, tracker: Tracker, options: TransferOptions) -> None:
    from rich.console import Console

    from pipelines.transfer.page import transfer_markdown, transfer_page
    from pipelines.transfer.sentences import answer, findings

    page, text = transfer_page(result), transfer_markdown(result)
    tracker.log_results(result.table())
    tracker.log_text(page, "transfer.html")
    tracker.log_text(text, "transfer.md")
    where = f"Recorded as run {tracker.run_id} in {tracker.address}, the page as transfer.html."
    if options.output is not None:
        folder = Path(options.output)
        folder.mkdir(parents=True, exist_ok=True)
        name = Path(options.design).stem if options.design else result.target
        for suffix, content in ((".html", page), (".md", text)):
            (folder / f"{name}{suffix}").write_text(content, encoding="utf-8")
        where += f" Also written to {folder / name}.html."
    console = Console()
    for sentence in (
        answer(result),
        *findings(result),
        f"\n{where} {how_to_look(tracker.address)}",
    ):
        console.print(sentence, markup=False, soft_wrap=True)
