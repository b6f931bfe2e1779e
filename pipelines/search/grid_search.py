"""The search that cross-validates every candidate of a grid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import pandas as pd

from pipelines.pipeline import hyperparameter_paths
from pipelines.search.base_search import BaseSearch
from pipelines.search.candidates import make_candidates
from pipelines.search.compiling import compile_candidate
from pipelines.search.cross_validation import evaluate
from pipelines.search.evaluation import Candidate, Evaluation
from pipelines.search.fingerprint import fingerprinted
from pipelines.search.fold import Split
from pipelines.search.observer import SearchObserver
from pipelines.search.parallel_evaluation import FindEvaluations, evaluate_all
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
    named : mapping of str to dict, default=None
        Further configurations by name, such as presets.
    scoring : str or sequence of str, default=()
        Names of scikit-learn scorers, the first of which ranks. Empty: accuracy, f1_macro and
        neg_log_loss for classification; r2, neg_root_mean_squared_error and
        neg_mean_absolute_error for regression.
    cv : int or scikit-learn splitter, default=5
        See :func:`pipelines.search.make_splitter` for splitters by name.
    n_jobs : int, default=None
        Candidates evaluated at once, as in joblib.
    refit : bool, default=True
        Whether to fit the best configuration on all rows at the end.
    n_members : int, default=1
        Networks of the ensemble that is fitted beside the best configuration; see
        :func:`pipelines.search.ensemble.ensemble_params`. 1 is none.
    observers : sequence of SearchObserver, default=()
    resume : callable, default=None
        Returns the evaluations of an earlier search by fingerprint, which are then not done again;
        see :meth:`pipelines.tracking.MLflowTracker.find_evaluations`.

    Attributes
    ----------
    evaluations_ : list of Evaluation
        By candidate, in the grid's order.
    cv_results_ : dict of str to ndarray
        As in scikit-learn; "params" holds the paths.
    best_index_, best_score_
        Of the candidate with the highest mean of the first metric.
    best_params_ : dict of str to object
        Of that candidate, under the names that the grid has.
    best_estimator_ : Pipeline
        Fitted on all rows, where ``refit``.
    refit_time_ : float
        Seconds.
    ensemble_estimator_ : Pipeline or None
        The ensemble of the best configurations, fitted on all rows, where ``n_members`` is above 1
        and the best is no ensemble itself.
    ensemble_time_ : float
        Seconds.
    splits_ : list of pairs of ndarray
        Positions of the training and of the validation rows, fold by fold.

    Examples
    --------
    >>> from pipelines import GridSearch, load_dataset, make_pipeline
    >>> iris = load_dataset("iris")
    >>> search = GridSearch(
    ...     make_pipeline(iris, preset="plain", epochs=3, random_state=0), {"activation": ["relu", "selu"]}
    ... ).fit(iris.X, iris.y)
    >>> search.cv_results_["mean_test_accuracy"].shape
    (2,)
    """

    def __init__(
        self,
        estimator,
        param_grid: Mapping[str, Sequence[Any]] | Sequence[Mapping[str, Sequence[Any]]],
        *,
        named: Mapping[str, Mapping[str, Any]] | None = None,
        scoring: str | Sequence[str] = (),
        cv: int | Splitter = 5,
        n_jobs: int | None = None,
        refit: bool = True,
        n_members: int = 1,
        observers: Sequence[SearchObserver] = (),
        resume: FindEvaluations | None = None,
    ):
        super().__init__(
            estimator,
            scoring=scoring,
            cv=cv,
            n_jobs=n_jobs,
            refit=refit,
            n_members=n_members,
            observers=observers,
        )
        self.param_grid = param_grid
        self.named = named
        self.resume = resume

    def candidates(self) -> list[Candidate]:
        """List the configurations of the grid.

        Raises
        ------
        InputError
            For an impossible grid.
        """
        return make_candidates(self.estimator, self._grids(), self.named or {})

    def _grids(self) -> Sequence[Mapping[str, Sequence[Any]]]:
        return [self.param_grid] if isinstance(self.param_grid, Mapping) else self.param_grid

    def _prepare(self) -> int:
        self._candidates = self.candidates()
        paths = hyperparameter_paths(self.estimator)
        declared = (*self._grids(), *(self.named or {}).values())
        self._names = {paths[name]: name for each in declared for name in each}
        return len(self._candidates)

    def _evaluate(self, X: pd.DataFrame, y: pd.Series, splits: list[Split]) -> list[Evaluation]:
        how: dict[str, Any] = {"splits": splits, "metrics": self.metrics_}
        return evaluate_all(
            fingerprinted(self._candidates, self.estimator, X, y, **how),
            partial(evaluate, pipeline=self.estimator, diagnoses=True, **how),
            X,
            y,
            n_jobs=self.n_jobs,
            observers=self.observers,
            resume=self.resume,
            compile_candidate=partial(compile_candidate, pipeline=self.estimator, splits=splits),
        )
