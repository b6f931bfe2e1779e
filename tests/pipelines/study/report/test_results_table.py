from __future__ import annotations

import math

import pytest

from pipelines.study.report import arm_measurements, results_table


def test_a_row_an_arm(study):
    table = results_table(study)
    assert table["arm"].tolist() == [arm.label for arm in study.arms]
    assert table["variant"].tolist()[:4] == ["as described and as run"] * 2 + [
        "as described",
        "as run",
    ]
    assert table["validation"].tolist() == pytest.approx(
        [0.8, 0.9003, 0.8033, 0.7, 0.605], abs=1e-4
    )
    assert table["failed"].tolist() == [0, 0, 0, 0, 1]
    assert table["validation_verdict"].tolist() == [
        "",
        "better",
        "no difference shown",
        "",
        "fails",
    ]
    assert table["published_validation"].tolist() == [0.80, 0.902, 0.70, 0.70, 0.99]
    assert table["activation"].tolist() == ["relu", "selu", "prelu", "prelu", "tanh"]


def test_measurements_of_an_arm(study):
    measured = arm_measurements(study, study.arms[1])
    assert measured["validation"] == pytest.approx(0.90033, abs=1e-5)
    assert measured["validation_low"] == pytest.approx(0.8717, abs=1e-4)
    assert measured["epoch_time_ratio"] == pytest.approx(2.0)
    assert measured["epochs_to_baseline"] == 1.0
    assert measured["reached_baseline"] == 3
    assert math.isnan(measured["in_range"])
