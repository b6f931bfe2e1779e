from __future__ import annotations

from dataclasses import replace

import pytest

from pipelines.study import Figures, matching_variant, reproduction_of


def reproduce(study, figure, arm=0, column="validation"):
    return reproduction_of(study.arms[arm], Figures(figure, figure), column)


@pytest.mark.parametrize(
    ("figure", "kind"),
    [
        (0.80, "reproduced"),
        (0.8049, "reproduced"),
        (0.8052, "within the spread"),  # and in the mean's interval, 0.80 + 4.303 * 0.01 / sqrt(3)
        (0.8495, "within the spread"),  # one run's: 0.80 + 4.303 * 0.01 * sqrt(4 / 3)
        (0.8505, "off"),
        (0.70, "off"),
    ],
)
def test_kinds(study, figure, kind):
    reproduction = reproduce(study, figure)
    assert reproduction.kind == kind
    assert reproduction.off == pytest.approx(figure - 0.80)


def test_half_a_point_is_tolerated(study):
    relu = study.arms[0]
    same = replace(relu, runs=(relu.runs[0],) * 3)  # 0.80 with every seed
    near, far = (
        reproduction_of(same, Figures(figure, figure), "validation") for figure in (0.8049, 0.8052)
    )
    assert (near.kind, far.kind) == ("reproduced", "off")


def test_training_figures_are_over_the_last_epoch(study):
    assert reproduce(study, 0.80, arm=3, column="train").ours.mean == pytest.approx(0.8)
    assert reproduce(study, 0.80, arm=3, column="validation").ours.mean == pytest.approx(0.7)


def test_nothing_was_trained_to_the_end(study):
    tanh = study.arms[4]
    broken = replace(tanh, runs=(tanh.runs[1],))
    assert reproduction_of(broken, Figures(0.6, 0.6), "validation") is None


def test_which_variant_the_figures_match(study):
    relu, selu, prelu, _ = study.design.publications
    # Training 0.80 suits both, validation 0.70 the one that was run.
    assert matching_variant(study, prelu) == "as run"
    assert matching_variant(study, relu) is None
    assert matching_variant(study, selu) is None
    for figures, expected in (
        (Figures(0.80, 0.80), "as described"),
        (Figures(0.80, 0.75), "neither"),
    ):
        assert matching_variant(study, replace(prelu, table=figures)) == expected
    described_alone = replace(study, arms=study.arms[:3])
    assert matching_variant(described_alone, prelu) is None
