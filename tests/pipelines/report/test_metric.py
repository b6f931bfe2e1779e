from __future__ import annotations

import math

import pandas as pd
import pytest

from pipelines.report import printed_metric

PRICE = pd.Series([100.0, 300.0, 200.0], name="price")  # standard deviation 100


@pytest.mark.parametrize(
    ("scorer", "title", "score", "text"),
    [
        ("accuracy", "accuracy in %", 0.97351, "97.35 %"),
        ("r2", "R²", 0.71234, "0.7123"),
        ("neg_root_mean_squared_error", "RMSE in units of price", -41.234, "41.2"),
        ("neg_mean_squared_error", "MSE in units of price squared", -1700.4, "1700"),
        ("neg_log_loss", "log loss", -0.12345, "0.1235"),
        ("f1_macro", "f1 macro", 0.5, "0.5000"),
    ],
)
def test_names_units_and_signs(scorer, title, score, text):
    metric = printed_metric(scorer, PRICE)
    assert metric.title == title
    assert metric.score_text(score) == text


def test_an_error_is_printed_above_0_and_less_of_it_is_better():
    metric = printed_metric("neg_mean_absolute_error", PRICE)
    assert not metric.greater_is_better
    assert metric.value(-3.0) == 3.0
    assert metric.text(-3.0, signed=True) == "-3.0"


def test_a_small_unit_takes_more_digits():
    assert printed_metric("neg_mean_absolute_error", PRICE / 1e5).score_text(-0.0004) == "0.000400"


def test_a_constant_target_has_four_digits():
    assert printed_metric("neg_mean_absolute_error", PRICE * 0).score_text(-1.0) == "1.0000"


def test_without_a_score():
    assert printed_metric("accuracy").score_text(math.nan) == "-"
    assert printed_metric("accuracy").difference_unit == "points"


def test_a_zero_has_no_minus():
    assert printed_metric("r2").text(-0.00001, signed=True) == "+0.0000"
