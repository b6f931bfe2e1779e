"""Models that a network should beat, on the same folds."""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from joblib import Parallel, cpu_count, delayed, parallel_config
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OrdinalEncoder
from threadpoolctl import threadpool_limits

from pipelines.data import Dataset
from pipelines.preprocessing import AsText, make_preprocessor
from pipelines.search.metrics import score
from pipelines.search.real_steps import EachStep

if TYPE_CHECKING:
    from pipelines.search.fold import Split

__all__ = [
    "BASELINES",
    "BaselineResult",
    "evaluate_baseline",
    "evaluated_baselines",
    "worth_a_process",
]

# Numbers in the table, times the classes that are more than two, that some minutes are enough for.
_LARGEST = {"linear model": 100_000_000, "gradient boosting": 20_000_000}
# The same, times the fits, that take no longer than another process takes to import scikit-learn.
_SMALL = 100_000
_MAX_LEVELS = 250
# How the processes of baselines begin.
_STANDING_BACK: dict[str, Any] = (
    {"initializer": os.nice, "initargs": (10,)} if hasattr(os, "nice") else {"initializer": None}
)


@dataclass(frozen=True)
class BaselineResult:
    """What a simple model reaches on the folds of a search.

    Attributes
    ----------
    name : str
    validation : dict of str to ndarray of shape (n_folds,)
        Scores by scorer; empty where it was not fitted.
    test : dict of str to float
        Scores on the held-out rows, fitted on all rows of the search.
    seconds : float
        Of all its fits and scores.
    reason : str or None
        Why it was not fitted.
    """

    name: str
    validation: dict[str, np.ndarray]
    test: dict[str, float]
    seconds: float
    reason: str | None = None


def _dummy(dataset: Dataset, random_state: int) -> Pipeline:
    classifies = dataset.task == "classification"
    model = DummyClassifier(strategy="prior") if classifies else DummyRegressor()
    return Pipeline([("model", _answering(model, dataset))])


def _linear(dataset: Dataset, random_state: int) -> Pipeline:
    if dataset.task == "classification":
        model = LogisticRegression(max_iter=300)
    else:
        model = RidgeCV(alphas=np.logspace(-3, 3, 13))
    return Pipeline(
        [("preprocessing", _as_columns(dataset)), ("model", _answering(model, dataset))]
    )


def _answering(model: BaseEstimator, dataset: Dataset) -> BaseEstimator:
    """The model, where each step has a target as one that answers from a step alone."""
    return EachStep(model) if dataset.by_step else model


def _as_columns(dataset: Dataset) -> BaseEstimator:
    """The preprocessing of a data set for models of tables.

    Of sequences the steps are columns, and those that are padding the mean, unless each step is
    answered for itself.
    """
    preprocessor = make_preprocessor(dataset)
    if dataset.kind != "sequence" or dataset.by_step:
        return preprocessor
    padding = SimpleImputer(strategy="constant", fill_value=0.0, keep_empty_features=True)
    return Pipeline([("channels", preprocessor), ("padding", padding)])


def _boosting(dataset: Dataset, random_state: int) -> Pipeline:
    if dataset.kind == "sequence":  # a step that only few have is a column without values
        trees = _trees(dataset)(random_state=random_state)
        return Pipeline(
            [("preprocessing", _as_columns(dataset)), ("model", _answering(trees, dataset))]
        )
    # It takes missing numbers as they are, and categories as codes of few levels.
    encoder = OrdinalEncoder(
        handle_unknown="use_encoded_value", unknown_value=np.nan, max_categories=_MAX_LEVELS
    )
    text = Pipeline([("text", AsText()), ("encoder", encoder)])
    columns = ColumnTransformer(
        [
            ("categorical", text, dataset.categorical_columns),
            ("numeric", "passthrough", dataset.numeric_columns),
        ]
    )
    model = _trees(dataset)(
        categorical_features=[*range(len(dataset.categorical_columns))], random_state=random_state
    )
    return Pipeline([("preprocessing", columns), ("model", model)])


def _trees(dataset: Dataset) -> type[BaseEstimator]:
    classifies = dataset.task == "classification"
    return HistGradientBoostingClassifier if classifies else HistGradientBoostingRegressor


BASELINES: dict[str, Callable[[Dataset, int], Pipeline]] = {
    "constant prediction": _dummy,
    "linear model": _linear,
    "gradient boosting": _boosting,
}
"""Makers of scikit-learn's ``Dummy...``, ``LogisticRegression`` or ``RidgeCV``, and
``HistGradientBoosting...``, with their defaults, for a data set and a seed."""


