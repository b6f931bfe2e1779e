from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.metrics import get_scorer

from pipelines import InputError
from pipelines.search import check_metrics, score


def test_defaults_by_task():
    assert check_metrics((), "classification") == ("accuracy", "f1_macro", "neg_log_loss")
    assert check_metrics((), "regression") == (
        "r2",
        "neg_root_mean_squared_error",
        "neg_mean_absolute_error",
    )


def test_order_is_kept_and_each_comes_once():
    names = ["roc_auc", "accuracy", "roc_auc"]
    assert check_metrics(names, "classification") == ("roc_auc", "accuracy")


def test_a_single_name_is_not_taken_for_letters():
    assert check_metrics("accuracy", "classification") == ("accuracy",)


def test_unknown_metric():
    with pytest.raises(
        InputError, match=r"no metric 'acuracy' \(did you mean 'accuracy'\?\); take"
    ):
        check_metrics(["r2", "acuracy"], "classification")
    with pytest.raises(InputError, match="no metric 'zzz'; take names of scikit-learn scorers"):
        check_metrics("zzz", "regression")


class TestScore:
    @pytest.fixture(scope="class")
    @classmethod
    def fitted(cls, classes, quick):
        return quick(classes).fit(classes.X, classes.y)

    def test_by_several_metrics(self, classes, fitted):
        names = ["neg_log_loss", "accuracy"]
        scores = score(fitted, classes.X, classes.y, names, required="accuracy")
        assert list(scores) == names
        for name in names:
            assert scores[name] == get_scorer(name)(fitted, classes.X, classes.y)
            assert type(scores[name]) is float

    def test_a_metric_that_the_rows_do_not_define(self, classes, fitted):
        only = classes.y == "big"
        X, y = classes.X[only], classes.y[only]
        message = (
            rf"^f1 cannot be computed on {len(y)} rows: ValueError: pos_label=1 is not a valid"
        )
        with pytest.warns(UndefinedMetricWarning, match=message):
            scores = score(fitted, X, y, ["accuracy", "f1"], required="accuracy")
        assert math.isnan(scores["f1"])
        assert scores["accuracy"] == fitted.score(X, y)
        with pytest.raises(ValueError, match=message):
            score(fitted, X, y, ["accuracy", "f1"], required="f1")

    def test_log_loss_of_rows_without_one_of_the_classes(self, classes, fitted):
        only = classes.y == "big"
        X, y = classes.X[only], classes.y[only]
        shares = fitted.predict_proba(X)[:, list(fitted.classes_).index("big")]
        scores = score(fitted, X, y, ["neg_log_loss"], required="neg_log_loss")
        assert scores["neg_log_loss"] == pytest.approx(np.log(shares).mean(), rel=1e-6)


@pytest.mark.parametrize(
    ("metric", "task", "y", "reason"),
    [
        ("r2", "classification", ["a", "b", "c"], "could not convert string to float"),
        ("f1", "classification", ["a", "b", "c"], "Target is multiclass"),
        ("f1", "classification", ["a", "b", "a"], "pos_label=1 is not a valid label"),
        ("accuracy", "regression", [0.5, 1.5, 2.5], "continuous is not supported"),
    ],
)
def test_a_metric_that_does_not_suit_the_target(metric, task, y, reason):
    with pytest.raises(InputError, match=f"metric '{metric}' does not suit this target.*{reason}"):
        check_metrics([metric], task, pd.Series(y * 10))


def test_several_metrics_one_of_which_wants_probabilities_of_a_regressor():
    message = "'roc_auc' does not suit this target.*has none of the following attributes"
    with pytest.raises(InputError, match=message):
        check_metrics(["roc_auc", "neg_log_loss"], "regression", pd.Series([0.5, 1.5] * 10))


@pytest.mark.parametrize("metric", ["neg_root_mean_squared_error", "r2", "neg_max_error"])
def test_a_metric_of_amounts_contradicts_classes_that_were_inferred(metric):
    y = pd.Series([3, 4, 5] * 10)
    with pytest.raises(InputError, match=f"'{metric}' is one of regression.*task=regression if"):
        check_metrics(["accuracy", metric], "classification", y, inferred=True)
    assert check_metrics([metric], "classification", y) == (metric,)  # as that of ranks may be
    assert check_metrics([metric], "regression", y, inferred=True) == (metric,)


def test_a_metric_of_classes_suits_classes_that_were_inferred():
    names = ("accuracy", "neg_brier_score", "neg_log_loss", "roc_auc", "d2_log_loss_score")
    y = pd.Series([0, 1] * 10)
    assert check_metrics(names, "classification", y, inferred=True) == names


@pytest.mark.parametrize(
    ("task", "y"), [("classification", ["a", "b", "c"]), ("regression", [0.5, 1.5, 2.5])]
)
def test_the_defaults_suit_every_target(task, y):
    assert check_metrics([], task, pd.Series(y * 10))
