"""What the commands ``grid`` and ``optuna`` share: from their options to the record of a search."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from pipelines.cli.options import DataOptions, RunOptions, ValidationOptions, prepare_process
from pipelines.cli.search_record import busy, command_for, judge, record_results

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

    from pipelines.data import Dataset
    from pipelines.search import BaselineResult
    from pipelines.search.base_search import BaseSearch
    from pipelines.statistics import Interval
    from pipelines.tracker import Tracker
    from pipelines.tracking.writer_process import WriterProcess

__all__ = ["MakeTracker", "SearchKind", "mlflow_ahead", "mlflow_tracker", "run_search"]

MakeTracker: TypeAlias = "Callable[[str, str], Tracker]"


class SearchKind(ABC):
    """One way to search, with the options that only it has.

    Attributes
    ----------
    name : str
        Of the command and of the run.
    title : str
        Of the page.
    declaration : str
        Name of the artifact that holds the grid or space.
    n_first : int or None
        How many candidates a search begins with before it draws; None where it draws none.
    objectives : tuple of str
        What is optimized.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    declaration: ClassVar[str]
    n_first: int | None = None
    objectives: tuple[str, ...] = ("score",)

    @property
    def preset(self) -> str:
        """The recipe of what the grid or space leaves open."""
        return "plain"

    @abstractmethod
    def read(self, dataset: Dataset) -> str:
        """Read and check the grid or space; return its text."""

    @abstractmethod
    def make(self, pipeline: Pipeline, **common: Any) -> BaseSearch:
        """Make the search of what was read, and check it.

        Parameters
        ----------
        pipeline : Pipeline
        **common
            Parameters of both kinds: ``scoring``, ``cv``, ``n_jobs`` and ``n_members``.
        """

    def settings(self, search: BaseSearch) -> dict[str, Any]:
        """The settings that only this kind of search has."""
        return {}

    @abstractmethod
    def resume(self, search: BaseSearch, tracker: Tracker) -> None:
        """Take over what earlier searches have evaluated, and end the runs of dead ones."""

    def results(self, search: BaseSearch, tracker: Tracker) -> dict[str, Any]:
        """Record the results that only this kind has; return facts for the page."""
        return {}

    def importances(self, search: BaseSearch) -> dict[str, Interval]:
        """The share of the score's variance by hyperparameter, of what was drawn."""
        return {}

    def front(self, search: BaseSearch) -> set[int]:
        """Numbers of the candidates that no other one beats in all objectives."""
        return set()


def mlflow_tracker(experiment: str, run_name: str, writer: WriterProcess | None = None) -> Tracker:
    """Make the tracker that records a search in MLflow, by a process that was started ahead or not."""
    from pipelines.tracking import MLflowTracker

    return MLflowTracker(experiment=experiment, run_name=run_name, writer=writer)


@contextmanager
def mlflow_ahead() -> Iterator[MakeTracker]:
    """Start MLflow in its own process, while the input is read; give what makes the tracker."""
    from pipelines.tracking.writer_process import WriterProcess

    with WriterProcess.ahead() as writer:
        yield partial(mlflow_tracker, writer=writer)


