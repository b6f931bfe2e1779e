from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pyarrow
import pytest
from sklearn.base import clone
from sklearn.metrics import accuracy_score, get_scorer
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    PredefinedSplit,
    StratifiedKFold,
    cross_val_score,
)
from sklearn.pipeline import Pipeline
from sklearn.pipeline import make_pipeline as make_sklearn_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from estimators import DivergenceError, KerasMLPClassifier
from pipelines import GridSearch, InputError
from pipelines.search import SearchObserver

GRID = {"activation": ["relu", "elu"], "dropout": [0.0, 0.5]}
FAILS = {"batch_norm": ["after_dense"], "batch_size": [1]}


class Recorder(SearchObserver):
    """Writes down what it is told."""

    def __init__(self):
        self.told = []

    def on_search_begin(self, n_candidates, n_splits):
        self.told.append(("search begins", n_candidates, n_splits))

    def on_candidate_begin(self, candidate):
        self.told.append(("begins", candidate.number))

    def on_candidate_end(self, evaluation):
        self.told.append(("ends", evaluation.candidate.number, evaluation.status))

    def on_search_end(self):
        self.told.append(("search ends",))


def scores_of(search):
    return {
        name: values
        for name, values in search.cv_results_.items()
        if ("train_" in name or "test_" in name) and "time" not in name
    }


@pytest.fixture(scope="module")
def searched(classes, quick):
    return GridSearch(quick(classes), GRID, cv=3).fit(classes.X, classes.y)


@pytest.fixture(scope="module")
def searched_by_scikit_learn(classes, quick):
    grid = {f"model__{name}": values for name, values in GRID.items()}
    metrics = ["accuracy", "f1_macro", "neg_log_loss"]
    search = GridSearchCV(
        quick(classes), grid, scoring=metrics, refit="accuracy", cv=3, return_train_score=True
    )
    return search.fit(classes.X, classes.y)


@pytest.fixture(scope="module")
def some_failed(classes, quick):
    grids = [FAILS, {"activation": ["relu", "elu"]}]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return GridSearch(quick(classes), grids, cv=3).fit(classes.X, classes.y)


class TestAgainstScikitLearn:
    def test_results(self, searched, searched_by_scikit_learn):
        ours, theirs = searched.cv_results_, searched_by_scikit_learn.cv_results_
        assert ours.keys() == theirs.keys()
        assert ours["params"] == theirs["params"]
        for name, values in theirs.items():
            if not name.endswith("_time"):
                np.testing.assert_array_equal(ours[name], values, err_msg=name)

    def test_best(self, searched, searched_by_scikit_learn):
        theirs = searched_by_scikit_learn
        assert searched.best_index_ == theirs.best_index_
        named = {f"model__{name}": value for name, value in searched.best_params_.items()}
        assert named == theirs.best_params_
        assert searched.best_score_ == theirs.best_score_
        assert searched.n_splits_ == 3
        assert searched.refit_time_ > 0

    @pytest.mark.parametrize("method", ["predict", "predict_proba", "decision_function"])
    def test_predictions(self, classes, searched, searched_by_scikit_learn, method):
        ours = getattr(searched, method)(classes.X)
        np.testing.assert_array_equal(ours, getattr(searched_by_scikit_learn, method)(classes.X))

    def test_times(self, searched):
        results = searched.cv_results_
        for name in ("mean_fit_time", "mean_score_time"):
            assert (results[name] > 0).all()
        assert results["mean_fit_time"][1] == pytest.approx(searched.evaluations_[1].fit_seconds)

    def test_a_number_of_folds_means_what_it_does_there(self, classes, quick):
        grid = {"activation": ["relu"]}
        by_number = GridSearch(quick(classes), grid, cv=2, refit=False).fit(classes.X, classes.y)
        splitter = StratifiedKFold(2)
        by_splitter = GridSearch(quick(classes), grid, cv=splitter, refit=False)
        by_splitter.fit(classes.X, classes.y)
        for name, values in scores_of(by_number).items():
            np.testing.assert_array_equal(values, scores_of(by_splitter)[name], err_msg=name)


