"""Figures of one batch, against products worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from estimators import KerasMLPRegressor
from estimators.diagnosis.probe import lone_network, probe_network
from estimators.engine import Rows
from estimators.techniques import resolve

X = np.array([[1.0], [-1.0], [2.0], [-2.0]], dtype="float32")
Y = np.array([[1.0], [1.0], [2.0], [2.0]], dtype="float32")


def probe(**params):
    """A network whose weights are known: units x, -x and nothing; their sum."""
    model = KerasMLPRegressor((3,), batch_size=2, random_state=0, **params)
    model.initialize(X, Y.ravel())
    weights = [[[1.0, -1.0, 0.0]], [0.0, 0.0, -1.0], [[1.0], [1.0], [1.0]], [1.0]]
    model.model_.set_weights([np.array(each) for each in weights])
    given = resolve(model.techniques, model.get_params(deep=False))
    network = lone_network(model.model_)
    return probe_network(network, model.model_.loss, Rows(X, Y), model.techniques, given)


def test_forwards():
    found = probe()
    hidden = found.layers.iloc[0]
    # Errors are 1 everywhere: |x| + 1 against |x|.
    assert found.loss == pytest.approx(1.0)
    assert (hidden["layer"], hidden["units"]) == ("dense_0", 3)
    assert hidden["dead"] == pytest.approx(1 / 3)
    assert np.isnan(hidden["saturated"])
    assert hidden["equal"] == 0.0
    before = np.hstack([X, -X, np.full_like(X, -1.0)])
    assert hidden["variance"] == pytest.approx(before.var())
    assert hidden["weight"] == pytest.approx(np.sqrt(2 / 3))


def test_backwards():
    found = probe()
    hidden, output = found.layers.iloc[0], found.layers.iloc[1]
    # 2 * error / rows at the output, and the same at the one unit of each row that is above 0.
    assert output["gradient"] == pytest.approx(0.5)
    assert hidden["gradient"] == pytest.approx(np.sqrt(0.25 * 4 / 12))
    # x > 0: 0.5 * (1 + 2) for the first unit; -0.5 * (1 + 2) for the second, whose input is x.
    assert hidden["gradient_norm"] == pytest.approx(np.hypot(1.5, -1.5))


def test_the_next_step():
    hidden = probe(optimizer="sgd", learning_rate=0.1).layers.iloc[0]
    assert hidden["update_ratio"] == pytest.approx(0.1 * np.sqrt(4.5 / 3) / np.sqrt(2 / 3))
    decayed = probe(optimizer="adamw", learning_rate=0.001, weight_decay=0.5).layers.iloc[1]
    assert decayed["update_ratio"] == pytest.approx(
        0.001 * np.sqrt((1.5**2 + 1.5**2 + 0.5**2) / 3),
        rel=1e-3,  # the dead unit's only decays
    )


def test_clipping():
    assert np.isnan(probe().clipped)
    clipped = probe(global_clipnorm=1e-3)
    assert clipped.clipped == 1.0
    assert clipped.kept < 1e-2
    assert probe(global_clipnorm=1e3).clipped == 0.0


def test_saturated_units():
    model = KerasMLPRegressor((2,), activation="tanh", random_state=0).initialize(X, Y.ravel())
    model.model_.set_weights(
        [np.array(each) for each in ([[9.0, 0.1]], [0.0, 0.0], [[1.0], [1.0]], [0.0])]
    )
    given = resolve(model.techniques, model.get_params(deep=False))
    found = probe_network(model.model_, model.model_.loss, Rows(X, Y), model.techniques, given)
    assert found.largest("saturated") == 0.5


def test_equal_units():
    model = KerasMLPRegressor((4, 2), random_state=0).initialize(X, Y.ravel())
    kernel = np.array([[1.0, 1.0, 1.0, 2.0]])
    model.model_.get_layer("dense_0").kernel.assign(kernel)
    given = resolve(model.techniques, model.get_params(deep=False))
    found = probe_network(model.model_, model.model_.loss, Rows(X, Y), model.techniques, given)
    assert found.layers["equal"].tolist() == [0.75, 0.0, 0.0]
    assert found.gradient_ratio > 0
