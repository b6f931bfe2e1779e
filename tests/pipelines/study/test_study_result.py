from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest


def test_which_arms_are_judged(study):
    assert [arm.label for arm in study.judged] == ["the relu", "the selu", "the prelu", "the tanh"]
    assert study.baseline.label == "the relu"
    assert list(study.comparisons) == ["the selu", "the prelu", "the tanh"]
    verdicts = {name: one.verdict for name, one in study.comparisons.items()}
    assert verdicts == {
        "the selu": "better",
        "the prelu": "no difference shown",
        "the tanh": "fails",
    }


def test_only_as_run(study):
    as_run = replace(
        study,
        arms=tuple(
            replace(result, arm=replace(result.arm, variants=("as run",)))
            for result in study.arms
            if "as run" in result.arm.variants
        ),
    )
    assert as_run.variant == "as run"
    assert "the prelu (as run)" in as_run.comparisons


def test_ranking_has_the_failed_last(study):
    assert [arm.label for arm in study.ranked()] == [
        "the selu",
        "the prelu",
        "the relu",
        "the tanh",
    ]


def test_times_are_ratios_to_the_baseline_with_the_same_seed(study):
    assert study.time_ratio(study.arms[1]).mean == pytest.approx(2.0)
    assert study.time_ratio(study.baseline).mean == 1.0


def test_reaching_the_baselines_last_score(study):
    """The curve of selu is 0.85, 0.9; the baseline ends at 0.80, 0.81 and 0.79."""
    reach = study.reach(study.arms[1])
    assert (reach.n_reached, reach.n_seeds) == (3, 3)
    assert (reach.epochs.mean, reach.seconds.mean) == (1.0, 2.0)
    assert study.reach(study.baseline).epochs.mean == 2.0
    never = study.reach(study.arms[4])
    assert (never.n_reached, never.n_seeds) == (0, 2)
    assert np.isnan(never.epochs.mean)


def test_far_rows_are_left_out_of_the_judgement(study):
    assert study.judged_by == "validation"
    assert replace(study, n_far=2).judged_by == "in_range"
