"""The command ``grid``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from pipelines.cli.options import (
    DEFAULT_PRESETS,
    DataOptions,
    RunOptions,
    ValidationOptions,
    data_options,
    run_options,
    scoring_options,
)
from pipelines.cli.search import run_search
from pipelines.cli.search_kind import SearchKind
from pipelines.cli.tracker import mlflow_ahead
from pipelines.cli.types import Names, Optional
from pipelines.grid import default_grid, parse_grid, read_grid, with_presets
from pipelines.preset import load_preset

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

    from pipelines.data import Dataset
    from pipelines.search.grid_search import GridSearch
    from pipelines.tracker import Tracker

__all__ = ["GridKind", "grid"]


@click.command()
@data_options
@click.option(
    "--grid", "grid_path", type=Optional(str), default="", help="YAML file; else the default grid."
)
@click.option("--epochs", type=Optional(int), default="", help="Epochs, in place of the grid's.")
@click.option(
    "--presets",
    type=Names(),
    default=",".join(DEFAULT_PRESETS),
    show_default=True,
    help="Presets that are compared with the grid's configurations; empty for none.",
)
@scoring_options()
@run_options(experiment="grid")
def grid(
    data: DataOptions,
    grid_path: str | None,
    epochs: int | None,
    presets: tuple[str, ...],
    validation: ValidationOptions,
    run: RunOptions,
) -> None:
    """Compare every configuration of a grid by cross-validation."""
    with mlflow_ahead() as make_tracker:
        run_search(GridKind(grid_path, epochs, presets), data, validation, run, make_tracker)


class GridKind(SearchKind):
    """A grid search."""

    name = "grid"
    title = "Grid search"
    declaration = "grid.yaml"
    presets: Sequence[str]

    def __init__(self, path: str | None, epochs: int | None, presets: Sequence[str] = ()):
        self.epochs = epochs
        self.presets = presets
        # What is wrong with a file need not wait for the data.
        self.text = None if path is None else read_grid(path)
        self.grids = [] if self.text is None else parse_grid(self.text, f"the grid file {path}")

    def read(self, dataset: Dataset) -> str:
        text = self.text
        if text is None:
            text = default_grid(dataset.task, dataset.kind)
            self.grids = parse_grid(text, "the default grid")
        self.grids = with_presets(self.grids, dataset)
        if self.epochs is not None:
            self.grids = [{**grid, "epochs": [self.epochs]} for grid in self.grids]
        self.named = {
            f"preset {name}": load_preset(name, dataset).hyperparameters for name in self.presets
        }
        return text

    def make(self, pipeline: Pipeline, **common: Any) -> GridSearch:
        from pipelines.search import GridSearch

        search = GridSearch(pipeline, self.grids, named=self.named, **common)
        search.candidates()  # checks them
        return search

    def settings(self, search: Any) -> dict[str, Any]:
        return {"presets": ", ".join(self.presets)}

    def resume(self, search: Any, tracker: Tracker) -> None:
        search.resume = tracker.find_evaluations
