"""The base of the searchers, however they choose their candidates."""

from __future__ import annotations

import time
import warnings
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone, is_classifier
from sklearn.metrics import get_scorer
from sklearn.model_selection import check_cv
from sklearn.pipeline import Pipeline

from estimators import DivergenceError
from estimators.frame import pandas_frame
from pipelines.data.step_targets import each_target, is_by_step
from pipelines.errors import InputError, listed
from pipelines.search.ensemble import ensemble_params
from pipelines.search.evaluation import Evaluation
from pipelines.search.fold import Split
from pipelines.search.metrics import check_metrics
from pipelines.search.observer import SearchObserver, notify
from pipelines.search.splitters import Splitter
from pipelines.sklearn_internals import BaseSearchCV, format_results

__all__ = ["BaseSearch"]


class BaseSearch(BaseSearchCV):
    """Base of the searchers: checks, splits, notifies the observers, ranks and refits.

    A subclass chooses and evaluates candidates in ``_prepare`` and ``_evaluate``.
    """

    evaluations_: list[Evaluation]

    # The name that a grid or a space has for each hyperparameter, by path.
    _names: dict[str, str]

    def __init__(
        self,
        estimator,
        *,
        scoring: str | Sequence[str],
        cv: int | Splitter,
        n_jobs: int | None,
        refit: bool,
        n_members: int,
        observers: Sequence[SearchObserver],
    ):
        super().__init__(estimator=estimator, scoring=scoring, n_jobs=n_jobs, refit=refit, cv=cv)
        self.n_members = n_members
        self.observers = observers

    @abstractmethod
    def _prepare(self) -> int:
        """Check the search's own parameters, set ``_names``, and return the number of candidates."""

    @abstractmethod
    def _evaluate(self, X: pd.DataFrame, y: pd.Series, splits: list[Split]) -> list[Evaluation]:
        """Evaluate all candidates, notifying the observers of each."""

    def fit(self, X: pd.DataFrame, y: pd.Series, *, groups=None):
        """Run the search.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_columns)
            Tables of polars and Arrow too.
        y : Series or array-like of length n_rows, or of shape (n_rows, n_steps)
        groups : array-like of length n_rows, default=None
            For splitters that keep groups together.

        Returns
        -------
        self

        Raises
        ------
        InputError
            For impossible parameters or another estimator, when a fold lacks a class to train on,
            when no candidate could be evaluated, or when each of them diverges on all rows.

        Warns
        -----
        UserWarning
            When the best candidate diverges on all rows, so that the next one is the best.
        """
        _check_estimator(self.estimator)
        X = pd.DataFrame(X if (frame := pandas_frame(X)) is None else frame)
        y = pd.DataFrame(y) if np.ndim(y) == 2 else pd.Series(y)
        classifies = is_classifier(self.estimator)
        self.metrics_ = check_metrics(
            self.scoring, "classification" if classifies else "regression", each_target(X, y)
        )
        n_candidates = self._prepare()
        splits = list(check_cv(self.cv, y, classifier=classifies).split(X, y, groups))
        if classifies:
            _check_classes(X, y, splits)
        self.splits_ = splits
        self.n_splits_ = len(splits)
        self.scorer_ = get_scorer(self.metrics_[0])

        self._notify("on_search_begin", n_candidates, len(splits))
        try:
            self.evaluations_ = self._evaluate(X, y, splits)
        finally:
            self._notify("on_search_end")
        self._rank()
        self.ensemble_estimator_: Pipeline | None = None
        if self.refit:
            ranked = self._refit(X, y)
            if self.n_members > 1:
                self._fit_ensemble(ranked, X, y)
        return self

    def _notify(self, hook: str, *args: Any) -> None:
        notify(self.observers, hook, *args)

    def _rank(self) -> None:
        if not any(evaluation.folds for evaluation in self.evaluations_):
            first = self.evaluations_[0]
            raise InputError(
                f"None of the {len(self.evaluations_)} configurations could be evaluated; the "
                f"first, {first.candidate.name}: {first.reason}"
            )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # failed candidates have nan scores
            self.cv_results_ = format_results(
                self,
                [evaluation.candidate.params for evaluation in self.evaluations_],
                self.n_splits_,
                [row for evaluation in self.evaluations_ for row in self._rows(evaluation)],
            )
        self._choose(int(self.cv_results_[f"rank_test_{self.metrics_[0]}"].argmin()))

    def _choose(self, index: int) -> None:
        self.best_index_ = index
        self.best_score_ = float(self.cv_results_[f"mean_test_{self.metrics_[0]}"][index])
        params = self.evaluations_[index].candidate.params
        self.best_params_ = {self._names[path]: value for path, value in params.items()}

    def _rows(self, evaluation: Evaluation) -> Iterator[dict[str, Any]]:
        """An evaluation, fold by fold, as scikit-learn's formatter of results takes it."""
        no_scores = dict.fromkeys(self.metrics_, np.nan)
        for fold in evaluation.folds or [None] * self.n_splits_:
            yield {
                "fit_time": fold.fit_seconds if fold else np.nan,
                "score_time": fold.score_seconds if fold else np.nan,
                "test_scores": fold.validation_scores if fold else no_scores,
                "train_scores": fold.train_scores if fold else no_scores,
            }

    def _refit(self, X: pd.DataFrame, y: pd.Series) -> list[Evaluation]:
        """Fit the best one on all rows, or the next best where it diverges there.

        Returns it and all that are ranked after it.
        """
        ranks = self.cv_results_[f"rank_test_{self.metrics_[0]}"]
        ranked = [int(i) for i in np.argsort(ranks, kind="stable") if self.evaluations_[i].folds]
        reason, cause = "", None
        for position, index in enumerate(ranked):
            if reason:
                warnings.warn(
                    f"The best configuration, {reason} The next best is taken.",
                    UserWarning,
                    stacklevel=3,
                )
            began = time.perf_counter()
            self._choose(index)
            candidate = self.evaluations_[index].candidate
            best = clone(self.estimator).set_params(**candidate.params)
            try:
                self.best_estimator_ = best.fit(X, y)
            except DivergenceError as error:
                reason = f"{candidate.name}, diverged when it was fitted on all rows: {error}"
                cause = error
            else:
                self.refit_time_ = time.perf_counter() - began
                return [self.evaluations_[i] for i in ranked[position:]]
        raise InputError(f"No configuration is left; the last one, {reason}") from cause

    def _n_members_in_time(self) -> int:
        """How many members the ensemble is to have, by the time that is left for it."""
        return self.n_members

    def _fit_ensemble(self, ranked: Sequence[Evaluation], X: pd.DataFrame, y: pd.Series) -> None:
        """Fit the ensemble of the best ones on all rows, unless the best is one itself."""
        n_members = self._n_members_in_time()
        params = ensemble_params(ranked, self.estimator, self.metrics_[0], n_members)
        if params is None:
            return
        began = time.perf_counter()
        ensemble = clone(self.estimator).set_params(**params)
        try:
            self.ensemble_estimator_ = ensemble.fit(X, y)
        except DivergenceError as error:
            warnings.warn(
                f"A member of the ensemble diverged when it was fitted on all rows: {error} There "
                "is none.",
                UserWarning,
                stacklevel=3,
            )
        self.ensemble_time_ = time.perf_counter() - began


def _check_estimator(estimator: Any) -> None:
    last = estimator.steps[-1][1] if isinstance(estimator, Pipeline) else None
    if not hasattr(last, "fit_epochs"):
        kind = type(estimator if last is None else last).__name__
        where = "this is a" if last is None else "the last step is a"
        raise InputError(
            "A search takes a pipeline that ends with an estimator of this project, but "
            f"{where} {kind}; give make_pipeline of pipelines, or of sklearn.pipeline with a "
            "network such as KerasMLPClassifier."
        )


def _check_classes(X: pd.DataFrame, y: pd.Series | pd.DataFrame, splits: Sequence[Split]) -> None:
    for number, rows in enumerate(splits, start=1):
        known, asked = (
            each_target(X.iloc[own], y.iloc[own]) if is_by_step(y) else y.iloc[own] for own in rows
        )
        unknown = np.setdiff1d(asked, known)
        if unknown.size:
            raise InputError(
                f"Fold {number} of {len(splits)} validates the class {listed(unknown.tolist())}, of "
                "which its training rows have none; give fewer folds, more rows (or groups) of the "
                "class, or another splitter."
            )