class TestAsAnEstimator:
    def test_score_is_the_first_metric(self, classes, quick, searched):
        assert searched.score(classes.X, classes.y) == accuracy_score(
            classes.y, searched.predict(classes.X)
        )
        other = GridSearch(
            quick(classes), {"epochs": [1]}, scoring=["neg_log_loss", "accuracy"], cv=3
        )
        other.fit(classes.X, classes.y)
        expected = get_scorer("neg_log_loss")(other.best_estimator_, classes.X, classes.y)
        assert other.score(classes.X, classes.y) == expected
        assert other.best_score_ == other.cv_results_["mean_test_neg_log_loss"].max()

    def test_one_metric_may_be_a_text(self, classes, quick):
        search = GridSearch(quick(classes), {"epochs": [1]}, scoring="f1_macro", refit=False, cv=3)
        search.fit(classes.X, classes.y)
        assert search.metrics_ == ("f1_macro",)
        assert "mean_test_f1_macro" in search.cv_results_

    def test_default_metrics_of_regression(self, numbers, quick):
        search = GridSearch(quick(numbers), {"epochs": [1]}, cv=3).fit(numbers.X, numbers.y)
        assert search.metrics_ == ("r2", "neg_root_mean_squared_error", "neg_mean_absolute_error")
        assert search.predict(numbers.X).shape == (60,)
        assert not hasattr(search, "predict_proba")

    def test_attributes_of_the_best(self, searched, classes):
        assert searched.classes_.tolist() == ["big", "small"]
        assert searched.n_features_in_ == 3
        assert isinstance(searched.best_estimator_, Pipeline)
        (chosen,) = [
            evaluation
            for evaluation in searched.evaluations_
            if evaluation.candidate.hyperparameters == searched.best_params_
        ]
        assert chosen.candidate.number == searched.best_index_
        model = searched.best_estimator_["model"]
        assert model.get_params().items() >= chosen.candidate.hyperparameters.items()
        again = clone(searched.best_estimator_).fit(classes.X, classes.y)
        np.testing.assert_array_equal(
            again.predict_proba(classes.X), searched.predict_proba(classes.X)
        )

    def test_clone(self, classes, quick):
        observers = [Recorder()]
        search = GridSearch(quick(classes), GRID, cv=2, n_jobs=1, refit=False, observers=observers)
        copy = clone(search)
        assert copy.get_params().keys() == search.get_params().keys()
        assert (copy.param_grid, copy.cv, copy.refit) == (GRID, 2, False)
        assert not hasattr(copy, "evaluations_")

    @pytest.mark.parametrize("name", ["dropout", "model__dropout"])
    def test_the_best_parameters_have_the_names_of_the_grid(self, classes, quick, name):
        search = GridSearch(quick(classes), {name: [0.1, 0.2]}, cv=3).fit(classes.X, classes.y)
        assert search.best_params_.keys() == {name}
        assert search.best_estimator_["model"].dropout == search.best_params_[name]

    def test_without_refit(self, classes, quick):
        search = GridSearch(quick(classes), {"epochs": [1, 2]}, refit=False, cv=3)
        search.fit(classes.X, classes.y)
        (epochs,) = search.cv_results_["params"][search.best_index_].values()
        assert search.best_params_ == {"epochs": epochs}
        assert not hasattr(search, "best_estimator_")
        assert not hasattr(search, "predict")

    def test_from_user_code(self, classes):
        """scikit-learn's own pipeline, arrays instead of frames, a list of grids, nesting."""
        pipeline = make_sklearn_pipeline(
            StandardScaler(), KerasMLPClassifier((4,), epochs=1, random_state=0)
        )
        search = GridSearch(pipeline, [{"activation": ["relu"]}, {"activation": ["selu"]}], cv=2)
        X, y = classes.X.to_numpy(), classes.y.to_numpy()
        search.fit(X, y)
        assert [one.candidate.name for one in search.evaluations_] == ["relu", "selu"]
        assert search.best_params_["activation"] in ("relu", "selu")
        assert set(search.predict(X)) <= {"big", "small"}
        assert cross_val_score(search, X, y, cv=2).shape == (2,)

    def test_groups_stay_together(self, classes, quick):
        groups = np.arange(60) % 3
        search = GridSearch(quick(classes), {"epochs": [1]}, cv=GroupKFold(3), refit=False)
        search.fit(classes.X, classes.y, groups=groups)
        assert search.n_splits_ == 3
        with pytest.raises(ValueError, match="'groups' parameter should not be None"):
            search.fit(classes.X, classes.y)

    def test_the_index_of_the_rows_does_not_matter(self, classes, quick, searched):
        labels = np.arange(60)[::-1] // 2
        X, y = classes.X.set_axis(labels), classes.y.set_axis(labels)
        search = GridSearch(quick(classes), GRID, refit=False, cv=3).fit(X, y)
        for name, values in scores_of(searched).items():
            np.testing.assert_array_equal(scores_of(search)[name], values, err_msg=name)

    def test_a_table_of_another_library(self, classes, quick, searched):
        """Whose columns keep their names, which the preprocessing asks for."""
        table = pyarrow.Table.from_pandas(classes.X)
        search = GridSearch(quick(classes), GRID, cv=3).fit(table, classes.y)
        assert scores_of(search).keys() == scores_of(searched).keys()
        np.testing.assert_array_equal(search.predict(classes.X), searched.predict(classes.X))
        assert search.best_params_ == searched.best_params_


