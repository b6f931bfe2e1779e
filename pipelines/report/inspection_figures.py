"""Figures of the best model on held-out rows: first the numbers, then the picture."""

from __future__ import annotations

import base64
import struct
import zlib
from typing import NamedTuple

import numpy as np
from markupsafe import Markup, escape

from pipelines.report.chart import Line, Points, Strip, plot, strips
from pipelines.report.inspection import Calibration, Inspection, Thresholds
from pipelines.report.scale import Scale, scale_of

__all__ = [
    "ResidualsInfo",
    "confusion_table",
    "plot_calibration",
    "plot_column_importances",
    "plot_predictions",
    "plot_residuals",
    "plot_thresholds",
    "png_address",
    "residuals_info",
]

_MOST_POINTS = 500
_MOST_COLUMNS = 20
_MOST_STEPS = 120


class ResidualsInfo(NamedTuple):
    """Predicted and actual values of some rows, among them the worst ones."""

    actual: np.ndarray
    predicted: np.ndarray
    target: str
    n_rows: int


def residuals_info(inspection: Inspection) -> ResidualsInfo:
    """Collect up to 500 rows: evenly spread over the actual values, and the worst ones."""
    actual, predicted = inspection.actual.astype(float), inspection.predicted.astype(float)
    order = np.argsort(actual, kind="stable")
    even = order[np.linspace(0, len(order) - 1, min(len(order), _MOST_POINTS)).round().astype(int)]
    worst = np.argsort(-np.abs(predicted - actual), kind="stable")[: _MOST_POINTS // 25]
    shown = np.unique([*even, *worst])
    return ResidualsInfo(actual[shown], predicted[shown], inspection.target, len(actual))


def plot_predictions(info: ResidualsInfo) -> Markup:
    """Plot predicted against actual values, with the line of perfect predictions."""
    scale = scale_of([*info.actual, *info.predicted])
    return plot(
        [
            Line([scale.low, scale.high], [scale.low, scale.high], kind="soft"),
            _cloud(info, info.predicted),
        ],
        scale,
        scale,
        x_label=f"actual {info.target}",
        y_label=f"predicted {info.target}",
    )


def plot_residuals(info: ResidualsInfo) -> Markup:
    """Plot predicted minus actual values against the predicted ones."""
    residuals = info.predicted - info.actual
    x, y = scale_of(info.predicted), scale_of(residuals, keep=[0.0])
    cloud = _cloud(info, residuals, info.predicted)
    return plot(
        [Line([x.low, x.high], [0.0, 0.0], kind="soft"), cloud],
        x,
        y,
        x_label=f"predicted {info.target}",
        y_label="predicted minus actual",
    )


def _cloud(info: ResidualsInfo, y: np.ndarray, x: np.ndarray | None = None) -> Points:
    tips = [
        f"actual {actual:.4g}, predicted {predicted:.4g}"
        for actual, predicted in zip(info.actual, info.predicted, strict=True)
    ]
    x = info.actual if x is None else x
    return Points(x.tolist(), y.tolist(), tips, size=2.5)


def confusion_table(inspection: Inspection) -> Markup:
    """The confusion matrix as a table, shaded by the share of the actual class."""
    assert inspection.confusion is not None
    heading = "".join(f"<th>{escape(name)}</th>" for name in inspection.classes)
    body = []
    for actual, (name, counts) in enumerate(
        zip(inspection.classes, inspection.confusion, strict=True)
    ):
        cells = []
        for predicted, count in enumerate(counts):
            share = 100 * count / max(1, counts.sum())
            kind = "right" if predicted == actual else "wrong"
            shown = max(12.0, 0.6 * share) if count else 0.0  # text stays readable on it
            tip = f"{count} of {counts.sum()} {inspection.answered}s of {name} predicted as {inspection.classes[predicted]}"
            cells.append(
                f'<td class="{kind}" style="--share: {shown:.0f}%" data-tip="{escape(tip)}">{count or ""}</td>'
            )
        body.append(f"<tr><th>{escape(name)}</th>{''.join(cells)}</tr>")
    return Markup(
        '<div class="scroll"><table class="confusion"><thead><tr><th>actual \\ predicted</th>'
        f"{heading}</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
    )


def plot_calibration(calibration: Calibration, answered: str = "row") -> Markup:
    """Plot how often predictions of rows or steps are right against the probability they claim."""
    tips = [
        f"{count} {answered}s predicted with {100 * predicted:.0f} %: {100 * observed:.0f} % right"
        for count, predicted, observed in zip(
            calibration.counts, calibration.predicted, calibration.observed, strict=True
        )
    ]
    x, y = 100 * calibration.predicted, 100 * calibration.observed
    scale = Scale(0, 100)
    return plot(
        [
            Line([0, 100], [0, 100], kind="soft"),
            Line(x.tolist(), y.tolist(), kind="first"),
            Points(x.tolist(), y.tolist(), tips),
        ],
        scale,
        scale,
        x_label="probability of the predicted class, %",
        y_label="share that is right, %",
    )


def plot_thresholds(thresholds: Thresholds) -> Markup:
    """Plot precision and recall against the probability that a prediction takes."""
    n = len(thresholds.thresholds)
    shown = np.unique(np.linspace(0, n - 1, min(n, _MOST_STEPS)).round().astype(int))
    x = (100 * thresholds.thresholds[shown]).tolist()
    return plot(
        [
            Line(x, (100 * thresholds.precision[shown]).tolist(), "precision", "first"),
            Line(x, (100 * thresholds.recall[shown]).tolist(), "recall", "second"),
        ],
        Scale(0, 100),
        Scale(0, 100),
        x_label=f"predicted as {thresholds.positive} from this probability on, %",
        y_label="precision and recall, %",
    )


def plot_column_importances(inspection: Inspection) -> Markup:
    """Plot how much worse the metric gets where a column is shuffled."""
    metric = inspection.metric
    named = [*inspection.importances.items()][:_MOST_COLUMNS]
    loss = [(name, drop.times(metric.factor)) for name, drop in named]
    rows = [
        Strip(
            name,
            f"{drop.mean:.3g}",
            drop,
            f"{name}: {drop.mean:.3g} [{drop.low:.3g}, {drop.high:.3g}]",
            mark="bar",
        )
        for name, drop in loss
    ]
    scale = scale_of([end for _, drop in loss for end in drop], keep=[0.0])
    unit = f", {metric.difference_unit}" if metric.difference_unit else ""
    what = "lost" if metric.greater_is_better else "more"
    return strips(rows, scale, label=f"{metric.name} {what}{unit}", zero=0.0)


def png_address(pixels: np.ndarray) -> str:
    """A picture in grey as the address of an image: PNG, within the page.

    Parameters
    ----------
    pixels : ndarray of shape (height, width)
        Between 0 (white) and 1 (black).

    Returns
    -------
    str
    """
    height, width = pixels.shape
    grey = (255 * (1 - np.clip(pixels, 0, 1))).round().astype(np.uint8)
    lines = b"".join(b"\0" + row.tobytes() for row in grey)
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b"")]
    png = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"
