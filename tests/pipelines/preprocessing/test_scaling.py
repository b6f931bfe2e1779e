from __future__ import annotations

import inspect

import numpy as np
import pytest
from scipy import stats
from sklearn.utils.estimator_checks import parametrize_with_checks

from pipelines.preprocessing import SCALINGS, NumericScaler, RobustClipScaler

OF_TABLES = [method for method in SCALINGS if method != "pixels"]


@parametrize_with_checks(
    [
        *(NumericScaler(method) for method in (*OF_TABLES, None)),
        NumericScaler("pixels", pixel_max=255),
    ]
)
def test_numeric_scaler_keeps_scikit_learns_contract(estimator, check):
    check(estimator)


def test_constraints_match_the_parameters():
    parameters = set(inspect.signature(NumericScaler.__init__).parameters) - {"self"}
    assert set(NumericScaler._parameter_constraints) == parameters


VALUES = np.array([[0.0], [1.0], [2.0], [3.0], [14.0]])


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("standard", (VALUES - 4) / np.sqrt(26)),
        ("robust", (VALUES - 2) / 2),
        ("robust_clip", [[-0.9486833], [-0.4932], [0], [0.4932], [2.683282]]),
        ("minmax", VALUES / 14),
        ("pixels", VALUES / 16),
        ("none", VALUES),
        (None, VALUES),
        ("quantile", stats.norm.ppf([[1e-7], [0.25], [0.5], [0.75], [1 - 1e-7]])),
    ],
)
def test_scaling_by_hand(method, expected):
    scaled = NumericScaler(method, pixel_max=16).fit_transform(VALUES)
    assert scaled.dtype == np.float32
    np.testing.assert_allclose(scaled, expected, rtol=1e-5)


def test_pixels_are_scaled_in_float32():
    pixels = np.array([[0, 51], [255, 102]], np.uint8)
    scaler = NumericScaler("standard").fit(pixels)
    assert scaler.scaler_.transform(pixels.astype(np.float32)).dtype == np.float32
    np.testing.assert_allclose(scaler.transform(pixels), [[-1, -1], [1, 1]])


def test_what_float32_cannot_hold_is_cut():
    scaler = NumericScaler("robust").fit([[0.0], [1e-10], [2e-10]])
    largest = np.finfo(np.float32).max
    assert scaler.transform([[1e300], [-1e300]]).ravel().tolist() == [largest, -largest]


def test_many_rows_are_scaled_by_quantile_the_same_way_each_time():
    values = np.random.default_rng(0).exponential(size=(20_000, 1))
    one, other = (NumericScaler("quantile").fit_transform(values) for _ in range(2))
    np.testing.assert_array_equal(one, other)
    assert stats.kstest(one.ravel(), "norm").statistic < 0.02


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"method": "standart"}, "The 'method' parameter of NumericScaler must be a str among"),
        ({"pixel_max": 0}, "The 'pixel_max' parameter of NumericScaler must be a float in"),
        ({"method": "pixels"}, "The method 'pixels' needs pixel_max, the largest value; got None."),
    ],
)
def test_wrong_parameters(parameters, message):
    with pytest.raises(ValueError, match=message):
        NumericScaler(**parameters).fit(VALUES)


def test_equal_quartiles_give_way_to_half_the_range():
    column = np.array([[0.0], [5], [5], [5], [5], [5], [5], [10]])
    scaled = RobustClipScaler().fit_transform(column).ravel()
    np.testing.assert_allclose(scaled[[0, 1, 7]], [-(0.9**0.5), 0, 0.9**0.5])
    assert RobustClipScaler().fit_transform(np.full((3, 1), 7.0)).tolist() == [[0], [0], [0]]


def test_what_lies_far_outside_ends_at_three():
    scaler = RobustClipScaler().fit(np.arange(5.0).reshape(-1, 1))
    np.testing.assert_allclose(scaler.transform([[-1e12], [1e12]]), [[-3], [3]])
