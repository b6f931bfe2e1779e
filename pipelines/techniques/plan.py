"""What a study runs: the lines of its table, and the units of work behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sklearn.pipeline import Pipeline

from pipelines.pipeline import hyperparameter_paths
from pipelines.search import Candidate
from pipelines.techniques.table import Row, Table, Variant

__all__ = ["Line", "Plan", "make_plan"]


@dataclass(frozen=True)
class Line:
    """A row of the table with one set of hyperparameters: what people read a result of.

    Attributes
    ----------
    number : int
        By which it is known; its own place, counted from the plan's first number.
    row : Row
    variants : tuple of {"as described", "as run"}
        Both, where the row was run as it is described.
    hyperparameters : mapping of str to object
        All that a network is made with but the seed.
    """

    number: int
    row: Row
    variants: tuple[Variant, ...]
    hyperparameters: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Label of the line, unique within the study."""
        told = self.row.differs and self.variants == ("as run",)
        return f"{self.row.label} (as run)" if told else self.row.label

    @property
    def candidate(self) -> Candidate:
        """The line as a search's observers know what they are told of."""
        return Candidate(self.number, {}, dict(self.hyperparameters), self.name)


@dataclass(frozen=True)
class Plan:
    """Lines, and the fits that they need, each once.

    Attributes
    ----------
    lines : tuple of Line
    units : tuple of Candidate
        One a configuration and seed, in the order of execution. Their numbers go on from those of
        the lines.
    seeds : tuple of int
    unit_numbers : tuple of tuple of int
        For each line the numbers of its units, by seed.
    """

    lines: tuple[Line, ...]
    units: tuple[Candidate, ...]
    seeds: tuple[int, ...]
    unit_numbers: tuple[tuple[int, ...], ...]

    @property
    def next_number(self) -> int:
        """The first number that neither a line nor a unit has."""
        return 1 + max(unit.number for unit in self.units)

    @property
    def parents(self) -> dict[int, int]:
        """The first line that needs a unit, by number of the unit."""
        found: dict[int, int] = {}
        for line, numbers in zip(self.lines, self.unit_numbers, strict=True):
            for number in numbers:
                found.setdefault(number, line.number)
        return found


def make_plan(
    table: Table,
    pipeline: Pipeline,
    *,
    variants: Sequence[Variant],
    seeds: Sequence[int],
    overrides: Mapping[str, Any],
    first_number: int = 0,
) -> Plan:
    """Plan a study.

    All configurations are run with the first seed, then all with the next, and every seed begins
    with another one: what slows the machine down for a while slows all rows alike, so that their
    times can be compared as ratios. Lines with the same hyperparameters share their fits.

    Parameters
    ----------
    table : Table
    pipeline : Pipeline
        Unfitted, of :func:`pipelines.make_pipeline`; what no row says is as in it.
    variants : sequence of {"as described", "as run"}
    seeds : sequence of int
    overrides : mapping of str to object
        Hyperparameters of every row, whatever it says itself.
    first_number : int, default=0
        Number of the first line.

    Returns
    -------
    Plan

    Examples
    --------
    >>> from pipelines import load_dataset, make_pipeline
    >>> from pipelines.techniques import table_for
    >>> iris = load_dataset("iris")
    >>> plan = make_plan(
    ...     table_for(iris),
    ...     make_pipeline(iris),
    ...     variants=["as described"],
    ...     seeds=[0, 1],
    ...     overrides={"epochs": 2},
    ... )
    >>> len(plan.lines), len(plan.units), plan.units[0].name
    (10, 20, 'zeros, relu, seed 0')
    """
    paths = hyperparameter_paths(pipeline)
    defaults = pipeline.get_params(deep=True)
    lines = _lines(
        table,
        variants,
        overrides,
        {name: defaults[path] for name, path in paths.items()},
        first_number,
    )
    configurations: list[Line] = []
    shared = []
    for line in lines:
        same = [c for c in configurations if c.hyperparameters == line.hyperparameters]
        if not same:
            configurations.append(line)
        shared.append(configurations.index((same or [line])[0]))

    def number(repeat: int, place: int) -> int:
        return first_number + len(lines) + repeat * len(configurations) + place

    units = [
        _unit(configurations[place], seed, number(repeat, place), paths)
        for repeat, seed in enumerate(seeds)
        for place in _rotated(range(len(configurations)), repeat)
    ]
    return Plan(
        lines=tuple(lines),
        units=tuple(units),
        seeds=tuple(seeds),
        unit_numbers=tuple(
            tuple(number(repeat, place) for repeat in range(len(seeds))) for place in shared
        ),
    )


def _lines(
    table: Table,
    variants: Sequence[Variant],
    overrides: Mapping[str, Any],
    defaults: Mapping[str, Any],
    first_number: int,
) -> list[Line]:
    named = {name for row in table.rows for name in (*row.as_described, *row.as_run)}
    usual = {name: defaults[name] for name in sorted(named)}
    lines: list[Line] = []
    for row in table.rows:
        ways = [(variant,) for variant in variants] if row.differs else [tuple(variants)]
        for way in ways:
            own = row.hyperparameters(way[0])
            settings = {**usual, **table.fixed, **own, **overrides}
            lines.append(Line(first_number + len(lines), row, way, settings))
    return lines


def _unit(line: Line, seed: int, number: int, paths: Mapping[str, str]) -> Candidate:
    hyperparameters = {**line.hyperparameters, "random_state": seed}
    return Candidate(
        number=number,
        params={paths[name]: value for name, value in hyperparameters.items()},
        hyperparameters=hyperparameters,
        name=f"{line.name}, seed {seed}",
    )


def _rotated(places: range, by: int) -> list[int]:
    by %= len(places)
    return [*places[by:], *places[:by]]