def run_search(
    kind: SearchKind,
    data: DataOptions,
    validation: ValidationOptions,
    run: RunOptions,
    make_tracker: MakeTracker = mlflow_tracker,
) -> BaseSearch:
    """Search, record it, and print the ranking.

    The input is checked as far as possible before the estimators are imported, which takes
    seconds, and before a run is opened.

    Parameters
    ----------
    kind : SearchKind
    data, validation, run
        Options of the command.
    make_tracker : callable
        Makes the tracker from the names of the experiment and of the run.

    Returns
    -------
    BaseSearch
        Fitted.

    Raises
    ------
    InputError
    """
    dataset = data.load()

    from pipelines.search.metrics import check_metrics

    development, test = dataset.split(validation.test_size, random_state=run.seed)
    common = {
        "scoring": check_metrics(validation.metrics, dataset.task, development.targets),
        "cv": validation.make_splitter(development, run.seed),
        "n_jobs": run.n_jobs,
        "n_members": run.ensemble,
    }
    declaration = kind.read(development)

    with busy("Starting TensorFlow"):
        prepare_process()

        from pipelines.pipeline import make_pipeline

    preset = _preset(kind.preset, development, validation.scaling)
    pipeline = make_pipeline(
        development,
        **{"preset": "plain", "scaling": validation.scaling, **preset, "random_state": run.seed},
    )
    search = kind.make(pipeline, **common)
    settings = {
        "dataset": dataset.name,
        "task": dataset.task,
        "n_rows": len(development.X),
        "n_test_rows": len(test.X),
        "preset": kind.preset,
        "scaling": validation.scaling,
        "splitter": type(search.cv).__name__,
        "folds": validation.folds,
        "repeats": validation.repeats,
        "metrics": ", ".join(search.scoring),
        **kind.settings(search),
        "ensemble": run.ensemble,
        "n_jobs": run.n_jobs,
        "seed": run.seed,
    }

    from pipelines.data import findings_table
    from pipelines.report import ProgressBar, printed_metric

    with run.workers(), make_tracker(run.experiment, f"{dataset.name} {kind.name}") as tracker:
        tracker.log_settings(settings)
        tracker.log_dataset(development)
        tracker.log_dataset(test, context="test")
        if dataset.findings:
            tracker.log_table(findings_table(dataset.findings), "data_findings")
        tracker.log_text(declaration, kind.declaration)
        # The tracker first: what is shown has been recorded.
        ranked_by = printed_metric(search.scoring[0], development.targets)
        observers: list[Any] = [tracker, ProgressBar(ranked_by)]
        search.observers = observers
        if run.resume:
            kind.resume(search, tracker)
        with _baselines(kind, search, development, test, validation, run) as baselines:
            began = time.perf_counter()
            search.fit(development.X, development.y, groups=development.groups)
            seconds = time.perf_counter() - began
            verdict = judge(kind, search, development, test, baselines, seconds)

        from pipelines.report import helped_elsewhere, next_steps
        from pipelines.search.hyperparameters import Hyperparameters

        defaults = Hyperparameters(pipeline).defaults
        record_results(
            kind,
            search,
            verdict,
            development,
            test,
            tracker,
            title=f"{kind.title} on {dataset.name}",
            facts={**settings, **kind.results(search, tracker)},
            steps=next_steps(
                verdict,
                defaults=defaults,
                preset=preset,
                can_repeat=validation.can_repeat(development),
                elsewhere=helped_elsewhere(verdict, defaults, tracker.find_worths(), development),
            ),
            command=command_for(data, validation, run.seed),
            register=run.register,
        )
    return search


def _baselines(
    kind: SearchKind,
    search: BaseSearch,
    development: Dataset,
    test: Dataset,
    validation: ValidationOptions,
    run: RunOptions,
) -> AbstractContextManager[Iterator[BaselineResult]]:
    """The models to compare with: beside a search that leaves a core idle, else after it.

    After it also where the table is so small that they take less time than a process to begin.
    """
    from pipelines.search import BASELINES, deserve_a_process, evaluated_baselines

    splits = [*search.cv.split(development.X, development.y, development.groups)]
    # None of the objectives is a time.
    beside = run.leaves_cores and kind.objectives == ("score",)
    return evaluated_baselines(
        [*BASELINES] if validation.baselines != "none" else [],
        development,
        test,
        beside=beside and deserve_a_process(development, len(splits)),
        splits=splits,
        metrics=search.scoring,
        random_state=run.seed,
        at_any_size=validation.baselines == "all",
    )


def _preset(name: str, development: Dataset, scaling: str) -> dict[str, Any]:
    """The hyperparameters that are searched around: those of the preset, but for one network.

    Independent members are for the end of the search, when the best configurations are known.
    """
    from pipelines.preset import load_preset

    if name == "plain":
        return {}
    values = load_preset(name, development).hyperparameters
    left_out = {"scaling"} if scaling != "auto" else set()
    if values.get("member_sharing") is None:
        left_out |= {"n_members", "member_params"}
    return {name: value for name, value in values.items() if name not in left_out}
