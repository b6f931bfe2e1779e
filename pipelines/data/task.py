"""Classification or regression: what a target asks for."""

from __future__ import annotations

from typing import Literal, cast, get_args

import pandas as pd

from pipelines.errors import InputError, check_choice, listed

__all__ = ["Task", "infer_task", "regression_remedy", "settle_task"]

Task = Literal["classification", "regression"]

MAX_CLASSES = 20
MIN_ROWS_PER_CLASS = 5
LARGEST_EXACT_INTEGER = 2**53


def infer_task(y: pd.Series) -> Task:
    """Infer from its values what a target asks for.

    Text and booleans ask for classification. So do whole numbers with exactly two distinct
    values, or with at most 20 that stand for five rows each on average. All other numbers ask
    for regression. The order of the rows does not matter.

    Parameters
    ----------
    y : Series
        The target, without missing values.

    Returns
    -------
    {"classification", "regression"}
        The task.

    Examples
    --------
    >>> infer_task(pd.Series(["yes", "no", "no"]))
    'classification'
    >>> infer_task(pd.Series([1, 2, 3] * 5))
    'classification'
    >>> infer_task(pd.Series([1, 2, 3]))
    'regression'
    """
    if not _is_number(y):
        return "classification"
    n_distinct = y.nunique()
    few = n_distinct <= MAX_CLASSES and n_distinct * MIN_ROWS_PER_CLASS <= len(y)
    return "classification" if _is_whole(y) and (n_distinct == 2 or few) else "regression"


def settle_task(y: pd.Series, task: str | None) -> tuple[pd.Series, Task]:
    """Infer the task or check the one asked for, and cast the target to suit it.

    Parameters
    ----------
    y : Series
        The target, without missing values.
    task : {"classification", "regression"} or None
        What the user asked for; None infers it.

    Returns
    -------
    y : Series
        float64 for regression; for classification as it was, but whole numbers that were
        stored as floats become int64.
    task : {"classification", "regression"}
        The task.

    Raises
    ------
    InputError
        If there is no such task, or if the target contradicts it.
    """
    if task is not None:
        check_choice("task", task, get_args(Task))
    settled = infer_task(y) if task is None else cast(Task, task)
    if settled == "regression":
        if not (_is_number(y) or pd.api.types.is_bool_dtype(y.dtype)):
            raise InputError(
                f"Regression needs a target of numbers, but {y.name!r} holds text such as "
                f"{listed(y.head(1))}; choose another target or the task classification."
            )
        return y.astype("float64"), settled
    if _is_number(y) and not _is_whole(y):
        raise InputError(
            f"Classification needs labels, but the target {y.name!r} holds numbers with "
            "fractions; choose the task regression or turn them into classes first."
        )
    return (y.astype("int64") if pd.api.types.is_float_dtype(y.dtype) else y), settled


def regression_remedy(y: pd.Series) -> str:
    """Name regression as a last remedy, where classes are whole numbers and more than two.

    Examples
    --------
    >>> regression_remedy(pd.Series([0, 1, 2]))
    ', or give task=regression if these are amounts'
    >>> regression_remedy(pd.Series([0, 1, 1])), regression_remedy(pd.Series(["a", "b", "c"]))
    ('', '')
    """
    whole = _is_number(y) and _is_whole(y)
    return ", or give task=regression if these are amounts" if whole and y.nunique() > 2 else ""


def _is_number(y: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(y.dtype) and not pd.api.types.is_bool_dtype(y.dtype)


def _is_whole(y: pd.Series) -> bool:
    if pd.api.types.is_integer_dtype(y.dtype):
        return True
    return bool(((y % 1 == 0) & (y.abs() <= LARGEST_EXACT_INTEGER)).all())
