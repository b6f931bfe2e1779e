from __future__ import annotations

import pytest

from pipelines.study.report.times import plot_times, times_info


def text_of(figure):
    return {text.get_text() for text in figure.findobj(lambda part: hasattr(part, "get_text"))}


def test_numbers(study):
    info = times_info(study)
    assert info.names == ["the relu", "the selu", "the prelu"]  # not what fails
    assert [ratio.mean for ratio in info.ratios] == pytest.approx([1, 2, 1])
    assert [score.mean for score in info.scores] == pytest.approx([80, 90.03, 80.33], abs=0.01)
    assert info.baseline == 0


def test_picture_names_every_point(study):
    assert {"the relu", "the selu"} <= text_of(plot_times(times_info(study)))
