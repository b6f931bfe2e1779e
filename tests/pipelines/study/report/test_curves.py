from __future__ import annotations

import math
from dataclasses import replace

import pytest
from pipelines.report.published_figure import plot_published, published_info
from pipelines.report.study_figures import (
    curves_info,
    forest_info,
    plot_curves,
    plot_forest,
    plot_times,
    times_info,
)
from tests.pipelines.made_up_study import ACCURACY, make_line, make_row

from pipelines.report.drawing import axis_window


def text_of(figure):
    return {text.get_text() for text in figure.findobj(lambda part: hasattr(part, "get_text"))}


class TestForest:
    def test_numbers(self, study):
        info = forest_info(study)
        assert info.names == ["the selu", "the prelu", "the tanh"]
        assert info.verdicts == ["better", "no difference shown", "fails"]
        assert info.gains[0] == pytest.approx((10.033, 9.654, 10.413), abs=1e-3)
        assert info.gains[2].mean == pytest.approx(-19.0)
        assert info.baseline == "the relu"

    def test_less_of_an_error_is_a_gain(self, study):
        error = replace(ACCURACY, greater_is_better=False, factor=1, name="error")
        lines = tuple(replace(line, measure=error) for line in study.lines)
        # The scorer's sign is turned, so that scores of -0.9 and -0.8 stand for errors.
        gains = forest_info(replace(study, measure=error, lines=lines)).gains
        assert gains[0].mean == pytest.approx(0.10033, abs=1e-5)
        assert gains[0].low < gains[0].mean < gains[0].high

    def test_picture(self, study):
        assert {"the selu", "the prelu", "the tanh"} <= text_of(plot_forest(forest_info(study)))

    def test_never_trained_to_the_end(self, study):
        broken = make_line(4, study.table["tanh"], [None, None, None])
        info = forest_info(replace(study, lines=(*study.lines[:4], broken)))
        assert info.names[-1] == "the tanh"
        assert math.isnan(info.gains[-1].mean)
        assert " never trained to the end" in text_of(plot_forest(info))

    def test_far_away_is_told_in_words(self, study):
        awful = make_line(4, study.table["tanh"], [0.0, 0.01, 0.0])
        near = [
            make_line(5 + i, make_row(f"near {i}"), [0.802, 0.81, 0.79 + i / 1000])
            for i in range(4)
        ]
        info = forest_info(replace(study, lines=(study.lines[0], *near, awful)))
        assert any(text.startswith(" ◂ -79.7") for text in text_of(plot_forest(info)))


class TestCurves:
    def test_numbers(self, study):
        info = curves_info(study)
        assert info.names == ["the relu", "the selu", "the prelu", "the tanh"]
        assert info.baseline == 0
        assert info.validation[0][0] == pytest.approx([70, 80])
        assert info.train[1].shape == (3, 2)
        assert not info.logarithmic

    def test_picture(self, study):
        figure = plot_curves(curves_info(study))
        assert {"the selu", "epoch", "training, mean"} <= text_of(figure)

    def test_all_seeds_diverged(self, study):
        broken = make_line(4, study.table["tanh"], [None, None, None])
        figure = plot_curves(curves_info(replace(study, lines=(*study.lines[:4], broken))))
        assert "diverged" in text_of(figure)

    def test_the_baseline_diverged(self, study):
        broken = make_line(0, study.table["relu"], [None, None, None])
        diverged = replace(study, lines=(broken, *study.lines[1:]))
        for info, plot in (
            (curves_info(diverged), plot_curves),
            (times_info(diverged), plot_times),
            (forest_info(diverged), plot_forest),
            (published_info(diverged), plot_published),
        ):
            assert plot(info).axes


class TestTimes:
    def test_numbers(self, study):
        info = times_info(study)
        assert info.names == ["the relu", "the selu", "the prelu"]  # not what fails
        assert [ratio.mean for ratio in info.ratios] == pytest.approx([1, 2, 1])
        assert [score.mean for score in info.scores] == pytest.approx([80, 90.03, 80.33], abs=0.01)
        assert info.baseline == 0

    def test_picture_names_every_point(self, study):
        assert {"the relu", "the selu"} <= text_of(plot_times(times_info(study)))


class TestPublished:
    def test_numbers(self, study):
        info = published_info(study)
        assert info.labels == ["the relu", "the selu", "the prelu", "the tanh"]
        assert info.table == pytest.approx([80, 90.2, 70, 99])
        assert info.output == [None, None, None, pytest.approx(60)]
        mean, one_run = info.described[0]
        assert (mean.mean, one_run.mean) == pytest.approx((80, 80))
        assert one_run.high - 80 == pytest.approx(2 * (mean.high - 80))  # sqrt(1 + 3)
        assert info.as_run[0] is None
        assert info.as_run[2][0].mean == pytest.approx(70)

    def test_picture(self, study):
        figure = plot_published(published_info(study))
        assert {"published, in the table", "ours, as run"} <= text_of(figure)


class TestWindow:
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
