from __future__ import annotations

import math
from dataclasses import replace

import pytest

from pipelines.study.report.forest import forest_info, plot_forest


def text_of(figure):
    return {text.get_text() for text in figure.findobj(lambda part: hasattr(part, "get_text"))}


def test_numbers(study):
    info = forest_info(study)
    assert info.names == ["the selu", "the prelu", "the tanh"]
    assert info.verdicts == ["better", "no difference shown", "fails"]
    assert info.gains[0] == pytest.approx((10.033, 9.654, 10.413), abs=1e-3)
    assert info.gains[2].mean == pytest.approx(-19.0)
    assert info.baseline == "the relu"


def test_less_of_an_error_is_a_gain(study, accuracy):
    error = replace(accuracy, greater_is_better=False, factor=1, name="error")
    arms = tuple(replace(arm, metric=error) for arm in study.arms)
    # The scorer's sign is turned, so that scores of -0.9 and -0.8 stand for errors.
    gains = forest_info(replace(study, metric=error, arms=arms)).gains
    assert gains[0].mean == pytest.approx(0.10033, abs=1e-5)
    assert gains[0].low < gains[0].mean < gains[0].high


def test_picture(study):
    assert {"the selu", "the prelu", "the tanh"} <= text_of(plot_forest(forest_info(study)))


def test_never_trained_to_the_end(study, make_result):
    broken = make_result("tanh", [None, None, None])
    info = forest_info(replace(study, arms=(*study.arms[:4], broken)))
    assert info.names[-1] == "the tanh"
    assert math.isnan(info.gains[-1].mean)
    assert " never trained to the end" in text_of(plot_forest(info))


def test_far_away_is_told_in_words(study, make_result):
    awful = make_result("tanh", [0.0, 0.01, 0.0])
    near = [make_result(f"near {i}", [0.802, 0.81, 0.79 + i / 1000]) for i in range(4)]
    info = forest_info(replace(study, arms=(study.arms[0], *near, awful)))
    assert any(text.startswith(" ◂ -79.7") for text in text_of(plot_forest(info)))
