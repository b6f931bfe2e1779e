from __future__ import annotations

import io
import math
import xml.etree.ElementTree as ElementTree

import pytest
from matplotlib.figure import Figure
from PIL import Image

from pipelines.report.drawing import FIRST, INK, axis_window, draw


@pytest.fixture
def drawing():
    def make():
        figure = Figure(figsize=(4, 2))
        axes = figure.subplots()
        axes.plot([0, 1], [0, 1], color=FIRST)
        axes.set_title("a < b & c", color=INK)
        return figure

    return draw("lines", 'From "a" to b & <c>.', make)


def test_colours_are_the_pages(drawing):
    assert "var(--first)" in drawing.svg
    assert "var(--paper)" in drawing.svg
    assert FIRST not in drawing.svg
    assert "#000000" not in drawing.svg


def test_it_is_well_formed_and_says_what_it_shows(drawing):
    root = ElementTree.fromstring(drawing.svg.replace("xlink:href", "href"))
    assert root.get("aria-label") == 'From "a" to b & <c>.'
    assert root.get("role") == "img"
    assert root.get("width") is None
    assert root.get("viewBox") == "0 0 288 144"


def test_text_stays_text(drawing):
    assert "a &lt; b &amp; c" in drawing.svg
    assert "system-ui" in drawing.svg


def test_nothing_is_loaded_and_no_date_is_in_it(drawing):
    for word in ("http://www.w3.org/1999/xlink", "http://www.w3.org/2000/svg"):
        assert word in drawing.svg
    assert drawing.svg.count("http") == 2
    assert "date" not in drawing.svg.lower()


def test_png(drawing):
    image = Image.open(io.BytesIO(drawing.png))
    assert image.size == (600, 300)
    assert image.convert("RGB").getpixel((2, 2)) == (255, 255, 254)


def test_the_same_figure_is_the_same_file(drawing):
    def make():
        figure = Figure()
        figure.subplots().fill_between([0, 1], [0, 1])
        return figure

    first, second, named = draw("a", "", make), draw("a", "", make), draw("b", "", make)
    assert first == second
    assert first.svg != named.svg  # ids differ, for both may be on one page


class TestAxisWindow:
    def test_what_is_far_away_is_outside(self):
        near = [1.0, 1.1, 0.9, 1.05, 1.02, 0.98, 1.03, 0.97, 1.0]
        low, high = axis_window([*near, 500.0], keep=0.8)
        assert low < 0.8
        assert 1.1 < high < 2

    def test_of_a_few_all_are_inside(self):
        assert axis_window([1.0, 1.1, 500.0], keep=0.8)[1] > 500

    def test_nothing_to_show(self):
        assert axis_window([math.nan], keep=0.0) == (-1, 1)

    def test_all_the_same(self):
        low, high = axis_window([2.0, 2.0], keep=2.0)
        assert low < 2 < high
