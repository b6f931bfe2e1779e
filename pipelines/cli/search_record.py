"""What a search leaves behind: verdict, page, files, and what is printed."""

from __future__ import annotations

import csv
import io
import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from pipelines.cli.options import DEFAULT_FOLDS, DEFAULT_PRESETS
from pipelines.cli.registration import register_best
from pipelines.cli.summary import search_summary
from pipelines.cli.ui import how_to_look
from pipelines.tracker import Measured

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

    from pipelines.cli.options import DataOptions, ValidationOptions
    from pipelines.cli.search_kind import SearchKind
    from pipelines.data import Dataset
    from pipelines.report import EnsembleResult, NextSteps, SearchVerdict
    from pipelines.search import BaselineResult
    from pipelines.search.base_search import BaseSearch
    from pipelines.tracker import Tracker

__all__ = ["busy", "command_for", "judge", "record_results"]


def command_for(
    data: DataOptions,
    validation: ValidationOptions,
    seed: int,
    presets: Sequence[str] | None = None,
) -> str:
    """The command that searches the grid ``next.yaml`` on the same data in the same way.

    What is as by default is left out.

    Parameters
    ----------
    data : DataOptions
    validation : ValidationOptions
    seed : int
    presets : sequence of str, default=None
        That were compared with the grid; None where the search had no such option.

    Returns
    -------
    str
    """
    told = {
        "dataset": data.dataset,
        "target": data.target,
        "drop": _listed(data.drop),
        "groups": data.groups,
        "time": data.time,
        "sequence_id": data.sequence_id,
        "sequence_time": data.sequence_time,
        "task": data.task,
        "encoding": data.encoding,
        "separator": data.separator,
        "data_home": data.data_home,
        "grid": "next.yaml",
        "scaling": "" if validation.scaling == "auto" else validation.scaling,
        "metrics": _listed(validation.metrics),
        "splitter": "" if validation.splitter == "auto" else validation.splitter,
        "folds": "" if validation.folds == DEFAULT_FOLDS else validation.folds,
        "repeats": "" if validation.repeats == 1 else validation.repeats,
        "test_size": "" if validation.test_size == 0.2 else validation.test_size,
        "baselines": "" if validation.baselines == "auto" else validation.baselines,
        "seed": seed or "",
    }
    options = [f"-P {name}={shlex.quote(str(value))}" for name, value in told.items() if value]
    if presets is not None and tuple(presets) != DEFAULT_PRESETS:  # an empty text is none
        options.append(f"-P presets={shlex.quote(_listed(presets)) if presets else ''}")
    return " ".join(["mlflow run . -e grid --env-manager local", *options])


def _listed(names: Sequence[str]) -> str:
    """Names as an option takes them, quoted where they have a comma."""
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(names)
    return text.getvalue()


def judge(
    kind: SearchKind,
    search: BaseSearch,
    development: Dataset,
    test: Dataset,
    baselines: Iterator[BaselineResult],
    seconds: float,
) -> SearchVerdict:
    """Score the refitted best on the test rows, and compare it with all others.

    Parameters
    ----------
    kind : SearchKind
    search : BaseSearch
        Fitted.
    development, test : Dataset
    baselines : iterator of BaselineResult
        Of models to compare with.
    seconds : float
        That the search took.

    Returns
    -------
    SearchVerdict
    """
    from pipelines.report import judge_search, printed_metric
    from pipelines.search import score

    with busy("Fitting models to compare with"):
        compared = [*baselines]
    return judge_search(
        search.evaluations_,
        search.evaluations_[search.best_index_],
        metrics=[printed_metric(name, development.targets) for name in search.metrics_],
        splits=search.splits_,
        test_scores=score(search.best_estimator_, test.X, test.y, search.metrics_),
        n_test_rows=len(test.X),
        baselines=compared,
        y=None if development.by_step else development.y,
        seconds=seconds,
        n_first=kind.n_first,
        ensemble=_judge_ensemble(search, test),
    )


