"""The command ``explain``: what each technique is worth on a data set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from pipelines.cli.options import (
    DataOptions,
    RunOptions,
    ValidationOptions,
    data_options,
    option_group,
    prepare_process,
    run_options,
    scoring_options,
)
from pipelines.cli.search_record import busy
from pipelines.cli.summary import ablation_summary
from pipelines.cli.tracker import MakeTracker, mlflow_ahead, mlflow_tracker
from pipelines.cli.types import Names, Optional
from pipelines.cli.ui import how_to_look
from pipelines.errors import InputError
from pipelines.grid import parse_grid, read_grid, with_presets
from pipelines.preset import load_preset

if TYPE_CHECKING:
    from pipelines.ablation import Ablation
    from pipelines.data import Dataset
    from pipelines.tracker import Tracker

__all__ = ["ExplainOptions", "explain", "run_explain"]

_JOINS = "+"


@dataclass(frozen=True)
class ExplainOptions:
    """Which network is explained, and how often it is trained."""

    preset: str = "fast"
    model: str | None = None
    grid_path: str | None = None
    row: int = 1
    together: tuple[str, ...] = ()
    seeds: int = 3
    timeout: float | None = None


_explain_options = option_group(
    "options",
    ExplainOptions,
    [
        click.option(
            "--preset",
            default="fast",
            show_default=True,
            help="Recipe that is explained, unless there is a model or a grid.",
        ),
        click.option(
            "--model",
            type=Optional(str),
            default="",
            help="Run id of a search whose best network is explained, or another model's address.",
        ),
        click.option(
            "--grid",
            "grid_path",
            type=Optional(str),
            default="",
            help="YAML file with the network that is explained.",
        ),
        click.option(
            "--row",
            type=click.IntRange(1),
            default=1,
            show_default=True,
            help="Which configuration of the grid it is.",
        ),
        click.option(
            "--together",
            type=Names(),
            default="",
            help="Techniques that count as one, such as parametrization+optimizer.",
        ),
        click.option(
            "--seeds",
            type=click.IntRange(1),
            default=3,
            show_default=True,
            help="Seeds of each network, each with folds of its own.",
        ),
        click.option(
            "--timeout",
            type=Optional(float),
            default="",
            help="Seconds after which no further seed is begun.",
        ),
    ],
)


@click.command()
@data_options
@_explain_options
@scoring_options(repeats=False, baselines=False)
@run_options(experiment="explain", models=False)
def explain(
    data: DataOptions, options: ExplainOptions, validation: ValidationOptions, run: RunOptions
) -> None:
    """Say what each technique is worth: added to a plain network, and left out of the best."""
    with mlflow_ahead() as make_tracker:
        run_explain(data, options, validation, run, make_tracker)


def run_explain(
    data: DataOptions,
    options: ExplainOptions,
    validation: ValidationOptions,
    run: RunOptions,
    make_tracker: MakeTracker = mlflow_tracker,
) -> Ablation:
    """Train what lies between plain and best, record it, and print what each technique is worth.

    Parameters
    ----------
    data, options, validation, run
        Options of the command.
    make_tracker : callable
        Makes the tracker from the names of the experiment and of the run.

    Returns
    -------
    Ablation

    Raises
    ------
    InputError
        Before anything is trained, and before a run is opened.
    """
    dataset = data.load()

    from pipelines.search.metrics import check_metrics

    development, test = dataset.split(validation.test_size, random_state=run.seed)
    check_metrics(validation.metrics, dataset.task, development.targets, inferred=data.task is None)
    validation.make_splitter(development, run.seed)
    name, values = _best(options, development)
    with busy("Starting TensorFlow"):
        prepare_process()

        from pipelines.ablation import plan_ablation, run_ablation
        from pipelines.pipeline import make_pipeline
        from pipelines.search.hyperparameters import Hyperparameters

    if options.model is not None:
        with busy("Loading the model"):
            values = _values_of(options.model)
    elif options.grid_path is not None:
        known = Hyperparameters(make_pipeline(development, preset="plain"))
        values = known.short_names(values, source="The grid")
    plan = plan_ablation(
        development,
        test,
        values,
        name=name,
        splitter=lambda seed: validation.make_splitter(development, seed),
        seeds=range(run.seed, run.seed + options.seeds),
        metrics=validation.metrics,
        scaling=validation.scaling,
        together=[[part.strip() for part in one.split(_JOINS)] for one in options.together],
    )
    settings = {
        "dataset": dataset.name,
        "task": dataset.task,
        "n_rows": len(development.X),
        "n_test_rows": len(test.X),
        "best": options.model or options.grid_path or options.preset,
        "techniques": ", ".join(plan.names),
        "scaling": validation.scaling,
        "splitter": validation.splitter,
        "folds": validation.folds,
        "seeds": options.seeds,
        "timeout": options.timeout,
        "metrics": ", ".join(plan.metrics),
        "n_jobs": run.n_jobs,
        "seed": run.seed,
    }

    from pipelines.data import findings_table
    from pipelines.report import ProgressBar, printed_metric
    from pipelines.report.sentences import seconds_text

    click.echo(
        f"{len(plan.names)} techniques from plain to {name}: {len(plan.networks)} networks with "
        f"{options.seeds} seeds and {plan.n_folds} folds are {plan.n_fits} fits.",
        err=True,
    )
    with run.workers(), make_tracker(run.experiment, f"{dataset.name} explain") as tracker:
        tracker.log_settings(settings)
        tracker.log_dataset(development)
        tracker.log_dataset(test, context="test")
        if dataset.findings:
            tracker.log_table(findings_table(dataset.findings), "data_findings")
        # The tracker first: what is shown has been recorded.
        observers: list[Any] = [
            tracker,
            ProgressBar(printed_metric(plan.metrics[0], development.targets)),
        ]
        ablation = run_ablation(
            plan,
            n_jobs=run.n_jobs,
            timeout=options.timeout,
            observers=observers,
            resume=tracker.find_evaluations if run.resume else None,
            on_estimate=lambda seconds: click.echo(
                f"About {seconds_text(seconds)} are left, by the time of plain and {name}.",
                err=True,
            ),
        )
        _record(ablation, development, tracker, settings)
    return ablation


def _best(options: ExplainOptions, dataset: Dataset) -> tuple[str, Mapping[str, Any]]:
    """What the best network is called, and its hyperparameters; a model's come later."""
    if options.model is not None and options.grid_path is not None:
        raise InputError("model and grid both name the network to explain: leave one out.")
    if options.model is not None:
        return "the model", {}
    if options.grid_path is None:
        return options.preset, load_preset(options.preset, dataset).hyperparameters
    return "best", _grid_row(options.grid_path, options.row, dataset)


