from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from pipelines.report import printed_metric
from pipelines.report.differences import (
    differences_info,
    effects_info,
    plot_differences,
    plot_importances,
)
from pipelines.report.worth import Worth, worth_of
from pipelines.statistics import Interval


@pytest.fixture
def verdict(of_folds, judged, baselines):
    evaluations = [
        of_folds(0, "best", [0.9, 0.8]),
        of_folds(1, "next", [0.85, 0.84]),
    ]
    return judged(evaluations, baselines=baselines)


def test_differences_from_the_winner_the_baselines_first(verdict):
    info = differences_info(verdict)
    assert info.labels == ["constant prediction", "next"]
    assert [gain.mean for gain in info.differences] == pytest.approx([-55.0, -0.5])
    assert info.texts == ["-55.00", "-0.50"]
    assert info.axis == "difference in accuracy from the winner, points; right of 0 is better"
    assert info.tips[1].startswith("next: no difference shown, -0.50 points [")


def test_what_is_below_a_constant_says_so_instead_of_a_p(of_regression, judged_by_r2):
    far = of_regression(1, "far", [-100.0, -5e7, -1e4])
    info = differences_info(judged_by_r2([of_regression(0, "a", [0.8, 0.9, 0.7]), far]))
    assert info.verdicts == ["worse"]
    assert info.tips[0].endswith(", below a constant prediction in every fold")


def test_more_of_an_error_is_above_0(of_folds, judged):
    error = replace(printed_metric("accuracy"), greater_is_better=False, factor=1, unit="")
    evaluations = [of_folds(0, "a", [-2.0, -3.0]), of_folds(1, "b", [-4.0, -4.5])]
    info = differences_info(judged(evaluations, metrics=[error]))
    assert info.differences[0].mean == pytest.approx(1.75)
    assert info.axis == "difference in accuracy from the winner; left of 0 is better"


def test_effects(of_folds):
    evaluations = []
    for number, (value, scores) in enumerate({"relu": [0.5, 0.6], "elu": [0.7, 0.9]}.items()):
        evaluation = of_folds(number, value, scores)
        candidate = replace(evaluation.candidate, hyperparameters={"activation": value})
        evaluations.append(replace(evaluation, candidate=candidate))
    info = effects_info(worth_of(evaluations, printed_metric("accuracy"), test_ratio=0.5))
    assert info.labels == ["activation: elu instead of relu"]
    assert info.differences[0].mean == pytest.approx(25.0)


def test_picture_tells_verdicts_by_shape_and_cuts_with_an_arrow(verdict):
    info = differences_info(verdict)
    info = info._replace(
        differences=[Interval(-50, -60, -40), *[Interval(-1, -2, 1)] * 9],
        labels=["far", *["near"] * 9],
        verdicts=["worse", *["no difference shown"] * 9],
        texts=["-50"] * 10,
        tips=["tip"] * 10,
    )
    texts = [one.text for one in ElementTree.fromstring(plot_differences(info)).iter("text")]
    assert texts.count("●") == 9
    assert "◂" in texts


def test_importances_without_those_that_explain_nothing():
    shares = {"rate": Interval(0.9, 0.5, 0.95), "seed": Interval(0.0, 0.0, 0.001)}
    worth = Worth(printed_metric("accuracy"), (), shares)
    source = plot_importances(worth)
    (bar,) = [one.attrib for one in ElementTree.fromstring(source).iter("rect")]
    assert (bar["x"], bar["width"]) == ("0.0%", "90.0%")
