"""Charts as HTML with SVG in it: as wide as the page, text as large as the page's.

Horizontal places are per cent of the width, so that a chart narrows with its page and its text does
not. Colours are the page's variables; a mark's ``data-tip`` is shown by the page's script.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup, escape

from pipelines.report.scale import Scale
from pipelines.statistics import Interval

__all__ = ["Band", "Line", "Points", "Strip", "plot", "strips"]


@dataclass(frozen=True)
class Strip:
    """A row of a dot plot.

    Attributes
    ----------
    label, text : str
        What stands left and right of it.
    interval : Interval
    tip : str
    kind : {"good", "bad", "soft", "first"}
        Of its colour.
    mark : {"dot", "up", "down", "bar", "step"}
        A verdict is told by shape as well as by colour; a step is a bar with a dot at its end.
    start : float
        Where a bar begins.
    """

    label: str
    text: str
    interval: Interval
    tip: str
    kind: str = "first"
    mark: str = "dot"
    start: float = 0.0


_MARKS = {"dot": "●", "step": "●", "up": "▲", "down": "▼"}


def strips(rows: Sequence[Strip], scale: Scale, *, label: str, zero: float | None = None) -> Markup:
    """A dot plot: a row an interval, what lies beyond the scale cut with an arrow.

    Parameters
    ----------
    rows : sequence of Strip
    scale : Scale
    label : str
        Of the axis.
    zero : float, default=None
        Where a line is drawn.

    Returns
    -------
    Markup
    """
    line = "" if zero is None else _vertical(scale.place(zero), "zero")
    grid = "".join(_vertical(scale.place(value), "grid") for value, _ in scale.ticks())
    body = "".join(
        f'<div class="strip"><span class="label">{escape(row.label)}</span>'
        f'<svg height="24" class="{row.kind}" data-tip="{escape(row.tip)}">{grid}{line}'
        f'{_interval(row, scale)}</svg><span class="text">{escape(row.text)}</span></div>'
        for row in rows
    )
    ticks = "".join(
        f'<text x="{scale.place(value)}%" y="12" text-anchor="{_anchor(scale.place(value))}">{text}</text>'
        for value, text in scale.ticks()
    )
    axis = (
        f'<div class="strip axis"><span></span><svg height="16">{ticks}</svg><span></span></div>'
        f'<div class="strip axis"><span></span><div class="axis-label">{escape(label)}</div>'
        "<span></span></div>"
    )
    return Markup(f'<div class="chart strips">{body}{axis}</div>')


def _vertical(place: float, kind: str) -> str:
    if not 0 <= place <= 100:
        return ""
    return f'<line class="{kind}" x1="{place}%" x2="{place}%" y1="0" y2="100%"/>'


def _interval(row: Strip, scale: Scale) -> str:
    mean, low, high = (
        scale.place(value) if math.isfinite(value) else math.nan for value in row.interval
    )
    drawn = ""
    if math.isnan(mean):
        return drawn
    if row.mark in ("bar", "step"):
        start = min(max(scale.place(row.start), 0), 100)
        left, right = sorted((start, min(max(mean, 0), 100)))
        drawn += (
            f'<rect class="bar" x="{left}%" width="{round(right - left, 3)}%" y="5" height="14"/>'
        )
    if math.isfinite(low) and math.isfinite(high):
        left, right = max(low, 0.0), min(high, 100.0)
        if left < right:
            drawn += f'<line class="bar" x1="{left}%" x2="{right}%" y1="12" y2="12"/>'
        if low < 0:
            drawn += '<text class="cut" x="0" y="17">◂</text>'
        if high > 100:
            drawn += '<text class="cut" x="100%" y="17" text-anchor="end">▸</text>'
    if row.mark != "bar" and 0 <= mean <= 100:
        drawn += (
            f'<text class="mark" x="{mean}%" y="17" text-anchor="middle">{_MARKS[row.mark]}</text>'
        )
    elif row.mark != "bar" and math.isnan(low):
        drawn += f'<text class="cut" x="{0 if mean < 0 else 100}%" y="17">{"◂" if mean < 0 else "▸"}</text>'
    return drawn


@dataclass(frozen=True)
class Points:
    """Points of a plot.

    Attributes
    ----------
    x, y : sequence of float
    tips : sequence of str
    kind : str
        "first", "second", "good", "bad", "base" or "soft".
    low, high : sequence of float
        Ends of vertical intervals; empty where there are none.
    names : sequence of str
        Written beside the points; empty where they have none.
    size : float
        Radius in pixels.
    """

    x: Sequence[float]
    y: Sequence[float]
    tips: Sequence[str]
    kind: str = "first"
    low: Sequence[float] = ()
    high: Sequence[float] = ()
    names: Sequence[str] = ()
    size: float = 5.0


@dataclass(frozen=True)
class Line:
    """A line of a plot through points from left to right; gaps where y is not finite.

    Attributes
    ----------
    x, y : sequence of float
    tip : str
    kind : str
        As of points, or "series-0" to "series-4".
    is_dotted : bool
    """

    x: Sequence[float]
    y: Sequence[float]
    tip: str = ""
    kind: str = "first"
    is_dotted: bool = False


@dataclass(frozen=True)
class Band:
    """An area between two lines, from left to right; gaps where one of them is not finite.

    Attributes
    ----------
    x, low, high : sequence of float
    kind : str
        As of lines.
    """

    x: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]
    kind: str = "first"


def plot(
    marks: Sequence[Points | Line | Band],
    x: Scale,
    y: Scale,
    *,
    x_label: str,
    y_label: str,
    height: int = 300,
) -> Markup:
    """A plot of points and lines, with both axes.

    Parameters
    ----------
    marks : sequence of Points, Line or Band
        Points lie above lines, and these above bands; else the later ones above. What is beyond the scales is drawn at their ends.
    x, y : Scale
    x_label, y_label : str
    height : int, default=300
        Pixels.

    Returns
    -------
    Markup
    """
    lines = "".join(_band(mark, x, y) for mark in marks if isinstance(mark, Band))
    lines += "".join(_line(mark, x, y) for mark in marks if isinstance(mark, Line))
    points = "".join(_points(mark, x, y) for mark in marks if isinstance(mark, Points))
    grid = "".join(
        f'<line class="grid" x1="0" x2="100%" y1="{100 - y.place(value)}%" y2="{100 - y.place(value)}%"/>'
        for value, _ in y.ticks()
    )
    y_ticks = "".join(
        f'<text x="100%" dx="-6" y="{100 - y.place(value)}%" dy="4" text-anchor="end">{text}</text>'
        for value, text in y.ticks()
    )
    x_ticks = "".join(
        f'<text x="{x.place(value)}%" y="14" text-anchor="{_anchor(x.place(value))}">{text}</text>'
        for value, text in x.ticks()
    )
    return Markup(
        f'<div class="chart plot"><div class="y-label">{escape(y_label)}</div>'
        f'<svg class="y-axis" height="{height}">{y_ticks}</svg>'
        f'<svg class="area" height="{height}">{grid}'
        f'<svg viewBox="0 0 100 100" preserveAspectRatio="none">{lines}</svg>{points}</svg>'
        f'<svg class="x-axis" height="34">{x_ticks}'
        f'<text x="50%" y="31" text-anchor="middle">{escape(x_label)}</text></svg></div>'
    )


def _anchor(place: float) -> str:
    return "start" if place < 4 else "end" if place > 96 else "middle"


def _line(line: Line, x: Scale, y: Scale) -> str:
    parts: list[list[str]] = [[]]
    for one, other in zip(line.x, line.y, strict=True):
        if math.isfinite(other):
            parts[-1].append(f"{_clip(x.place(one)):g},{100 - _clip(y.place(other)):.5g}")
        elif parts[-1]:
            parts.append([])
    dotted = " dotted" if line.is_dotted else ""
    tip = f' data-tip="{escape(line.tip)}"' if line.tip else ""
    return "".join(
        f'<polyline class="{line.kind}{dotted}"{tip} points="{" ".join(part)}"/>'
        for part in parts
        if part
    )


def _band(band: Band, x: Scale, y: Scale) -> str:
    ends = [*zip(band.x, band.low, band.high, strict=True)]
    parts: list[list[tuple[float, float, float]]] = [[]]
    for end in ends:
        if all(map(math.isfinite, end)):
            parts[-1].append(end)
        elif parts[-1]:
            parts.append([])
    drawn = ""
    for part in parts:
        corners = [(one, low) for one, low, _ in part] + [
            (one, high) for one, _, high in part[::-1]
        ]
        points = " ".join(
            f"{_clip(x.place(one)):g},{100 - _clip(y.place(other)):.5g}" for one, other in corners
        )
        drawn += f'<polygon class="{band.kind}" points="{points}"/>' if part else ""
    return drawn


def _points(points: Points, x: Scale, y: Scale) -> str:
    drawn = []
    for n, (one, other, tip) in enumerate(zip(points.x, points.y, points.tips, strict=True)):
        if not (math.isfinite(one) and math.isfinite(other)):
            continue
        across, down = _clip(x.place(one)), 100 - _clip(y.place(other))
        if len(points.low):
            ends = [100 - _clip(y.place(end)) for end in (points.low[n], points.high[n])]
            drawn.append(
                f'<line class="{points.kind}" x1="{across}%" x2="{across}%" y1="{ends[0]:g}%" y2="{ends[1]:g}%"/>'
            )
        shown = f' data-tip="{escape(tip)}"' if tip else ""
        drawn.append(
            f'<circle class="{points.kind}" cx="{across:g}%" cy="{down:g}%" r="{points.size:g}"{shown}/>'
        )
        if len(points.names) and points.names[n]:
            anchor, shift = ("end", -9) if across > 55 else ("start", 9)
            drawn.append(
                f'<text class="name" x="{across}%" y="{down:g}%" dx="{shift}" dy="4" text-anchor="{anchor}">'
                f"{escape(points.names[n])}</text>"
            )
    return "".join(drawn)


def _clip(place: float) -> float:
    return float(np.clip(place, 0, 100))