class TestFailures:
    def test_they_do_not_stop_the_others(self, some_failed):
        statuses = [evaluation.status for evaluation in some_failed.evaluations_]
        assert statuses == ["failed", "complete", "complete"]

    def test_they_rank_last(self, some_failed):
        results = some_failed.cv_results_
        assert results["rank_test_accuracy"][0] == 3
        assert np.isnan(results["mean_test_accuracy"]).tolist() == [True, False, False]
        assert np.isnan(results["split1_train_f1_macro"][0])
        assert np.isnan(results["mean_fit_time"][0])
        assert some_failed.best_index_ in (1, 2)

    def test_none_is_left(self, classes, quick):
        search = GridSearch(quick(classes), {**FAILS, "activation": ["relu", "elu"]}, cv=3)
        message = r"None of the 2 configurations could be evaluated; the first, relu: ValueError: b"
        with pytest.raises(InputError, match=message):
            search.fit(classes.X, classes.y)
        assert [evaluation.status for evaluation in search.evaluations_] == ["failed", "failed"]

    def test_a_metric_that_no_fold_has_a_value_for(self, numbers, quick):
        search = GridSearch(quick(numbers), {"epochs": [1]}, scoring=["r2"], cv=12)
        message = r"defaults: ValueError: r2 cannot be computed on 1 rows: it is not a number$"
        with pytest.raises(InputError, match=message):
            search.fit(numbers.X.head(12), numbers.y.head(12))

    def test_the_best_diverges_on_all_rows(self, classes, quick, monkeypatch):
        fit = KerasMLPClassifier.fit

        def diverge_on_all_rows(self, X, *args, **kwargs):
            if len(X) == 60:
                raise DivergenceError("Training diverged.", 1)
            return fit(self, X, *args, **kwargs)

        monkeypatch.setattr(KerasMLPClassifier, "fit", diverge_on_all_rows)
        search = GridSearch(quick(classes), {"activation": ["elu"]}, cv=3)
        message = "last one, defaults, diverged when it was fitted on all rows: Training diverged"
        with pytest.raises(InputError, match=message):
            search.fit(classes.X, classes.y)
        assert search.best_index_ == 0

    def test_the_next_best_takes_the_place_of_one_that_diverges(self, classes, quick, monkeypatch):
        plain = GridSearch(
            quick(classes), {"activation": ["elu", "relu", "tanh"]}, refit=False, cv=3
        )
        plain.fit(classes.X, classes.y)
        first, second = np.argsort(plain.cv_results_["rank_test_accuracy"], kind="stable")[:2]
        best = plain.best_params_
        fit = KerasMLPClassifier.fit

        def diverge_on_all_rows(self, X, *args, **kwargs):
            if len(X) == 60 and self.activation == best["activation"]:
                raise DivergenceError("Training diverged.", 1)
            return fit(self, X, *args, **kwargs)

        monkeypatch.setattr(KerasMLPClassifier, "fit", diverge_on_all_rows)
        search = GridSearch(quick(classes), {"activation": ["elu", "relu", "tanh"]}, cv=3)
        with pytest.warns(UserWarning, match=r"The best configuration, .* diverged .* next best"):
            search.fit(classes.X, classes.y)
        assert plain.best_index_ == first
        assert search.best_index_ == second
        assert search.best_score_ == search.cv_results_["mean_test_accuracy"][second]
        activation = search.best_params_["activation"]
        assert search.best_estimator_["model"].activation == activation != best["activation"]

    def test_a_class_that_a_fold_has_no_rows_of_to_train_on(self, classes, quick):
        y = classes.y.astype(str)
        rare = np.where(np.arange(len(y)) < 3, "rare", y)
        folds = PredefinedSplit(np.where(np.arange(len(y)) < 20, 0, 1))
        search = GridSearch(quick(classes), {"activation": ["elu"]}, cv=folds)
        message = r"Fold 1 of 2 validates the class 'rare', of which its training rows have none"
        with pytest.raises(InputError, match=message):
            search.fit(classes.X, pd.Series(rare))

    @pytest.mark.parametrize(
        ("how", "message"),
        [
            ({"param_grid": {"activaton": ["relu"]}}, "did you mean 'activation'"),
            ({"param_grid": {"activation": ["relo"]}}, "impossible value"),
            ({"param_grid": []}, "The grid is empty"),
            ({"scoring": ["acc"]}, "There is no metric 'acc'"),
            ({"estimator": KerasMLPClassifier()}, r"a pipeline .* this is a KerasMLPClassifier;"),
            (
                {"estimator": make_sklearn_pipeline(LinearSVC())},
                r"a pipeline .* the last step is a LinearSVC;",
            ),
        ],
    )
    def test_impossible_input_is_told_before_anything_runs(self, classes, quick, how, message):
        recorder = Recorder()
        search = GridSearch(**{"estimator": quick(classes), "param_grid": GRID, "cv": 3, **how})
        search.observers = [recorder]
        with pytest.raises(InputError, match=message):
            search.fit(classes.X, classes.y)
        assert recorder.told == []


