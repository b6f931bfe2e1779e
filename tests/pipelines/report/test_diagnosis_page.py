"""The page of a diagnosis."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from estimators import Diagnosis, Finding
from estimators.diagnosis import Probe
from pipelines.report.diagnosis_page import layers_info, plot_layers, render_diagnosis

FIGURES = {"units": 8, "dead": 0.25, "saturated": math.nan, "equal": 0.0, "variance": 1.0}
LAYER = {**FIGURES, "gradient": 0.5, "weight": 1.0, "gradient_norm": 2.0, "update_ratio": 0.01}


@pytest.fixture
def found():
    """Two layers before training and after two epochs."""
    first = [
        {"layer": "dense_0", **LAYER, "gradient": 0.001},
        {"layer": "output", **LAYER, "dead": math.nan},
    ]
    probes = {0: Probe(pd.DataFrame(first), 1.0, math.nan, math.nan)}
    for epoch in (1, 2):
        gradients = {"dense_0": 0.1 * epoch, "output": 0.0}
        layers = [{"layer": name, **LAYER, "gradient": each} for name, each in gradients.items()]
        probes[epoch] = Probe(pd.DataFrame(layers), 1.0, math.nan, math.nan)
    finding = Finding(
        "dead units", "25 % <of them>", "Do this.", ({"activation": "elu"}, {"dropout": 0.0})
    )
    return Diagnosis(
        (finding,), probes, {"score": 0.5}, 2, True, {"loss": [2.0, 1.0], "val_loss": [3, 2]}
    )


def test_a_figure_by_layer_and_epoch(found):
    info = layers_info(found, "gradient")
    assert info.layers == ["dense_0", "output"]
    assert info.epochs == [[0, 1, 2], [0, 1, 2]]
    assert info.values == [[0.001, 0.1, 0.2], [0.5, 0.0, 0.0]]
    dead = layers_info(found, "dead")
    assert (dead.is_log, dead.values[0]) == (False, [0.25, 0.25, 0.25])
    assert layers_info(found, "saturated") is None


def test_zero_is_a_gap_on_a_logarithmic_scale(found):
    drawn = plot_layers(layers_info(found, "gradient"))
    assert drawn.count("<polyline") == 2
    assert "dense_0: 0.001 at first, 0.2 at last" in drawn


def test_without_epochs_there_are_points(found):
    before = Diagnosis(found.findings, {0: found.probes[0]})
    assert plot_layers(layers_info(before, "gradient")).count("<circle") == 2


def test_the_page(found):
    page = render_diagnosis(
        found, title="Diagnosis on digits", facts={"epochs": 2}, repairs=("Kept: dropout.",)
    )
    assert "<strong>Dead units</strong>: 25 % &lt;of them&gt;. Do this." in page
    assert "<code>activation: elu</code>, then <code>dropout: 0.0</code>" in page
    assert "<li>Kept: dropout.</li>" in page
    assert page.count('class="chart plot"') == 5  # the curves, and the figures but saturation
    assert "nan" not in page.split("<script>")[0]


def test_a_page_without_findings(found):
    page = render_diagnosis(Diagnosis((), {0: found.probes[0]}), title="it", facts={})
    assert "Nothing was found." in page
    assert "How did it learn" not in page
    assert "What was tried" not in page


@pytest.mark.parametrize("width", [390, 1440])
def test_charts_fill_the_page_in_a_browser(found, look_at, width):
    seen, console = look_at(render_diagnosis(found, title="Diagnosis", facts={}), width)
    assert seen["overflow"] == seen["cut"] == 0
    assert min(seen["filled"]) > 0.75
    assert "CONSOLE" not in console
