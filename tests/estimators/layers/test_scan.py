"""The recurrence and its gradients, by hand and against what TensorFlow derives step by step."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from estimators.layers.scan import scan

RNG = np.random.default_rng(0)
N_STEPS, N_ROWS, UNITS = 5, 4, 3


def tensor(*shape):
    return tf.constant(RNG.normal(size=shape), "float32")


def two_states(of_input, of_state, states, parameters):
    """A cell that uses all it is given."""
    scale, shift = parameters
    memory = tf.tanh(of_input) * states[1] + of_state * scale
    return [tf.sin(memory + shift) * tf.sigmoid(of_state), memory]


def loop(step, products, kernel, bias, parameters, *, n_states, mask=None, factor=None):
    """The same, written out."""
    states, outputs = [tf.zeros([N_ROWS, UNITS])] * n_states, []
    for number in range(N_STEPS):
        seen = states[0] if factor is None else states[0] * factor
        of_state = seen @ kernel + (0.0 if bias is None else bias)
        new = step(products[number], of_state, states, parameters)
        if mask is not None:
            new = [tf.where(mask[number], *pair) for pair in zip(new, states, strict=True)]
        states = new
        outputs.append(states[0])
    return tf.stack(outputs)


def test_by_hand():
    """A state that doubles in each step, and gets the input; the gradient is a sum of powers."""
    products, kernel = tf.reshape([1.0, 0.0, 3.0], [3, 1, 1]), tf.constant([[2.0]])
    with tf.GradientTape() as tape:
        tape.watch([products, kernel])
        outputs = scan(
            lambda of_input, of_state, states, parameters: [of_input + of_state],
            *(products, kernel, None, ()),
            n_states=1,
        )
        last = outputs[-1, 0, 0]
    assert outputs[:, 0, 0].numpy().tolist() == [1, 2, 7]
    of_products, of_kernel = tape.gradient(last, [products, kernel])
    assert of_products[:, 0, 0].numpy().tolist() == [4, 2, 1]
    assert of_kernel.numpy().tolist() == [[4]]  # of 1 * kernel**2 + 0 * kernel + 3


@pytest.mark.parametrize("jit", [None, False, True], ids=["eager", "graph", "xla"])
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("scaled", [False, True])
def test_gradients_are_those_of_a_loop(jit, masked, scaled):
    weights = [tensor(N_STEPS, N_ROWS, UNITS), tensor(UNITS, UNITS), tensor(UNITS)]
    weights += [tensor(UNITS), tensor(UNITS)]
    weight_of_outputs = tensor(N_STEPS, N_ROWS, UNITS)
    mask = tf.constant(RNG.random((N_STEPS, N_ROWS, 1)) > 0.3) if masked else None
    factor = tf.constant(RNG.integers(0, 2, (N_ROWS, UNITS)) * 2, "float32") if scaled else None

    def run(recurrence):
        with tf.GradientTape() as tape:
            tape.watch(weights)
            products, kernel, bias, *parameters = weights
            outputs = recurrence(
                *(two_states, products, kernel, bias, parameters),
                n_states=2,
                mask=mask,
                factor=factor,
            )
            total = tf.reduce_sum(outputs * weight_of_outputs)
        return outputs, *tape.gradient(total, weights)

    expected = run(loop)
    found = (run if jit is None else tf.function(run, jit_compile=jit))(scan)
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)
