"""The plan of an ablation study: which networks are trained, with which seeds, on which folds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from pipelines.ablation.change import Change, changes_between, joined
from pipelines.data import Dataset
from pipelines.errors import InputError, check_choice
from pipelines.pipeline import make_pipeline
from pipelines.search import Candidate, Group, check_metrics
from pipelines.search.fold import Split
from pipelines.search.hyperparameters import Hyperparameters, as_tuple
from pipelines.search.splitters import Splitter

__all__ = ["AblationPlan", "Network", "plan_ablation"]

_SOURCE = "The best network"


@dataclass(frozen=True)
class Network:
    """A network between the plain one and the best one.

    Attributes
    ----------
    name : str
        Unique within the plan.
    techniques : frozenset of str
        Those in which it is as the best one; in all others it is as the plain one.
    hyperparameters : mapping of str to object
        All in which plain and best differ.
    """

    name: str
    techniques: frozenset[str]
    hyperparameters: Mapping[str, Any]


@dataclass(frozen=True)
class AblationPlan:
    """What is to be trained, and on which rows.

    Attributes
    ----------
    development, test : Dataset
        The rows of the folds, and those held out, on which every network is scored too.
    pipeline : Pipeline
        The plain one.
    best : str
        What the best network is called.
    changes : tuple of Change
        The techniques, in the order of the path from plain to best.
    networks : tuple of Network
        Plain and best first, each distinct one once.
    seeds : tuple of int
    metrics : tuple of str
        The first one judges.
    splits : mapping of int to list of pairs of ndarray
        Training and validation rows of the folds, by seed.
    candidates : mapping of int to tuple of Candidate
        By seed, in the order of execution.
    groups : tuple of Group
        Of each network its candidates, in the order of the seeds.
    """

    development: Dataset
    test: Dataset
    pipeline: Pipeline
    best: str
    changes: tuple[Change, ...]
    networks: tuple[Network, ...]
    seeds: tuple[int, ...]
    metrics: tuple[str, ...]
    splits: Mapping[int, list[Split]]
    candidates: Mapping[int, tuple[Candidate, ...]]
    groups: tuple[Group, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the techniques, in the order of the path."""
        return tuple(change.name for change in self.changes)

    @property
    def n_folds(self) -> int:
        """Folds a seed."""
        return len(self.splits[self.seeds[0]])

    @property
    def n_fits(self) -> int:
        """Fits in all."""
        return len(self.networks) * len(self.seeds) * self.n_folds

    @property
    def folds_differ(self) -> bool:
        """Whether each seed draws folds of its own."""
        first = self.splits[self.seeds[0]]
        return any(
            not np.array_equal(one[1], other[1])
            for seed in self.seeds[1:]
            for one, other in zip(first, self.splits[seed], strict=True)
        )

    @property
    def rows(self) -> tuple[pd.DataFrame, pd.Series | pd.DataFrame]:
        """Features and target of all rows, those held out last."""
        parts = (self.development, self.test)
        return pd.concat([part.X for part in parts]), pd.concat([part.y for part in parts])

    @property
    def held_out(self) -> dict[str, np.ndarray]:
        """Positions of the rows held out."""
        n_development = len(self.development.X)
        return {"test": np.arange(n_development, n_development + len(self.test.X))}


def plan_ablation(
    development: Dataset,
    test: Dataset,
    best: Mapping[str, Any],
    *,
    name: str = "best",
    splitter: Callable[[int], Splitter],
    seeds: Sequence[int] = (0, 1, 2),
    metrics: Sequence[str] = (),
    scaling: str | None = "auto",
    together: Sequence[Sequence[str]] = (),
) -> AblationPlan:
    """Plan the networks from the plain one to the best one and back.

    Each technique is added to the plain network alone, left out of the best one alone, and added
    on a path from plain to best that follows the order in which techniques act. Those that cannot
    be told apart, since one without the other is impossible or breaks a rule, are one.

    Parameters
    ----------
    development, test : Dataset
        The rows of the folds, and those held out.
    best : mapping of str to object
        Hyperparameters of the best network, where they differ from the plain one's.
    name : str, default="best"
        What it is called.
    splitter : callable
        Makes the splitter of a seed.
    seeds : sequence of int, default=(0, 1, 2)
        Each decides initial weights, the order of the rows, what is random in the layers, and
        which rows are in which fold.
    metrics : sequence of str, default=()
        scikit-learn scorers, the first of which judges; empty for those of the task.
    scaling : str or None, default="auto"
        Scaling of both ends; "auto" leaves it to them.
    together : sequence of sequence of str, default=()
        Names of techniques that count as one.

    Returns
    -------
    AblationPlan

    Raises
    ------
    InputError
        For an impossible hyperparameter, metric or split, for an unknown technique, or where plain
        and best do not differ.
    """
    if not seeds:
        raise InputError("seeds must be 1 or more, but there is none.")
    chosen = check_metrics(tuple(metrics), development.task, development.targets)
    pipeline = make_pipeline(development, preset="plain", scaling=scaling)
    hyperparameters = Hyperparameters(pipeline)
    values = {
        known: as_tuple(value)
        for known, value in best.items()
        if known in hyperparameters.paths
        and (known != "scaling" or (scaling == "auto" and value != "auto"))
    }
    changes = changes_between(hyperparameters.defaults, values, pipeline, development)
    if not changes:
        raise InputError(
            f"There is nothing to explain: {name} is the plain network; name another one with "
            "preset, model or grid."
        )
    hyperparameters.check(hyperparameters.params(_values(changes, _all(changes))), source=_SOURCE)
    changes = _inseparable(_together(changes, together), hyperparameters)
    networks = tuple(_networks(changes, name))
    splits = {
        seed: list(splitter(seed).split(development.X, development.y, development.groups))
        for seed in seeds
    }
    numbers = iter(range(len(networks) * (1 + len(seeds))))
    group_numbers = [next(numbers) for _ in networks]
    candidates = {
        seed: _candidates(networks, seed, turn, numbers, hyperparameters)
        for turn, seed in enumerate(seeds)
    }
    by_name = {one.name: one.number for each in candidates.values() for one in each}
    return AblationPlan(
        development=development,
        test=test,
        pipeline=pipeline,
        best=name,
        changes=tuple(changes),
        networks=networks,
        seeds=tuple(seeds),
        metrics=chosen,
        splits=splits,
        candidates=candidates,
        groups=tuple(
            Group(
                number=number,
                name=network.name,
                hyperparameters=network.hyperparameters,
                members=tuple(by_name[_run_name(network, seed)] for seed in seeds),
            )
            for number, network in zip(group_numbers, networks, strict=True)
        ),
    )


