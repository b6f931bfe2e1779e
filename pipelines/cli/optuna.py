"""The entry point ``optuna``."""

from __future__ import annotations

import click
from sklearn.model_selection import ParameterGrid

from pipelines.cli.beginning import record_beginning, search_settings
from pipelines.cli.options import (
    DataOptions,
    RunOptions,
    ValidationOptions,
    data_options,
    run_options,
    validation_options,
)
from pipelines.cli.outcome import record_outcome
from pipelines.cli.types import Names, Optional
from pipelines.grid import default_grid, parse_grid
from pipelines.optuna_search import OptunaSearch, plots_page, study_plots
from pipelines.passwords import hide_password
from pipelines.pipeline import make_pipeline
from pipelines.report import ProgressBar
from pipelines.search import check_metrics
from pipelines.space import default_space, parse_space, read_space
from pipelines.tracking import MLflowTracker

__all__ = ["optuna"]


@click.command()
@data_options
@click.option(
    "--space",
    "space_path",
    type=Optional(str),
    default="",
    help="YAML file that narrows or replaces the default space.",
)
@click.option("--epochs", type=Optional(int), default="", help="Epochs, in place of the space's.")
@click.option(
    "--n-trials",
    type=click.IntRange(1),
    default=100,
    show_default=True,
    help="Trials of the study in all.",
)
@click.option(
    "--timeout",
    type=Optional(float),
    default="",
    help="Seconds after which no trial is begun.",
)
@click.option(
    "--sampler", default="tpe", show_default=True, help="tpe, random, cmaes or gp (needs torch)."
)
@click.option(
    "--pruner",
    default="median",
    show_default=True,
    help="median, hyperband, successive_halving or none.",
)
@click.option(
    "--objectives",
    type=Names(),
    default="score",
    show_default=True,
    help="score, predict_microseconds, n_weights, fit_seconds; several give a Pareto front.",
)
@click.option(
    "--storage",
    default="optuna.journal",
    show_default=True,
    help="Where the study is kept: a journal file, a database's URL or grpc://host:port.",
)
@click.option(
    "--study-name",
    type=Optional(str),
    default="",
    help="Study to go on with or to share; else the one that the other settings make.",
)
@validation_options
@run_options(experiment="optuna", backends=False)
def optuna(
    data: DataOptions,
    space_path: str | None,
    epochs: int | None,
    n_trials: int,
    timeout: float | None,
    sampler: str,
    pruner: str,
    objectives: tuple[str, ...],
    storage: str,
    study_name: str | None,
    validation: ValidationOptions,
    run: RunOptions,
) -> None:
    """Search a space of configurations with Optuna."""
    dataset = data.load()
    development, test = dataset.split(validation.test_size, random_state=run.seed)
    text = default_space(dataset) if space_path is None else read_space(space_path)
    source = f"the space file {space_path}" if space_path else "the default space"
    space = parse_space(text, source, default=dataset.kind)
    first = [*ParameterGrid(parse_grid(default_grid(dataset.task)))]
    if epochs is not None:
        space = space.with_fixed(epochs=epochs)
        first = [{**one, "epochs": epochs} for one in first]
    search = OptunaSearch(
        make_pipeline(development, scaling=validation.scaling, random_state=run.seed),
        space,
        scoring=check_metrics(validation.metrics, dataset.task, development.y),
        cv=validation.make_splitter(development, run.seed),
        n_trials=n_trials,
        timeout=timeout,
        sampler=sampler,
        pruner=pruner,
        objectives=objectives,
        first=first,
        storage=storage,
        study_name=study_name,
        random_state=run.seed,
        n_jobs=run.n_jobs,
    )
    search.check()  # an impossible space is said before a run is opened
    settings = search_settings(
        search,
        development,
        test,
        validation,
        run,
        n_trials=n_trials,
        timeout=timeout,
        sampler=sampler,
        pruner=pruner,
        objectives=", ".join(objectives),
        storage=hide_password(storage),
        n_first=len(search.first_),
    )
    with MLflowTracker(experiment=run.experiment, run_name=f"optuna {dataset.name}") as tracker:
        record_beginning(tracker, development, test, settings)
        tracker.log_text(text, "space.yaml")
        if run.resume:
            tracker.find_evaluations([])  # what was finished is in the study; this ends dead runs
        # What is shown has been recorded.
        search.observers = [tracker, ProgressBar(search.scoring[0])]
        search.fit(development.X, development.y, groups=development.groups)
        study = {"study": search.study_.study_name, "n_pareto": len(search.pareto_front_)}
        tracker.log_settings(study)
        plots = study_plots(search.study_, objectives, search.scoring[0])
        tracker.log_text(plots_page(plots, title=f"Optuna on {development.name}"), "optuna.html")
        record_outcome(
            search,
            development,
            test,
            tracker,
            title=f"Optuna search on {development.name}",
            facts={**settings, **study},
            figures=plots,
        )
