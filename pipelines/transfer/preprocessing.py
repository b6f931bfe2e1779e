"""Where the preprocessing of a reused network comes from, and what that does to its input."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.pipeline import Pipeline

from pipelines.data import Dataset
from pipelines.errors import InputError, listed

__all__ = ["PREPROCESSINGS", "Preprocessing", "choose_preprocessing"]

PREPROCESSINGS = ("auto", "source", "new")

_FAR = 0.5  # deviations of the source
_FAR_RATIO = 1.5
_N_NAMED = 3
_TAKEN = "Preprocessing is the source's, as it was fitted there."
_NEW = "Preprocessing is fitted anew on the target's rows"


@dataclass(frozen=True)
class Preprocessing:
    """A choice.

    Attributes
    ----------
    taken : bool
        Whether it is the source's, as it was fitted there.
    sentence : str
        What that means, for people.
    """

    taken: bool
    sentence: str


def choose_preprocessing(
    wanted: str, source: Pipeline, target: Dataset, rows: np.ndarray
) -> Preprocessing:
    """Choose between the source's preprocessing and one that is fitted anew.

    A network means by its input what its preprocessing made of the columns, so that "auto" takes
    the two together wherever the target has the source's columns; of sequences, wherever channels
    and number of steps are the same. Fitted anew, a number stands for a place among the target's
    rows, not among the source's; for tables the sentence says of which columns.

    Parameters
    ----------
    wanted : {"auto", "source", "new"}
    source : sklearn.pipeline.Pipeline
        Fitted.
    target : Dataset
    rows : ndarray of int
        Positions of the rows to train on.

    Returns
    -------
    Preprocessing

    Raises
    ------
    InputError
        If the source's was asked for and the target lacks columns.
    """
    if target.kind == "sequence":
        return _of_sequences(wanted, source, target)
    missing = [name for name in _columns(source) if name not in target.X.columns]
    if missing and wanted == "source":
        raise InputError(
            f"preprocessing=source needs the source's columns, but {target.name} has no column "
            f"{listed(missing)}; use preprocessing=new, which fits it anew."
        )
    taken = wanted != "new" and not missing
    if missing:
        return Preprocessing(
            False, f"{_NEW}, for they have no column {listed(missing[:_N_NAMED])}."
        )
    far = _far_columns(source, target, rows)
    if taken:
        told = _TAKEN
        if far:
            told += f" The target's rows lie elsewhere: {'; '.join(far)}."
        return Preprocessing(True, told)
    told = f"{_NEW}."
    if far:
        told += (
            " What the source knew as another place is brought to the middle, which the network "
            f"cannot know: {'; '.join(far)}."
        )
    return Preprocessing(False, told)


def _of_sequences(wanted: str, source: Pipeline, target: Dataset) -> Preprocessing:
    """Choose for sequences, which are scaled by channel, but all steps of them in one table."""
    alike = _columns(source) == [str(name) for name in target.X.columns]
    if not alike and wanted == "source":
        raise InputError(
            "preprocessing=source needs sequences as the source's, but those of "
            f"{target.name} have other channels or another number of steps; use "
            "preprocessing=new, which fits it anew."
        )
    if wanted != "new" and alike:
        return Preprocessing(True, _TAKEN)
    told = _NEW
    if not alike:
        told += ", which have other channels or another number of steps than the source's"
    return Preprocessing(False, f"{told}.")


def _columns(source: Pipeline) -> list[str]:
    return [str(name) for name in getattr(source[0], "feature_names_in_", ())]


def _far_columns(source: Pipeline, target: Dataset, rows: np.ndarray) -> list[str]:
    """Columns of the network's input that the target has elsewhere, the farthest first."""
    model, steps = source[-1], source[:-1]
    known = getattr(model.feature_encoder_, "scale_of_numbers_", {})
    inputs = steps.transform(target.X.iloc[rows])
    table = inputs.to_numpy() if hasattr(inputs, "to_numpy") else np.asarray(inputs)
    names = [str(name).rpartition("__")[2] for name in steps.get_feature_names_out()]
    found = []
    for column, (mean, deviation) in known.items() if target.kind == "table" else ():
        values = table[:, column].astype(float)
        if not deviation or not values.std():
            continue
        shift, ratio = (values.mean() - mean) / deviation, values.std() / deviation
        if abs(shift) > _FAR or not 1 / _FAR_RATIO <= ratio <= _FAR_RATIO:
            text = f"{names[column]} by {shift:+.1f} deviations, {ratio:.2g} times as wide"
            found.append((abs(shift), text))
    return [text for _, text in sorted(found, reverse=True)[:_N_NAMED]]
