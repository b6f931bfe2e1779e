from __future__ import annotations

import pandas as pd
import pytest

from pipelines.data.task import infer_task, settle_task
from pipelines.errors import InputError


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["a", "b"], "classification"),
        ([True, False], "classification"),
        ([0, 1, 1], "classification"),  # two whole values, however few rows
        ([0.0, 1.0, 1.0], "classification"),
        ([0.5, 1.0, 1.0], "regression"),  # two values, but a fraction
        (list(range(20)) * 5, "classification"),  # 20 values, five rows each
        ([*list(range(20)) * 5, 20, 20, 20, 20, 20], "regression"),  # 21 values
        ([*list(range(19)) * 5, 19, 19, 19, 19], "regression"),  # 99 rows for 20 values
        ([0, 1, 2], "regression"),
        ([1e300, 2e300], "regression"),  # too large to be a label
    ],
)
def test_infer_task_by_hand(values, expected):
    y = pd.Series(values)
    assert infer_task(y) == expected
    assert infer_task(y[::-1]) == expected


def test_infer_task_of_text_with_pandas_text_dtype():
    assert infer_task(pd.Series(["a", "b"], dtype="str")) == "classification"
    assert infer_task(pd.Series(["a", "b"], dtype=object)) == "classification"


@pytest.mark.parametrize(
    ("values", "task", "expected", "dtype"),
    [
        ([0, 1, 1], None, "classification", "int64"),
        ([0.0, 1.0, 1.0], None, "classification", "int64"),
        ([0, 1, 1], "regression", "regression", "float64"),
        ([True, False], "regression", "regression", "float64"),
        ([1, 2, 3], None, "regression", "float64"),
        ([1, 2, 3], "classification", "classification", "int64"),
        ([True, False], None, "classification", "bool"),
        (["a", "b"], None, "classification", "str"),
    ],
)
def test_settle_task_casts_the_target(values, task, expected, dtype):
    y, settled = settle_task(pd.Series(values), task)
    assert settled == expected
    assert y.dtype == dtype
    assert y.tolist() == values


def test_regression_on_text_is_an_error():
    with pytest.raises(
        InputError,
        match=r"Regression needs a target of numbers, but 'city' holds text such as 'Bern'; "
        r"choose another target or the task classification.",
    ):
        settle_task(pd.Series(["Bern", "Ulm"], name="city"), "regression")


def test_classification_of_fractions_is_an_error():
    with pytest.raises(
        InputError,
        match=r"Classification needs labels, but the target 'price' holds numbers with "
        r"fractions; choose the task regression or turn them into classes first.",
    ):
        settle_task(pd.Series([0.5, 1.0], name="price"), "classification")


def test_an_unknown_task_gets_a_suggestion():
    with pytest.raises(
        InputError,
        match=r"There is no task 'regresion' \(did you mean 'regression'\?\); choose one "
        "of classification, regression.",
    ):
        settle_task(pd.Series([1, 2]), "regresion")
