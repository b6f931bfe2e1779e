from __future__ import annotations

from dataclasses import replace

import pytest

from pipelines.study.report.curves import curves_info, plot_curves


def text_of(figure):
    return {text.get_text() for text in figure.findobj(lambda part: hasattr(part, "get_text"))}


def test_numbers(study):
    info = curves_info(study)
    assert info.names == ["the relu", "the selu", "the prelu", "the tanh"]
    assert info.baseline == 0
    assert info.validation[0][0] == pytest.approx([70, 80])
    assert info.train[1].shape == (3, 2)
    assert not info.logarithmic


def test_of_combinations_those_that_change_one_factor(factorial_study):
    info = curves_info(factorial_study([[0.8, 0.81, 0.79]] * 8))
    assert info.names == ["lstm", "lstm, layer norm", "lstm, clipnorm", "simple"]


def test_picture(study):
    figure = plot_curves(curves_info(study))
    assert {"the selu", "epoch", "training, mean"} <= text_of(figure)


def test_all_seeds_diverged(study, make_result):
    broken = make_result("tanh", [None, None, None])
    figure = plot_curves(curves_info(replace(study, arms=(*study.arms[:4], broken))))
    assert "diverged" in text_of(figure)
