"""NumPy's files with sequences: an array of rows, steps and channels, and its target."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pipelines.data.dataset import Dataset
from pipelines.data.finding import Finding
from pipelines.data.roles import groups_of, target_of, times_of
from pipelines.data.sequences import make_sequences
from pipelines.data.step_targets import pad_targets, real_steps
from pipelines.data.task import settle_task
from pipelines.errors import InputError, did_you_mean, listed

__all__ = ["load_numpy_file", "read_numpy_sequences"]

_TARGET = "y"


def load_numpy_file(
    path: Path,
    *,
    target: str | None = None,
    groups: str | None = None,
    time: str | None = None,
    task: str | None = None,
) -> Dataset:
    """Load a ``.npz`` or ``.npy`` file as a data set of sequences.

    Parameters
    ----------
    path : Path
        An ``.npz`` file with one array of shape (n_rows, n_steps, n_channels), of numbers, and
        others with a value for each row; or an ``.npy`` file with the one array, and others
        beside it. Shorter sequences are filled up with nan at their end.
    target : str, default=None
        Name of the array to predict, ``y`` where none is given; of an ``.npy`` file the name of a
        file beside it. It has a value for each row, or one for each step, of shape (n_rows,
        n_steps), of which those of padding are not looked at.
    groups, time : str, default=None
        The same of the groups that are kept together, and of the times by which rows held out are
        later.
    task : {"classification", "regression"}, default=None
        None infers it.

    Returns
    -------
    Dataset

    Raises
    ------
    InputError
        If the file cannot be read, or does not hold this.
    """
    arrays = _read_all(path, [name for name in (target, groups, time) if name])
    sequences = _sequences(arrays, path)
    columns = {
        name: _column(arrays, name, len(sequences), path)
        for name in (groups, time)
        if name is not None
    }
    findings: list[Finding] = []
    column, steps = _target(arrays, target or _TARGET, sequences, path)
    y: pd.Series | pd.DataFrame
    y, settled = settle_task(target_of(column, path, task, findings), task)
    if steps is not None:
        y = pad_targets(y, steps)
    more: dict[str, Any] = {}
    order = pd.RangeIndex(len(y))
    if groups is not None:
        more["groups"] = groups_of(columns[groups], path)
    if time is not None:
        more["times"] = times_of(columns[time], path).sort_values(kind="stable")
        order = more["times"].index
    return make_sequences(
        sequences[order],
        y.loc[order],
        name=path.stem,
        source=str(path),
        task=settled,
        findings=findings,
        **more,
    )


def read_numpy_sequences(path: Path) -> np.ndarray:
    """Read the array of rows, steps and channels alone.

    Raises
    ------
    InputError
        If the file cannot be read, or has none.
    """
    loaded = _load(path)
    return _sequences(loaded if isinstance(loaded, Mapping) else {"X": loaded}, path)


def _read_all(path: Path, names: list[str]) -> dict[str, np.ndarray]:
    """All arrays of an ``.npz`` file, or an ``.npy`` file and those beside it, by name."""
    loaded = _load(path)
    if isinstance(loaded, Mapping):
        return dict(loaded)
    if not names:
        raise InputError(
            f"{path} holds one array, so the target is another file: name it as target, such as "
            "target=y.npy beside it, or save both as an .npz file."
        )
    arrays = {"X": loaded}
    for name in names:
        beside = path.with_name(name)
        if not beside.is_file():
            near = did_you_mean(name, [one.name for one in path.parent.glob("*.npy")])
            raise InputError(f"There is no file {beside}{near}; name a file beside {path.name}.")
        arrays[name] = _load(beside)
    return arrays


def _load(path: Path) -> Any:
    if not path.is_file():
        raise InputError(f"There is no file {path}; check the path, or the folder it starts from.")
    try:
        loaded = np.load(path, allow_pickle=False)
        if isinstance(loaded, np.lib.npyio.NpzFile):
            with loaded:
                return {name: loaded[name] for name in loaded.files}
        return loaded
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        reason = str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__
        raise InputError(
            f"{path} cannot be read as {path.suffix} ({reason}); save plain arrays with numpy.save "
            "or numpy.savez, no objects."
        ) from error


def _sequences(arrays: Mapping[str, np.ndarray], path: Path) -> np.ndarray:
    found = [name for name, array in arrays.items() if array.ndim == 3]
    shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
    if len(found) != 1:
        raise InputError(
            f"{path} needs one array of three axes, rows, steps and channels, but it has {shapes}; "
            "give sequences of one channel a last axis of 1."
        )
    sequences = arrays[found[0]]
    if sequences.dtype.kind not in "fiub" or 0 in sequences.shape:
        raise InputError(
            f"The sequences of {path} must be numbers, with one row, step and channel or more, but "
            f"{found[0]} is {sequences.dtype} of shape {sequences.shape}; convert it."
        )
    return sequences.astype("float64")


def _target(
    arrays: Mapping[str, np.ndarray], name: str, sequences: np.ndarray, path: Path
) -> tuple[pd.Series, list[np.ndarray] | None]:
    """The targets of rows, or those of all real steps and which of these are one sequence's."""
    n_rows, n_steps, _ = sequences.shape
    if n_steps == 1 or name not in arrays or arrays[name].shape != (n_rows, n_steps):
        return _column(arrays, name, n_rows, path), None
    real = real_steps(sequences, n_steps)
    real[:, 0] = True  # what has no step at all is refused later
    ends = np.cumsum(real.sum(axis=1))
    rows = np.split(np.arange(ends[-1]), ends[:-1])
    return pd.Series(arrays[name][real], name=name), rows


def _column(arrays: Mapping[str, np.ndarray], name: str, n_rows: int, path: Path) -> pd.Series:
    if name not in arrays:
        raise InputError(
            f"{path} has no array {name!r}{did_you_mean(name, arrays)}; it has "
            f"{listed(arrays)}: name the target as target."
        )
    values = arrays[name]
    if values.shape not in ((n_rows,), (n_rows, 1)):
        raise InputError(
            f"{name} of {path} must have a value for each of {n_rows} sequences, but its shape is "
            f"{values.shape}; give it one, or a target one for each step."
        )
    return pd.Series(values.reshape(-1), name=name)
