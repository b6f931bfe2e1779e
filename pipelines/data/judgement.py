"""What a good data scientist would say of a table before anything is learned from it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from pipelines.data.dates import format_words, is_ambiguous
from pipelines.data.duplicates import expected_pairs, first_rows
from pipelines.data.finding import Finding
from pipelines.data.number_text import parse_numbers
from pipelines.data.step_targets import each_target, is_by_step
from pipelines.data.target_copies import explained_by_one_column
from pipelines.data.task import Task
from pipelines.data.unread_dates import unread_dates, unread_text
from pipelines.errors import listed, listed_with

__all__ = ["DUPLICATES", "MAX_CATEGORIES", "judge", "judge_sequences", "useless_columns"]

MAX_CATEGORIES = 50
"""A categorical column has this many categories at most, the rarest of which are taken for one."""

DUPLICATES = "duplicate rows"
"""The kind of the finding that says that equal rows are kept on one side of each split."""

_MIN_ROWS = 21
_NEARLY_EMPTY = 0.01
_UNIQUE = 0.95
_DENSE = 0.9
_COPY = 0.98
_IMBALANCE = 0.8
_MOSTLY_NUMBERS = 0.8
_FAR = 20.0
_BY_CHANCE = 0.1

_NAME_OF_AN_IDENTIFIER = re.compile(
    r"(?i:^|[_\s.-])(?i:id|ids|key|uuid|guid|idx|index|nr|no|num|number)$|[a-z](?:Id|ID|Key|Nr|No)$",
    re.ASCII,
)
_TELEPHONE = r"\+\d+[\s()/-][\d\s()/-]+"
_DROP = "name it in drop to leave it out"


def useless_columns(X: pd.DataFrame) -> list[Finding]:
    """Find columns from which nothing can be learned, which are to be dropped.

    These are columns without a value in any row and, if there are more than 20 rows, those with a
    value in less than 1 % of them, and those of which all rows have the same value; a column of text
    may have that value and missing ones.

    Parameters
    ----------
    X : DataFrame of shape (n_rows, n_columns)

    Returns
    -------
    list of Finding
        One of each kind.
    """
    present = X.notna().mean()
    kinds: dict[str, list[str]] = {
        "empty column": [],
        "nearly empty column": [],
        "constant column": [],
    }
    for name in X:
        if present[name] == 0:
            kinds["empty column"].append(name)
        elif len(X) < _MIN_ROWS:
            continue
        elif present[name] < _NEARLY_EMPTY:
            kinds["nearly empty column"].append(name)
        elif X[name].nunique(dropna=_is_number(X[name])) == 1:
            kinds["constant column"].append(name)
    what = {
        "empty column": "no value in any row",
        "nearly empty column": "a value in less than 1 % of the rows",
        "constant column": "the same value in every row",
    }
    return [
        Finding(
            kind,
            tuple(names),
            f"{listed(names)} {_has(names)} {what[kind]} and {_is(names)} left out",
            "nothing needs to be done, unless values should be there",
        )
        for kind, names in kinds.items()
        if names
    ]


def judge(
    X: pd.DataFrame,
    y: pd.Series,
    task: Task,
    dates: Mapping[str, str],
    *,
    grouped: bool = False,
    time: str | None = None,
) -> list[Finding]:
    """Judge a table.

    Parameters
    ----------
    X : DataFrame of shape (n_rows, n_columns)
        Plain features.
    y : Series of length n_rows
    task : {"classification", "regression"}
    dates : mapping of str to str
        Formats of the columns of dates by name.
    grouped : bool, default=False
        Whether groups of rows, or their order in time, are kept already.
    time : str, default=None
        Name of the column that orders the rows.

    Returns
    -------
    list of Finding
        What matters most first.
    """
    found: list[Finding] = []
    text = X.drop(columns=list(dates))
    as_text = list(_numbers_as_text(text))
    if len(X) >= _MIN_ROWS:
        found += _copies_of_the_target(X, y, task)
        known = {name for one in [*found, *as_text] for name in one.columns}
        rest = X.drop(columns=list(known.union(dates)))
        duplicates, distinct = _duplicates(X, y, grouped)
        found += _identifiers(rest.iloc[distinct])
        found += duplicates
        found += _imbalance(y, task)
    found += as_text
    found += _dates(X, dates, time)
    if len(X) >= _MIN_ROWS:
        judged = _columns_of(found, "identifier", "numbers as text")
        found += _many_categories(text.drop(columns=[name for name in text if name in judged]))
        identifiers = _columns_of(found, "identifier")
        found += _far_rows(text.drop(columns=list(identifiers)), y, task)
    else:
        found += _identifiers(text.loc[:, text.columns.str.startswith("Unnamed: ")])
    return found


def judge_sequences(
    X: pd.DataFrame, y: pd.Series | pd.DataFrame, task: Task, *, grouped: bool
) -> list[Finding]:
    """Judge sequences as :func:`judge` does a table: by what can be said of whole rows."""
    if len(X) < _MIN_ROWS:
        return []
    unit = "steps" if is_by_step(y) else "rows"
    return [*_duplicates(X, y, grouped)[0], *_imbalance(each_target(X, y), task, unit)]


def _columns_of(found: list[Finding], *kinds: str) -> set[str]:
    return {name for one in found if one.kind in kinds for name in one.columns}


def _copies_of_the_target(X: pd.DataFrame, y: pd.Series, task: Task) -> Iterator[Finding]:
    for name, share in explained_by_one_column(X, y, task).items():
        if share >= _COPY:
            yield Finding(
                "copy of the target",
                (name,),
                f"{name!r} explains the target nearly by itself ({share:.1%})",
                "if it is made from the target, or not known yet when a prediction is asked for, "
                f"{_DROP}",
            )


def _identifiers(X: pd.DataFrame) -> Iterator[Finding]:
    names, entities = [], []
    for name in X:
        column = X[name].dropna()
        if name.startswith("Unnamed: "):
            names.append(name)
            continue
        whole = _is_number(column) and not (column % 1 != 0).any()
        if column.empty or not (whole or pd.api.types.is_string_dtype(column.dtype)):
            continue
        n_distinct = column.nunique()
        unique, named = n_distinct / len(column), _NAME_OF_AN_IDENTIFIER.search(name) is not None
        if unique >= _UNIQUE:
            dense = whole and n_distinct / (column.max() - column.min() + 1) >= _DENSE
            if named or dense or (not whole and unique == 1):
                names.append(name)
        elif named and n_distinct > max(_MIN_ROWS, len(column) // 100):
            entities.append(name)
    if names:
        yield Finding(
            "identifier",
            tuple(names),
            f"{listed(names)} {_looks(names)} like an identifier of the row, from which nothing "
            "general can be learned",
            _DROP if len(names) == 1 else "name them in drop to leave them out",
        )
    if entities:
        yield Finding(
            "identifier",
            tuple(entities),
            f"{listed(entities)} {_looks(entities)} like an identifier of what several rows are about",
            "name it in groups, so that rows of one are never on both sides of a split, or in drop",
        )


def _duplicates(
    X: pd.DataFrame, y: pd.Series | pd.DataFrame, grouped: bool
) -> tuple[list[Finding], np.ndarray]:
    """Find rows that stand there more than once; also the positions of the others."""
    firsts = first_rows(X, y)
    sizes = np.bincount(firsts)
    distinct = np.flatnonzero(sizes)
    n_more = len(firsts) - len(distinct)
    pairs = (sizes * (sizes - 1) / 2).sum()
    if not n_more or expected_pairs(X, y) > _BY_CHANCE * pairs:
        return [], np.arange(len(X))
    what = f"{n_more:,} of {len(X):,} rows stand in the table before, equal in every column"
    if grouped:
        finding = Finding(
            "duplicate rows, not kept together",
            (),
            what,
            "see that those of one kind are in one group, or remove them",
        )
    else:
        finding = Finding(
            DUPLICATES,
            (),
            f"{what}; those that are equal are kept on one side of each split",
            "remove them if the same case was written down twice",
        )
    return [finding], distinct


def _imbalance(y: pd.Series, task: Task, unit: str = "rows") -> Iterator[Finding]:
    if task != "classification":
        return
    shares = y.value_counts(normalize=True)
    if shares.iloc[0] >= _IMBALANCE:
        yield Finding(
            "imbalance",
            (str(y.name),),
            f"{shares.iloc[0]:.1%} of the {unit} are {listed([shares.index[0]])}, so that always saying "
            f"so has an accuracy of {shares.iloc[0]:.4f} and a balanced accuracy of "
            f"{1 / len(shares):.4f}",
            "rank by metrics=balanced_accuracy, f1_macro or average_precision, and try "
            "class_weight=balanced",
        )


def _numbers_as_text(X: pd.DataFrame) -> Iterator[Finding]:
    for name in X:
        if not pd.api.types.is_string_dtype(X[name].dtype):
            continue
        counts = X[name].value_counts(sort=False)  # each text is read once
        texts, n_rows = counts.index.to_series(), counts.to_numpy()
        least = _MOSTLY_NUMBERS * n_rows.sum()
        if not len(texts) or n_rows[texts.str.fullmatch(_TELEPHONE)].sum() >= least:
            continue
        is_other = pd.to_numeric(texts, errors="coerce").isna()
        n_other = int(n_rows[is_other].sum())
        if n_other and n_rows[parse_numbers(texts).notna()].sum() >= least:
            some = listed(texts[is_other], limit=3)
            yield Finding(
                "numbers as text",
                (name,),
                f"{name!r} holds numbers as text, such as {some}, each of which is taken for a category"
                if is_other.all()
                else f"{name!r} is text because of {some} in {n_other:,} of {len(X):,} rows, though "
                "most values are numbers, and each number is taken for a category",
                "write plain numbers, and nothing where there is none",
            )


def _dates(X: pd.DataFrame, dates: Mapping[str, str], time: str | None) -> Iterator[Finding]:
    for name, format in dates.items():
        unread = unread_dates(X[name], format)
        text = (
            f"{name!r} is read as {format_words(format)}, and its time and place in year, month and week "
            "are learned from"
        )
        remedy = (
            "nothing needs to be done, for it is named in time: later rows are held out"
            if name == time
            else "name it in time as well if later rows are to be predicted from earlier ones, or in "
            "drop if it is not known when predicting"
        )
        if unread.any():
            text += f"; {unread_text(X[name], unread)}"
        if is_ambiguous(X[name], format):
            text += "; days and months could change places"
            remedy += "; write dates as year-month-day if days come first"
        yield Finding("date", (name,), text, remedy)


def _many_categories(X: pd.DataFrame) -> Iterator[Finding]:
    for name in X:
        if _is_number(X[name]):
            continue
        counts = X[name].value_counts()
        if len(counts) > MAX_CATEGORIES:
            rare = counts.iloc[MAX_CATEGORIES - 1 :]
            yield Finding(
                "many categories",
                (name,),
                f"{name!r} has {len(counts):,} categories, of which the {len(rare):,} rarest "
                f"({rare.sum() / len(X):.1%} of the rows) are taken for one",
                "join them to broader ones yourself if they say something, or name it in drop",
            )


def _far_rows(X: pd.DataFrame, y: pd.Series, task: Task) -> Iterator[Finding]:
    columns = {name: X[name] for name in X if _is_number(X[name])}
    if task == "regression":
        columns[str(y.name)] = y
    far = {name: _is_far(column) for name, column in columns.items()}
    counts = {name: int(marked.sum()) for name, marked in far.items() if marked.any()}
    if counts:
        n_rows = int(np.logical_or.reduce([far[name] for name in counts]).sum())
        yield Finding(
            "rows far outside",
            tuple(counts),
            f"{n_rows:,} of {len(X):,} rows lie more than {_FAR:.0f} times the distance of the "
            "quartiles outside of these, in "
            + listed_with((name, f"{count:,}") for name, count in counts.items()),
            "correct what is wrong, and try scaling=quantile or the logarithm where it is right",
        )


def _is_far(column: pd.Series) -> np.ndarray:
    low, high = column.quantile([0.25, 0.75])
    if not high > low:
        return np.zeros(len(column), bool)
    outside = np.maximum(low - column, column - high)
    return (outside > _FAR * (high - low)).to_numpy(bool)


def _is_number(column: pd.Series) -> bool:
    dtype = column.dtype
    return pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_bool_dtype(dtype)


def _has(names: list[str]) -> str:
    return "has" if len(names) == 1 else "have"


def _is(names: list[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _looks(names: list[str]) -> str:
    return "looks" if len(names) == 1 else "look"
