from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.pipelines.made_up_study import make_line, make_row


def test_values_by_seed(study):
    relu, _, _, _, tanh = study.lines
    assert relu.values("validation").tolist() == [0.80, 0.81, 0.79]
    assert relu.values("train") == pytest.approx([0.85, 0.86, 0.84])
    assert relu.values("test") == pytest.approx([0.79, 0.80, 0.78])
    assert relu.values("fit_seconds").tolist() == [10.0] * 3
    assert relu.values("training_seconds").tolist() == [2.0] * 3
    assert np.isnan(relu.values("usual")).all()
    assert study.lines[3].values("train_last_epoch").tolist() == [0.8] * 3
    assert np.array_equal(tanh.values("validation"), [0.60, np.nan, 0.61], equal_nan=True)
    assert (tanh.n_failed, tanh.reason) == (1, "Training diverged.")


def test_an_error_is_above_zero_and_in_the_targets_unit(study):
    error = replace(
        study.measure,
        scorer="accuracy",
        curve="accuracy",
        greater_is_better=False,
        curve_factor=9.0,
    )
    line = replace(study.lines[0], measure=error)
    assert line.values("validation").tolist() == [-0.80, -0.81, -0.79]  # the scorer's sign turned
    assert line.curves("validation")[0] == pytest.approx([9 * 0.7, 9 * 0.8])
    assert line.values("train_last_epoch") == pytest.approx([7.2, 7.29, 7.11])


def test_curves(study):
    assert study.lines[0].curves("train").shape == (3, 2)
    assert np.isnan(study.lines[4].curves("validation")).tolist() == [
        [False, False],
        [True, True],
        [False, False],
    ]


def test_which_lines_are_judged(study):
    assert [line.name for line in study.judged] == ["the relu", "the selu", "the prelu", "the tanh"]
    assert study.baseline.name == "the relu"
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
        lines=tuple(
            replace(line, line=replace(line.line, variants=("as run",)))
            for line in study.lines
            if "as run" in line.line.variants
        ),
    )
    assert as_run.variant == "as run"
    assert "the prelu (as run)" in as_run.comparisons


def test_ranking_has_the_failed_last(study):
    assert [line.name for line in study.ranked()] == [
        "the selu",
        "the prelu",
        "the relu",
        "the tanh",
    ]


def test_times_are_ratios_to_the_baseline_with_the_same_seed(study):
    assert study.time_ratio(study.lines[1]).mean == pytest.approx(2.0)
    assert study.time_ratio(study.baseline).mean == 1.0


def test_reaching_the_baselines_last_score(study):
    """The curve of selu is 0.85, 0.9; the baseline ends at 0.80, 0.81 and 0.79."""
    reach = study.reach(study.lines[1])
    assert (reach.n_reached, reach.n_seeds) == (3, 3)
    assert (reach.epochs.mean, reach.seconds.mean) == (1.0, 2.0)
    assert study.reach(study.baseline).epochs.mean == 2.0
    never = study.reach(study.lines[4])
    assert (never.n_reached, never.n_seeds) == (0, 2)
    assert np.isnan(never.epochs.mean)


def test_far_rows_are_left_out_of_the_judgement(study):
    assert study.judging == "validation"
    assert replace(study, n_far=2).judging == "usual"


def test_a_line_as_a_candidate_with_seeds_for_folds(study):
    whole = study.lines[0].as_evaluation()
    assert whole.status == "complete"
    assert whole.validation_mean("accuracy") == pytest.approx(0.8)
    assert len(whole.folds) == 3
    assert (whole.started_at, whole.ended_at) == (0.0, 7.0)
    broken = study.lines[4].as_evaluation()
    assert (broken.status, len(broken.folds)) == ("diverged", 2)
    assert broken.reason == "1 of 3 seeds: Training diverged."


class TestLayers:
    LAYERS = {"mean": [0.0, 0.3], "deviation": [1.0, 1.4], "dead": [0.0, 0.5]}

    def test_drift_is_the_mean_distance_from_0_and_1(self):
        line = make_line(0, make_row("selu"), [0.5], layers=self.LAYERS)
        assert line.layer_summary("drift").tolist() == pytest.approx([(0.0 + 0.5) / 2])
        assert line.layer_summary("dead").tolist() == [0.25]

    def test_failed_seeds_have_none(self):
        line = make_line(0, make_row("selu"), [None, 0.5], layers=self.LAYERS)
        assert np.isnan(line.layer_summary("dead")).tolist() == [True, False]
