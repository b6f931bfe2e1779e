from __future__ import annotations

import math

import pytest

from pipelines.report.scale import Scale, scale_of


def labels(scale):
    return [text for _, text in scale.ticks()]


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.93, 0.982, ["0.94", "0.96", "0.98"]),
        (-1.2, 3.1, ["-1", "0", "1", "2", "3"]),
        (0, 1234, ["0", "250", "500", "750", "1000"]),
    ],
)
def test_ticks_are_round(low, high, expected):
    assert labels(Scale(low, high)) == expected


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.5, 30, ["0.5", "1", "2", "5", "10", "20"]),
        (0.001, 20, ["0.001", "0.01", "0.1", "1", "10"]),
        (1e-9, 1e9, ["1e-09", "1e-06", "0.001", "1", "1000", "1e+06", "1e+09"]),
        (1.1, 1.3, ["1.1", "1.15", "1.2", "1.25", "1.3"]),
        (0.28, 0.4, ["0.3", "0.325", "0.35", "0.375", "0.4"]),
    ],
)
def test_a_logarithmic_axis_always_has_numbers(low, high, expected):
    assert labels(Scale(low, high, is_log=True)) == expected


def test_places():
    assert Scale(-1, 1).place(0.5) == 75
    assert Scale(0.1, 10, is_log=True).place(1) == 50
    assert Scale(0, 1).place(2) == 200
    assert not Scale(0, 1).holds(2)


def test_a_scale_holds_what_is_finite():
    scale = scale_of([1.0, math.inf, math.nan, 2.0], keep=[0.0])
    assert scale.low < 0
    assert 2 < scale.high < 3


def test_of_one_value_or_none():
    assert scale_of([5.0]).low < 5 < scale_of([5.0]).high
    assert scale_of([]).high > 0
    assert scale_of([3.0], is_log=True).holds(3.0)


def test_a_logarithmic_one_leaves_out_what_is_not_above_0():
    scale = scale_of([0.0, -1.0, 0.01, 1.0], is_log=True)
    assert 0 < scale.low < 0.01
    assert scale.holds(1.0)
