"""The searcher: every candidate of a grid, cross-validated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import pandas as pd

from pipelines.search.base_search import BaseSearch
from pipelines.search.candidates import make_candidates
from pipelines.search.evaluation import Candidate, Evaluation, Split, evaluate
from pipelines.search.fingerprint import fingerprinted
from pipelines.search.observer import SearchObserver
from pipelines.search.schedule import Recall, evaluate_all
from pipelines.search.splitters import Splitter

__all__ = ["GridSearch"]


class GridSearch(BaseSearch):
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
        :meth:`pipelines.tracking.MLflowTracker.find_evaluations`.

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
        cv: int | Splitter = 3,
        n_jobs: int | None = None,
        refit: bool = True,
        observers: Sequence[SearchObserver] = (),
        recall: Recall | None = None,
    ):
        super().__init__(
            estimator, scoring=scoring, cv=cv, n_jobs=n_jobs, refit=refit, observers=observers
        )
        self.param_grid = param_grid
        self.recall = recall

    def candidates(self) -> list[Candidate]:
        """List the configurations of the grid.

        Raises
        ------
        InputError
            For an impossible grid.
        """
        grids = [self.param_grid] if isinstance(self.param_grid, Mapping) else self.param_grid
        return make_candidates(self.estimator, grids)

    def _prepare(self) -> int:
        self._candidates = self.candidates()
        return len(self._candidates)

    def _evaluate(self, X: pd.DataFrame, y: pd.Series, splits: list[Split]) -> list[Evaluation]:
        how: dict[str, Any] = {"splits": splits, "metrics": self.metrics_}
        return evaluate_all(
            fingerprinted(self._candidates, self.estimator, X, y, **how),
            partial(evaluate, pipeline=self.estimator, **how),
            X,
            y,
            n_jobs=self.n_jobs,
            observers=self.observers,
            recall=self.recall,
        )
