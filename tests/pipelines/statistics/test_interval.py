from __future__ import annotations

import math

import numpy as np
import pytest

from pipelines.statistics import mean_interval, prediction_interval, ratio_interval


def test_of_the_mean():
    # t(0.975, 4) = 2.776445, deviation sqrt(2.5)
    interval = mean_interval(np.array([1.0, 2.0, 3.0, 4.0, 5.0]))
    margin = 2.776445 * math.sqrt(2.5 / 5)
    assert interval == pytest.approx((3.0, 3 - margin, 3 + margin), rel=1e-6)
    assert interval.holds(1.04)
    assert not interval.holds(1.03)


def test_of_one_further_value():
    interval = prediction_interval(np.array([1.0, 2.0, 3.0, 4.0, 5.0]))
    assert interval.high - 3 == pytest.approx(2.776445 * math.sqrt(2.5 * 1.2), rel=1e-6)


def test_one_value_and_none():
    assert mean_interval(np.array([2.0, np.nan]))[0] == 2.0
    assert math.isnan(mean_interval(np.array([2.0]))[1])
    assert math.isnan(mean_interval(np.array([np.nan]))[0])


def test_ratios_are_averaged_as_ratios():
    assert ratio_interval(np.array([0.5, 2.0])).mean == pytest.approx(1.0)


def test_another_unit():
    assert mean_interval(np.array([1.0, 3.0])).times(-1).mean == -2.0
    low, high = mean_interval(np.array([1.0, 3.0])).times(-1)[1:]
    assert low < high
