from __future__ import annotations

import math
from dataclasses import replace

import pytest

from pipelines.ablation.figures import (
    alone_info,
    in_best_info,
    plot_waterfall,
    plot_worths,
    waterfall_info,
)


def test_the_path_goes_from_plain_to_best_step_by_step(judged, scores):
    info = waterfall_info(judged(scores))
    assert [step.label for step in info.steps] == [
        "plain",
        "activation",
        "dropout",
        "minibatches",
        "best",
    ]
    assert [step.verdict for step in info.steps] == [
        None,
        "no difference shown",
        "better",
        "no difference shown",
        None,
    ]
    starts = [step.start for step in info.steps[1:]]
    ends = [step.end.mean for step in info.steps[:-1]]
    assert starts == pytest.approx([*ends[:3], info.steps[-1].end.mean])
    assert ends == pytest.approx([60.15, 60.2, 90.2, 90.15])
    assert [step.text for step in info.steps] == ["60.15", "+0.05", "+30.00", "-0.05", "90.15"]
    assert info.axis == "accuracy in %"
    step = info.steps[2]
    assert step.end.low < step.end.mean < step.end.high


def test_a_step_that_failed_has_no_bar(judged, scores):
    info = waterfall_info(judged({**scores, "minibatches left out of best": None}))
    assert [step.text for step in info.steps] == [
        "60.15",
        "+0.05",
        "fails",
        "fails without",
        "90.15",
    ]
    assert [step.verdict for step in info.steps[2:4]] == ["fails", "better"]
    assert math.isnan(info.steps[2].end.mean)
    assert str(plot_waterfall(info)).count("<rect") == 1


def test_a_bar_begins_where_the_last_one_ended(judged, scores):
    chart = str(plot_waterfall(waterfall_info(judged(scores))))
    assert chart.count("<rect") == 3
    assert chart.count('class="strip"') == 5
    assert 'class="good"' in chart


def test_dot_plots_have_the_same_order_the_most_missed_first(judged, scores):
    ablation = judged(scores)
    in_best, alone = in_best_info(ablation), alone_info(ablation)
    assert in_best[0] == alone[0] == ["dropout", "activation", "minibatches"]
    assert in_best.texts[0] == "+24.95"
    assert alone.texts == ["+25.05", "+0.05", "+10.05"]
    assert alone.verdicts == ["better", "no difference shown", "better"]
    assert alone.axis == "difference in accuracy, points; right is better"


def test_an_axis_is_as_short_as_a_phone_is_narrow(judged, scores):
    """The unit of an error is the target's name."""
    ablation = judged(scores, metrics=("neg_log_loss",))
    metric = replace(ablation.metric, unit="units of a target with a long name, in thousands")
    info = alone_info(replace(ablation, metric=metric))
    assert info.axis == "difference in log loss; left is better"


def test_a_mark_says_what_is_shown_and_the_greatest_difference_is_in_sight(judged, scores):
    chart = str(plot_worths(in_best_info(judged(scores))))
    assert chart.count("▲") == 1
    assert chart.count("●") == 2
    assert "▸" not in chart


def test_a_difference_far_beyond_the_others_is_cut(judged, scores):
    far = {**scores, "activation added to plain": [[-900.0, -901.0], [-902.0, -900.5]]}
    chart = str(plot_worths(alone_info(judged(far, metrics=("accuracy",)))))
    assert chart.count("◂") >= 1
    assert chart.count("▲") == 2  # these can be told from 0


def test_a_score_far_beyond_the_others_is_cut_too(judged, scores):
    far = {**scores, "minibatches left out of best": [[-90.0, -90.1], [-90.2, -90.05]]}
    info = waterfall_info(judged(far))
    assert info.steps[2].text.startswith("-")
    chart = str(plot_waterfall(info))
    assert chart.count("<rect") == 3
    assert "-2000" not in chart  # per cent, on the axis
    assert chart.count("●") == 4


def test_where_nothing_was_trained(judged, scores):
    nothing = judged(dict.fromkeys(scores))
    assert alone_info(nothing).texts == ["both fail"] * 3
    assert "both fail" in str(plot_worths(alone_info(nothing)))
    assert "fails" in str(plot_waterfall(waterfall_info(nothing)))
