"""The command ``optuna``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from pipelines.cli.options import (
    DataOptions,
    RunOptions,
    ValidationOptions,
    data_options,
    option_group,
    run_options,
    scoring_options,
)
from pipelines.cli.search import run_search
from pipelines.cli.search_kind import SearchKind
from pipelines.cli.tracker import mlflow_ahead
from pipelines.cli.types import Names, Optional
from pipelines.passwords import hide_password
from pipelines.preset import load_preset, load_variants
from pipelines.space import read_space
from pipelines.yaml_file import parse_yaml

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

    from pipelines.data import Dataset
    from pipelines.optuna_search import OptunaSearch
    from pipelines.statistics import Interval
    from pipelines.tracker import Tracker

__all__ = ["OptunaKind", "optuna"]


@dataclass(frozen=True)
class StudyOptions:
    """What is drawn, how, and where the study is kept."""

    space_path: str | None
    preset: str
    epochs: int | None
    n_trials: int
    timeout: float | None
    sampler: str
    pruner: str
    objectives: tuple[str, ...]
    storage: str
    study_name: str | None


study_options = option_group(
    "study",
    StudyOptions,
    [
        click.option(
            "--space",
            "space_path",
            type=Optional(str),
            default="",
            help="YAML file that narrows or replaces the default space.",
        ),
        click.option(
            "--epochs", type=Optional(int), default="", help="Epochs, in place of the space's."
        ),
        click.option(
            "--preset",
            default="fast",
            show_default=True,
            help="Recipe of what the space leaves open, and the first trial.",
        ),
        click.option(
            "--n-trials",
            type=click.IntRange(1),
            default=100,
            show_default=True,
            help="Trials of the study in all.",
        ),
        click.option(
            "--timeout",
            type=Optional(float),
            default="",
            help="Seconds after which no trial is begun.",
        ),
        click.option(
            "--sampler",
            default="auto",
            show_default=True,
            help="auto, tpe, local, random, cmaes or gp (needs torch).",
        ),
        click.option(
            "--pruner",
            default="median",
            show_default=True,
            help="median, hyperband, successive_halving or none.",
        ),
        click.option(
            "--objectives",
            type=Names(),
            default="score",
            show_default=True,
            help="score, predict_microseconds, n_weights, fit_seconds; several give a Pareto front.",
        ),
        click.option(
            "--storage",
            default="optuna.journal",
            show_default=True,
            help="Where the study is kept: a journal file, a database's URL or grpc://host:port.",
        ),
        click.option(
            "--study-name",
            type=Optional(str),
            default="",
            help="Study to go on with or to share; else the one that the other settings make.",
        ),
    ],
)


@click.command()
@data_options
@study_options
@scoring_options(folds=3)
@run_options(experiment="optuna", backends=False, ensemble=8)
def optuna(
    data: DataOptions, study: StudyOptions, validation: ValidationOptions, run: RunOptions
) -> None:
    """Search a space of configurations with Optuna."""
    with mlflow_ahead() as make_tracker:
        run_search(OptunaKind(study, run.seed), data, validation, run, make_tracker)


class OptunaKind(SearchKind):
    """A search with Optuna."""

    name = "optuna"
    title = "Optuna search"
    declaration = "space.yaml"

    def __init__(self, study: StudyOptions, seed: int):
        self.study = study
        self.seed = seed
        # What is no YAML at all need not wait for the data.
        self.source = f"the space file {study.space_path}"
        self.text = None
        if study.space_path is not None:
            self.text = read_space(study.space_path)
            parse_yaml(self.text, self.source)

    @property
    def preset(self) -> str:
        return self.study.preset

    def read(self, dataset: Dataset) -> str:
        from pipelines.space import default_space, parse_space

        text, source, epochs = self.text, self.source, self.study.epochs
        if text is None:
            text, source = default_space(dataset.kind, dataset.task), "the default space"
        self.space = parse_space(text, source, kind=dataset.kind, task=dataset.task)
        load_preset(self.study.preset, dataset)  # checks its name
        # The search ends no worse than the preset, which is tried whatever the space.
        self.first = [{}, *load_variants(dataset.kind)]
        if epochs is not None:
            self.space = self.space.with_fixed(epochs=epochs)
            self.first = [{**one, "epochs": epochs} for one in self.first]
        return text

    def make(self, pipeline: Pipeline, **common: Any) -> OptunaSearch:
        from pipelines.optuna_search import OptunaSearch

        search = OptunaSearch(
            pipeline,
            self.space,
            n_trials=self.study.n_trials,
            timeout=self.study.timeout,
            sampler=self.study.sampler,
            pruner=self.study.pruner,
            objectives=self.study.objectives,
            first=self.first,
            storage=self.study.storage,
            study_name=self.study.study_name,
            random_state=self.seed,
            **common,
        )
        search.check()
        self.n_first = len(search.first_)
        self.n_left_out = len(self.first) - self.n_first
        self.objectives = tuple(self.study.objectives)
        return search

    def settings(self, search: Any) -> dict[str, Any]:
        return {
            "n_trials": self.study.n_trials,
            "timeout": self.study.timeout,
            "sampler": self.study.sampler,
            "pruner": self.study.pruner,
            "objectives": ", ".join(self.study.objectives),
            "storage": hide_password(self.study.storage),
            "n_first": self.n_first,
            "n_first_left_out": self.n_left_out,
        }

    def resume(self, search: Any, tracker: Tracker) -> None:
        tracker.find_evaluations([])  # what was finished is in the study; this ends dead runs

    def results(self, search: Any, tracker: Tracker) -> dict[str, Any]:
        facts = {"study": search.study_.study_name, "n_pareto": len(search.pareto_front_)}
        tracker.log_settings(facts)
        return facts

    def importances(self, search: Any) -> dict[str, Interval]:
        from pipelines.optuna_search import importances

        if "score" not in self.objectives:
            return {}
        return importances(search.study_, self.objectives.index("score"))

    def front(self, search: Any) -> set[int]:
        return {evaluation.candidate.number for evaluation in search.pareto_front_}