def _judge_ensemble(search: BaseSearch, test: Dataset) -> EnsembleResult | None:
    """Score the ensemble on the test rows beside the best configuration."""
    from pipelines.challenge import challenge
    from pipelines.report import EnsembleResult
    from pipelines.search import score

    ensemble = search.ensemble_estimator_
    if ensemble is None:
        return None
    model = ensemble[-1]
    return EnsembleResult(
        n_members=model.n_members,
        n_configurations=min(model.n_members, len(model.member_params)),
        test_scores=score(ensemble, test.X, test.y, search.metrics_),
        challenge=challenge(
            ensemble, search.best_estimator_, test.X, test.y, search.metrics_[0], groups=test.groups
        ),
    )


def record_results(
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
    register: bool,
) -> None:
    """Record the results, and print them.

    Parameters
    ----------
    kind : SearchKind
    search : BaseSearch
        Fitted.
    verdict : SearchVerdict
    development, test : Dataset
    tracker : Tracker
    title : str
        Of the page.
    facts : mapping of str to object
        How it was searched.
    steps : NextSteps
    command : str
        That runs the next grid, without the options of the steps.
    register : bool
        Whether the model is registered.
    """
    from rich.console import Console

    from pipelines.data.digest import folds_digest
    from pipelines.intervals import calibrate_intervals
    from pipelines.report import (
        inspect_model,
        print_verdict,
        recorded_effects,
        render_page,
        results_table,
        worth_of,
    )
    from pipelines.statistics import mean_test_ratio

    table = results_table(search.evaluations_, search.metrics_)
    test_ratio = mean_test_ratio(search.splits_)
    tracker.log_settings(
        {
            "folds_digest": folds_digest(development.y, search.splits_),
            "folds_test_ratio": test_ratio,
        }
    )
    tracker.log_results(table)
    tracker.log_best(verdict.winner)
    tracker.log_test_scores(verdict.test_scores)
    for best in (search.best_estimator_, search.ensemble_estimator_):
        if best is not None:
            calibrate_intervals(best, test.X, test.y)
    _record_models(search, verdict, development, test, tracker)  # while the page is made
    with busy("Writing the page"):
        worth = worth_of(
            search.evaluations_,
            verdict.metric,
            test_ratio=test_ratio,
            importances=kind.importances(search),
        )
        tracker.log_worths(recorded_effects(worth, development))
        page = render_page(
            search.evaluations_,
            verdict,
            worth,
            title=title,
            facts={name.replace("_", " "): value for name, value in facts.items()},
            inspection=inspect_model(search.best_estimator_, test, verdict.metric),
            steps=steps,
            command=" ".join([command, *(f"-P {option}" for option in steps.options)]),
            warnings=[str(finding) for finding in development.findings],
            objectives=kind.objectives,
            front=kind.front(search),
            run_address=tracker.run_address,
        )
    tracker.log_text(page, "search.html")
    if steps.grid:
        tracker.log_text(steps.grid, "next.yaml")
    tracker.log_summary(search_summary(title, verdict, steps.sentences))
    _record_transfer(search.best_estimator_, tracker)

    console = Console()
    print_verdict(verdict, table, console, suggestions=steps.sentences)
    with busy("Recording the model"):
        kept = _kept(search, verdict, development, test, tracker, register=register)
    for sentence in (
        *kept,
        f"\nRecorded as run {tracker.run_id} in {tracker.address}.",
        how_to_look(tracker.address, tracker.view),
    ):
        console.print(sentence, markup=False, soft_wrap=True)


