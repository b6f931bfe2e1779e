from __future__ import annotations

import io
import xml.etree.ElementTree as ElementTree

import pytest
from matplotlib.figure import Figure
from PIL import Image

from pipelines.report.drawing import FIRST, INK, draw


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
