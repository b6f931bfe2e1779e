from __future__ import annotations

from dataclasses import replace

import pytest

from pipelines.techniques import measure_for


@pytest.mark.parametrize("factor", [1e-3, 1.0, 1e3])
def test_the_tolerance_has_the_targets_unit(diabetes, factor):
    scaled = replace(diabetes, y=factor * diabetes.y)
    assert measure_for(scaled).tolerance == pytest.approx(0.02 * scaled.y.var())


def test_accuracy_has_half_a_point(iris):
    assert measure_for(iris).tolerance == 0.005
