from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest


def test_values_by_seed(study):
    relu, _, _, _, tanh = study.arms
    assert relu.values("validation").tolist() == [0.80, 0.81, 0.79]
    assert relu.values("train") == pytest.approx([0.85, 0.86, 0.84])
    assert relu.values("test") == pytest.approx([0.79, 0.80, 0.78])
    assert relu.values("fit_seconds").tolist() == [10.0] * 3
    assert relu.values("training_seconds").tolist() == [2.0] * 3
    assert np.isnan(relu.values("in_range")).all()
    assert study.arms[3].values("train_last_epoch").tolist() == [0.8] * 3
    assert np.array_equal(tanh.values("validation"), [0.60, np.nan, 0.61], equal_nan=True)
    assert (tanh.n_failed, tanh.reason) == (1, "Training diverged.")


def test_an_error_is_above_zero_and_in_the_targets_unit(study):
    error = replace(
        study.metric,
        scorer="accuracy",
        curve="accuracy",
        greater_is_better=False,
        curve_factor=9.0,
    )
    result = replace(study.arms[0], metric=error)
    assert result.values("validation").tolist() == [-0.80, -0.81, -0.79]  # the scorer's sign turned
    assert result.curves("validation")[0] == pytest.approx([9 * 0.7, 9 * 0.8])
    assert result.values("train_last_epoch") == pytest.approx([7.2, 7.29, 7.11])


def test_curves(study):
    assert study.arms[0].curves("train").shape == (3, 2)
    assert np.isnan(study.arms[4].curves("validation")).tolist() == [
        [False, False],
        [True, True],
        [False, False],
    ]


class TestActivations:
    ACTIVATIONS = {"mean": [0.0, 0.3], "deviation": [1.0, 1.4], "dead": [0.0, 0.5]}

    def test_drift_is_the_mean_distance_from_0_and_1(self, make_result):
        result = make_result("selu", [0.5], activations=self.ACTIVATIONS)
        assert result.activation_drift().tolist() == pytest.approx([(0.0 + 0.5) / 2])
        assert result.dead_units().tolist() == [0.25]

    def test_failed_seeds_have_none(self, make_result):
        result = make_result("selu", [None, 0.5], activations=self.ACTIVATIONS)
        assert np.isnan(result.dead_units()).tolist() == [True, False]
        assert np.isnan(result.activation_drift()).tolist() == [True, False]

    def test_without_them_nothing_is_known(self, make_result):
        assert np.isnan(make_result("selu", [0.5]).dead_units()).all()
