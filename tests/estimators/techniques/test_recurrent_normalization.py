from __future__ import annotations

import keras
import numpy as np
import pytest

from estimators import KerasRNNRegressor

X = np.random.default_rng(0).normal(3, 2, size=(30, 5, 2)).astype("float32")
X[::2, 3:] = np.nan

BATCH_NORM = "no batch normalization in recurrent networks"
SEVERAL_UNITS = "layer normalization wants several units"


def test_batch_norm_is_advised_against(recurrent_rules):
    sentence = recurrent_rules.broken(batch_norm=True)[BATCH_NORM]
    for part in (
        "layer_norm=True",
        "Laurent et al. 2016",
        "Cooijmans et al. 2017",
        "Ba et al. 2016",
    ):
        assert part in sentence
    assert set(recurrent_rules.broken(layer_norm=True)) == set()


def test_layer_norm_wants_several_units(recurrent_rules):
    assert SEVERAL_UNITS in recurrent_rules.broken(layer_norm=True, hidden_layer_sizes=(4, 1))
    assert SEVERAL_UNITS not in recurrent_rules.broken(layer_norm=True, hidden_layer_sizes=(4, 2))
    with pytest.raises(ValueError, match="no variance"):
        KerasRNNRegressor((1,), layer_norm=True).fit(X, X[:, 0, 0])


@pytest.mark.filterwarnings("ignore::estimators.RuleWarning")
def test_statistics_are_of_the_steps_that_hold_values():
    """One batch: the moving ones go a hundredth of the way from 0 and 1."""
    model = KerasRNNRegressor((3, 2), batch_norm=True, batch_size=30, epochs=1, random_state=0)
    network = model.fit(X, X[:, 0, 0]).model_
    kinds = [type(layer) for layer in network.layers[1:]]
    norm = keras.layers.BatchNormalization
    assert kinds == [norm, keras.layers.LSTM, norm, keras.layers.LSTM, keras.layers.Dense]
    values = X.reshape(-1, 2)
    values = values[~np.isnan(values).any(axis=1)]
    *_, mean, variance = network.layers[1].get_weights()
    np.testing.assert_allclose(mean, values.mean(axis=0) * 0.01, rtol=1e-3)
    np.testing.assert_allclose(variance, 0.99 + values.var(axis=0) * 0.01, rtol=1e-3)
