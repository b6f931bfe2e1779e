from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, is_classifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import Pipeline

from pipelines.data import Dataset
from pipelines.search import as_rows, score
from pipelines.search.baselines import evaluate_baseline
from pipelines.search.real_steps import EachStep

NAN = np.nan
X = pd.DataFrame([[0.0, 1.0, 2.0], [3.0, NAN, NAN], [4.0, 5.0, NAN]], columns=["x_0", "x_1", "x_2"])
VALUES = pd.DataFrame([[0.0, 1.0, 4.0], [3.0, 99.0, 99.0], [4.0, 5.0, 99.0]])
LABELS = pd.DataFrame([["a", "b", "a"], ["b", "a", "a"], ["b", "b", "a"]])


class Echo(RegressorMixin, BaseEstimator):
    """Answers with what it is given."""

    def fit(self, X, y):
        return self

    def predict(self, X):
        return np.asarray(X)


class Tagger(ClassifierMixin, BaseEstimator):
    """Says "b" from 1 on, with a probability of 0.8."""

    classes_ = np.array(["a", "b"])

    def fit(self, X, y):
        return self

    def predict(self, X):
        return np.where(np.asarray(X) >= 1, "b", "a")

    def predict_proba(self, X):
        second = np.where(np.asarray(X) >= 1, 0.8, 0.2)
        return np.stack([1 - second, second], axis=2)


def test_one_target_a_row_stays_as_it_is():
    y = VALUES[0]
    model = Echo()
    seen, same = as_rows(model, X, y)
    assert seen is model
    assert same is y


def test_each_real_step_is_a_row():
    model, y = as_rows(Echo(), X, VALUES)
    assert model.predict(X).tolist() == [0, 1, 2, 3, 4, 5]
    assert y.tolist() == [0, 1, 4, 3, 4, 5]
    assert not is_classifier(model)
    assert not hasattr(model, "predict_proba")


def test_scores_count_real_steps_alone():
    """By hand: of six steps one is off by 2."""
    metrics = ["neg_mean_absolute_error", "neg_mean_squared_error"]
    assert score(Echo(), X, VALUES, metrics) == {
        "neg_mean_absolute_error": pytest.approx(-2 / 6),
        "neg_mean_squared_error": pytest.approx(-4 / 6),
    }


def test_scores_of_classes():
    """By hand: of a, b, a, b, b, b the third is taken for b."""
    found = score(Tagger(), X, LABELS, ["accuracy", "neg_log_loss", "roc_auc"])
    assert found["accuracy"] == pytest.approx(5 / 6)
    assert found["neg_log_loss"] == pytest.approx((5 * np.log(0.8) + np.log(0.2)) / 6)
    assert found["roc_auc"] == pytest.approx(0.75)  # four pairs are right, four are even


def test_a_metric_that_cannot_be_is_told_of_steps():
    with pytest.raises(ValueError, match="cannot be computed on 6 steps"):
        score(Tagger(), X, LABELS, ["r2"], required="r2")


def test_answers_of_another_shape_are_refused():
    model, _ = as_rows(LinearRegression().fit(X.fillna(0.0), [0, 1, 2]), X, VALUES)
    with pytest.raises(
        ValueError, match=r"in each of 3 steps, but .* shape \(3,\): train one with"
    ):
        model.predict(X.fillna(0.0))


def test_a_model_of_each_step():
    model = EachStep(LinearRegression()).fit(X, 2 * X.fillna(50.0) + 1)
    np.testing.assert_allclose(model.predict(X)[X.notna()], 2 * X.to_numpy()[X.notna()] + 1)
    assert model.predict(X).shape == (3, 3)
    classes = EachStep(LogisticRegression(C=100)).fit(X, LABELS)
    assert classes.classes_.tolist() == ["a", "b"]
    assert classes.predict_proba(X).shape == (3, 3, 2)
    assert is_classifier(Pipeline([("model", classes)]))


@pytest.mark.parametrize("name", ["constant prediction", "linear model", "gradient boosting"])
@pytest.mark.parametrize("task", ["classification", "regression"])
def test_baselines_answer_in_each_step(name, task):
    """In each step the answer is known from the step, so that all but the constant have it."""
    generator = np.random.default_rng(0)
    table = pd.DataFrame(generator.normal(size=(60, 4)), columns=[f"x_{step}" for step in range(4)])
    table.iloc[::2, 3] = NAN
    y = table.fillna(0.0).set_axis(range(4), axis=1).rename_axis(columns="y")
    if task == "classification":
        y = (y > 0).replace({True: "up", False: "down"}).astype("str").rename_axis(columns="y")
    dataset = Dataset("made", table, y, task, "sequence", "here", channels=("x",))
    rows = np.arange(60)
    metric = "accuracy" if task == "classification" else "r2"
    result = evaluate_baseline(
        name, dataset, dataset, splits=[(rows[:40], rows[40:])], metrics=[metric]
    )
    assert result.reason is None
    if name == "constant prediction":
        assert result.name == name
        assert result.test[metric] < 0.7
    else:
        assert result.name == f"{name} of single steps"
        assert result.test[metric] > 0.9
