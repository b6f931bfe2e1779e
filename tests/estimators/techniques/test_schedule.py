from __future__ import annotations

import keras
import numpy as np
import pytest

from estimators.techniques.schedule import (
    RATE_SCHEDULES,
    REGULARIZATION_SCHEDULES,
    cosine,
    coslog4,
    flat_cosine,
    one_cycle,
    warmed_up,
)

T = np.linspace(0, 1, 101)


@pytest.mark.parametrize("name", [*RATE_SCHEDULES, *REGULARIZATION_SCHEDULES])
def test_shares_are_in_0_to_1_and_1_is_reached(name):
    shares = {**RATE_SCHEDULES, **REGULARIZATION_SCHEDULES}[name](np.linspace(0, 1, 10_001))
    assert shares.min() >= 0
    assert shares.max() == pytest.approx(1, abs=1e-4)


def test_cosine_is_that_of_keras():
    schedule = keras.optimizers.schedules.CosineDecay(1.0, 100)
    expected = [float(schedule(step)) for step in range(101)]
    np.testing.assert_allclose(cosine(T), expected, atol=1e-6)


def test_warmed_up_cosine_is_that_of_keras():
    schedule = keras.optimizers.schedules.CosineDecay(0.0, 80, warmup_target=1.0, warmup_steps=20)
    expected = [float(schedule(step)) for step in range(101)]
    np.testing.assert_allclose(warmed_up(cosine, 0.2)(T), expected, atol=1e-6)


def test_coslog4_by_hand():
    """Peaks and troughs lie where log2(1 + 15 t) is a multiple of a half."""
    halves = np.arange(9) / 2
    np.testing.assert_allclose(coslog4((2**halves - 1) / 15), [0, 1] * 4 + [0], atol=1e-12)
    assert coslog4(np.array([(2**0.25 - 1) / 15])) == pytest.approx(0.5)


def test_flat_cosine_by_hand():
    expected = [1, 1, 1, (1 + np.cos(np.pi / 5)) / 2, 0.5, 0]
    actual = flat_cosine(np.array([0, 0.3, 0.5, 0.6, 0.75, 1]))
    np.testing.assert_allclose(actual, expected, atol=1e-12)


def test_one_cycle_rises_and_falls():
    shares = one_cycle(T)
    assert (np.diff(shares[:31]) > 0).all()
    assert (np.diff(shares[30:]) < 0).all()
    assert shares[[0, 30]] == pytest.approx([0.04, 1])
    assert shares[-1] == pytest.approx(4e-6)


def test_no_warm_up_is_the_schedule_itself():
    assert warmed_up(cosine, 0.0) is cosine
