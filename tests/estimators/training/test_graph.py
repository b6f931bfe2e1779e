import numpy as np
import pytest
from tensorflow.python.framework.ops import gradient_registry

from estimators import KerasMLPRegressor
from estimators.training.epoch import Epoch
from estimators.training.rows import Rows
from estimators.training.structure import program_key

X = np.random.default_rng(0).normal(size=(40, 4)).astype("float32")
ROWS = Rows(X, X[:, :1])


def graph(batch_norm):
    """Trace the program of a network as if for the first time."""
    network = KerasMLPRegressor((5, 3), batch_norm=batch_norm, epochs=1, engine="keras")
    model = network.fit(X, X[:, 0]).model_
    key = program_key(model, ROWS, None, batch_size=8, jit=True)
    return Epoch(key, model).graph()


@pytest.mark.parametrize("batch_norm", [None, "before_dense", "after_dense"])
def test_a_structure_has_one_graph_whatever_was_traced_before(batch_norm):
    first = graph(batch_norm)
    graph("after_activation")
    second = graph(batch_norm)
    assert first.inputs == second.inputs
    assert first.outputs == second.outputs
    one, other = (each.definition.SerializeToString(deterministic=True) for each in (first, second))
    assert one == other


def test_no_gradient_is_kept():
    before = set(gradient_registry.list())
    graph("before_dense")
    assert set(gradient_registry.list()) == before
