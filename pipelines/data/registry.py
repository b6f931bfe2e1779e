"""Data sets by name."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pipelines.data.adding_problem import ADDING_PROBLEMS, load_adding_problem
from pipelines.data.bundled import (
    BUNDLED_TABLES,
    load_bundled_table,
    load_california_housing,
    load_digits,
)
from pipelines.data.dataset import Dataset
from pipelines.data.fashion_mnist import load_fashion_mnist, load_fashion_mnist_rows
from pipelines.data.folder import DataHome
from pipelines.data.long_table import load_long_table
from pipelines.data.numpy_file import load_numpy_file
from pipelines.data.reading import SUFFIXES, refuse_address, suffix_of
from pipelines.data.sequences import SEQUENCE_SUFFIXES
from pipelines.data.table import load_table, table_in_memory
from pipelines.data.task import settle_task
from pipelines.data.time_series import TIME_SERIES, load_time_series
from pipelines.data.ts_file import load_ts_file
from pipelines.errors import InputError, did_you_mean, listed

__all__ = ["DATASETS", "load_dataset"]


Loader = Callable[[DataHome], Dataset]

DATASETS: Mapping[str, Loader] = MappingProxyType(
    {
        "digits": load_digits,
        **{name: partial(load_bundled_table, name) for name in BUNDLED_TABLES},
        "california_housing": load_california_housing,
        "fashion_mnist": load_fashion_mnist,
        "fashion_mnist_rows": load_fashion_mnist_rows,
        **{name: partial(load_time_series, name) for name in TIME_SERIES},
        **{name: partial(load_adding_problem, name) for name in ADDING_PROBLEMS},
    }
)


def load_dataset(
    name_or_path: Any,
    *,
    target: str | None = None,
    drop: Sequence[str] = (),
    groups: str | None = None,
    time: str | None = None,
    sequence_id: str | None = None,
    sequence_time: str | None = None,
    task: str | None = None,
    encoding: str | None = None,
    separator: str | None = None,
    data_home: DataHome = None,
) -> Dataset:
    """Load a data set by its name, or the user's own table or sequences by their path.

    Parameters
    ----------
    name_or_path : str, path-like or DataFrame
        A name in `DATASETS`, or the path of a file: a CSV, TSV or Parquet table, or sequences as
        a table in long format (`sequence_id`), as ``.ts`` or as NumPy's ``.npz`` or ``.npy``. Or a
        table in memory, of pandas, polars or Arrow.
    target : str, default=None
        Of a table: the column to predict, a number where names are numbers; of NumPy's files an
        array.
    drop : sequence of str, default=()
        Of a table: columns to leave out.
    groups : str, default=None
        Of a table: the column that says which rows belong together.
    time : str, default=None
        Of a table: the column of dates or numbers by which rows held out are later than those
        learned from.
    sequence_id : str, default=None
        Of a table in long format, with a row for each step: the column that says to which
        sequence a row belongs. A split never tears a sequence.
    sequence_time : str, default=None
        Of such a table: the column of dates or numbers that orders the steps of a sequence.
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
        Folder of the data sets that do not come with a package: Fashion-MNIST, California
        housing and those of the archive of time series. None takes ``SCIKIT_LEARN_DATA`` from
        the environment, else ``~/scikit_learn_data``.

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
    if not isinstance(name_or_path, str | os.PathLike):
        if any((sequence_id, sequence_time, encoding, separator)):
            raise InputError(
                "sequence_id, sequence_time, encoding and separator are of files, but a table was "
                "given; leave them out."
            )
        return table_in_memory(
            name_or_path, target=target, drop=drop, groups=groups, time=time, task=task
        )
    name = os.fspath(name_or_path)
    if name not in DATASETS:
        refuse_address(name)
        path = Path(name).expanduser()
        is_sequences = path.suffix.lower() in SEQUENCE_SUFFIXES
        if is_sequences or suffix_of(path) or path.exists():
            roles = {"target": target, "groups": groups, "time": time, "task": task}
            steps = {"sequence_id": sequence_id, "sequence_time": sequence_time}
            text = {"encoding": encoding, "separator": separator}
            if is_sequences:
                loaded = _load_sequences(path, roles, {"drop": drop, **steps, **text})
            elif sequence_id is not None:
                loaded = load_long_table(
                    path,
                    sequence_id=sequence_id,
                    sequence_time=sequence_time,
                    drop=drop,
                    **text,
                    **roles,
                )
            elif sequence_time is not None:
                raise InputError(
                    f"sequence_time={sequence_time!r} orders the steps of sequences, which "
                    "sequence_id tells apart: name that column too."
                )
            else:
                loaded = load_table(path, drop=drop, **text, **roles)
            # A file that happens to be called like a known data set is not that data set.
            return replace(loaded, name=path.name) if loaded.name in DATASETS else loaded
        raise InputError(
            f"There is no data set {name!r}{did_you_mean(name, DATASETS)}; choose one of "
            f"{', '.join(DATASETS)}, or give the path of a file that ends in "
            f"{', '.join((*SUFFIXES, *SEQUENCE_SUFFIXES))}."
        )
    if any((target, drop, groups, time, sequence_id, sequence_time, encoding, separator)):
        raise InputError(
            "target, drop, groups, time, sequence_id, sequence_time, encoding and separator are for "
            f"tables of your own, but {name} has its target already; leave them out."
        )
    dataset = DATASETS[name](data_home)
    if task is None:
        return dataset
    y, settled = settle_task(dataset.y, task)
    return replace(dataset, y=y, task=settled)


def _load_sequences(path: Path, roles: dict[str, Any], for_tables: dict[str, Any]) -> Dataset:
    """Load a file that holds sequences and nothing else."""
    is_ts = path.suffix.lower() == ".ts"
    refused = for_tables | ({n: v for n, v in roles.items() if n != "task"} if is_ts else {})
    given = [name for name, value in refused.items() if value]
    if given:
        raise InputError(
            f"{path} holds its sequences one by one{', each with its target' if is_ts else ''}, so it "
            f"has no columns to name in {listed(given)}; leave that out."
        )
    if is_ts:
        return load_ts_file(path, task=roles["task"])
    return load_numpy_file(path, **roles)
