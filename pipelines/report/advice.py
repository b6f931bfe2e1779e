"""What to try next, from what a search has seen."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np
import yaml

from estimators.techniques.early_stopping import stops_early
from pipelines.report.elsewhere import Suggestion
from pipelines.report.sentences import value_text
from pipelines.report.verdict import SearchVerdict
from pipelines.search import Evaluation

__all__ = ["NextSteps", "next_steps"]

_FALLING = 0.01
_RISING = 1.02
_EDGE = 0.1
_N_BEST = 3
_WIDE = 4.0
_LARGEST_WIDTH = 2048
_ENOUGH_FOLDS = 10


@dataclass(frozen=True)
class NextSteps:
    """What to try next.

    Attributes
    ----------
    sentences : tuple of str
        What was seen, and what follows from it.
    grid : str
        A grid in YAML that tries it, each change apart, beside the winner as it is; empty where
        nothing follows.
    options : tuple of str
        Options of the command that help to decide.
    """

    sentences: tuple[str, ...]
    grid: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Step:
    """What to change: each hyperparameter apart, or those that belong together at once."""

    sentence: str
    values: Mapping[str, Sequence[Any]]
    at_once: bool = False


BrokenRules = Callable[[Mapping[str, Any]], set[str]]
"""Takes hyperparameters, and returns the names of the rules that they break."""


def next_steps(
    verdict: SearchVerdict,
    *,
    defaults: Mapping[str, Any],
    n_train: int,
    preset: Mapping[str, Any] = MappingProxyType({}),
    can_repeat: bool = True,
    elsewhere: Sequence[Suggestion] = (),
    broken_rules: BrokenRules = lambda hyperparameters: set(),
) -> NextSteps:
    """Say what to try next.

    Longer training where the loss still falls at the last epoch, less capacity to overfit
    where the validation loss has risen again, a larger network where the training rows are not
    learned and gradient boosting is better, further values where the best one lies at the edge of
    those tried, the learning rate where it was never varied, what helped on other data and was not
    tried here, and more folds where nothing could be told apart. What breaks a rule that the winner
    keeps is not proposed.

    Parameters
    ----------
    verdict : SearchVerdict
    defaults : mapping of str to object
        Values of all hyperparameters that the search did not set.
    n_train : int
        Rows that a fold is trained on.
    preset : mapping of str to object, default={}
        Those among them that the grid has to set, since it begins with a plain network.
    can_repeat : bool, default=True
        Whether the folds can be drawn several times.
    elsewhere : sequence of Suggestion, default=()
        What helped on other data; see :func:`pipelines.report.elsewhere.helped_elsewhere`.
    broken_rules : callable, optional
        Takes hyperparameters, and returns the names of the rules that they break.

    Returns
    -------
    NextSteps
    """
    known = {**defaults, **verdict.winner.candidate.hyperparameters}
    steps = [*_learning(verdict, known, n_train), *_edges(verdict), *_untried(verdict, known)]
    steps += [
        _Step(
            one.sentence,
            {name: [value] for name, value in one.hyperparameters.items()},
            at_once=True,
        )
        for one in elsewhere
    ]
    chosen = verdict.winner.candidate.hyperparameters
    steps = [kept for step in steps if (kept := _obedient(step, chosen, broken_rules))]
    sentences = [step.sentence for step in steps]
    names = {one.candidate.name for one in verdict.evaluations}
    if verdict.winner.candidate.name == "preset fast" and "preset strong" not in names:
        sentences.append(
            "The preset strong, which is the mean of eight such networks, was not tried: "
            "presets=fast,strong compares both."
        )
    options: tuple[str, ...] = ()
    if can_repeat and len(verdict.tied) > 1 and verdict.n_folds < _ENOUGH_FOLDS:
        options = ("repeats=5",)
        sentences.append(
            f"{len(verdict.tied)} configurations could not be told apart with {verdict.n_folds} "
            f"fold{'s' if verdict.n_folds > 1 else ''}: repeats=5 draws the folds five times."
        )
    return NextSteps(tuple(sentences), _grid_text(verdict.winner, steps, defaults, preset), options)


def _obedient(step: _Step, winner: Mapping[str, Any], broken_rules: BrokenRules) -> _Step | None:
    """The step without values that break a rule which the winner keeps; None if all do."""
    accepted = broken_rules(winner)

    def obeys(changes: Mapping[str, Any]) -> bool:
        return broken_rules({**winner, **changes}) <= accepted

    if step.at_once:
        return step if obeys({name: value for name, (value,) in step.values.items()}) else None
    values = {
        name: kept
        for name, proposed in step.values.items()
        if (kept := [value for value in proposed if obeys({name: value})])
    }
    return replace(step, values=values) if values or not step.values else None


def _learning(verdict: SearchVerdict, known: Mapping[str, Any], n_train: int) -> Iterator[_Step]:
    curves = verdict.winner.curves
    curve = curves.get("val_loss", curves["loss"])
    n_epochs = len(curve)
    keeps_best = stops_early(known.get("early_stopping", False), n_train)
    stopped = keeps_best and known.get("patience") is not None
    if n_epochs < 2 or not np.isfinite(curve).all():
        return
    best = int(np.argmin(curve)) + 1
    n_last = max(1, n_epochs // 5)
    fall = 1 - min(curve) / curve[-1 - n_last]
    if not stopped and best > 0.9 * n_epochs and fall > _FALLING:
        yield _Step(
            f"The winner's loss still fell at the last of {n_epochs} epochs, by {100 * fall:.0f} % "
            f"in {'the last fifth' if n_last > 1 else 'that one'}: train longer.",
            {"epochs": [2 * n_epochs, 4 * n_epochs]},
        )
    if n_epochs < 3:  # from which nothing else can be told
        return
    if not keeps_best and curve[-1] > _RISING * min(curve) and best < 0.9 * n_epochs:
        yield _Step(
            f"The winner's validation loss was lowest at epoch {best} of {n_epochs} and rose by "
            f"{100 * (curve[-1] / min(curve) - 1):.0f} % after it: it overfits the training rows; "
            "regularize, or stop early.",
            {
                **_unless_set(known, "dropout", [0.1, 0.3]),
                **_unless_set(known, "weight_decay", [0.0001, 0.001]),
            },
        )
    if _underfits(verdict):
        sizes = _as_sizes(known["hidden_layer_sizes"])
        wider = [min(_LARGEST_WIDTH, 2 * size) for size in sizes]
        yield _Step(
            "Training and validation rows are predicted about equally well, and gradient boosting "
            "does better: the network can be larger.",
            {"hidden_layer_sizes": [wider, [*wider, wider[-1]]]},
        )


def _unless_set(known: Mapping[str, Any], name: str, values: list[float]) -> dict[str, list[float]]:
    return {} if known.get(name) else {name: values}


def _as_sizes(sizes: Any) -> list[int]:
    return list(sizes) if isinstance(sizes, tuple | list) else [sizes]


def _underfits(verdict: SearchVerdict) -> bool:
    """Whether the gap between the rows is small beside what gradient boosting is ahead."""
    rival = verdict.rivals.get("gradient boosting")
    if rival is None or rival.verdict != "better":
        return False
    scorer = verdict.metric.scorer
    gap = verdict.winner.train_mean(scorer) - verdict.winner.validation_mean(scorer)
    return gap < abs(rival.difference.mean)


def _edges(verdict: SearchVerdict) -> Iterator[_Step]:
    """Numbers whose best value is at the end of those that were tried."""
    settings = [one.candidate.hyperparameters for one in verdict.ranked]
    for name in settings[0]:
        tried = [setting[name] for setting in settings]
        if not all(
            isinstance(value, int | float) and not isinstance(value, bool) for value in tried
        ):
            continue
        low, high = min(tried), max(tried)
        if low == high or (low == 0 and len({*tried}) == 2):  # off or on is no range
            continue
        is_log = low > 0 and high > _WIDE * low
        best = [_place(value, low, high, is_log) for value in tried[:_N_BEST]]
        if not (max(best) < _EDGE or min(best) > 1 - _EDGE):
            continue
        end = low if max(best) < _EDGE else high
        if sum(value != end for value in tried) < 2:  # one that differs, a preset say, is no range
            continue
        further = _further(low, high, is_log, is_low=end == low)
        if further is None:
            continue
        yield _Step(
            f"The best {name} is at the edge of what was tried ({value_text(low)} to "
            f"{value_text(high)}): go on to {value_text(further)}.",
            {name: [further]},
        )


def _place(value: float, low: float, high: float, is_log: bool) -> float:
    if is_log:
        low, high, value = math.log(low), math.log(high), math.log(value)
    return (value - low) / (high - low)


def _further(low: float, high: float, is_log: bool, *, is_low: bool) -> float | None:
    """The next value beyond an end, as far as a third of the range; None where there is none.

    Whole numbers are halved or doubled.
    """
    if isinstance(low, int) and isinstance(high, int):
        return (low // 2 or None) if is_low else 2 * high
    if is_log:
        step = (high / low) ** (1 / 3)
        value = low / step if is_low else high * step
    else:
        step = (high - low) / 3
        value = low - step if is_low else high + step
        if value < 0 <= low or value > 1 >= high:  # a share, or what cannot be below 0
            return None
    return float(f"{value:.2g}")


def _untried(verdict: SearchVerdict, known: Mapping[str, Any]) -> Iterator[_Step]:
    settings = [one.candidate.hyperparameters for one in verdict.evaluations]
    rate = known.get("learning_rate")
    was_varied = len({setting.get("learning_rate", rate) for setting in settings}) > 1
    if isinstance(rate, float) and not was_varied:
        values = [float(f"{rate * factor:.2g}") for factor in (1 / 3, 3, 10)]
        yield _Step(
            f"The learning rate was {rate:g} everywhere, and is what often matters most (Goodfellow "
            "et al. 2016, section 11.4): vary it.",
            {"learning_rate": values},
        )


def _grid_text(
    winner: Evaluation,
    steps: Sequence[_Step],
    defaults: Mapping[str, Any],
    preset: Mapping[str, Any],
) -> str:
    """A grid of the winner and of each change to it."""
    grids: list[dict[str, list[Any]]] = []
    for step in steps:
        apart = {name: [*map(_plain, values)] for name, values in step.values.items()}
        grids += [apart] if step.at_once else [{name: apart[name]} for name in apart]
    if not grids:
        return ""
    named = {name for grid in grids for name in grid}
    values = {**preset, **winner.candidate.hyperparameters}
    told = named | preset.keys()
    fixed = {
        name: [_plain(value)] if isinstance(value, tuple | list) else _plain(value)
        for name, value in values.items()
        if name not in defaults or value != defaults[name] or name in told
    }
    first, *together = grids[0]
    if together:  # the winner as it is
        grids.insert(0, {name: [_plain({**defaults, **values}[name])] for name in grids[0]})
    elif first in fixed:
        grids[0][first].insert(0, _plain(values[first]))
    content: dict[str, Any] = {"fixed": fixed} if fixed else {}
    return yaml.safe_dump(
        {**content, "grids": grids}, sort_keys=False, default_flow_style=None, width=90
    )


def _plain(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value.item() if isinstance(value, np.generic) else value
