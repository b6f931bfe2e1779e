"""The page of a diagnosis: what was found, and the figures by layer and epoch."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import jinja2
from markupsafe import Markup

from estimators import Diagnosis
from pipelines.report.chart import Line, Points, plot
from pipelines.report.scale import Scale, scale_of

__all__ = ["LayersInfo", "layers_info", "plot_layers", "render_diagnosis"]

# Figures by layer: their titles, and whether they span magnitudes.
_SHOWN: Mapping[str, tuple[str, bool]] = {
    "gradient": ("gradient of the loss at the layer, root mean square", True),
    "update_ratio": ("change in the next step over the kernel's size", True),
    "variance": ("variance of what goes into the activation", True),
    "dead": ("share of units that give 0 for every row", False),
    "saturated": ("share of outputs at the ends of the activation", False),
}
_N_COLOURS = 5


class LayersInfo(NamedTuple):
    """A figure by layer and epoch.

    Attributes
    ----------
    title : str
    is_log : bool
    layers : list of str
    epochs, values : list of list of float
        One list a layer.
    """

    title: str
    is_log: bool
    layers: list[str]
    epochs: list[list[float]]
    values: list[list[float]]


def layers_info(found: Diagnosis, figure: str) -> LayersInfo | None:
    """Collect a figure of each layer, from before the first step (epoch 0) on.

    Parameters
    ----------
    found : Diagnosis
    figure : str
        A column of ``layers``.

    Returns
    -------
    LayersInfo or None
        None where no layer has the figure, or all of them are 0.
    """
    title, is_log = _SHOWN[figure]
    table = found.by_epoch.dropna(subset=[figure])
    if not len(table) or not (table[figure] > 0).any():
        return None
    layers = [*dict.fromkeys(table["layer"])]
    own = [table[table["layer"] == layer] for layer in layers]
    return LayersInfo(
        title,
        is_log,
        layers,
        [each["epoch"].astype(float).tolist() for each in own],
        [each[figure].astype(float).tolist() for each in own],
    )


def plot_layers(info: LayersInfo) -> Markup:
    """Plot a figure against the epoch, a line a layer; a point where there is one epoch."""
    marks: list[Line | Points] = []
    for number, (layer, epochs, values) in enumerate(
        zip(info.layers, info.epochs, info.values, strict=True)
    ):
        kind = f"series-{number % _N_COLOURS}"
        tip = f"{layer}: {values[0]:.3g} at first, {values[-1]:.3g} at last"
        drawn = [
            value if not info.is_log or value > 0 else math.nan for value in values
        ]  # 0 has no place on a logarithmic scale
        marks.append(Line(epochs, drawn, tip, kind, is_dotted=number >= _N_COLOURS))
        if len(epochs) == 1:
            marks.append(Points(epochs, drawn, [tip], kind))
    last = max(max(epochs) for epochs in info.epochs)
    values = [value for each in info.values for value in each]
    scale = scale_of(values, is_log=info.is_log, keep=() if info.is_log else (0.0, 1.0))
    return plot(
        marks, Scale(0, max(last, 1.0)), scale, x_label="epoch", y_label=info.title, height=240
    )


def _plot_curves(history: Mapping[str, Sequence[float]]) -> Markup:
    marks: list[Line | Points] = []
    values: list[float] = []
    for name, told, is_dotted in (("loss", "training", True), ("val_loss", "validation", False)):
        curve = [value for value in history.get(name, []) if math.isfinite(value)]
        if curve:
            tip = f"{told}: {curve[-1]:.4g} at the end"
            marks.append(Line([*range(1, len(curve) + 1)], curve, tip, "first", is_dotted))
            values += curve
    n_epochs = max(len(curve) for curve in history.values())
    return plot(
        marks,
        Scale(1, max(n_epochs, 2)),
        scale_of(values, is_log=min(values, default=0) > 0),
        x_label="epoch",
        y_label="loss: validation solid, training dotted",
        height=240,
    )


def render_diagnosis(
    found: Diagnosis,
    *,
    title: str,
    facts: Mapping[str, Any],
    repairs: Sequence[str] = (),
) -> str:
    """Render a diagnosis as one page that needs no network.

    Parameters
    ----------
    found : Diagnosis
    title : str
    facts : mapping of str to object
        What was diagnosed.
    repairs : sequence of str, default=()
        What was tried against it, a sentence each.

    Returns
    -------
    str
        HTML.
    """
    figures = [info for name in _SHOWN if (info := layers_info(found, name)) is not None]
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("pipelines.report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("diagnosis.html.jinja").render(
        title=title,
        findings=found.findings,
        repairs=repairs,
        scalars={name: f"{value:.3g}" for name, value in found.figures.items()},
        curves=_plot_curves(found.history) if found.history else None,
        charts=[(info.layers, plot_layers(info)) for info in figures],
        layers=[_row(each) for each in found.layers.to_dict("records")],
        facts=facts,
        n_colours=_N_COLOURS,
    )


def _row(values: Mapping[str, Any]) -> dict[str, str]:
    """A layer's figures as texts."""
    told = {**values, "when": values["when"].removesuffix(" training")}
    return {
        name: value if isinstance(value, str) else "" if math.isnan(value) else f"{value:.3g}"
        for name, value in told.items()
    }
