"""What the commands ``grid`` and ``optuna`` share: from their options to the record of a search."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from pipelines.cli.options import DataOptions, RunOptions, ValidationOptions, prepare_process
from pipelines.cli.search_kind import SearchKind
from pipelines.cli.search_record import busy, command_for, judge, record_results
from pipelines.cli.tracker import MakeTracker, mlflow_tracker

if TYPE_CHECKING:
    from pipelines.data import Dataset
    from pipelines.search import BaselineResult
    from pipelines.search.base_search import BaseSearch

__all__ = ["run_search"]


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
        "scoring": check_metrics(
            validation.metrics, dataset.task, development.targets, inferred=data.task is None
        ),
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

        known = Hyperparameters(pipeline)
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
                defaults=known.defaults,
                n_train=min(len(train) for train, _ in search.splits_),
                preset=preset,
                can_repeat=validation.can_repeat(development),
                elsewhere=helped_elsewhere(
                    verdict, known.defaults, tracker.find_worths(), development
                ),
                broken_rules=lambda values: known.broken_rules(known.params(values)),
            ),
            command=command_for(data, validation, run.seed, kind.presets),
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
    from pipelines.search import BASELINES, evaluated_baselines, worth_a_process

    splits = [*search.cv.split(development.X, development.y, development.groups)]
    # None of the objectives is a time.
    beside = run.leaves_cores and kind.objectives == ("score",)
    return evaluated_baselines(
        [*BASELINES] if validation.baselines != "none" else [],
        development,
        test,
        beside=beside and worth_a_process(development, len(splits)),
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
