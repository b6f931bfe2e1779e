from __future__ import annotations

import math

import numpy as np
import pytest
import tensorflow as tf

from estimators.layers.cells import CELLS, Normalization, normalized


def row(*values):
    return tf.constant([values], "float32")


def logistic(x):
    return 1 / (1 + math.exp(-x))


def next_states(cell, of_input, of_state, *states, norm=None):
    new = CELLS[cell].step(row(*of_input), row(*of_state), [row(s) for s in states], tf.tanh, norm)
    return [float(state[0, 0]) for state in new]


def test_a_simple_cell_by_hand():
    assert next_states("simple", [0.5], [0.25], 9.0) == pytest.approx([math.tanh(0.75)])


def test_an_lstm_by_hand():
    """Gates in Keras' order: into, kept, candidate, out."""
    output, memory = next_states("lstm", [1.0, 2.0, 3.0, 4.0], [0.5, -1.0, 0.0, 1.0], 9.0, 0.3)
    assert memory == pytest.approx(logistic(1) * 0.3 + logistic(1.5) * math.tanh(3))
    assert output == pytest.approx(logistic(5) * math.tanh(memory))


def test_a_gru_by_hand():
    """Gates in Keras' order: kept, reset, candidate, which is reset after its product."""
    (output,) = next_states("gru", [1.0, 2.0, 0.1], [0.5, -1.0, 0.4], 0.3)
    candidate = math.tanh(0.1 + logistic(1) * 0.4)
    assert output == pytest.approx(logistic(1.5) * 0.3 + (1 - logistic(1.5)) * candidate)


def test_normalized_by_hand():
    """Mean 2, variance 2/3."""
    found = normalized(row(1.0, 2.0, 3.0), row(1.0, 2.0, 3.0))
    size = 1 / math.sqrt(2 / 3 + 1e-3)
    np.testing.assert_allclose(found, [[-size, 0, 3 * size]], rtol=1e-6)


@pytest.mark.parametrize("cell", CELLS)
def test_a_normalized_state_does_not_depend_on_the_size_of_its_product(cell):
    kind, units = CELLS[cell], 4
    width = kind.n_gates * units
    rng = np.random.default_rng(0)
    of_state = rng.normal(size=(2, width)).astype("float32")
    states = [tf.zeros((2, units))] * kind.n_states
    norm = Normalization(tf.ones(width), tf.zeros(units), tf.ones(units))
    zeros = tf.zeros((2, width))
    once, hundredfold = (
        kind.step(zeros, tf.constant(of_state * size), states, tf.tanh, norm) for size in (10, 1000)
    )
    for one, other in zip(once, hundredfold, strict=True):
        np.testing.assert_allclose(one, other, atol=2e-3)  # but for what keeps 0 / 0 away
    plain = kind.step(zeros, tf.constant(of_state * 1000), states, tf.tanh, None)
    assert np.abs(plain[0] - once[0]).max() > 0.01