def _candidates(
    networks: Sequence[Network],
    seed: int,
    turn: int,
    numbers: Iterator[int],
    hyperparameters: Hyperparameters,
) -> tuple[Candidate, ...]:
    """The networks with a seed; each seed begins with another one.

    What slows the machine down for a while then slows all of them alike.
    """
    start = turn % len(networks)
    candidates = []
    for network in (*networks[start:], *networks[:start]):
        own = {**network.hyperparameters, "random_state": seed}
        params = hyperparameters.params(own)
        candidates.append(Candidate(next(numbers), params, own, _run_name(network, seed)))
    return tuple(candidates)


def _run_name(network: Network, seed: int) -> str:
    return f"{network.name}, seed {seed}"


def _networks(changes: Sequence[Change], best: str) -> Iterator[Network]:
    """Plain and best, each technique added and left out, and the path; each network once."""
    names = [change.name for change in changes]
    every = frozenset(names)
    named: dict[frozenset[str], str] = {frozenset(): "plain", every: best}
    for each in names:
        named.setdefault(frozenset({each}), f"{each} added to plain")
    for each in names:
        named.setdefault(every - {each}, f"{each} left out of {best}")
    for place in range(2, len(names)):
        named.setdefault(frozenset(names[:place]), f"{names[place - 1]} and all before it")
    for techniques, name in named.items():
        yield Network(name, techniques, _values(changes, techniques))


def _values(changes: Sequence[Change], techniques: frozenset[str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for change in changes:
        values |= change.after if change.name in techniques else change.before
    return values


def _all(changes: Sequence[Change]) -> frozenset[str]:
    return frozenset(change.name for change in changes)


def _together(changes: Sequence[Change], wanted: Sequence[Sequence[str]]) -> list[Change]:
    """Join the techniques that are to count as one, in the place of the last of them."""
    found = list(changes)
    for names in wanted:
        for name in names:
            check_choice("technique", name, [change.name for change in found])
        found = _join(found, set(names))
    return found


def _join(changes: Sequence[Change], names: set[str]) -> list[Change]:
    parts = [change for change in changes if change.name in names]
    place = changes.index(parts[-1])
    one = joined(parts)
    return [
        one if number == place else change
        for number, change in enumerate(changes)
        if number == place or change not in parts
    ]


def _inseparable(changes: list[Change], hyperparameters: Hyperparameters) -> list[Change]:
    """Join techniques of which one without the other is impossible, or breaks a rule."""
    every = _all(changes)

    def params_of(techniques: frozenset[str]) -> dict[str, Any]:
        return hyperparameters.params(_values(changes, techniques))

    of_plain, of_best = (
        hyperparameters.broken_rules(params_of(end)) for end in (frozenset(), every)
    )

    def makes_sense(techniques: frozenset[str]) -> bool:
        params = params_of(techniques)
        try:
            hyperparameters.check(params, source=_SOURCE)
        except InputError:
            return False
        return hyperparameters.broken_rules(params) <= of_plain | of_best

    for change in changes:
        alone = frozenset({change.name})
        if makes_sense(alone) and makes_sense(every - alone):
            continue
        for other in changes:
            both = alone | {other.name}
            if other is not change and makes_sense(both) and makes_sense(every - both):
                return _inseparable(_join(changes, set(both)), hyperparameters)
    return changes
