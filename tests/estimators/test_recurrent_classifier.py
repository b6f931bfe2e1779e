from __future__ import annotations

import pickle

import keras
import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from estimators import KerasRNNClassifier, RuleWarning

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 8, 2)).astype("float32")
X[::3, 6:] = np.nan
Y = np.where(np.nansum(X[:, :, 0], axis=1) > 0, "up", "down")


def make(**params):
    quick = {"hidden_layer_sizes": (8,), "epochs": 2, "random_state": 0}
    return KerasRNNClassifier(**{**quick, **params})


@pytest.mark.parametrize(
    ("cell", "kind"),
    [("simple", keras.layers.SimpleRNN), ("lstm", keras.layers.LSTM), ("gru", keras.layers.GRU)],
)
def test_the_network_is_of_keras_own_layers(cell, kind):
    layers = make(cell=cell, hidden_layer_sizes=(4, 3)).initialize(X, Y).model_.layers
    assert [type(layer) for layer in layers[1:]] == [kind, kind, keras.layers.Dense]
    assert [layer.units for layer in layers[1:]] == [4, 3, 1]
    assert [layer.return_sequences for layer in layers[1:3]] == [True, False]


@pytest.mark.parametrize("bidirectional", [False, True])
def test_an_output_in_each_step_where_wanted(bidirectional):
    y = np.repeat(Y[:, None], 8, axis=1)
    model = make(hidden_layer_sizes=(4, 3), bidirectional=bidirectional, return_sequences=True)
    assert model.initialize(X, y).model_.output_shape == (None, 8, 1)


def test_directions_begin_with_weights_of_their_own():
    layer = make(bidirectional=True).initialize(X, Y).model_.layers[1]
    there, back = layer.forward_layer.get_weights(), layer.backward_layer.get_weights()
    assert [(one == other).all() for one, other in zip(there, back, strict=True)] == [
        *(False, False),
        True,  # biases
    ]
    assert layer.output.shape == (None, 16)


@pytest.mark.parametrize("cell", ["simple", "lstm", "gru"])
def test_learns_what_the_first_step_said(cell):
    rng = np.random.default_rng(1)
    X = rng.normal(size=(300, 10)).astype("float32")
    y = X[:, 0] > 0
    model = make(
        cell=cell, hidden_layer_sizes=(16,), epochs=60, learning_rate=0.01, global_clipnorm=1.0
    )
    assert model.fit(X[:200], y[:200]).score(X[200:], y[200:]) > 0.85


def test_in_a_pipeline_and_a_search():
    pipeline = make_pipeline(StandardScaler(), make(n_steps=8))
    grid = {"kerasrnnclassifier__cell": ["simple", "gru"]}
    search = GridSearchCV(pipeline, grid, cv=2).fit(X.reshape(60, -1), Y)
    assert search.predict(X.reshape(60, -1)).shape == (60,)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def test_probabilities_survive_pickle():
    model = make(layer_norm=True, recurrent_dropout=0.2, bidirectional=True).fit(X, Y)
    probabilities = model.predict_proba(X)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    assert model.classes_.tolist() == ["down", "up"]
    loaded = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(loaded.predict_proba(X), probabilities)


def test_a_warm_start_goes_on():
    once = make(epochs=4, recurrent_dropout=0.3).fit(X, Y)
    twice = make(epochs=2, recurrent_dropout=0.3, warm_start=True).fit(X, Y).fit(X, Y)
    assert once.history_["loss"] == pytest.approx(twice.history_["loss"], rel=1e-5)


def test_early_stopping_an_ensemble_and_what_schedules():
    model = make(
        early_stopping=True,
        validation_fraction=0.3,
        n_members=2,
        learning_rate_schedule="cosine",
        weight_averaging="ema",
        label_smoothing=0.1,
        mixup=0.2,
        dropout=0.1,
        calibration="temperature",
    ).fit(X, Y)
    assert len(model.best_epoch_) == 2
    assert model.predict(X).shape == (60,)


def test_at_least_one_recurrent_layer():
    with pytest.raises(ValueError, match="must name one recurrent layer or more"):
        make(hidden_layer_sizes=()).fit(X, Y)


def test_the_advice_of_the_rules_reaches_the_user():
    with pytest.warns(RuleWarning, match=r"(?s)batch_norm normalizes between.*layer_norm=True"):
        make(batch_norm=True, epochs=1).fit(X, Y)


def test_rules_count_sequences_and_not_their_steps():
    sequences = RNG.normal(size=(150, 10, 1)).astype("float32")  # 1,500 steps
    y = (sequences.sum(axis=(1, 2)) > 0).astype(int)
    with pytest.warns(RuleWarning, match="calibration"):
        make(calibration="temperature", epochs=1).fit(sequences, y)
