"""The searcher: every candidate of a grid, cross-validated."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone, is_classifier
from sklearn.metrics import get_scorer
from sklearn.model_selection import BaseCrossValidator, check_cv
from sklearn.model_selection._search import BaseSearchCV

from estimators import DivergenceError
from pipelines.errors import InputError
from pipelines.search.candidates import make_candidates
from pipelines.search.evaluation import Candidate, Evaluation, evaluate
from pipelines.search.fingerprint import fingerprinted
from pipelines.search.metrics import check_metrics
from pipelines.search.observer import SearchObserver
from pipelines.search.schedule import Recall, evaluate_all

__all__ = ["GridSearch"]


class GridSearch(BaseSearchCV):
    """Evaluate every configuration of a grid and refit the best.

    scikit-learn's :class:`~sklearn.model_selection.GridSearchCV` with four things more: names of
    hyperparameters instead of paths, learning curves, failures that are recorded with their
    reasons, and observers (a progress bar, a tracker) that see each configuration as it begins
    and ends. One candidate with all its folds is the unit of work.

    Parameters
    ----------
    estimator : Pipeline
        Its last step is one of this project's estimators; see
        :func:`pipelines.make_pipeline`.
    param_grid : dict or list of dict
        Lists of values by hyperparameter; every combination within one dict is evaluated.
    scoring : str or sequence of str, default=()
        Names of scikit-learn scorers, the first of which ranks. Empty: accuracy, f1_macro and
        neg_log_loss for classification; r2, neg_root_mean_squared_error and
        neg_mean_absolute_error for regression.
    cv : int or scikit-learn splitter, default=3
        See :func:`pipelines.search.make_splitter` for splitters by name.
    n_jobs : int, default=None
        Candidates evaluated at once, as in joblib.
    refit : bool, default=True
        Whether to fit the best configuration on all rows at the end.
    observers : sequence of SearchObserver, default=()
    recall : callable, default=None
        Gives evaluations that are known already, which are then not done again; see
        :meth:`pipelines.tracking.MLflowTracker.recall`.

    Attributes
    ----------
    evaluations_ : list of Evaluation
        By candidate, in the grid's order.
    cv_results_ : dict of str to ndarray
        As in scikit-learn; "params" holds the paths.
    best_index_, best_params_, best_score_
        Of the candidate with the highest mean of the first metric.
    best_estimator_ : Pipeline
        Fitted on all rows, where ``refit``.
    refit_time_ : float
        Seconds.

    Examples
    --------
    >>> from pipelines import GridSearch, load_dataset, make_pipeline
    >>> iris = load_dataset("iris")
    >>> search = GridSearch(
    ...     make_pipeline(iris, epochs=3, random_state=0), {"activation": ["relu", "selu"]}
    ... ).fit(iris.X, iris.y)
    >>> search.cv_results_["mean_test_accuracy"].shape
    (2,)
    """

    def __init__(
        self,
        estimator,
        param_grid: Mapping[str, Sequence[Any]] | Sequence[Mapping[str, Sequence[Any]]],
        *,
        scoring: str | Sequence[str] = (),
        cv: int | BaseCrossValidator = 3,
        n_jobs: int | None = None,
        refit: bool = True,
        observers: Sequence[SearchObserver] = (),
        recall: Recall | None = None,
    ):
        super().__init__(estimator=estimator, scoring=scoring, n_jobs=n_jobs, refit=refit, cv=cv)
        self.param_grid = param_grid
        self.observers = observers
        self.recall = recall

    def fit(self, X: pd.DataFrame, y: pd.Series, *, groups=None):
        """Run the search.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_columns)
        y : Series or array-like of length n_rows
        groups : array-like of length n_rows, default=None
            For splitters that keep groups together.

        Returns
        -------
        self

        Raises
        ------
        InputError
            For an impossible grid or metric, when no candidate could be evaluated, or when the
            best one diverges on all rows.
        """
        X, y = pd.DataFrame(X), pd.Series(y)
        classifies = is_classifier(self.estimator)
        self.metrics_ = check_metrics(
            self.scoring, "classification" if classifies else "regression", y
        )
        candidates = self.candidates()
        splits = list(check_cv(self.cv, y, classifier=classifies).split(X, y, groups))
        self.n_splits_ = len(splits)
        self.multimetric_ = False  # score() is by the first metric
        self.scorer_ = get_scorer(self.metrics_[0])

        how: dict[str, Any] = {"splits": splits, "metrics": self.metrics_}
        self._tell("on_search_begin", len(candidates), len(splits))
        try:
            self.evaluations_ = evaluate_all(
                fingerprinted(candidates, self.estimator, X, y, **how),
                partial(evaluate, pipeline=self.estimator, **how),
                X,
                y,
                n_jobs=self.n_jobs,
                observers=self.observers,
                recall=self.recall,
            )
        finally:
            self._tell("on_search_end")
        self._rank()
        if self.refit:
            self._refit(X, y)
        return self

    def candidates(self) -> list[Candidate]:
        """List the configurations of the grid.

        Raises
        ------
        InputError
            For an impossible grid.
        """
        grids = [self.param_grid] if isinstance(self.param_grid, Mapping) else self.param_grid
        return make_candidates(self.estimator, grids)

    def _tell(self, hook: str, *args: Any) -> None:
        for observer in self.observers:
            getattr(observer, hook)(*args)

    def _rank(self) -> None:
        if not any(evaluation.folds for evaluation in self.evaluations_):
            first = self.evaluations_[0]
            raise InputError(
                f"None of the {len(self.evaluations_)} configurations could be evaluated; the "
                f"first, {first.candidate.name}: {first.reason}"
            )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # failed candidates have nan scores
            self.cv_results_ = self._format_results(
                [dict(evaluation.candidate.params) for evaluation in self.evaluations_],
                self.n_splits_,
                [row for evaluation in self.evaluations_ for row in self._rows(evaluation)],
            )
        ranking = f"test_{self.metrics_[0]}"
        self.best_index_ = int(self.cv_results_[f"rank_{ranking}"].argmin())
        self.best_score_ = float(self.cv_results_[f"mean_{ranking}"][self.best_index_])
        self.best_params_ = self.cv_results_["params"][self.best_index_]

    def _rows(self, evaluation: Evaluation) -> Iterator[dict[str, Any]]:
        """An evaluation, fold by fold, as scikit-learn's formatter of results takes it."""
        nothing = dict.fromkeys(self.metrics_, np.nan)
        for fold in evaluation.folds or [None] * self.n_splits_:
            yield {
                "fit_time": fold.fit_seconds if fold else np.nan,
                "score_time": fold.score_seconds if fold else np.nan,
                "test_scores": fold.validation_scores if fold else nothing,
                "train_scores": fold.train_scores if fold else nothing,
            }

    def _refit(self, X: pd.DataFrame, y: pd.Series) -> None:
        began = time.perf_counter()
        best = clone(self.estimator).set_params(**self.best_params_)
        try:
            self.best_estimator_ = best.fit(X, y)
        except DivergenceError as error:
            name = self.evaluations_[self.best_index_].candidate.name
            raise InputError(
                f"The best configuration, {name}, diverged when it was fitted on all rows: {error}"
            ) from error
        self.refit_time_ = time.perf_counter() - began
