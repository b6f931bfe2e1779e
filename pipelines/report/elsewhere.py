"""Techniques that helped on other data, and were not tried here."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from pipelines.data import Dataset
from pipelines.report.sentences import value_text
from pipelines.report.verdict import SearchVerdict
from pipelines.report.worth import Worth
from pipelines.tracker import RecordedWorth

__all__ = ["Suggestion", "helped_elsewhere", "recorded_effects", "recorded_task"]

_N_SUGGESTED = 3


class Suggestion(NamedTuple):
    """Hyperparameters that helped elsewhere, and where."""

    hyperparameters: Mapping[str, Any]
    sentence: str


def recorded_effects(worth: Worth, dataset: Dataset) -> list[RecordedWorth]:
    """What searches on other data may want to know of this one.

    Parameters
    ----------
    worth : Worth
    dataset : Dataset

    Returns
    -------
    list of RecordedWorth
    """
    task = recorded_task(dataset)
    return [
        RecordedWorth(dataset.name, task, effect.hyperparameters, effect.comparison.verdict)
        for effect in worth.effects
    ]


def recorded_task(dataset: Dataset) -> str:
    """The task under which it is recorded what techniques are worth on a data set.

    Parameters
    ----------
    dataset : Dataset

    Returns
    -------
    str
        See :class:`pipelines.tracker.RecordedWorth`.
    """
    return f"{dataset.task} of sequences" if dataset.kind == "sequence" else dataset.task


def helped_elsewhere(
    verdict: SearchVerdict,
    defaults: Mapping[str, Any],
    recorded: Sequence[RecordedWorth],
    dataset: Dataset,
) -> list[Suggestion]:
    """List what helped on other data and hurt on none, and was not varied here.

    Parameters
    ----------
    verdict : SearchVerdict
    defaults : mapping of str to object
        Values of all hyperparameters that the search did not set.
    recorded : sequence of RecordedWorth
        The newest first; of each data set the newest counts.
    dataset : Dataset
        What was searched here.

    Returns
    -------
    list of Suggestion
        Three at most, those that helped on the most data sets first.
    """
    known = {**defaults, **verdict.winner.candidate.hyperparameters}
    settings = [one.candidate.hyperparameters for one in verdict.evaluations]
    task = recorded_task(dataset)
    verdicts: dict[str, dict[str, str]] = {}
    values: dict[str, Mapping[str, Any]] = {}
    for one in recorded:
        names = one.hyperparameters
        if one.dataset == dataset.name or one.task != task or not known.keys() >= {*names}:
            continue
        if one.verdict == "no verdict" or _is_varied(settings, known, [*names]):
            continue
        if all(_text(known[name]) == _text(names[name]) for name in names):
            continue
        key = json.dumps({name: names[name] for name in sorted(names)})
        values.setdefault(key, names)
        verdicts.setdefault(key, {}).setdefault(one.dataset, one.verdict)
    helped = {
        key: [name for name, found in by_dataset.items() if found == "better"]
        for key, by_dataset in verdicts.items()
        if not {"worse", "fails"} & {*by_dataset.values()}
    }
    best = sorted((key for key in helped if helped[key]), key=lambda key: -len(helped[key]))
    return [
        Suggestion(values[key], _sentence(values[key], helped[key], len(verdicts[key]), known))
        for key in best[:_N_SUGGESTED]
    ]


def _is_varied(
    settings: Sequence[Mapping[str, Any]], known: Mapping[str, Any], names: Sequence[str]
) -> bool:
    return any(
        len({_text(setting.get(name, known[name])) for setting in settings}) > 1 for name in names
    )


def _sentence(
    values: Mapping[str, Any], helped: Sequence[str], n_tried: int, known: Mapping[str, Any]
) -> str:
    told = " with ".join(f"{name} {_text(value)}" for name, value in values.items())
    here = " with ".join(f"{name} {_text(known[name])}" for name in values)
    *first, last = helped
    where = f"{', '.join(first)} and {last}" if first else last
    times = f", {len(helped)} of the {n_tried} other data sets that it was tried on" * (n_tried > 1)
    return f"{told} helped on {where}{times}, and was never tried here ({here}): try it."


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}={_text(item)}" for name, item in value.items())
    return value_text(value)