class TestObservers:
    def test_one_after_the_other(self, classes, quick):
        recorders = [Recorder(), Recorder()]
        grids = [{"activation": ["relu"]}, FAILS, {"activation": ["elu"]}]
        GridSearch(quick(classes), grids, observers=recorders, cv=3).fit(classes.X, classes.y)
        expected = [
            ("search begins", 3, 3),
            ("begins", 0),
            ("ends", 0, "complete"),
            ("begins", 1),
            ("ends", 1, "failed"),
            ("begins", 2),
            ("ends", 2, "complete"),
            ("search ends",),
        ]
        assert [recorder.told for recorder in recorders] == [expected, expected]

    def test_the_end_is_told_before_the_refit(self, classes, quick, monkeypatch):
        recorder = Recorder()
        monkeypatch.setattr(GridSearch, "_refit", lambda *args: recorder.told.append("refit"))
        search = GridSearch(quick(classes), {"epochs": [1]}, observers=[recorder], cv=3)
        search.fit(classes.X, classes.y)
        assert recorder.told[-2:] == [("search ends",), "refit"]

    def test_an_interruption_is_an_end_too(self, classes, quick):
        class Impatient(Recorder):
            def on_candidate_end(self, evaluation):
                raise KeyboardInterrupt

        observer = Impatient()
        search = GridSearch(quick(classes), GRID, observers=[observer], cv=3)
        with pytest.raises(KeyboardInterrupt):
            search.fit(classes.X, classes.y)
        assert observer.told == [("search begins", 4, 3), ("begins", 0), ("search ends",)]

    def test_the_base_class_takes_everything(self, classes, quick):
        search = GridSearch(quick(classes), {"epochs": [1]}, observers=[SearchObserver()], cv=3)
        search.fit(classes.X, classes.y)


@pytest.mark.slow
def test_two_at_once_give_the_same(classes, quick, searched):
    recorder = Recorder()
    search = GridSearch(quick(classes), GRID, n_jobs=2, observers=[recorder], cv=3)
    search.fit(classes.X, classes.y)
    assert scores_of(search).keys() == scores_of(searched).keys()
    for name, values in scores_of(searched).items():
        np.testing.assert_array_equal(scores_of(search)[name], values, err_msg=name)
    for ours, theirs in zip(search.evaluations_, searched.evaluations_, strict=True):
        assert ours.candidate == theirs.candidate
        assert [fold.curves for fold in ours.folds] == [fold.curves for fold in theirs.folds]
    pd.testing.assert_frame_equal(
        pd.DataFrame(search.predict_proba(classes.X)),
        pd.DataFrame(searched.predict_proba(classes.X)),
        check_exact=True,
    )
    first, *between, last = recorder.told
    assert (first, last) == (("search begins", 4, 3), ("search ends",))
    assert len(between) == 8
    for number in range(4):
        assert between.index(("begins", number)) < between.index(("ends", number, "complete"))
    running = np.cumsum([1 if told[0] == "begins" else -1 for told in between])
    assert running.max() == 2
