from __future__ import annotations

from dataclasses import replace

import pytest

from pipelines.study import metric_for


@pytest.mark.parametrize("factor", [1e-3, 1.0, 1e3])
def test_the_tolerance_has_the_targets_unit(diabetes, factor):
    scaled = replace(diabetes, y=factor * diabetes.y)
    assert metric_for(scaled).tolerance == pytest.approx(0.02 * scaled.y.var())


def test_accuracy_has_half_a_point(iris):
    assert metric_for(iris).tolerance == 0.005


def test_what_is_published_has_a_unit_and_a_tolerance_of_its_own(diabetes):
    metric = metric_for(diabetes, unit="points", tolerance=0.5)
    assert (metric.unit, metric.tolerance) == ("points", 0.5)
    assert metric_for(diabetes).unit == "target's unit squared"


def test_a_standardized_target_has_its_loss_brought_back(diabetes):
    assert metric_for(diabetes, target_deviation=3.0).curve_factor == 9.0
