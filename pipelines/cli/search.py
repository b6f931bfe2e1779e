"""What the commands ``grid`` and ``optuna`` share: from their options to the record of a search."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from pipelines.cli.options import DataOptions, RunOptions, ValidationOptions, prepare_process
from pipelines.cli.registration import register_best
from pipelines.cli.ui import how_to_look
from pipelines.search.metrics import check_metrics

if TYPE_CHECKING:
    import plotly.graph_objects as go
    from sklearn.pipeline import Pipeline

    from pipelines.data import Dataset
    from pipelines.search.base_search import BaseSearch
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
    """

    name: ClassVar[str]
    title: ClassVar[str]
    declaration: ClassVar[str]

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

    def results(
        self, search: BaseSearch, tracker: Tracker
    ) -> tuple[dict[str, Any], dict[str, go.Figure]]:
        """Record the results that only this kind has; return facts and figures for the page."""
        return {}, {}


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
    dataset = data.load()
    development, test = dataset.split(validation.test_size, random_state=run.seed)
    common = {
        "scoring": check_metrics(validation.metrics, dataset.task, development.y),
        "cv": validation.make_splitter(development, run.seed),
        "n_jobs": run.n_jobs,
    }
    declaration = kind.read(dataset)

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

    from pipelines.data import findings_table
    from pipelines.report import ProgressBar

    with run.workers(), make_tracker(run.experiment, f"{kind.name} {dataset.name}") as tracker:
        tracker.log_settings(settings)
        tracker.log_dataset(development)
        tracker.log_dataset(test, context="test")
        if dataset.findings:
            tracker.log_table(findings_table(dataset.findings), "data_findings")
        tracker.log_text(declaration, kind.declaration)
        # The tracker first: what is shown has been recorded.
        observers: list[Any] = [tracker, ProgressBar(search.scoring[0])]
        search.observers = observers
        if run.resume:
            kind.resume(search, tracker)
        search.fit(development.X, development.y, groups=development.groups)
        facts, figures = kind.results(search, tracker)
        _record_results(
            search,
            development,
            test,
            tracker,
            title=f"{kind.title} on {dataset.name}",
            facts={**settings, **facts},
            figures=figures,
            register=run.register,
        )
    return search


def _record_results(
    search: BaseSearch,
    development: Dataset,
    test: Dataset,
    tracker: Tracker,
    *,
    title: str,
    facts: Mapping[str, Any],
    figures: Mapping[str, go.Figure],
    register: bool,
) -> None:
    """Score the refitted best on the test rows, record the results, and print them."""
    from rich.console import Console

    from pipelines.input_statistics import input_statistics
    from pipelines.report import print_results, render_page, results_table
    from pipelines.search import score

    metrics = search.metrics_
    best = search.evaluations_[search.best_index_]
    test_scores = score(search.best_estimator_, test.X, test.y, metrics)
    table = results_table(search.evaluations_, metrics)

    tracker.log_results(table)
    tracker.log_best(best)
    tracker.log_test_scores(test_scores)
    page = render_page(
        search.evaluations_,
        metrics,
        title=title,
        facts={name.replace("_", " "): value for name, value in facts.items()},
        test_scores=test_scores,
        figures=figures,
    )
    tracker.log_text(page, "search.html")
    statistics = input_statistics(development)
    model = tracker.log_model(search.best_estimator_, development.X.head(), statistics)
    registered = []
    if register:
        from pipelines.model_card import model_card

        card = model_card(
            search.best_estimator_,
            development,
            test,
            metrics=metrics,
            test_scores=test_scores,
            hyperparameters=best.candidate.hyperparameters,
            address=f"run {tracker.run_id} in {tracker.address}",
        )
        tracker.log_text(card, "model_card.md")
        if model is not None:
            sentence = register_best(
                search.best_estimator_, model, card, development, test, metrics[0], tracker
            )
            registered.append(sentence)

    console = Console()
    print_results(table, metrics[0], console)
    scores = ", ".join(f"{name} {value:.4f}" for name, value in test_scores.items())
    for sentence in (
        f"\nBest: {best.candidate.name}. On the {len(test.X)} rows held out: {scores}.",
        *registered,
        f"Recorded as run {tracker.run_id} in {tracker.address}. {how_to_look(tracker.address)}",
    ):
        console.print(sentence, markup=False, soft_wrap=True)
