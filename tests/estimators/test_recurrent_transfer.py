"""Recurrent networks that begin with the weights of another one."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import GridSearchCV

from estimators import (
    KerasMLPRegressor,
    KerasRNNClassifier,
    KerasRNNRegressor,
    RuleWarning,
)

RNG = np.random.default_rng(0)
X = RNG.normal(size=(50, 6, 2)).astype("float32")
X[::3, 4:] = np.nan
Y = np.nansum(X[:, :, 0], axis=1)
KINDS = [
    {},
    {"cell": "gru", "bidirectional": True},
    {"cell": "simple", "layer_norm": True},
    {"recurrent_dropout": 0.2, "bidirectional": True},
]


def make(seed=1, kind=KerasRNNRegressor, **params):
    quick = {"hidden_layer_sizes": (5, 4), "epochs": 2, "batch_size": 16, "random_state": seed}
    return kind(**{**quick, **params})


@pytest.fixture(scope="module")
def source():
    return make(0).fit(X, Y)


def named(model):
    return {record["weight"]: record for record in model.transferred_}


@pytest.mark.parametrize("params", KINDS, ids=repr)
def test_every_weight_array_is_taken(params):
    source = make(0, **params).fit(X, Y)
    model = make(**params, init_from=source).initialize(X[:, :5], Y)
    assert [record["taken"] for record in model.transferred_[-2:]] == [0, 0]
    assert {record["taken"] for record in model.transferred_[:-2]} == {1}
    before, after = source.model_.get_weights(), model.model_.get_weights()
    np.testing.assert_equal(after[:-2], before[:-2])
    assert not np.array_equal(after[-2], before[-2])
    whole = make(**params, init_from=source, init_layers="all").initialize(X, Y)
    np.testing.assert_array_equal(whole.predict(X), source.predict(X))


def test_layers_of_ours_and_of_keras_are_one_kind(source):
    model = make(init_from=source, recurrent_dropout=0.2).initialize(X, Y)
    np.testing.assert_equal(model.model_.get_weights()[:-2], source.model_.get_weights()[:-2])


def test_other_cells_are_not_taken(source):
    with pytest.warns(RuleWarning, match="the source has a LSTM, not a GRU"):
        model = make(init_from=source, cell="gru").initialize(X, Y)
    assert not any(record["taken"] for record in model.transferred_)
    with pytest.warns(
        RuleWarning,
        match="the source has a LSTM, not a bidirectional LSTM; .* give both networks the same "
        "hidden_layer_sizes, cell, bidirectional and layer_norm, or leave",
    ):
        make(init_from=source, bidirectional=True).initialize(X, Y)


def test_a_perceptron_gives_nothing():
    source = KerasMLPRegressor((5,), epochs=1, random_state=0).fit(X[:, 0], Y)
    with pytest.warns(RuleWarning, match="init_from gives nothing"):
        make(init_from=source).initialize(X, Y)


def test_channels_are_matched_by_name():
    flat = np.nan_to_num(X).reshape(50, 12)
    names = [f"{channel}_{step}" for step in range(6) for channel in "ab"]
    turned = [f"{channel}_{step}" for step in range(6) for channel in "ba"]
    source = make(0, n_steps=6).fit(pd.DataFrame(flat, columns=names), Y)
    model = make(n_steps=6, init_from=source).initialize(pd.DataFrame(flat, columns=turned), Y)
    ours, theirs = (each.model_.get_weights()[0] for each in (model, source))
    np.testing.assert_array_equal(ours, theirs[::-1])
    assert named(model)["recurrent_0/kernel"]["how"] == "2 of 2 inputs by name"


def test_channels_that_nothing_matches(source):
    more = np.concatenate([X, X[..., :1]], axis=2)
    model = make(init_from=source).initialize(more, Y)
    record = named(model)["recurrent_0/kernel"]
    assert (record["taken"], record["how"][:36]) == (0, "2 channels in the source and 3 here,")
    assert named(model)["recurrent_0/recurrent_kernel"]["taken"] == 1


def test_from_an_output_a_row_to_one_a_step(source):
    y = np.nancumsum(X[:, :, 0], axis=1)
    model = make(init_from=source, return_sequences=True).initialize(X, y)
    np.testing.assert_equal(model.model_.get_weights()[:-2], source.model_.get_weights()[:-2])


@pytest.mark.parametrize(
    ("params", "engine"), [*zip(KINDS[:2], ["compiled", "keras"], strict=True)]
)
def test_frozen_layers_stay_and_engines_agree(params, engine):
    source = make(0, **params).fit(X, Y)
    model, reference = (
        make(**params, init_from=source, frozen_layers=1, engine=each, global_clipnorm=0.5).fit(
            X, Y
        )
        for each in (engine, "uncompiled")
    )
    n_frozen = len(model.model_.get_layer("recurrent_0").weights)
    after, before = model.model_.get_weights(), source.model_.get_weights()
    np.testing.assert_equal(after[:n_frozen], before[:n_frozen])
    assert all(
        (one != other).any() for one, other in zip(after[n_frozen:], before[n_frozen:], strict=True)
    )
    for ours, theirs in zip(after, reference.model_.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=5e-6)


def test_layers_train_from_an_epoch_on(source):
    """Until then as if they were frozen; after it they move."""
    params = {"init_from": source, "frozen_layers": 2, "epochs": 3, "engine": "uncompiled"}
    frozen = make(**{**params, "epochs": 2}).fit(X, Y)
    thawed = make(**params, unfreeze_at=2).fit(X, Y)
    assert thawed.history_["loss"][:2] == pytest.approx(frozen.history_["loss"], rel=1e-5)
    before, after = source.model_.get_weights(), thawed.model_.get_weights()
    assert all((one != other).any() for one, other in zip(after, before, strict=True))


def test_layers_have_learning_rates_of_their_own(source):
    """In one step of plain gradient descent each moves by its factor."""
    params = {
        **{"init_from": source, "init_layers": "all", "optimizer": "sgd", "learning_rate": 0.01},
        **{"epochs": 1, "batch_size": 50, "engine": "uncompiled"},
    }
    slowly, plain = (
        make(**params, layer_learning_rates=rates).fit(X, Y).model_.get_weights()
        for rates in ((0.0, 0.5), 1.0)
    )
    factors = [*[0.0] * 3, *[0.5] * 3, *[1.0] * 2]
    for factor, ours, whole, before in zip(
        factors, slowly, plain, source.model_.get_weights(), strict=True
    ):
        np.testing.assert_allclose(ours - before, factor * (whole - before), atol=1e-6)
        assert (whole != before).any()


def test_members_clones_pickles_and_a_search(source):
    model = make(init_from=source, n_members=2, frozen_layers=1).fit(X, Y)
    loaded = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
    assert clone(model).init_from is source
    classifier = make(kind=KerasRNNClassifier)
    grid = {"init_from": [None, FrozenEstimator(source)]}
    search = GridSearchCV(classifier, grid, cv=2).fit(X, Y > 0)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert search.best_estimator_.predict(X).shape == (50,)
