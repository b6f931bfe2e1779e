from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from estimators.layers import Dropout, LeakyReLU, dynamic_value, dynamic_values


def test_default_where_no_program_is_traced():
    assert dynamic_value("dropout", 0.25) == 0.25


def test_values_count_for_a_while():
    with dynamic_values({"dropout": 0.5}):
        assert dynamic_value("dropout", 0.25) == 0.5
        assert dynamic_value("noise", 0.1) == 0.1
        with dynamic_values({}):
            assert dynamic_value("dropout", 0.25) == 0.25
        assert dynamic_value("dropout", 0.25) == 0.5
    assert dynamic_value("dropout", 0.25) == 0.25


def test_values_are_gone_after_an_error():
    with pytest.raises(OSError, match="gone"), dynamic_values({"dropout": 0.5}):
        raise OSError("gone")
    assert dynamic_value("dropout", 0.25) == 0.25


def test_dropout_drops_the_share_that_is_known_when_the_program_runs():
    layer = Dropout(0.5, seed=0)

    @tf.function(jit_compile=True)
    def dropped(rate):
        with dynamic_values({"dropout": rate}):
            return layer(tf.ones((200, 200)), training=True)

    for rate in (0.1, 0.7):
        outputs = dropped(tf.constant(rate)).numpy()
        assert np.mean(outputs == 0) == pytest.approx(rate, abs=0.01)
        assert outputs.max() == pytest.approx(1 / (1 - rate), rel=1e-6)


def test_leaky_relu_has_the_slope_that_is_known_when_the_program_runs():
    layer = LeakyReLU(negative_slope=0.5)

    @tf.function
    def outputs(slope):
        with dynamic_values({"negative_slope": slope}):
            return layer(tf.constant([[-2.0, 1.0]]))

    for slope in (0.25, 0.75):
        assert outputs(tf.constant(slope)).numpy().tolist() == [[-2 * slope, 1]]
