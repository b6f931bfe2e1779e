"""Scales of a chart's axes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

__all__ = ["Scale", "scale_of"]

_N_TICKS = 5
_MOST_LOG_TICKS = 7
_SMALLEST = 1e-12


@dataclass(frozen=True)
class Scale:
    """Places on an axis, from 0 to 100.

    Attributes
    ----------
    low, high : float
        The ends.
    is_log : bool
    """

    low: float
    high: float
    is_log: bool = False

    def place(self, value: float) -> float:
        """Where a value is, in per cent; beyond the ends it is below 0 or above 100.

        Examples
        --------
        >>> Scale(0, 4).place(1), Scale(1, 100, is_log=True).place(10)
        (25.0, 50.0)
        """
        low, high, value = (
            (math.log10(max(one, _SMALLEST)) for one in (self.low, self.high, value))
            if self.is_log
            else (self.low, self.high, value)
        )
        return round(100 * (value - low) / (high - low), 3)

    def holds(self, value: float) -> bool:
        """Whether a value is between the ends."""
        return self.low <= value <= self.high

    def ticks(self) -> list[tuple[float, str]]:
        """Round values between the ends, and how they are printed.

        Examples
        --------
        >>> [text for _, text in Scale(0, 1).ticks()]
        ['0', '0.2', '0.4', '0.6', '0.8', '1']
        >>> [text for _, text in Scale(0.02, 3, is_log=True).ticks()]
        ['0.02', '0.05', '0.1', '0.2', '0.5', '1', '2']
        """
        if self.is_log:
            return [(value, f"{value:g}") for value in self._log_ticks()]
        raw = (self.high - self.low) / _N_TICKS
        power = 10.0 ** math.floor(math.log10(raw))
        step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= raw * 0.999)
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        return [(n * step, f"{n * step + 0.0:.10g}") for n in range(first, last + 1)]

    def _log_ticks(self) -> list[float]:
        exponents = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        for multiples in ((1, 2, 5), (1, 3), (1,)):
            found = [float(f"{m}e{exponent}") for exponent in exponents for m in multiples]
            found = [value for value in found if self.holds(value)]
            if len(found) <= _MOST_LOG_TICKS:
                break
        if len(found) < 3:  # within a decade
            return [value for value, _ in Scale(self.low, self.high).ticks() if value > 0]
        return found[:: -(-len(found) // _MOST_LOG_TICKS)]


def scale_of(
    values: Iterable[float],
    *,
    keep: Sequence[float] = (),
    is_log: bool = False,
    margin: float = 0.04,
) -> Scale:
    """A scale that holds some values, with a margin.

    Parameters
    ----------
    values : iterable of float
        Those that are not finite, or not above 0 on a logarithmic scale, are left out.
    keep : sequence of float, default=()
        On the scale in any case.
    is_log : bool, default=False
    margin : float, default=0.04
        Share of the range that is added at both ends.

    Returns
    -------
    Scale

    Examples
    --------
    >>> scale_of([1.0, math.nan, 3.0], margin=0.5)
    Scale(low=0.0, high=4.0, is_log=False)
    """
    known = [float(one) for one in (*values, *keep) if math.isfinite(one)]
    if is_log:
        known = [math.log10(one) for one in known if one > 0]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    room = margin * (high - low)
    if high - low <= _SMALLEST * max(abs(low), abs(high), 1.0):
        room = 0.5 if is_log else 0.05 * abs(low) or 0.5
    low, high = low - room, high + room
    return Scale(10**low, 10**high, True) if is_log else Scale(low, high)
