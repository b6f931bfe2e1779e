from __future__ import annotations

from dataclasses import replace

import pytest

from pipelines.techniques import Published, agreement_of, matching_variant


def agree(study, figure, line=0, column="validation"):
    return agreement_of(study.lines[line], Published(figure, figure), column)


@pytest.mark.parametrize(
    ("figure", "kind"),
    [
        (0.80, "reproduced"),
        (0.8248, "reproduced"),  # the mean's interval: 0.80 + 4.303 * 0.01 / sqrt(3)
        (0.8495, "within the spread"),  # one run's: 0.80 + 4.303 * 0.01 * sqrt(4 / 3)
        (0.8505, "off"),
        (0.70, "off"),
    ],
)
def test_kinds(study, figure, kind):
    agreement = agree(study, figure)
    assert agreement.kind == kind
    assert agreement.off == pytest.approx(figure - 0.80)


def test_half_a_point_is_tolerated(study):
    exact = replace(study, lines=(study.lines[0],) * 2)
    same = replace(
        exact.lines[0], evaluations=(exact.lines[0].evaluations[0],) * 3
    )  # 0.80 with every seed
    near, far = (
        agreement_of(same, Published(figure, figure), "validation") for figure in (0.8049, 0.8052)
    )
    assert (near.kind, far.kind) == ("reproduced", "off")


def test_training_figures_are_over_the_last_epoch(study):
    assert agree(study, 0.80, line=3, column="train").ours.mean == pytest.approx(0.8)
    assert agree(study, 0.80, line=3, column="validation").ours.mean == pytest.approx(0.7)


def test_nothing_was_trained_to_the_end(study):
    tanh = study.lines[4]
    broken = replace(tanh, evaluations=(tanh.evaluations[1],))
    assert agreement_of(broken, Published(0.6, 0.6), "validation") is None


def test_which_variant_the_figures_match(study):
    relu, selu, prelu, _ = study.table.rows
    # Training 0.80 suits both, validation 0.70 the one that was run.
    assert matching_variant(study, prelu) == "as run"
    assert matching_variant(study, relu) is None
    assert matching_variant(study, selu) is None
    for figures, expected in (
        (Published(0.80, 0.80), "as described"),
        (Published(0.80, 0.75), "neither"),
    ):
        assert matching_variant(study, replace(prelu, published=figures)) == expected
    described_alone = replace(study, lines=study.lines[:3])
    assert matching_variant(described_alone, prelu) is None
