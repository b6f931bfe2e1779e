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
    assert info.differences[0] == pytest.approx((10.033, 9.654, 10.413), abs=1e-3)
    assert info.differences[2].mean == pytest.approx(-19.0)
    assert info.label == "difference in accuracy from the relu, points; right of 0 is better"
    assert info.texts == ["+10.03", "+0.33", "-19.00"]


def test_an_error_has_one_sign_in_all_places(study, accuracy):
    error = replace(accuracy, greater_is_better=False, factor=1, name="error")
    arms = tuple(replace(arm, metric=error) for arm in study.arms)
    # The scorer's sign is turned, so that scores of -0.9 and -0.8 stand for errors.
    info = forest_info(replace(study, metric=error, arms=arms))
    assert info.names[0] == "the selu"
    assert info.differences[0].mean == pytest.approx(-0.10033, abs=1e-5)
    assert info.differences[0].low < info.differences[0].mean < info.differences[0].high
    assert info.label.endswith("left of 0 is better")


def test_picture(study):
    assert {"the selu", "the prelu", "the tanh"} <= text_of(plot_forest(forest_info(study)))


def test_never_trained_to_the_end(study, make_result):
    broken = make_result("tanh", [None, None, None])
    info = forest_info(replace(study, arms=(*study.arms[:4], broken)))
    assert info.names[-1] == "the tanh"
    assert math.isnan(info.differences[-1].mean)
    assert " never trained to the end" in text_of(plot_forest(info))


def test_far_away_is_told_in_words(study, make_result):
    awful = make_result("tanh", [0.0, 0.01, 0.0])
    near = [make_result(f"near {i}", [0.802, 0.81, 0.79 + i / 1000]) for i in range(4)]
    info = forest_info(replace(study, arms=(study.arms[0], *near, awful)))
    assert any(text.startswith(" ◂ -79.7") for text in text_of(plot_forest(info)))