def _grid_row(path: str, row: int, dataset: Dataset) -> dict[str, Any]:
    from sklearn.model_selection import ParameterGrid

    grids = parse_grid(read_grid(path), source=f"the grid file {path}")
    rows = ParameterGrid(with_presets(grids, dataset))
    if row > len(rows):
        raise InputError(
            f"The grid file {path} has {len(rows)} configuration{'s' if len(rows) > 1 else ''}, so "
            f"that there is no row {row}; count from 1."
        )
    return dict(rows[row - 1])


def _values_of(model: str) -> dict[str, Any]:
    """The hyperparameters of a recorded model."""
    from pipelines.search.hyperparameters import Hyperparameters
    from pipelines.tracking import load_pipeline

    pipeline = load_pipeline(model)
    if not hasattr(pipeline[-1], "techniques"):
        raise InputError(
            f"The model {model} is a {type(pipeline[-1]).__name__}, whose techniques are not known; "
            "name the run of a search."
        )
    return Hyperparameters(pipeline).defaults


def _record(
    ablation: Ablation, development: Dataset, tracker: Tracker, settings: Mapping[str, Any]
) -> None:
    from rich.console import Console

    from pipelines.ablation.console import print_ablation
    from pipelines.ablation.page import render_ablation
    from pipelines.ablation.table import networks_table, recorded_worths, worths_table
    from pipelines.report import results_table

    plan = ablation.plan
    tracker.log_results(results_table(ablation.evaluations, plan.metrics))
    tracker.log_table(networks_table(ablation), "networks")
    tracker.log_table(worths_table(ablation), "techniques")
    tracker.log_worths(recorded_worths(ablation))
    title = f"What each technique is worth on {development.name}"
    tracker.log_summary(ablation_summary(title, ablation))
    with busy("Writing the page"):
        page = render_ablation(
            ablation,
            title=title,
            facts={name.replace("_", " "): value for name, value in settings.items()},
            warnings=[str(finding) for finding in development.findings],
            run_address=tracker.run_address,
        )
    tracker.log_text(page, "explain.html")
    console = Console()
    print_ablation(ablation, console)
    console.print(
        f"\nRecorded as run {tracker.run_id} in {tracker.address}, the page as explain.html.",
        markup=False,
        soft_wrap=True,
    )
    console.print(how_to_look(tracker.address, tracker.view), markup=False, soft_wrap=True)
