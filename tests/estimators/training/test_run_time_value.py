import keras
import numpy as np
import pytest
import tensorflow as tf

from estimators.layers import Dropout
from estimators.training.run_time_value import RunTimeValue, run_time_parameters


@pytest.fixture
def third():
    return RunTimeValue(tf.constant(1 / 3))


def test_calculates_like_the_number(third):
    results = [third + 1, 1 + third, third - 1, 1 - third, third * 2, 2 * third, third / 2]
    results += [1 / third, third**2, 2**third, -third]
    expected = [4 / 3, 4 / 3, -2 / 3, 2 / 3, 2 / 3, 2 / 3, 1 / 6, 3, 1 / 9, 2 ** (1 / 3), -1 / 3]
    np.testing.assert_allclose([float(result) for result in results], expected, rtol=1e-6)
    assert tf.convert_to_tensor(third).dtype == tf.float32
    assert tf.cast(third, tf.float64).dtype == tf.float64


def test_compares_like_a_positive_number(third):
    assert third
    assert third > 0
    assert third != 0
    assert third != 1
    with pytest.raises(TypeError, match=r"above 0\.5 is not known"):
        assert third > 0.5


def test_dropout_drops_the_share_that_is_known_when_the_program_runs():
    layer = Dropout(0.5, seed=0)

    @tf.function(jit_compile=True)
    def dropped(rate):
        layer.rate = RunTimeValue(rate)
        return layer(tf.ones((200, 200)), training=True)

    for rate in (0.1, 0.7):
        outputs = dropped(tf.constant(rate)).numpy()
        assert np.mean(outputs == 0) == pytest.approx(rate, abs=0.01)
        assert outputs.max() == pytest.approx(1 / (1 - rate), rel=1e-6)


def test_only_what_is_set_is_a_run_time_parameter():
    model = keras.Sequential([keras.Input((2,)), Dropout(0.2), Dropout(0.0), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(momentum=0.9, global_clipnorm=1.0), loss="mse")
    assert [name for _, name in run_time_parameters(model)] == [
        "rate",
        "momentum",
        "global_clipnorm",
    ]
