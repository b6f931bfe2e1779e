"""What the commands ``grid`` and ``optuna`` share: from their options to the record of a search."""

from __future__ import annotations

import shlex
import time
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

from pipelines.cli.options import DataOptions, RunOptions, ValidationOptions, prepare_process
from pipelines.search.metrics import check_metrics

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

    from pipelines.data import Dataset
    from pipelines.report import NextSteps, SearchVerdict
    from pipelines.search.base_search import BaseSearch
    from pipelines.statistics import Interval
    from pipelines.tracker import Tracker

__all__ = ["SearchKind", "mlflow_tracker", "run_search"]


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
            Parameters of both kinds: ``scoring``, ``cv`` and ``n_jobs``.
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


def busy(what: str) -> AbstractContextManager[Any]:
    """A context in which a terminal says what is being done."""
    from rich.console import Console

    return Console(stderr=True).status(f"{what} ...")


def mlflow_tracker(experiment: str, run_name: str) -> Tracker:
    """Make the tracker of the command line."""
    from pipelines.tracking import MLflowTracker

    return MLflowTracker(experiment=experiment, run_name=run_name)


def run_search(
    kind: SearchKind,
    data: DataOptions,
    validation: ValidationOptions,
    run: RunOptions,
    make_tracker: Callable[[str, str], Tracker] = mlflow_tracker,
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
    with _warnings_kept() as warned:
        dataset = data.load()
    development, test = dataset.split(validation.test_size, random_state=run.seed)
    common = {
        "scoring": check_metrics(validation.metrics, dataset.task, development.y),
        "cv": validation.make_splitter(development, run.seed),
        "n_jobs": run.n_jobs,
    }
    declaration = kind.read(dataset)

    with busy("Starting TensorFlow"):
        prepare_process()

        from pipelines.pipeline import make_pipeline

    pipeline = make_pipeline(
        development, preset="plain", scaling=validation.scaling, random_state=run.seed
    )
    search = kind.make(pipeline, **common)
    settings = {
        "dataset": dataset.name,
        "task": dataset.task,
        "n_rows": len(development.X),
        "n_test_rows": len(test.X),
        "scaling": validation.scaling,
        "splitter": type(search.cv).__name__,
        "folds": validation.folds,
        "repeats": validation.repeats,
        "metrics": ", ".join(search.scoring),
        **kind.settings(search),
        "n_jobs": run.n_jobs,
        "seed": run.seed,
    }

    from pipelines.report import ProgressBar, next_steps, printed_metric
    from pipelines.search.hyperparameters import Hyperparameters

    with run.workers(), make_tracker(run.experiment, f"{kind.name} {dataset.name}") as tracker:
        tracker.log_settings(settings)
        tracker.log_dataset(development)
        tracker.log_dataset(test, context="test")
        tracker.log_text(declaration, kind.declaration)
        # The tracker first: what is shown has been recorded.
        ranked_by = printed_metric(search.scoring[0], development.y)
        observers: list[Any] = [tracker, ProgressBar(ranked_by)]
        search.observers = observers
        if run.resume:
            kind.resume(search, tracker)
        began = time.perf_counter()
        search.fit(development.X, development.y, groups=development.groups)
        seconds = time.perf_counter() - began
        verdict = _judge(kind, search, development, test, validation, run.seed, seconds)
        _record_results(
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
                defaults=Hyperparameters(pipeline).defaults,
                can_repeat=validation.can_repeat(development),
            ),
            command=_command(data),
            warned=warned,
        )
    return search


def _command(data: DataOptions) -> str:
    """What searches the grid ``next.yaml`` on the same data."""
    options = {"dataset": data.dataset, "target": data.target, "groups": data.groups}
    options |= {"drop": ",".join(data.drop), "task": data.task, "grid": "next.yaml"}
    told = [f"-P {name}={shlex.quote(value)}" for name, value in options.items() if value]
    return " ".join(["mlflow run . -e grid --env-manager local", *told])


@contextmanager
def _warnings_kept() -> Iterator[list[str]]:
    """A context whose warnings are given when it ends, and kept."""
    messages: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        yield messages
    for one in caught:
        messages.append(" ".join(str(one.message).split()))
        warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)


def _judge(
    kind: SearchKind,
    search: BaseSearch,
    development: Dataset,
    test: Dataset,
    validation: ValidationOptions,
    seed: int,
    seconds: float,
) -> SearchVerdict:
    """Score the refitted best on the test rows, and compare it with all others."""
    from pipelines.report import judge_search, printed_metric
    from pipelines.search import BASELINES, evaluate_baseline, score

    baselines = []
    for name in BASELINES if validation.baselines != "none" else ():
        with busy(f"Fitting a model to compare with: {name}"):
            baselines.append(
                evaluate_baseline(
                    name,
                    development,
                    test,
                    splits=search.splits_,
                    metrics=search.metrics_,
                    random_state=seed,
                    at_any_size=validation.baselines == "all",
                )
            )
    return judge_search(
        search.evaluations_,
        search.evaluations_[search.best_index_],
        metrics=[printed_metric(name, development.y) for name in search.metrics_],
        splits=search.splits_,
        test_scores=score(search.best_estimator_, test.X, test.y, search.metrics_),
        n_test_rows=len(test.X),
        baselines=baselines,
        seconds=seconds,
        n_first=kind.n_first,
    )


def _record_results(
    kind: SearchKind,
    search: BaseSearch,
    verdict: SearchVerdict,
    development: Dataset,
    test: Dataset,
    tracker: Tracker,
    *,
    title: str,
    facts: Mapping[str, Any],
    steps: NextSteps,
    command: str,
    warned: Sequence[str],
) -> None:
    """Record the results, and print them."""
    from rich.console import Console

    from pipelines.report import (
        inspect_model,
        mean_test_ratio,
        print_verdict,
        render_page,
        results_table,
        worth_of,
    )

    table = results_table(search.evaluations_, search.metrics_)
    tracker.log_results(table)
    tracker.log_best(verdict.winner)
    tracker.log_test_scores(verdict.test_scores)
    with busy("Writing the page"):
        worth = worth_of(
            search.evaluations_,
            verdict.metric,
            test_ratio=mean_test_ratio(search.splits_),
            importances=kind.importances(search),
        )
        page = render_page(
            search.evaluations_,
            verdict,
            worth,
            title=title,
            facts={name.replace("_", " "): value for name, value in facts.items()},
            inspection=inspect_model(search.best_estimator_, test, verdict.metric),
            steps=steps,
            command=" ".join([command, *(f"-P {option}" for option in steps.options)]),
            warnings=warned,
            objectives=kind.objectives,
            front=kind.front(search),
            run_address=tracker.run_address,
        )
    tracker.log_text(page, "search.html")
    if steps.grid:
        tracker.log_text(steps.grid, "next.yaml")
    with busy("Recording the model"):
        tracker.log_model(search.best_estimator_, development.X.head())

    console = Console()
    print_verdict(verdict, table, console, suggestions=steps.sentences)
    console.print(
        f"\nRecorded as run {tracker.run_id} in {tracker.address}. To look at it: make ui",
        markup=False,
        soft_wrap=True,
    )
