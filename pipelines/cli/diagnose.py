"""The command ``diagnose``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipelines.cli.options import DataOptions, data_options, prepare_process
from pipelines.cli.search_record import busy
from pipelines.cli.types import Optional
from pipelines.errors import InputError
from pipelines.grid import parse_grid, read_grid
from pipelines.output import check_output_file
from pipelines.preset import PRESETS

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

    from pipelines.data import Dataset

__all__ = ["diagnose"]


@click.command()
@data_options
@click.option(
    "--grid",
    "grid_path",
    type=Optional(str),
    default="",
    help="YAML file of one configuration; else the preset as it is.",
)
@click.option(
    "--run", type=Optional(str), default="", help="Id of the run of a configuration or a search."
)
@click.option(
    "--preset",
    type=click.Choice(PRESETS),
    default="plain",
    show_default=True,
    help="Recipe of what grid or run leave open.",
)
@click.option("--epochs", type=Optional(int), default="", help="Epochs, in place of theirs.")
@click.option("--scaling", default="auto", show_default=True, help="Scaling of numeric columns.")
@click.option(
    "--test-size", type=float, default=0.2, show_default=True, help="Share of rows validated."
)
@click.option(
    "--repair",
    type=bool,
    default=False,
    show_default=True,
    help="true: try the remedies by paired seeds, and say which are shown to help.",
)
@click.option(
    "--seeds", type=click.IntRange(3), default=5, show_default=True, help="Seeds of a repair."
)
@click.option("--metrics", type=Optional(str), default="", help="The scorer that a repair goes by.")
@click.option("--output", default="diagnosis.html", show_default=True, help="File for the page.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True)
def diagnose(
    data: DataOptions,
    grid_path: str | None,
    run: str | None,
    preset: str,
    epochs: int | None,
    scaling: str,
    test_size: float,
    repair: bool,
    seeds: int,
    metrics: str | None,
    output: str,
    seed: int,
) -> None:
    """Say why a configuration fails or learns slowly, and what to do."""
    if grid_path is not None and run is not None:
        raise InputError("The configuration is that of grid or that of run; give one of the two.")
    path = Path(output).expanduser()
    check_output_file(path, (".html",))
    values = {} if grid_path is None else _only_one(grid_path)
    preset = values.pop("preset", preset)
    dataset = data.load()

    from pipelines.search.metrics import check_metrics

    development, validation = dataset.split(test_size, random_state=seed)
    (metric, *_) = check_metrics(
        [metrics] if metrics else [],
        dataset.task,
        development.targets,
        inferred=data.task is None,
    )
    if run is not None:
        from pipelines.tracking import read_configuration

        values, base = read_configuration(run)
        if base.get("dataset", dataset.name) != dataset.name:
            raise InputError(
                f"The run {run!r} is one of the data set {base['dataset']}, but it would be diagnosed "
                f"on {dataset.name}: name its own in dataset, or give the configuration in a file, "
                "as grid."
            )
        preset, scaling = base.get("preset", preset), base.get("scaling", scaling)
    if epochs is not None:
        values["epochs"] = epochs
    with busy("Starting TensorFlow"):
        prepare_process()

        from pipelines.pipeline import make_pipeline
        from pipelines.search.hyperparameters import Hyperparameters

    pipeline = make_pipeline(development, preset=preset, scaling=scaling, random_state=seed)
    names = Hyperparameters(pipeline)
    source = "The run" if run is not None else "The grid"
    short = names.short_names(values, source=source)
    params = names.params(short)
    names.check(params, source=source)
    pipeline.set_params(**params)
    facts = {"dataset": dataset.name, "preset": preset, "scaling": scaling, "seed": seed, **short}
    _diagnose(pipeline, development, validation, metric, path, facts, seeds if repair else 0, seed)
    click.echo(f"Also written to {output}.")


def _only_one(path: str) -> dict[str, Any]:
    from sklearn.model_selection import ParameterGrid

    found = [*ParameterGrid(parse_grid(read_grid(path), source=f"the grid file {path}"))]
    if len(found) != 1:
        raise InputError(
            f"The grid file {path} has {len(found):,} configurations, but a diagnosis is of one: "
            "leave one value in each list."
        )
    return dict(found[0])


def _diagnose(
    pipeline: Pipeline,
    development: Dataset,
    validation: Dataset,
    metric: str,
    path: Path,
    facts: Mapping[str, Any],
    n_seeds: int,
    seed: int,
) -> None:
    from rich.console import Console
    from sklearn.base import clone

    from estimators.diagnosis import diagnose_training
    from pipelines.report.diagnosis_page import render_diagnosis

    console = Console()
    one = clone(pipeline)
    preprocessing, model = one[:-1], one[-1]
    X = preprocessing.fit_transform(development.X, development.y)
    with busy("Training, and looking at it"):
        found = diagnose_training(
            model, X, development.y, preprocessing.transform(validation.X), validation.y, share=1.0
        )
    for sentence in map(str, found.findings) if found.findings else ("Nothing was found.",):
        console.print(f"- {sentence}", markup=False, soft_wrap=False)
    told: list[str] = []
    if n_seeds and found.findings:
        from pipelines.repair import repair

        with busy("Trying the remedies"):
            done = repair(
                pipeline,
                development.X,
                development.y,
                validation.X,
                validation.y,
                metric=metric,
                n_seeds=n_seeds,
                random_state=seed,
            )
        told = [trial.sentence for trial in done.trials]
        kept = ", ".join(f"{name}: {value}" for name, value in done.kept.items())
        told.append(f"Kept: {kept}." if kept else "No remedy is shown to help.")
        left = ", ".join(finding.cause for finding in done.findings)
        told.append(f"Still found: {left}." if left else "Nothing is found any more.")
        for sentence in told:
            console.print(f"- {sentence}", markup=False)
    page = render_diagnosis(
        found, title=f"Diagnosis on {development.name}", facts=facts, repairs=told
    )
    path.absolute().parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")
