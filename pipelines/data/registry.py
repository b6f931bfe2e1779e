"""Data sets by name."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import MappingProxyType

from pipelines.data.bundled import (
    BUNDLED_TABLES,
    load_bundled_table,
    load_california_housing,
    load_digits,
)
from pipelines.data.dataset import Dataset
from pipelines.data.fashion_mnist import load_fashion_mnist
from pipelines.data.folder import DataHome
from pipelines.data.reading import SUFFIXES, suffix_of
from pipelines.data.table import load_table
from pipelines.data.task import settle_task
from pipelines.errors import InputError, did_you_mean
from pipelines.passwords import hide_password

__all__ = ["DATASETS", "load_dataset"]

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")

Loader = Callable[[DataHome], Dataset]

DATASETS: Mapping[str, Loader] = MappingProxyType(
    {
        "digits": load_digits,
        **{name: partial(load_bundled_table, name) for name in BUNDLED_TABLES},
        "california_housing": load_california_housing,
        "fashion_mnist": load_fashion_mnist,
    }
)


def load_dataset(
    name_or_path: str | os.PathLike[str],
    *,
    target: str | None = None,
    drop: Sequence[str] = (),
    groups: str | None = None,
    time: str | None = None,
    task: str | None = None,
    encoding: str | None = None,
    separator: str | None = None,
    data_home: DataHome = None,
) -> Dataset:
    """Load a data set by its name, or the user's own table by its path.

    Parameters
    ----------
    name_or_path : str or path-like
        A name in `DATASETS`, or the path of a CSV, TSV or Parquet file.
    target : str, default=None
        Of a table: the column to predict.
    drop : sequence of str, default=()
        Of a table: columns to leave out.
    groups : str, default=None
        Of a table: the column that says which rows belong together.
    time : str, default=None
        Of a table: the column of dates or numbers by which rows held out are later than those
        learned from.
    task : {"classification", "regression"}, default=None
        None takes the task of the named data set, and infers that of a table: text and booleans
        ask for classification, and so do whole numbers with two distinct values, or with at
        most 20 that stand for five rows each on average.
    encoding : str, default=None
        Of a table of text: any that Python knows, such as "cp1252". None finds it.
    separator : str, default=None
        Of a table of text: the character that parts fields, or "comma", "semicolon", "tab" or
        "bar". None finds it.
    data_home : path-like, default=None
        Folder of the data sets that do not come with a package: Fashion-MNIST and California
        housing. None takes ``SCIKIT_LEARN_DATA`` from the environment, else
        ``~/scikit_learn_data``.

    Returns
    -------
    Dataset
        The data set.

    Raises
    ------
    InputError
        If there is no such data set or file, or if it cannot be used as asked.

    Warns
    -----
    DataWarning
        Of a table: for each finding, which ``Dataset.findings`` has too.

    Examples
    --------
    >>> load_dataset("wine").X.shape
    (178, 13)
    """
    name = os.fspath(name_or_path)
    if name not in DATASETS:
        if _ADDRESS.match(name):
            raise InputError(
                f"{hide_password(name)} is an address, but a data set is read from a file: download "
                "it first and give the path of the file."
            )
        path = Path(name).expanduser()
        if suffix_of(path) or path.exists():
            table = load_table(
                path,
                target=target,
                drop=drop,
                groups=groups,
                time=time,
                task=task,
                encoding=encoding,
                separator=separator,
            )
            # A file that happens to be called like a known data set is not that data set.
            return replace(table, name=path.name) if table.name in DATASETS else table
        raise InputError(
            f"There is no data set {name!r}{did_you_mean(name, DATASETS)}; choose one of "
            f"{', '.join(DATASETS)}, or give the path of a file that ends in "
            f"{', '.join(SUFFIXES)}."
        )
    if target or drop or groups or time or encoding or separator:
        raise InputError(
            "target, drop, groups, time, encoding and separator are for tables of your own, but "
            f"{name} has its target already; leave them out."
        )
    dataset = DATASETS[name](data_home)
    if task is None:
        return dataset
    y, settled = settle_task(dataset.y, task)
    return replace(dataset, y=y, task=settled)
