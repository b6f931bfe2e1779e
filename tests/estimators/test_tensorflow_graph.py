import re

import numpy as np
import pytest
from estimators.training.epoch import Epoch
from estimators.training.rows import Rows
from estimators.training.structure import program_key
from tensorflow.python.framework.ops import gradient_registry

from estimators import KerasMLPRegressor

X = np.random.default_rng(0).normal(size=(40, 4)).astype("float32")


def network(batch_norm):
    """A compiled network whose optimizer is built."""
    settings = {"batch_norm": batch_norm, "epochs": 1, "engine": "keras"}
    return KerasMLPRegressor((5, 3), **settings).fit(X, X[:, 0]).model_


def graph(model):
    """Trace a program as if for the first time."""
    key = program_key(model, Rows(X, X[:, :1]), None, batch_size=8, jit=True)
    return Epoch(key, model).graph()


def written(graph):
    """A graph as text, without the names that TensorFlow gives unused arguments."""
    return re.sub(r"while_cond_\d+", "while_cond", str(graph.definition))


@pytest.mark.parametrize("batch_norm", [None, "before_dense", "after_dense"])
def test_a_structure_has_one_graph_whatever_was_traced_before(batch_norm):
    model = network(batch_norm)
    first = graph(model)
    graph(network("after_activation"))
    second = graph(model)
    assert first.inputs == second.inputs
    assert first.outputs == second.outputs
    assert written(first) == written(second)


def test_no_gradient_is_kept():
    model = network("before_dense")
    before = set(gradient_registry.list())
    graph(model)
    assert set(gradient_registry.list()) == before
