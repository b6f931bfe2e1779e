import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from estimators.layers.draws import uniform


def draws(seed, n_calls=1, shape=(1000, 100)):
    generator = keras.random.SeedGenerator(seed)
    return np.concatenate([uniform(shape, generator).numpy().ravel() for _ in range(n_calls)])


@pytest.mark.parametrize("seed", [0, 1, 2**31 - 1])
def test_uniform_in_every_call(seed):
    values = draws(seed, n_calls=3)
    assert values.min() >= 0
    assert values.max() < 1
    for call in np.split(values, 3):
        assert stats.kstest(call, "uniform").pvalue > 1e-3


@pytest.mark.parametrize("lag", [1, 2, 100, 100_000])
def test_neighbours_and_calls_do_not_hang_together(lag):
    values = draws(0, n_calls=2)
    correlation = np.corrcoef(values[:-lag], values[lag:])[0, 1]
    assert abs(correlation) < 4 / np.sqrt(len(values) - lag)


def test_neighbouring_seeds_do_not_hang_together():
    first, second = draws(0), draws(1)
    assert abs(np.corrcoef(first, second)[0, 1]) < 4 / np.sqrt(len(first))


def test_few_values_come_twice():
    """As many pairs as chance gives among 100,000 draws of 2**24 values."""
    n, values = 100_000, draws(0)
    pairs = n - len(np.unique(values))
    expected = n**2 / 2 / 2**24
    assert abs(pairs - expected) < 5 * np.sqrt(expected)


def test_compiled_and_not_are_the_same():
    def call():
        return uniform((7, 3), keras_generator)

    keras_generator = keras.random.SeedGenerator(5)
    plain = call().numpy()
    keras_generator = keras.random.SeedGenerator(5)
    np.testing.assert_array_equal(tf.function(call, jit_compile=True)().numpy(), plain)


def test_only_its_own_generator_moves_on():
    before = np.random.get_state()[1].copy()
    generator = keras.random.SeedGenerator(0)
    first, second = uniform((4,), generator).numpy(), uniform((4,), generator).numpy()
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(np.random.get_state()[1], before)
