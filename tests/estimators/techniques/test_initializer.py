from __future__ import annotations

import keras
import numpy as np
import pytest
from scipy import stats

from estimators.techniques import TECHNIQUES, NetworkPlan, defaults, resolve
from estimators.techniques.initializer import INITIALIZERS, kernel_initializer_of

FAN_IN, FAN_OUT = 400, 100
FANS = {"fan_in": FAN_IN, "fan_out": FAN_OUT, "fan_avg": (FAN_IN + FAN_OUT) / 2}
VARIANCES = {
    "zeros": 0,
    "ones": 0,
    "glorot_normal": 1 / FANS["fan_avg"],
    "glorot_uniform": 1 / FANS["fan_avg"],
    "he_normal": 2 / FANS["fan_in"],
    "he_uniform": 2 / FANS["fan_in"],
    "lecun_normal": 1 / FANS["fan_in"],
    "lecun_uniform": 1 / FANS["fan_in"],
    "orthogonal": 1 / FANS["fan_in"],
    "variance_scaling": 1 / FANS["fan_in"],
}


def make_initializer(name, seed=0, **of_variance_scaling):
    """The initializer of a hidden layer."""
    given = {f"initializer_{key}": value for key, value in of_variance_scaling.items()}
    params = resolve(TECHNIQUES, {**defaults(), "kernel_initializer": name, **given})
    return kernel_initializer_of(NetworkPlan(params, iter([seed]), 1, "linear"))


def draw(initializer, shape=(FAN_IN, FAN_OUT)):
    return keras.ops.convert_to_numpy(initializer(shape))


def test_every_initializer_has_a_worked_variance():
    assert set(VARIANCES) == set(INITIALIZERS)


@pytest.mark.parametrize("name", VARIANCES)
def test_variance(name):
    values = draw(make_initializer(name, seed=0))
    assert np.var(values) == pytest.approx(VARIANCES[name], rel=0.03)
    assert np.mean(values) == pytest.approx(float(name == "ones"), abs=2e-3)


@pytest.mark.parametrize("distribution", ["truncated_normal", "untruncated_normal", "uniform"])
@pytest.mark.parametrize("mode", FANS)
@pytest.mark.parametrize("scale", [0.5, 2.0])
def test_variance_scaling_by_hand(scale, mode, distribution):
    initializer = make_initializer(
        "variance_scaling", seed=0, scale=scale, mode=mode, distribution=distribution
    )
    assert np.var(draw(initializer)) == pytest.approx(scale / FANS[mode], rel=0.03)


@pytest.mark.parametrize(
    ("name", "distribution"),
    [("he_uniform", "uniform"), ("glorot_normal", "normal"), ("lecun_normal", "normal")],
)
def test_distribution(name, distribution):
    values = draw(make_initializer(name, seed=0)).ravel()
    deviation = np.sqrt(VARIANCES[name])
    uniform = stats.uniform(-deviation * np.sqrt(3), 2 * deviation * np.sqrt(3))
    # Keras cuts its normal at two deviations and widens it by what that costs in variance.
    wide = deviation / 0.87962566103423978
    normal = stats.truncnorm(-2, 2, scale=wide)
    expected = {"uniform": uniform, "normal": normal}[distribution]
    assert stats.kstest(values, expected.cdf).pvalue > 0.01


def test_orthogonal_columns_are_orthonormal():
    values = draw(make_initializer("orthogonal", seed=0))
    np.testing.assert_allclose(values.T @ values, np.eye(FAN_OUT), atol=1e-5)


@pytest.mark.parametrize(("name", "value"), [("zeros", 0), ("ones", 1)])
def test_constants(name, value):
    np.testing.assert_array_equal(draw(make_initializer(name)), np.full((FAN_IN, FAN_OUT), value))


@pytest.mark.parametrize("name", sorted(set(INITIALIZERS) - {"zeros", "ones"}))
def test_seed_decides_the_draw(name):
    first, same, other = (draw(make_initializer(name, seed=seed), (20, 10)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, same)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("name", sorted(set(INITIALIZERS) - {"variance_scaling"}))
def test_scaling_is_of_variance_scaling_alone(name):
    plain = make_initializer(name, seed=0)
    scaled = make_initializer(name, seed=0, scale=9.0, mode="fan_out", distribution="uniform")
    np.testing.assert_array_equal(draw(plain, (20, 10)), draw(scaled, (20, 10)))
