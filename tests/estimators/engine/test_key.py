from __future__ import annotations

import numpy as np
import pytest

from estimators.engine import NetworkKey, Rows
from estimators.engine.key import ProgramKey, bucket
from estimators.network import network_of
from estimators.objective import Objective
from estimators.techniques import REGRESSOR_TECHNIQUES, defaults, resolve

SHAPE = {"input_shape": (3,), "n_outputs": 1, "output_activation": "linear"}


def params_of(**hyperparameters):
    return resolve(REGRESSOR_TECHNIQUES, {**defaults(REGRESSOR_TECHNIQUES), **hyperparameters})


def network_key(loss="mean_squared_error", **hyperparameters):
    objective = Objective(loss, "mean_absolute_error")
    params = params_of(**hyperparameters)
    return NetworkKey.of(REGRESSOR_TECHNIQUES, params, **SHAPE, objective=objective)


def program_key(n_rows=100, n_validation=0, weighted=False, jit=False, batch_size=32, **given):
    def rows(n):
        weight = np.ones(n, "float32") if weighted else None
        return Rows(np.zeros((n, 3), "float32"), np.zeros((n, 1), "float32"), weight)

    network = network_key(**given)
    return ProgramKey.of(
        network,
        network_of(REGRESSOR_TECHNIQUES, params_of(**given), **SHAPE, seed=0),
        rows(n_rows),
        rows(n_validation) if n_validation else None,
        batch_size=batch_size,
        jit=jit,
    )


def test_equal_keys_are_found_again():
    assert program_key() == program_key()
    assert hash(program_key()) == hash(program_key())


def test_dynamic_names_are_those_that_are_set():
    assert network_key().dynamic_names == ["learning_rate"]
    key = network_key(dropout=0.5, clipnorm=1.0, momentum=0.1, activation="leaky_relu")
    assert set(key.dynamic_names) == {
        *("dropout", "clipnorm", "momentum", "learning_rate", "negative_slope")
    }


def test_defaults_of_an_optimizer_are_built_in():
    assert dict(network_key().settings)["beta_2"] == 0.999
    key = network_key(beta_2=0.95)
    assert dict(key.settings)["beta_2"] is True
    assert key.dynamic_names == ["learning_rate", "beta_2"]
    assert key == network_key(beta_2=0.99) != network_key()


def test_a_network_of_its_hyperparameters_has_the_same_variables():
    given = {"hidden_layer_sizes": [5, 4], "batch_norm": True, "activation": "prelu"}
    built, again = (
        network_of(REGRESSOR_TECHNIQUES, params, **SHAPE, seed=1)
        for params in (params_of(**given), network_key(**given).params)
    )
    assert [each.shape for each in built.variables] == [each.shape for each in again.variables]
    assert [type(each) for each in built.layers] == [type(each) for each in again.layers]


@pytest.mark.parametrize(
    "change",
    [
        {"n_rows": 200},
        {"n_validation": 10},
        {"weighted": True},
        {"jit": True},
        {"batch_size": 16},
        {"loss": "huber"},
        {"hidden_layer_sizes": (7,)},
    ],
    ids=str,
)
def test_what_makes_another_key(change):
    assert program_key(**change) != program_key()


@pytest.mark.parametrize("change", [{"n_rows": 99}, {"learning_rate": 0.5}, {"epochs": 3}], ids=str)
def test_what_makes_no_other_key(change):
    assert program_key(**change) == program_key()


def test_steps():
    assert program_key(n_rows=100, batch_size=32).n_steps == 4
    assert program_key(n_rows=5, batch_size=32).n_steps == 1
    assert program_key(n_rows=5, batch_size=32).batch_size == 5


@pytest.mark.parametrize("n", [1, 7, 8, 9, 100, 1000, 54_321])
def test_buckets_waste_an_eighth_at_most(n):
    assert n <= bucket(n) <= 1.125 * n
    assert bucket(bucket(n)) == bucket(n)
