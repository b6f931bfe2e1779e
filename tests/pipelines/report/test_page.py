from __future__ import annotations

import html
from html.parser import HTMLParser

import plotly.graph_objects as go
import pytest

from pipelines.report import render_page


class Page(HTMLParser):
    """Cells of the tables row by row, pairs of the list, resources, and text outside scripts."""

    def __init__(self, source):
        super().__init__()
        self.rows, self.terms, self.resources, self.text = [], [], [], []
        self.tags = []
        self._open = []
        self.feed(source)

    def handle_starttag(self, tag, attributes):
        self._open.append(tag)
        self.tags.append(tag)
        self.resources += [value for name, value in attributes if name in ("src", "href")]
        if tag == "tr":
            self.rows.append([])

    def handle_endtag(self, tag):
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data):
        inside = self._open[-1] if self._open else ""
        if inside in ("script", "style"):
            return
        self.text.append(data)
        if inside in ("td", "th"):
            self.rows[-1].append(data)
        if inside in ("dt", "dd"):
            self.terms.append(data)


@pytest.fixture(scope="module")
def render(judged):
    """A function that renders the page of some evaluations."""

    def make(evaluations, **changes):
        values = {
            "title": "Grid search on digits",
            "facts": {"dataset": "digits", "folds": 3},
        }
        return render_page(evaluations, judged(evaluations), **{**values, **changes})

    return make


@pytest.fixture(scope="module")
def source(render, evaluations):
    return render(evaluations)


def test_nothing_is_loaded_from_elsewhere(source):
    page = Page(source)
    assert page.resources == []
    assert "link" not in page.tags
    assert "@import" not in source
    assert "Plotly.newPlot" in source
    assert len(source) > 1_000_000  # plotly itself is inside


def test_head(source):
    page = Page(source)
    assert "<title>Grid search on digits</title>" in source
    assert page.terms[:4] == ["dataset", "digits", "folds", "3"]
    assert source.index("Take selu, lecun_normal") < source.index("<details><summary>Settings")


def test_table(source):
    assert Page(source).rows == [
        ["rank", "configuration", "validation", "± std", "train", "fit s", "epochs", "weights"],
        ["1", "selu, lecun_normal", "0.8000", "0.1000", "0.8500", "1.50", "3", "1,234"],
        ["2", "elu", "0.7000", "0.1000", "0.7500", "1.50", "2", "1,234"],
        ["relu", "failed: ValueError: it broke"],
        ["tanh", "diverged: Training diverged."],
    ]


def test_the_best_row_is_marked(source):
    assert source.count('<tr class="best">') == 1
    assert source.index('<tr class="best">') < source.index("selu, lecun_normal</td>")


def test_figures(source):
    assert source.count("Plotly.newPlot(") == 3
    for heading in ("Score against time", "Learning curves", "Hyperparameters and score"):
        assert f"<h2>{heading}" in source


def test_names_are_text_and_never_html(render, complete, failed):
    attack = "<img src=x onerror=alert(1)></script>"
    source = render(
        [complete(0, attack, 0.5), failed(1, "b", f"ValueError: {attack}")],
        title=attack,
        facts={attack: attack},
    )
    page = Page(source)
    assert "img" not in page.tags
    assert "<img" not in source
    assert page.rows[1][1] == attack
    assert source.count(html.escape(attack)) >= 5


def test_a_single_configuration(render, complete):
    assert len(Page(render([complete(0, "defaults", 0.5)])).rows) == 2


def test_a_pruned_configuration_is_no_fault(render, evaluations, failed):
    reason = "Pruned after epoch 3."
    source = render([*evaluations, failed(4, "silu", reason, status="pruned")])
    assert ["silu", reason] in Page(source).rows
    assert source.count('class="bad"') == 2  # the failed and the diverged one


def test_more_figures_stand_below(render, evaluations):
    figure = go.Figure(go.Scatter(x=[1, 2], y=[3, 4]))
    source = render(evaluations, figures={"History <1>": figure})
    assert source.count("plotly-graph-div") == 4 + 1  # and its style
    text = "".join(Page(source).text)
    assert text.index("Hyperparameters and score") < text.index("History <1>")
