"""Drawings: figures whose colours follow the page, and the same as PNG.

matplotlib draws both, so that no browser is needed for the PNG, and a page holds its figures as
text that takes the page's font and its colours by daylight and at night.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.markers import CARETDOWN, CARETLEFT, CARETRIGHT, CARETUP

__all__ = [
    "BAD",
    "BASE",
    "FIRST",
    "GOOD",
    "INK",
    "LINE",
    "PAPER",
    "SECOND",
    "SOFT",
    "Drawing",
    "axis_window",
    "draw",
    "draw_interval",
    "note_outside",
]

# Each is a variable of the page's style. Okabe and Ito's colours, which colour-blind readers tell
# apart (https://jfly.uni-koeln.de/color/), carry the data.
PAPER = "#fffffe"
INK = "#1f2937"
SOFT = "#6b7280"
LINE = "#e5e7eb"
BASE = "#8b919c"
FIRST = "#0072b2"
SECOND = "#e69f00"
GOOD = "#009e73"
BAD = "#d55e00"

_VARIABLES = {
    PAPER: "paper",
    INK: "ink",
    SOFT: "soft",
    LINE: "line",
    BASE: "base",
    FIRST: "first",
    SECOND: "second",
    GOOD: "good",
    BAD: "bad",
}

_FEW = 10

_STYLE: dict[Any, Any] = {
    "font.size": 10,
    "text.color": INK,
    "axes.edgecolor": SOFT,
    "axes.labelcolor": SOFT,
    "axes.titlesize": 10,
    "axes.titlecolor": INK,
    "axes.titlelocation": "left",
    "axes.facecolor": PAPER,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": LINE,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "figure.facecolor": PAPER,
    "figure.constrained_layout.use": True,
    "legend.frameon": False,
    "svg.fonttype": "none",
}


@dataclass(frozen=True)
class Drawing:
    """A figure, drawn.

    Attributes
    ----------
    name : str
        File name without suffix.
    caption : str
        What it shows, for people who see it and people who don't.
    svg : str
        For a page that has the style's variables; begins with ``<svg``.
    png : bytes
        On white.
    """

    name: str
    caption: str
    svg: str
    png: bytes


def draw(name: str, caption: str, make: Callable[[], Figure]) -> Drawing:
    """Draw a figure in the common style.

    Parameters
    ----------
    name : str
        File name without suffix.
    caption : str
    make : callable
        Makes the figure, in this module's colours.

    Returns
    -------
    Drawing
    """
    # The salt keeps the ids within one page apart, and the same from run to run.
    with matplotlib.rc_context({**_STYLE, "svg.hashsalt": name}):
        figure = make()
        svg, png = io.StringIO(), io.BytesIO()
        figure.savefig(svg, format="svg", metadata={"Date": None})
        figure.savefig(png, format="png", dpi=150, metadata={"Software": None})
    return Drawing(name, caption, _for_page(svg.getvalue(), caption), png.getvalue())


def _for_page(svg: str, caption: str) -> str:
    svg = svg[svg.index("<svg") :]
    for colour, variable in _VARIABLES.items():
        svg = svg.replace(colour, f"var(--{variable})")
    svg = re.sub(r"font-family: [^;\"]*", "font-family: system-ui, sans-serif", svg)
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    label = caption.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    opening = f'<svg role="img" aria-label="{label}" '
    svg = svg.replace("<svg ", opening, 1)
    return re.sub(r' (width|height)="[\d.]+pt"', "", svg, count=2)


def axis_window(values: Sequence[float], keep: float, spread: float = 3.0) -> tuple[float, float]:
    """Limits of an axis that shows most values well; the few far away are left outside.

    Of fewer than ten values all are inside.

    Parameters
    ----------
    values : sequence of float
    keep : float
        Inside in any case.
    spread : float, default=3.0
        Median deviations from the median beyond which a value is far away.

    Returns
    -------
    low, high : float
    """
    finite = np.array([value for value in values if math.isfinite(value)])
    if not finite.size:
        return keep - 1, keep + 1
    if finite.size < _FEW:
        spread = math.inf
    middle = np.median(finite)
    reach = spread * max(float(np.median(np.abs(finite - middle))), 1e-9)
    inside = finite[np.abs(finite - middle) <= reach]
    low, high = min(inside.min(), keep), max(inside.max(), keep)
    margin = 0.08 * (high - low) or 0.5
    return float(low - margin), float(high + margin)


def draw_interval(
    axes: Axes,
    low: float,
    high: float,
    place: float,
    *,
    colour: str,
    width: float = 2.0,
    vertical: bool = False,
) -> None:
    """Draw an interval; an arrow marks each end that the axes, as they are, cut.

    Parameters
    ----------
    axes : Axes
        With the limits that they will have.
    low, high : float
        Nothing is drawn unless both are finite.
    place : float
        On the other axis.
    colour : str
    width : float, default=2.0
        Of the line, in points.
    vertical : bool, default=False
    """
    first, last = axes.get_ylim() if vertical else axes.get_xlim()
    if not (math.isfinite(low) and math.isfinite(high)) or high < first or low > last:
        return
    marks: tuple[Any, ...] = (CARETDOWN, CARETUP) if vertical else (CARETLEFT, CARETRIGHT)

    def draw(along: list[float], **how: Any) -> None:
        across = [place] * len(along)
        axes.plot(*((across, along) if vertical else (along, across)), color=colour, **how)

    draw([max(low, first), min(high, last)], linewidth=width)
    for end, mark, is_cut in ((first, marks[0], low < first), (last, marks[1], high > last)):
        if is_cut:
            draw([end], marker=mark, markersize=4 + width, clip_on=False)


def note_outside(axes: Axes, height: float, text: str, *, is_left: bool, colour: str) -> None:
    """Write at the left or right end of the axes what lies beyond it, with an arrow."""
    axes.text(
        axes.get_xlim()[0 if is_left else 1],
        height,
        f" ◂ {text}" if is_left else f"{text} ▸ ",
        ha="left" if is_left else "right",
        va="center",
        size=9,
        color=colour,
    )
