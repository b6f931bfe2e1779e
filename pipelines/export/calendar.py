"""The parts of a date by the operations that ONNX has."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipelines.export.graph import Graph, Value

__all__ = ["date_parts"]

_SECONDS_OF_A_DAY = 86_400.0
_DAYS_TO_2000 = 10_957.0  # from 1970 on
_WEEKDAY_OF_1970 = 3.0  # a Thursday
_DAYS_BEFORE_MONTH = np.cumsum([0.0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30])
_DAYS_IN_MONTH = np.array([31.0, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])


def date_parts(graph: Graph, dates: Sequence[str], with_clock: Sequence[bool]) -> str:
    """Add what :class:`pipelines.preprocessing.DateParts` makes of dates.

    Parameters
    ----------
    graph : Graph
    dates : sequence of str
        Tensors of shape (n_rows, 1), float64: seconds since 1970 in UTC, nan where there is none.
    with_clock : sequence of bool
        For each, whether its place in the day is given.

    Returns
    -------
    str
        Tensor of shape (n_rows, n_parts), float64.

    References
    ----------
    Hinnant 2013, https://howardhinnant.github.io/date_algorithms.html, civil_from_days
    """
    parts = [
        part
        for date, clock in zip(dates, with_clock, strict=True)
        for part in _parts(_Arithmetic(graph), date, clock)
    ]
    return graph("Concat", *parts, axis=1)


class _Arithmetic:
    """Operations on float64 by short names."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    def add(self, a: Value, b: Value) -> str:
        return self.graph("Add", _constant(a), _constant(b))

    def sub(self, a: Value, b: Value) -> str:
        return self.graph("Sub", _constant(a), _constant(b))

    def mul(self, a: Value, b: Value) -> str:
        return self.graph("Mul", _constant(a), _constant(b))

    def div(self, a: Value, b: Value) -> str:
        return self.graph("Div", _constant(a), _constant(b))

    def floor_div(self, a: Value, b: Value) -> str:
        return self.graph("Floor", self.div(a, b))

    def mod(self, a: Value, b: Value) -> str:
        return self.sub(a, self.mul(self.floor_div(a, b), b))

    def where(self, condition: str, a: Value, b: Value) -> str:
        return self.graph("Where", condition, _constant(a), _constant(b))

    def less(self, a: Value, b: Value) -> str:
        return self.graph("Less", _constant(a), _constant(b))

    def equals(self, a: Value, b: float) -> str:
        return self.graph("Equal", a, _constant(b))

    def looked_up(self, table: np.ndarray, month: str) -> str:
        """Entry of a month from 1 to 12; any where there is no date."""
        index = self.where(self.graph("IsNaN", month), 0.0, self.sub(month, 1.0))
        return self.graph("Gather", table, self.graph("Cast", index, to=7), axis=0)


def _parts(of: _Arithmetic, date: str, with_clock: bool) -> list[str]:
    days = of.div(date, _SECONDS_OF_A_DAY)
    day = of.graph("Floor", days)
    time = of.sub(days, day)
    year, month, day_of_month = _civil(of, day)
    leap = _is_leap(of, year)
    is_late = of.graph("And", leap, of.less(2.0, month))
    day_of_year = of.add(of.looked_up(_DAYS_BEFORE_MONTH, month), of.sub(day_of_month, 1.0))
    day_of_year = of.add(day_of_year, of.where(is_late, 1.0, 0.0))
    is_leap_february = of.graph("And", leap, of.equals(month, 2.0))
    length = of.add(of.looked_up(_DAYS_IN_MONTH, month), of.where(is_leap_february, 1.0, 0.0))
    weekday = of.mod(of.add(day, _WEEKDAY_OF_1970), 7.0)
    cycles = [
        of.div(of.add(day_of_year, time), of.where(leap, 366.0, 365.0)),
        of.div(of.add(of.sub(day_of_month, 1.0), time), length),
        of.div(of.add(weekday, time), 7.0),
        *([time] if with_clock else []),
    ]
    angles = [of.mul(cycle, 2 * np.pi) for cycle in cycles]
    waves = [of.graph(wave, angle) for angle in angles for wave in ("Sin", "Cos")]
    return [of.sub(days, _DAYS_TO_2000), *waves]


def _civil(of: _Arithmetic, day: str) -> tuple[str, str, str]:
    """Year, month and day of a month from days since 1970; years begin in March meanwhile."""
    since = of.add(day, 719_468.0)  # from the first of March of the year 0 on
    era = of.floor_div(since, 146_097.0)
    of_era = of.sub(since, of.mul(era, 146_097.0))
    leap_days = of.sub(of.floor_div(of_era, 36_524.0), of.floor_div(of_era, 1460.0))
    leap_days = of.sub(leap_days, of.floor_div(of_era, 146_096.0))
    year_of_era = of.floor_div(of.add(of_era, leap_days), 365.0)
    begin = of.add(of.mul(year_of_era, 365.0), of.floor_div(year_of_era, 4.0))
    begin = of.sub(begin, of.floor_div(year_of_era, 100.0))
    day_of_year = of.sub(of_era, begin)
    from_march = of.floor_div(of.add(of.mul(day_of_year, 5.0), 2.0), 153.0)
    month_begin = of.floor_div(of.add(of.mul(from_march, 153.0), 2.0), 5.0)
    day_of_month = of.add(of.sub(day_of_year, month_begin), 1.0)
    month = of.add(from_march, of.where(of.less(from_march, 10.0), 3.0, -9.0))
    next_year = of.where(of.less(month, 3.0), 1.0, 0.0)
    year = of.add(of.add(year_of_era, of.mul(era, 400.0)), next_year)
    return year, month, day_of_month


def _is_leap(of: _Arithmetic, year: str) -> str:
    by_4, by_100, by_400 = (of.equals(of.mod(year, n), 0.0) for n in (4.0, 100.0, 400.0))
    plain = of.graph("And", by_4, of.graph("Not", by_100))
    return of.graph("Or", plain, by_400)


def _constant(value: Value) -> Value:
    return value if isinstance(value, str) else np.asarray(value, dtype=np.float64)
