"""The entry points of ``MLproject``: each parses, builds, tracks, runs and returns."""

from __future__ import annotations

import sys
from typing import Any

import click
from rich.console import Console

from pipelines.data import Dataset, load_dataset
from pipelines.errors import InputError
from pipelines.grid import default_grid, parse_grid, read_grid
from pipelines.pipeline import make_pipeline
from pipelines.report import ProgressBar, print_results, render_page, results_table
from pipelines.search import GridSearch, check_metrics, make_splitter, score
from pipelines.tracking import MLflowTracker

__all__ = ["main"]


class _Names(click.ParamType):
    """Names separated by commas; an empty text is none."""

    name = "names"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not isinstance(value, str):
            return value
        return tuple(name.strip() for name in value.split(",") if name.strip())


class _Optional(click.ParamType):
    """A value of some type, or an empty text for none, as MLproject's defaults have it."""

    def __init__(self, type_: type):
        self.inner = click.types.convert_type(type_)
        self.name = self.inner.name

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return None if value in ("", None) else self.inner.convert(value, param, ctx)


def _not_zero(ctx: click.Context, param: click.Parameter, value: int) -> int:
    if value == 0:
        raise click.BadParameter("0 at once is none; give 1 or more, or -1 for all cores.")
    return value


def _fail(message: str) -> None:
    click.echo(f"Error: {message}", err=True)
    sys.exit(2)


@click.group()
def cli() -> None:
    """Find the initializer, activation, normalization and clipping that suit your data."""


@cli.command()
@click.option(
    "--dataset", default="digits", show_default=True, help="Name, or path of a CSV or Parquet file."
)
@click.option("--target", type=_Optional(str), default="", help="Column to predict, of a file.")
@click.option("--drop", type=_Names(), default="", help="Columns to leave out, of a file.")
@click.option(
    "--groups", type=_Optional(str), default="", help="Column of groups that folds keep together."
)
@click.option(
    "--task", type=_Optional(str), default="", help="classification or regression; else inferred."
)
@click.option(
    "--data-home", type=_Optional(str), default="", help="Folder of downloaded data sets."
)
@click.option(
    "--grid", "grid_path", type=_Optional(str), default="", help="YAML file; else the default grid."
)
@click.option("--epochs", type=_Optional(int), default="", help="Epochs, in place of the grid's.")
@click.option("--scaling", default="auto", show_default=True, help="Scaling of numeric columns.")
@click.option("--metrics", type=_Names(), default="", help="scikit-learn scorers; the first ranks.")
@click.option(
    "--splitter",
    default="auto",
    show_default=True,
    help="auto, kfold, stratified, repeated or grouped.",
)
@click.option("--folds", type=int, default=3, show_default=True)
@click.option(
    "--repeats", type=int, default=1, show_default=True, help="Times that the folds are drawn."
)
@click.option(
    "--test-size", type=float, default=0.2, show_default=True, help="Share of rows held out."
)
@click.option(
    "--n-jobs",
    type=int,
    default=1,
    show_default=True,
    callback=_not_zero,
    help="Configurations at once; -1 for all cores.",
)
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True)
@click.option("--experiment", default="grid", show_default=True, help="MLflow experiment.")
def grid(
    dataset: str,
    target: str | None,
    drop: tuple[str, ...],
    groups: str | None,
    task: str | None,
    data_home: str | None,
    grid_path: str | None,
    epochs: int | None,
    scaling: str,
    metrics: tuple[str, ...],
    splitter: str,
    folds: int,
    repeats: int,
    test_size: float,
    n_jobs: int,
    seed: int,
    experiment: str,
) -> None:
    """Compare every configuration of a grid by cross-validation."""
    data = load_dataset(
        dataset, target=target, drop=drop, groups=groups, task=task, data_home=data_home
    )
    development, test = data.split(test_size, random_state=seed)
    text = default_grid(data.task) if grid_path is None else read_grid(grid_path)
    grids = parse_grid(
        text, source=f"the grid file {grid_path}" if grid_path else "the default grid"
    )
    if epochs is not None:
        grids = [{**sub_grid, "epochs": [epochs]} for sub_grid in grids]
    search = GridSearch(
        make_pipeline(development, scaling=scaling, random_state=seed),
        grids,
        scoring=check_metrics(metrics, data.task),
        cv=make_splitter(
            development, splitter, n_splits=folds, n_repeats=repeats, random_state=seed
        ),
        n_jobs=n_jobs,
    )
    settings = {
        "dataset": data.name,
        "task": data.task,
        "n_rows": len(development.X),
        "n_test_rows": len(test.X),
        "scaling": scaling,
        "splitter": type(search.cv).__name__,
        "folds": folds,
        "repeats": repeats,
        "metrics": ", ".join(search.scoring),
        "n_jobs": n_jobs,
        "seed": seed,
    }
    search.candidates()  # an impossible grid is said before a run is opened
    with MLflowTracker(experiment=experiment, run_name=f"grid {data.name}") as tracker:
        tracker.log_settings(settings)
        tracker.log_dataset(development)
        tracker.log_dataset(test, context="test")
        tracker.log_text(text, "grid.yaml")
        _run(search, development, test, tracker, settings)


def _run(
    search: GridSearch,
    development: Dataset,
    test: Dataset,
    tracker: MLflowTracker,
    settings: dict[str, Any],
) -> None:
    metrics = search.scoring
    search.observers = [tracker, ProgressBar(metrics[0])]  # what is shown has been recorded
    search.fit(development.X, development.y, groups=development.groups)
    test_scores = score(search.best_estimator_, test.X, test.y, metrics)
    table = results_table(search.evaluations_, metrics)

    tracker.log_results(table)
    tracker.log_best(search.evaluations_[search.best_index_])
    tracker.log_test_scores(test_scores)
    page = render_page(
        search.evaluations_,
        metrics,
        title=f"Grid search on {development.name}",
        facts={name.replace("_", " "): value for name, value in settings.items()},
        test_scores=test_scores,
    )
    tracker.log_text(page, "search.html")
    tracker.log_model(search.best_estimator_, development.X.head())

    console = Console()
    print_results(table, metrics[0], console)
    best = search.evaluations_[search.best_index_].candidate.name
    scores = ", ".join(f"{name} {value:.4f}" for name, value in test_scores.items())
    console.print(
        f"\nBest: {best}. On the {len(test.X)} rows held out: {scores}.",
        markup=False,
        soft_wrap=True,
    )
    console.print(
        f"Recorded as run {tracker.run_id} in {tracker.address}. To look at it: make ui",
        markup=False,
        soft_wrap=True,
    )


def main() -> None:
    """Run the command line; what is wrong with the input is one sentence and exit code 2."""
    try:
        cli(standalone_mode=False)
    except InputError as error:
        _fail(str(error))
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(2)
    except click.ClickException as error:
        _fail(error.format_message())
    except (KeyboardInterrupt, click.Abort):
        click.echo("Interrupted; what was finished is kept in MLflow.", err=True)
        sys.exit(130)
