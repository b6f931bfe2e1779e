"""What breaks where a name goes that TensorFlow does not call public."""

from __future__ import annotations

import gc
import re
import sys

import numpy as np
import pytest
import tensorflow as tf
from tensorflow.python.framework.func_graph import FuncGraph
from tensorflow.python.framework.ops import gradient_registry

from estimators._tensorflow import (
    buffers_of,
    built_graph,
    clear_kernel_cache,
    quick_session,
    session_call,
    traced_graph,
    variable_reader,
)
from estimators.engine import NetworkKey, Rows
from estimators.engine.epoch import Epoch
from estimators.engine.key import ProgramKey
from estimators.network import network_of
from estimators.objective import Objective
from estimators.techniques import REGRESSOR_TECHNIQUES, defaults, resolve

X = np.random.default_rng(0).normal(size=(40, 4)).astype("float32")


def key(batch_norm):
    """Of a small network."""
    params = {
        **defaults(REGRESSOR_TECHNIQUES),
        "hidden_layer_sizes": (5, 3),
        "batch_norm": batch_norm,
    }
    shape = {"input_shape": (4,), "n_outputs": 1, "output_activation": "linear"}
    params = resolve(REGRESSOR_TECHNIQUES, params)
    model = network_of(REGRESSOR_TECHNIQUES, params, **shape, seed=0)
    objective = Objective("mean_squared_error", "mean_absolute_error")
    network = NetworkKey.of(REGRESSOR_TECHNIQUES, params, **shape, objective=objective)
    return ProgramKey.of(network, model, Rows(X, X[:, :1]), None, batch_size=8, jit=True)


def graph(batch_norm):
    """Trace a program as if for the first time."""
    return Epoch(key(batch_norm)).graph()


def written(graph):
    """A graph as text, without the names that TensorFlow gives unused arguments."""
    return re.sub(r"while_cond_\d+", "while_cond", str(graph.definition))


@pytest.mark.parametrize("batch_norm", [None, "before_dense", "after_dense"])
def test_a_key_has_one_graph_whatever_was_traced_before(batch_norm):
    """Else the cache on disk would not know it again."""
    first = graph(batch_norm)
    graph("after_activation")
    second = graph(batch_norm)
    assert first.inputs == second.inputs
    assert first.outputs == second.outputs
    assert written(first) == written(second)


def test_no_gradient_is_kept():
    """TensorFlow's registry would keep each custom gradient, with its tensors, for ever."""
    graph("before_dense")
    before = set(gradient_registry.list())
    graph("before_dense")
    assert set(gradient_registry.list()) == before


def test_gradients_that_others_register_meanwhile_are_kept():
    """Another thread may be tracing a network of its own."""
    name = "GradientOfAnotherThread"

    def traced(x):
        tf.RegisterGradient(name)(lambda operation, gradient: gradient)
        return x + 1

    try:
        traced_graph(traced, [tf.TensorSpec([])], jit=False)
        assert name in gradient_registry.list()
    finally:
        gradient_registry._registry.pop(name)


def test_traced_graphs_are_freed():
    """Tensors in C++ hold a graph whose cycles are not broken."""

    def graphs():
        gc.collect()
        return sum(isinstance(each, FuncGraph) for each in gc.get_objects())

    graph("before_dense")
    before = graphs()
    for _ in range(3):
        graph("before_dense")
    assert graphs() <= before


def test_a_session_is_called_with_arrays():
    traced = traced_graph(
        lambda x, y: (x * y, x + y), [tf.TensorSpec([2]), tf.TensorSpec([])], jit=False
    )
    with tf.Graph().as_default() as whole:
        tensors = tf.graph_util.import_graph_def(
            traced.definition, return_elements=[*traced.inputs, *traced.outputs], name=""
        )
    with tf.compat.v1.Session(graph=whole) as session:
        call = session_call(session, tensors[:2], tensors[2:])
        product, total = call(np.array([1, 2], "float32"), np.array(3, "float32"))
        del call
    assert (product.tolist(), total.tolist()) == ([3, 6], [4, 5])


def test_variables_are_read_at_once_and_leave_their_buffers_when_written():
    variables = [tf.Variable([1.0, 2.0]), tf.Variable(3)]
    read = variable_reader(variables)
    held = read()
    assert [value.numpy().tolist() for value in held] == [[1.0, 2.0], 3]
    assert buffers_of(read()) == buffers_of(held)
    variables[0].assign_add([1.0, 1.0])
    first, second = (a == b for a, b in zip(buffers_of(read()), buffers_of(held), strict=True))
    assert (first, second) == (False, True)
    assert [value.numpy().tolist() for value in read()] == [[2.0, 3.0], 3]


def test_a_quick_session_runs_operations_as_they_are():
    kernel = np.random.default_rng(0).normal(size=(50, 70)).astype("float32")

    def layer(X):
        return tf.nn.relu(tf.matmul(X, kernel) + 0.1)

    inputs, outputs = built_graph(layer, tf.TensorSpec((None, 50)))
    X = np.random.default_rng(1).normal(size=(8, 50)).astype("float32")
    with quick_session(inputs.graph, 1) as session:
        (found,) = session_call(session, [inputs], [outputs], in_caller=True)(X)
    np.testing.assert_array_equal(found, layer(tf.constant(X)).numpy())


def test_a_built_graph_compares_values():
    inputs, outputs = built_graph(lambda X: tf.cast(X == 1.0, X.dtype), tf.TensorSpec((None,)))
    with quick_session(inputs.graph, 1) as session:
        (found,) = session_call(session, [inputs], [outputs], in_caller=True)(
            np.array([0, 1, 2], "float32")
        )
    assert found.tolist() == [0, 1, 0]


def test_kernels_are_freed():
    """A kernel with a state of its own begins it again."""

    def draw():
        return float(tf.raw_ops.RandomUniform(shape=[1], dtype="float32", seed=3, seed2=4)[0])

    clear_kernel_cache()
    first, second = draw(), draw()
    assert first != second
    clear_kernel_cache()
    assert draw() == first


def test_flags_are_read_by_the_first_tensor(forks):
    code = (
        "import tensorflow as tf\n"
        "from estimators._tensorflow import has_read_flags\n"
        "print(has_read_flags())\n"
        "tf.constant(1.0)\n"
        "print(has_read_flags())\n"
    )
    done = forks.run([sys.executable, "-c", code], check=True)
    assert done.stdout.split() == ["False", "True"]
