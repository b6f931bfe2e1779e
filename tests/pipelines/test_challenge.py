from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import get_scorer, log_loss
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from pipelines.challenge import Challenge, challenge

RNG = np.random.default_rng(0)
X = pd.DataFrame(RNG.normal(size=(400, 3)), columns=["a", "b", "c"])
SUM = X["a"] + X["b"] + 0.5 * pd.Series(RNG.normal(size=400))
LABELS = pd.Series(np.where(SUM > 0, "up", "down"))
TRAIN, TEST = slice(0, 200), slice(200, 400)


def fitted(model, columns, y):
    return make_pipeline(StandardScaler(), model).fit(X[columns][TRAIN], y[TRAIN])


@pytest.mark.parametrize(
    ("model", "y", "metric"),
    [
        (LogisticRegression(), LABELS, "accuracy"),
        (LogisticRegression(), LABELS, "neg_log_loss"),
        (LogisticRegression(), LABELS, "roc_auc_ovr"),
        (LinearRegression(), SUM, "r2"),
        (LinearRegression(), SUM, "neg_root_mean_squared_error"),
    ],
)
def test_the_better_one_is_shown_to_be(model, y, metric):
    good, poor = fitted(model, ["a", "b"], y), fitted(type(model)(), ["c"], y)
    result = challenge(good, poor, X[TEST], y[TEST], metric)
    assert result.shown_better
    assert not challenge(poor, good, X[TEST], y[TEST], metric).shown_better
    assert result.low < result.challenger - result.champion < result.high
    scorer = get_scorer(metric)
    assert result.challenger == pytest.approx(scorer(good, X[["a", "b"]][TEST], y[TEST]))
    assert result.champion == pytest.approx(scorer(poor, X[["c"]][TEST], y[TEST]))


@pytest.mark.parametrize(
    ("model", "y", "metric"),
    [
        (LogisticRegression(), LABELS, "accuracy"),
        (LogisticRegression(), LABELS, "neg_log_loss"),
        (LogisticRegression(), LABELS, "f1_macro"),
        (LinearRegression(), SUM, "r2"),
        (LinearRegression(), SUM + 1e6, "r2"),
        (LinearRegression(), SUM, "neg_root_mean_squared_error"),
        (LinearRegression(), SUM, "neg_mean_absolute_error"),
        (LinearRegression(), SUM, "neg_mean_squared_error"),
    ],
)
@pytest.mark.parametrize("size", [1, 5])
def test_the_interval_is_that_of_the_scores_of_what_is_drawn(model, y, metric, size, monkeypatch):
    monkeypatch.setattr("pipelines.challenge._N_RESAMPLES", 40)
    one, other = fitted(model, ["a", "b"], y), fitted(type(model)(), ["c"], y)
    groups = pd.Series(np.arange(200) // size)
    result = challenge(one, other, X[TEST], y[TEST], metric, groups=groups, random_state=3)
    rng, scorer, differences = np.random.default_rng(3), get_scorer(metric), []
    for _ in range(40):
        drawn = rng.integers(0, 200 // size, 200 // size)
        rows = 200 + np.concatenate([np.arange(n * size, (n + 1) * size) for n in drawn])
        differences.append(
            scorer(one, X[["a", "b"]].iloc[rows], y.iloc[rows])
            - scorer(other, X[["c"]].iloc[rows], y.iloc[rows])
        )
    expected = np.quantile(differences, [0.025, 0.975])
    np.testing.assert_allclose([result.low, result.high], expected, rtol=1e-6)


def test_a_target_that_never_changes_has_a_score():
    y = pd.Series(np.zeros(400))
    one, other = fitted(LinearRegression(), ["a"], y), fitted(LinearRegression(), ["b"], SUM)
    result = challenge(one, other, X[TEST], y[TEST], "r2")
    assert (result.challenger, result.champion, result.low, result.high) == (1, 0, 1, 1)


def test_a_copy_is_not_better():
    model = fitted(LinearRegression(), ["a"], SUM)
    result = challenge(model, model, X[TEST], SUM[TEST], "r2")
    assert (result.low, result.high) == (0, 0)
    assert not result.shown_better


def test_the_interval_is_of_the_mean_difference():
    """For squared errors, the bootstrap is the normal interval of the paired differences."""
    one, other = fitted(LinearRegression(), ["a"], SUM), fitted(LinearRegression(), ["b"], SUM)
    result = challenge(one, other, X[TEST], SUM[TEST], "neg_mean_squared_error")
    differences = (other.predict(X[["b"]][TEST]) - SUM[TEST]) ** 2
    differences -= (one.predict(X[["a"]][TEST]) - SUM[TEST]) ** 2
    margin = 1.96 * differences.std() / np.sqrt(200)
    assert result.low == pytest.approx(differences.mean() - margin, abs=0.2 * margin)
    assert result.high == pytest.approx(differences.mean() + margin, abs=0.2 * margin)


def test_rows_of_a_group_count_together():
    one, other = fitted(LinearRegression(), ["a"], SUM), fitted(LinearRegression(), ["b"], SUM)
    twenty = pd.concat([X[TEST]] * 20, ignore_index=True)
    y = pd.concat([SUM[TEST]] * 20, ignore_index=True)
    groups = pd.Series(np.tile(np.arange(200), 20))
    alone = challenge(one, other, twenty, y, "neg_mean_squared_error")
    grouped = challenge(one, other, twenty, y, "neg_mean_squared_error", groups=groups)
    assert grouped.high - grouped.low > 3 * (alone.high - alone.low)


def test_it_is_the_same_each_time():
    one, other = fitted(LinearRegression(), ["a"], SUM), fitted(LinearRegression(), ["b"], SUM)
    results = [challenge(one, other, X[TEST], SUM[TEST], "r2") for _ in range(2)]
    assert results[0] == results[1]


@pytest.fixture
def many_classes():
    """A classifier of 14 classes, of which each has one row to test on, and a poorer one."""
    y = pd.Series(np.resize(np.arange(14), 400))
    rows = pd.DataFrame({"a": y + 0.6 * RNG.normal(size=400), "b": RNG.normal(size=400)})

    def fit(columns):
        model = LogisticRegression(max_iter=1000)
        return make_pipeline(StandardScaler(), model).fit(rows[columns][:386], y[:386])

    return fit(["a"]), fit(["b"]), rows[386:], y[386:]


def test_rows_of_rare_classes_are_drawn_as_any_others(many_classes):
    good, poor, rows, y = many_classes
    result = challenge(good, poor, rows, y, "accuracy")
    assert result.high - result.low > 0.2
    assert result.low < result.challenger - result.champion < result.high


def test_there_is_no_interval_where_hardly_a_draw_has_a_score(many_classes):
    good, poor, rows, y = many_classes
    result = challenge(good, poor, rows, y, "f1_macro")
    assert (result.low, result.high) == (-np.inf, np.inf)
    assert not result.shown_better
    assert str(result).endswith("(too few rows of a class for an interval)")


def test_the_log_loss_of_rows_that_lack_a_class(many_classes):
    good, poor, rows, y = many_classes
    some = y != 3
    result = challenge(good, poor, rows[some], y[some], "neg_log_loss")
    for model, score in ((good, result.challenger), (poor, result.champion)):
        columns = [*model.feature_names_in_]
        found = log_loss(y[some], model.predict_proba(rows[some][columns]), labels=range(14))
        assert score == pytest.approx(-found)


def test_in_words():
    result = Challenge("accuracy", 0.9, 0.85, 0.01234, 0.09)
    assert str(result) == "accuracy 0.9000 against 0.8500 (difference [+0.0123, +0.0900])"
