"""The entry point ``grid``."""

from __future__ import annotations

import click

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
from pipelines.cli.types import Optional
from pipelines.grid import default_grid, parse_grid, read_grid
from pipelines.pipeline import make_pipeline
from pipelines.report import ProgressBar
from pipelines.search import GridSearch, check_metrics
from pipelines.tracking import MLflowTracker

__all__ = ["grid"]


@click.command()
@data_options
@click.option(
    "--grid", "grid_path", type=Optional(str), default="", help="YAML file; else the default grid."
)
@click.option("--epochs", type=Optional(int), default="", help="Epochs, in place of the grid's.")
@validation_options
@run_options(experiment="grid")
def grid(
    data: DataOptions,
    grid_path: str | None,
    epochs: int | None,
    validation: ValidationOptions,
    run: RunOptions,
) -> None:
    """Compare every configuration of a grid by cross-validation."""
    dataset = data.load()
    development, test = dataset.split(validation.test_size, random_state=run.seed)
    text = default_grid(dataset.task) if grid_path is None else read_grid(grid_path)
    grids = parse_grid(
        text, source=f"the grid file {grid_path}" if grid_path else "the default grid"
    )
    if epochs is not None:
        grids = [{**sub_grid, "epochs": [epochs]} for sub_grid in grids]
    search = GridSearch(
        make_pipeline(development, scaling=validation.scaling, random_state=run.seed),
        grids,
        scoring=check_metrics(validation.metrics, dataset.task, development.y),
        cv=validation.make_splitter(development, run.seed),
        n_jobs=run.n_jobs,
    )
    search.candidates()  # an impossible grid is said before a run is opened
    settings = search_settings(search, development, test, validation, run)
    with (
        run.workers(),
        MLflowTracker(experiment=run.experiment, run_name=f"grid {dataset.name}") as tracker,
    ):
        record_beginning(tracker, development, test, settings)
        tracker.log_text(text, "grid.yaml")
        # What is shown has been recorded.
        search.observers = [tracker, ProgressBar(search.scoring[0])]
        search.recall = tracker.find_evaluations if run.resume else None
        search.fit(development.X, development.y, groups=development.groups)
        record_outcome(
            search,
            development,
            test,
            tracker,
            title=f"Grid search on {development.name}",
            facts=settings,
        )
