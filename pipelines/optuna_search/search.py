"""The search that draws its candidates with Optuna."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import joblib
import numpy as np
import optuna
import pandas as pd
from optuna.study import Study
from optuna.trial import FrozenTrial
from sklearn.base import is_classifier
from sklearn.pipeline import Pipeline

from pipelines.data.task import Task
from pipelines.errors import InputError
from pipelines.optuna_search.objectives import OBJECTIVES, check_objectives, pareto_front
from pipelines.optuna_search.pruners import make_pruner, max_epochs
from pipelines.optuna_search.runner import Runner
from pipelines.optuna_search.samplers import choose_sampler, make_sampler
from pipelines.optuna_search.storages import open_storage, persistently
from pipelines.optuna_search.trial_queue import BESIDE, EVALUATION, finished_trials
from pipelines.pipeline import hyperparameter_paths
from pipelines.search import (
    Candidate,
    Evaluation,
    SearchObserver,
    evaluate,
    fingerprinted,
    load_evaluation,
)
from pipelines.search.base_search import BaseSearch
from pipelines.search.fold import Split
from pipelines.search.parallel_evaluation import limit_n_jobs
from pipelines.search.space_candidates import SpaceCandidates
from pipelines.search.splitters import Splitter
from pipelines.space import Space, parse_space

__all__ = ["OptunaSearch"]

_CONDITIONS = "conditions"


class OptunaSearch(BaseSearch):
    r"""Draw configurations from a space with Optuna, prune those that lag, and refit the best.

    As :class:`pipelines.GridSearch`, but the candidates are drawn one after the other, each in
    the light of those before. The folds of one candidate are trained epoch by epoch together;
    what is pruned on is the mean over the folds.

    The study can be shared: any number of searches of the same data, space, folds and metrics,
    in any number of processes and on any machines that reach the storage, work on it together,
    and one that was interrupted goes on when it is started again. With one job, the trials depend
    on nothing but the arguments, wherever it was interrupted.

    Parameters
    ----------
    estimator : Pipeline
        Its last step is one of this project's estimators; see
        :func:`pipelines.make_pipeline`.
    space : str or Space, default=None
        YAML text, see README; None is the default space, for tables or images.
    scoring : str or sequence of str, default=()
        Names of scikit-learn scorers, the first of which ranks; see :class:`pipelines.GridSearch`.
    cv : int or scikit-learn splitter, default=3
    n_trials : int, default=100
        Trials of the study in all, those of earlier and of other searches included.
    timeout : float, default=None
        Seconds after which no trial is begun. What the last fits on all rows will take, by the
        time of the fits so far, is among them, up to half of it; the ensemble has no more members
        than there is time left for, but two.
    sampler : {"auto", "tpe", "local", "random", "cmaes", "gp"}, default="auto"
        What proposes configurations: "tpe" where the space has ten hyperparameters at most that
        vary, else "local". "local" changes one to three hyperparameters of one of the
        three best; "cmaes" and "gp" propose those that all configurations share ("cmaes" numbers
        only) and draw the others at random.
    pruner : {"median", "hyperband", "successive_halving", "none"}, default="median"
        What stops trials early.
    objectives : str or sequence of str, default=("score",)
        What is optimized: "score" (the first metric), "predict_microseconds", "n_weights",
        "fit_seconds". With several there is a Pareto front. Nothing is pruned unless it is the
        score alone.
    first : sequence of mapping of str to object, default=()
        Configurations to begin with, by hyperparameter, which are never pruned. The first one is
        tried even where it lies outside the space; of the others those outside are left out.
    storage : str, default=None
        SQLAlchemy URL, ``grpc://host:port``, or path of a journal file; None is this process's
        memory.
    study_name : str, default=None
        None makes one from everything that the search depends on, so that the same search goes on
        with the same study.
    random_state : int, default=0
        Seed of the sampler.
    n_jobs : int, default=None
        Trials at once, as in joblib, but each in a thread of this process: they share compiled
        programs. For more processes start the search several times on one storage.
    refit : bool, default=True
        Whether to fit the best configuration on all rows at the end.
    n_members : int, default=1
        Networks of the ensemble that is fitted beside the best configuration; see
        :func:`pipelines.search.ensemble.ensemble_params`. 1 is none.
    observers : sequence of SearchObserver, default=()

    Attributes
    ----------
    evaluations_ : list of Evaluation
        All that the study has, by the number of the trial.
    pareto_front_ : list of Evaluation
        Those that no other one is better than in every objective.
    study_ : optuna.study.Study
        A first trial outside the space has failed there, so that nothing is drawn by it.
    first_ : list of mapping of str to object
        The configurations of ``first`` that are tried, each once.
    cv_results_ : dict of str to ndarray
        As in scikit-learn; "params" holds the paths.
    best_index_, best_score_
        Of the candidate with the highest mean of the first metric; the index is that in
        ``evaluations_``.
    best_params_ : dict of str to object
        Of that candidate, under the names that the space has; of a first one outside the space
        what it sets.
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

    References
    ----------
    Akiba et al. 2019, https://arxiv.org/abs/1907.10902; Bergstra et al. 2011,
    https://papers.nips.cc/paper/4443-algorithms-for-hyper-parameter-optimization; Li et al. 2018
    (Hyperband), https://arxiv.org/abs/1603.06560.

    Examples
    --------
    >>> from pipelines import OptunaSearch, load_dataset, make_pipeline
    >>> iris = load_dataset("iris")
    >>> space = "activation: [relu, selu]\nlearning_rate: {low: 1e-3, high: 0.1, log: true}"
    >>> search = OptunaSearch(make_pipeline(iris, preset="plain", epochs=3, random_state=0), space, n_trials=2)
    >>> search.fit(iris.X, iris.y).cv_results_["mean_test_accuracy"].shape
    (2,)
    """

    def __init__(
        self,
        estimator,
        space: str | Space | None = None,
        *,
        scoring: str | Sequence[str] = (),
        cv: int | Splitter = 3,
        n_trials: int = 100,
        timeout: float | None = None,
        sampler: str = "auto",
        pruner: str = "median",
        objectives: str | Sequence[str] = ("score",),
        first: Sequence[Mapping[str, Any]] = (),
        storage: str | None = None,
        study_name: str | None = None,
        random_state: int = 0,
        n_jobs: int | None = None,
        refit: bool = True,
        n_members: int = 1,
        observers: Sequence[SearchObserver] = (),
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
        self.space = space
        self.n_trials = n_trials
        self.timeout = timeout
        self.sampler = sampler
        self.pruner = pruner
        self.objectives = objectives
        self.first = first
        self.storage = storage
        self.study_name = study_name
        self.random_state = random_state

    def check(self) -> None:
        """Check all parameters, and open the storage.

        Raises
        ------
        InputError
            For impossible ones.
        """
        for name, value in (("n_trials", self.n_trials), ("timeout", self.timeout)):
            if value is not None and not value > 0:
                raise InputError(f"{name} must be above 0, but it is {value}.")
        self._objectives = check_objectives(self.objectives)
        self._space = self.make_space()
        self._candidates = SpaceCandidates(self.estimator, self._space, self._beside)
        first = self._choose_first()
        self._pruner = make_pruner(self.pruner, n_epochs=self._n_epochs())
        self._sampler_name = choose_sampler(self.sampler, self._space.n_varied)
        self._sampler = make_sampler(
            self._sampler_name,
            seed=self.random_state,
            n_objectives=len(self._objectives),
            first=[suggestions or {} for suggestions in first],
        )
        if self._prunes:
            self._check_units()
        self._storage = open_storage(self.storage)

    def _check_units(self) -> None:
        """Refuse a space whose trials have losses that pruning cannot compare."""
        scoring = [self.scoring] if isinstance(self.scoring, str) else [*self.scoring]
        if is_classifier(self.estimator) and scoring[:1] in ([], ["accuracy"]):
            return  # a curve of its own is compared
        estimator = self.estimator
        network = estimator[-1] if isinstance(estimator, Pipeline) else estimator
        for technique in network.techniques:
            for hyperparameter in technique.hyperparameters:
                name = hyperparameter.name
                if hyperparameter.rescales_loss and any(
                    not entry.domain.is_fixed for entry in self._space.of(name)
                ):
                    raise InputError(
                        f"{name} changes the unit of the loss by which trials are pruned, so the "
                        "space may not vary it; give it one value, or take the pruner 'none'."
                    )

    @property
    def _beside(self) -> Mapping[str, Any]:
        # The one that is tried whether the space has it or not.
        return self.first[0] if self.first else {}

    def _choose_first(self) -> list[dict[str, Any] | None]:
        """Set ``first_``; return what must be suggested for each, None for one outside the space."""
        self.first_: list[Mapping[str, Any]] = []
        chosen: list[dict[str, Any] | None] = []
        for number, one in enumerate(self.first):
            suggestions = self._candidates.suggestions_for(one)
            if number == 0 or (suggestions is not None and suggestions not in chosen):
                self.first_.append(one)
                chosen.append(suggestions)
        self._begins_beside = chosen[:1] == [None]
        if self._begins_beside:
            self._candidates.candidate_outside_space(0)  # checks it
        return chosen

    @property
    def _prunes(self) -> bool:
        # What is reported by epoch is the score.
        return self.pruner != "none" and self._objectives == ("score",)

    def _prepare(self) -> int:
        self.check()
        paths = hyperparameter_paths(self.estimator)
        names = (*self._beside, *self._space.names)
        self._names = {paths[name]: name for name in names if name in paths}
        return self.n_trials

    def make_space(self) -> Space:
        """Make the space that is drawn from, the default one where none was given.

        Raises
        ------
        InputError
            For a text that is no space.
        """
        if isinstance(self.space, Space):
            return self.space
        params = self.estimator.get_params()
        kind = "image" if params.get("preprocessing__numeric__scaling__pixel_max") else "table"
        if "cell" in hyperparameter_paths(self.estimator):
            kind = "sequence"
        task: Task = "classification" if is_classifier(self.estimator) else "regression"
        if self.space is not None:
            return parse_space(self.space, kind=kind, task=task)
        space = parse_space("extends: default", kind=kind, task=task)
        if "scaling" in hyperparameter_paths(self.estimator):
            return space
        return Space(tuple(entry for entry in space.entries if entry.name != "scaling"))

    def _n_epochs(self) -> int:
        path = hyperparameter_paths(self.estimator)["epochs"]
        return max_epochs(self._space, self.estimator.get_params()[path])

    def _evaluate(self, X: pd.DataFrame, y: pd.Series, splits: list[Split]) -> list[Evaluation]:
        how: dict[str, Any] = {"splits": splits, "metrics": self.metrics_}
        self.study_ = self._open_study(X, y, how)
        resumed = {trial.number for trial in finished_trials(self.study_)}
        self._notify_resumed(resumed)
        runner = Runner(
            self.study_,
            self._storage,
            self._candidates,
            partial(evaluate, X=X, y=y, pipeline=self.estimator, diagnoses=True, **how),
            objectives=self._objectives,
            metric=self.metrics_[0],
            prunes=self._prunes,
            n_first=len(self.first_),
            observers=self.observers,
            begins_outside_space=self._begins_beside,
            n_last_fits=self._n_last_fits(len(X), splits),
        )
        self._deadline = time.monotonic() + (math.inf if self.timeout is None else self.timeout)
        ended = runner.run(self.n_trials, self._deadline, limit_n_jobs(self.n_jobs, self.n_trials))
        trials = finished_trials(self.study_)
        if not trials:
            raise InputError(
                f"No trial of the study {self.study_.study_name!r} has ended yet: other searches "
                "run all of its trials; raise n_trials, or wait for them."
            )
        self._notify_resumed({trial.number for trial in trials} - resumed - ended)
        evaluations = [self._evaluation_of(trial) for trial in trials]
        self.pareto_front_ = pareto_front(evaluations, self._objectives, self.metrics_[0])
        return evaluations

    def _n_last_fits(self, n_rows: int, splits: list[Split]) -> float:
        """How many fits of a fold the fits on all rows take, that of the ensemble side by side."""
        if not self.refit:
            return 0.0
        n_fits = 1 if self.n_members == 1 else 1 + math.ceil(self.n_members / joblib.cpu_count())
        return n_fits * n_rows / float(np.mean([len(train) for train, _ in splits]))

    def _n_members_in_time(self) -> int:
        rounds = min(self.n_members, (self._deadline - time.monotonic()) / self.refit_time_)
        return min(self.n_members, max(2, joblib.cpu_count() * int(rounds)))

    def _notify_resumed(self, numbers: set[int]) -> None:
        """Notify the observers of trials that another search has run."""
        for trial in finished_trials(self.study_):
            if trial.number in numbers:
                self._notify("on_candidate_resumed", self._evaluation_of(trial))

    def _evaluation_of(self, trial: FrozenTrial) -> Evaluation:
        """The evaluation of a finished trial, its candidate drawn once more."""
        if BESIDE in trial.user_attrs:
            candidate = self._candidates.candidate_outside_space(trial.number)
        else:
            values = self._space.draw(lambda key, domain: trial.params[key])
            candidate = self._candidates.candidate(trial.number, values)
        return load_evaluation(trial.user_attrs[EVALUATION]).of(candidate)

    def _open_study(self, X: pd.DataFrame, y: pd.Series, how: dict[str, Any]) -> Study:
        defaults = Candidate(0, {}, {}, "")
        (one,) = fingerprinted([defaults], self.estimator, X, y, **how)
        depends_on: tuple[Any, ...] = (one.fingerprint, repr(self._space), self._objectives)
        if self._begins_beside:
            depends_on += (repr(self._beside),)
        conditions = joblib.hash(depends_on)
        chosen = (conditions, self._sampler_name, self.pruner, self.random_state, repr(self.first_))
        name = self.study_name or f"search-{joblib.hash(chosen)[:12]}"
        verbosity = optuna.logging.get_verbosity()
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        try:
            study = persistently(
                lambda: optuna.create_study(
                    storage=self._storage,
                    study_name=name,
                    directions=[OBJECTIVES[objective].direction for objective in self._objectives],
                    sampler=self._sampler,
                    pruner=self._pruner,
                    load_if_exists=True,
                )
            )
        finally:
            optuna.logging.set_verbosity(verbosity)
        if study.user_attrs.get(_CONDITIONS, conditions) != conditions:
            raise InputError(
                f"The study {name!r} is about other data, preprocessing, folds, metrics, space, "
                "objectives or first configuration, or of another version of the code; give another "
                "study_name."
            )
        study.set_user_attr(_CONDITIONS, conditions)
        return study