def _record_models(
    search: BaseSearch,
    verdict: SearchVerdict,
    development: Dataset,
    test: Dataset,
    tracker: Tracker,
) -> None:
    from pipelines.input_statistics import input_statistics

    rows, statistics = development.X.head(), input_statistics(development)
    if search.ensemble_estimator_ is not None and verdict.ensemble is not None:
        # Before the winner: the model that was kept last goes by the id of the run.
        tracker.log_model(
            search.ensemble_estimator_,
            rows,
            statistics,
            name=_ensemble_name(development),
            measured=[_held_out(verdict.ensemble.test_scores, test)],
        )
    tracker.log_model(
        search.best_estimator_,
        rows,
        statistics,
        name=development.name,
        hyperparameters=verdict.winner.candidate.hyperparameters,
        measured=_measured(verdict, development, test),
    )


def _ensemble_name(development: Dataset) -> str:
    return f"{development.name}-ensemble"


def _kept(
    search: BaseSearch,
    verdict: SearchVerdict,
    development: Dataset,
    test: Dataset,
    tracker: Tracker,
    *,
    register: bool,
) -> list[str]:
    """Wait until the models are kept, register one where that is asked for, and say so."""
    told: list[str] = []
    model, ensemble = tracker.kept_model(development.name), None
    if search.ensemble_estimator_ is not None:
        ensemble = tracker.kept_model(_ensemble_name(development))
    if ensemble is not None:
        told.append(f"The ensemble is kept too, as {ensemble}.")
    if register:
        told += _register(search, verdict, model, ensemble, development, test, tracker)
    return told


def _measured(verdict: SearchVerdict, development: Dataset, test: Dataset) -> list[Measured]:
    """The winner's scores, by the data set that each was measured on."""
    over_folds = {
        f"validation_{scorer}": verdict.winner.validation_mean(scorer) for scorer in verdict.metrics
    }
    return [
        Measured(development.name, development.digest, over_folds),
        _held_out(verdict.test_scores, test),
    ]


def _held_out(scores: Mapping[str, float], test: Dataset) -> Measured:
    named = {f"test_{scorer}": score for scorer, score in scores.items()}
    return Measured(test.name, test.digest, named)


def _record_transfer(best: Pipeline, tracker: Tracker) -> None:
    """Keep what the best network took from another one, if it began with one, and which."""
    import pandas as pd

    transferred = getattr(best[-1], "transferred_", [])
    if transferred:
        tracker.log_table(pd.DataFrame(transferred), "transferred")
        tracker.log_source(transferred[0]["source"])


def _register(
    search: BaseSearch,
    verdict: SearchVerdict,
    model: str | None,
    ensemble: str | None,
    development: Dataset,
    test: Dataset,
    tracker: Tracker,
) -> list[str]:
    """Register the winner, or the ensemble where that is shown to be better; say so.

    Nothing is registered where the tracker could not keep it; its card is kept in any case.
    """
    from pipelines.model_card import model_card
    from pipelines.report import constant_caveat

    told: list[str] = []
    best, test_scores = search.best_estimator_, verdict.test_scores
    hyperparameters = verdict.winner.candidate.hyperparameters
    mean, pipeline, who = verdict.ensemble, search.ensemble_estimator_, "It"
    if ensemble and mean and pipeline is not None and mean.challenge.shown_better:
        model, best, test_scores = ensemble, pipeline, mean.test_scores
        who = "A single network of its best configuration"
        hyperparameters = {
            **hyperparameters,
            "n_members": mean.n_members,
            "member_params": best[-1].member_params,
        }
        told.append("The ensemble is shown to be better than the winner, and registered.")
    caveat = constant_caveat(verdict, who)
    card = model_card(
        best,
        development,
        test,
        metrics=search.metrics_,
        test_scores=test_scores,
        hyperparameters=hyperparameters,
        caveats=[] if caveat is None else [caveat],
        address=f"run {tracker.run_id} in {tracker.address}",
    )
    tracker.log_text(card, "model_card.md")
    if model is None:
        return []
    metric = search.metrics_[0]
    return [*told, register_best(best, model, card, development, test, metric, tracker)]


def busy(what: str) -> AbstractContextManager[Any]:
    """A context in which a terminal says what is being done."""
    from rich.console import Console

    return Console(stderr=True).status(f"{what} ...")
