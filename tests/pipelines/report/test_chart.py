from __future__ import annotations

import math
import re
from xml.etree import ElementTree

import pytest

from pipelines.report.chart import Band, Line, Points, Strip, plot, strips
from pipelines.report.scale import Scale
from pipelines.statistics import Interval


def marks(source, tag):
    """Attributes of the marks of one kind."""
    return [one.attrib for one in ElementTree.fromstring(source).iter(tag)]


def texts(source):
    return [one.text for one in ElementTree.fromstring(source).iter() if one.text]


class TestStrips:
    def drawn(self, interval, **changes):
        row = Strip("label", "text", Interval(*interval), "tip", **changes)
        return strips([row], Scale(-1, 1), label="gain", zero=0.0)

    def test_an_interval_and_its_mean(self):
        source = self.drawn((0.5, 0.0, 0.8))
        bar = next(one for one in marks(source, "line") if one["class"] == "bar")
        assert (bar["x1"], bar["x2"]) == ("50.0%", "90.0%")
        mark = next(one for one in marks(source, "text") if one.get("class") == "mark")
        assert mark["x"] == "75.0%"

    @pytest.mark.parametrize(
        ("interval", "arrows"),
        [
            ((0.0, -2.0, 0.5), ["◂"]),
            ((0.0, -2.0, 2.0), ["◂", "▸"]),
            ((5.0, 4.0, 6.0), ["▸"]),
            ((5.0, math.nan, math.nan), ["▸"]),
            ((0.0, -0.5, 0.5), []),
        ],
    )
    def test_what_is_cut_has_an_arrow(self, interval, arrows):
        assert [text for text in texts(self.drawn(interval)) if text in "◂▸"] == arrows

    def test_the_verdict_is_told_by_shape(self):
        assert "▲" in texts(self.drawn((0.5, 0.1, 0.8), mark="up"))
        assert "▼" in texts(self.drawn((-0.5, -0.6, -0.3), mark="down"))

    def test_a_bar_begins_at_0(self):
        (bar,) = marks(self.drawn((0.5, 0.4, 0.6), mark="bar"), "rect")
        assert (bar["x"], bar["width"]) == ("50.0%", "25.0%")

    def test_a_step_is_a_bar_from_where_it_starts_with_a_dot_at_its_end(self):
        drawn = self.drawn((0.5, 0.4, 0.6), mark="step", start=-0.5)
        (bar,) = marks(drawn, "rect")
        assert (bar["x"], bar["width"]) == ("25.0%", "50.0%")
        (dot,) = (one for one in marks(drawn, "text") if one.get("class") == "mark")
        assert dot["x"] == "75.0%"

    def test_without_a_value(self):
        assert "●" not in texts(self.drawn((math.nan, math.nan, math.nan)))


class TestPlot:
    def drawn(self, *what):
        return plot(what, Scale(0, 10), Scale(0, 1), x_label="x <seconds>", y_label="y")

    def test_points_with_names_tips_and_intervals(self):
        source = self.drawn(
            Points([5.0], [0.25], ["<b>"], low=[0.2], high=[0.5], names=["best & last"])
        )
        (point,) = marks(source, "circle")
        assert (point["cx"], point["cy"], point["data-tip"]) == ("50%", "75%", "<b>")
        interval = next(one for one in marks(source, "line") if one["class"] == "first")
        assert (interval["y1"], interval["y2"]) == ("80%", "50%")
        assert "best & last" in texts(source)

    def test_a_line_has_gaps_and_stays_within_the_area(self):
        source = self.drawn(Line([0, 5, 6, 10], [0.0, math.nan, 2.0, 0.5], is_dotted=True))
        assert [one["points"] for one in marks(source, "polyline")] == ["0,100", "60,0 100,50"]
        assert marks(source, "polyline")[0]["class"] == "first dotted"

    def test_points_that_are_no_numbers_are_left_out(self):
        assert marks(self.drawn(Points([1.0, math.nan], [math.nan, 0.5], ["", ""])), "circle") == []

    def test_axes_have_numbers_and_labels(self):
        source = self.drawn()
        assert {"0", "2", "10", "0.2", "1", "x <seconds>", "y"} <= set(texts(source))

    def test_widths_are_in_per_cent(self):
        source = self.drawn(Points([5.0], [0.25], [""]))
        places = re.findall(r' (?:cx|x1|x2)="([^"]*)"', source)
        assert all(place == "0" or place.endswith("%") for place in places)


def test_a_band_lies_between_two_lines_with_gaps():
    band = Band([0, 1, 2, 3], [0, 1, math.nan, 0], [2, 4, 4, 9], "base")
    source = plot([band], Scale(0, 4), Scale(0, 4), x_label="x", y_label="y")
    first, second = marks(source, "polygon")
    assert first == {"class": "base", "points": "0,100 25,75 25,0 0,50"}
    assert second["points"] == "75,100 75,0"