def evaluate_baseline(
    name: str,
    development: Dataset,
    test: Dataset,
    *,
    splits: Sequence[Split],
    metrics: Sequence[str],
    random_state: int = 0,
    at_any_size: bool = False,
) -> BaselineResult:
    """Fit and score a simple model on the folds of a search and on the held-out rows.

    Parameters
    ----------
    name : {"constant prediction", "linear model", "gradient boosting"}
        Where each step has a target, the last two know that step alone, and their results are
        called so.
    development, test : Dataset
        The rows of the search, and those held out.
    splits : sequence of pairs of ndarray
        Positions of the training and of the validation rows, fold by fold.
    metrics : sequence of str
        Names of scikit-learn scorers.
    random_state : int, default=0
    at_any_size : bool, default=False
        Whether to fit it even where the data are so many that it would take longer than networks.

    Returns
    -------
    BaselineResult
        Without scores, but with a reason, where it was not or could not be fitted.

    Examples
    --------
    >>> from pipelines import load_dataset
    >>> development, test = load_dataset("iris").split()
    >>> rows = np.arange(len(development.X))
    >>> result = evaluate_baseline(
    ...     "constant prediction", development, test,
    ...     splits=[(rows[::2], rows[1::2])], metrics=["accuracy"],
    ... )
    >>> round(result.test["accuracy"], 2)
    0.33
    """
    began = time.perf_counter()
    is_of_steps = development.by_step and name != "constant prediction"
    called = f"{name} of single steps" if is_of_steps else name
    size = _size(development)
    if size > _LARGEST.get(name, size) and not at_any_size:
        reason = (
            f"not fitted: {len(development.X):,} rows of {development.X.shape[1]:,} columns would "
            "take it longer than the networks"
        )
        return BaselineResult(called, {}, {}, 0.0, reason)
    pipeline = BASELINES[name](development, random_state)
    # OpenMP's threads wait by spinning, which on busy cores takes ten times as long.
    with threadpool_limits(max(1, cpu_count() // 2), "openmp"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a comparison, which nobody asked to tune
        try:
            folds = [*_fold_scores(pipeline, development, splits, metrics)]
            fitted = pipeline.fit(development.X, development.y)
            test_scores = score(fitted, test.X, test.y, metrics)
        except ValueError as error:
            reason = f"not fitted: {' '.join(str(error).split())}"
            return BaselineResult(called, {}, {}, time.perf_counter() - began, reason)
    return BaselineResult(
        name=called,
        validation={metric: np.array([fold[metric] for fold in folds]) for metric in metrics},
        test=test_scores,
        seconds=time.perf_counter() - began,
    )


def worth_a_process(development: Dataset, n_folds: int) -> bool:
    """Whether to evaluate baselines takes longer than to begin another process, for seconds.

    Parameters
    ----------
    development : Dataset
        The rows of the search.
    n_folds : int

    Returns
    -------
    bool
    """
    return _size(development) * (n_folds + 1) > _SMALL


@contextmanager
def evaluated_baselines(
    names: Sequence[str], development: Dataset, test: Dataset, *, beside: bool = False, **how: Any
) -> Iterator[Iterator[BaselineResult]]:
    """Evaluate baselines one after the other, here or beside what is done within.

    Parameters
    ----------
    names : sequence of str
    development, test : Dataset
    beside : bool, default=False
        Whether they are begun at once, in another process, which ends with the context and leaves
        cores to whoever needs them, where the system has priorities; one whose process dies is
        evaluated here. Else each is evaluated as it is asked for.
    **how
        Further arguments of :func:`evaluate_baseline`.

    Yields
    ------
    iterator of BaselineResult
        In the order of the names.
    """
    here = (evaluate_baseline(name, development, test, **how) for name in names)
    if not (beside and names):
        yield here
        return
    # Of two workers one waits: a Parallel of one job would compute in this process.
    with parallel_config(backend="loky", n_jobs=2, **_STANDING_BACK):
        elsewhere = Parallel(return_as="generator", pre_dispatch=1, batch_size=1)(
            delayed(evaluate_baseline)(name, development, test, **how) for name in names
        )
    try:
        yield _or_here(elsewhere, names, development, test, how)
    finally:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that what nobody waits for was cancelled
            elsewhere.close()


def _or_here(
    elsewhere: Iterator[BaselineResult],
    names: Sequence[str],
    development: Dataset,
    test: Dataset,
    how: Mapping[str, Any],
) -> Iterator[BaselineResult]:
    waiting = [*names]
    try:
        for result in elsewhere:
            waiting.pop(0)
            yield result
    except BrokenProcessPool:
        for name in waiting:
            yield evaluate_baseline(name, development, test, **how)


def _size(development: Dataset) -> int:
    n_outputs = development.targets.nunique() if development.task == "classification" else 1
    return len(development.X) * development.X.shape[1] * (n_outputs if n_outputs > 2 else 1)


def _fold_scores(
    pipeline: Pipeline, dataset: Dataset, splits: Sequence[Split], metrics: Sequence[str]
) -> Iterator[dict[str, float]]:
    X, y = dataset.X, dataset.y
    for train, validation in splits:
        pipeline.fit(X.iloc[train], y.iloc[train])
        yield score(pipeline, X.iloc[validation], y.iloc[validation], metrics)
