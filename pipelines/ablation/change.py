"""Techniques as the hyperparameters in which two networks differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sklearn.pipeline import Pipeline

from pipelines.data import Dataset
from pipelines.pipeline import techniques_of

__all__ = ["Change", "changes_between", "joined"]

# What is no technique: seeds, messages, and by which engine the same is computed.
_EXECUTION = "execution"


@dataclass(frozen=True)
class Change:
    """A technique, by the hyperparameters in which two networks differ.

    Attributes
    ----------
    name : str
        As the technique names itself, such as "weight decay".
    before, after : mapping of str to object
        Values by hyperparameter, in the plain network and in the best one.
    """

    name: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


def changes_between(
    plain: Mapping[str, Any], best: Mapping[str, Any], pipeline: Pipeline, dataset: Dataset
) -> list[Change]:
    """Group the hyperparameters in which two networks differ by the technique that they belong to.

    Parameters
    ----------
    plain, best : mapping of str to object
        Values by hyperparameter; one that the best one does not name is as in the plain one.
    pipeline : Pipeline
        Says which techniques there are; see :func:`pipelines.pipeline.techniques_of`.
    dataset : Dataset
        Encodings of categories count where it has such, indicators where it lacks values.

    Returns
    -------
    list of Change
        In the order in which they act: preprocessing, network, training.
    """
    changes = []
    for name, hyperparameters in techniques_of(pipeline).items():
        if name == _EXECUTION:
            continue
        differing = [
            each
            for each in hyperparameters
            if each in plain and each in best and not _are_equal(plain[each], best[each])
        ]
        if differing and not set(differing) <= set(_without_effect(dataset)):
            changes.append(
                Change(
                    name,
                    {each: plain[each] for each in differing},
                    {each: best[each] for each in differing},
                )
            )
    return changes


def joined(changes: Sequence[Change]) -> Change:
    """Several techniques as one."""
    return Change(
        " with ".join(each.name for each in changes),
        {name: value for each in changes for name, value in each.before.items()},
        {name: value for each in changes for name, value in each.after.items()},
    )


def _are_equal(one: Any, other: Any) -> bool:
    """Whether two values mean the same; a network of one layer may be written as a number."""
    if isinstance(one, tuple) != isinstance(other, tuple):
        one, other = (value if isinstance(value, tuple) else (value,) for value in (one, other))
    return bool(one == other)


def _without_effect(dataset: Dataset) -> Iterator[str]:
    if not dataset.categorical_columns:
        yield "category_encoding"
    if not dataset.X[dataset.numeric_columns].isna().to_numpy().any():
        yield "missing_indicator"
