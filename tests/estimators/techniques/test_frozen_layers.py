from __future__ import annotations

import itertools
import pickle
import re

import keras
import numpy as np
import pytest
from sklearn.base import clone

from estimators import KerasMLPClassifier, KerasMLPRegressor
from estimators.engine.cache import PROGRAMS
from estimators.techniques.frozen_layers import n_layers_frozen_throughout
from estimators.techniques.optimizer import OPTIMIZERS

pytestmark = pytest.mark.filterwarnings("ignore::estimators.RuleWarning")

RNG = np.random.default_rng(0)
X = RNG.normal(size=(43, 3)).astype("float32")
Y = X[:, 0] * X[:, 1]
ROUNDING = {"rtol": 1e-4, "atol": 5e-6}
PLACES = [None, "before_dense", "after_dense", "after_activation"]


def make(engine="uncompiled", **params):
    settings = {"batch_size": 16, "epochs": 3, "random_state": 0, "learning_rate": 0.05}
    return KerasMLPRegressor((5, 4), engine=engine, **{**settings, **params})


def weights(model):
    """By name of the layer."""
    return {layer.name: layer.get_weights() for layer in model.model_.layers if layer.weights}


def assert_close(one, other):
    for first, second in zip(one.model_.get_weights(), other.model_.get_weights(), strict=True):
        np.testing.assert_allclose(first, second, **ROUNDING)


@pytest.mark.parametrize("placement", PLACES)
@pytest.mark.parametrize("n_frozen", [1, 2])
def test_frozen_layers_and_their_statistics_stay_as_they_began(placement, n_frozen):
    """Whatever decays, averages or clips."""
    model = make(
        frozen_layers=n_frozen, batch_norm=placement, weight_decay=0.1, global_clipnorm=0.5
    )
    before = weights(model.initialize(X, Y))
    after = weights(model.fit(X, Y))
    for name, arrays in after.items():
        number = name.rpartition("_")[2]
        is_frozen = number.isdigit() and int(number) < n_frozen
        same = [np.array_equal(*pair) for pair in zip(before[name], arrays, strict=True)]
        assert all(same) if is_frozen else not any(same), name


def places_optimizers_and_engines():
    """Each optimizer with each placement, on the engines by turns."""
    pairs = itertools.product(PLACES, ["adam", "sgd"])
    engines = itertools.cycle(["compiled", "uncompiled", "uncompiled", "compiled"])
    return [(*pair, engine) for pair, engine in zip(pairs, engines, strict=False)]


@pytest.mark.parametrize(("placement", "optimizer", "engine"), places_optimizers_and_engines())
def test_as_model_fit_with_layers_that_are_not_trainable(placement, optimizer, engine):
    settings = {
        **{"frozen_layers": 1, "batch_norm": placement, "optimizer": optimizer},
        **{"weight_decay": 0.01, "global_clipnorm": 0.1, "dropout": 0.2 * (placement is None)},
        "momentum": 0.9 * (optimizer == "sgd"),
    }
    ours = make(engine, **settings).fit(X, Y)
    theirs = make("keras", **settings)
    theirs.fit(X, Y)
    assert [layer.trainable for layer in theirs.model_.layers if layer.name == "dense_0"] == [False]
    assert_close(ours, theirs)
    assert ours.history_["loss"] == pytest.approx(theirs.history_["loss"], rel=1e-4)


@pytest.mark.parametrize(
    ("placement", "optimizer"),
    [
        (None, "adam"),
        (None, "nadam"),
        ("before_dense", "adagrad"),
        ("before_dense", "adam"),
        ("after_dense", "nadam"),
        ("after_activation", "adagrad"),
    ],
)
def test_unfreezing_as_a_loop_of_keras(placement, optimizer):
    """Keras trains the output, makes the layers trainable, and goes on with the same optimizer."""
    settings = {
        **{"batch_norm": placement, "optimizer": optimizer, "shuffle": False, "epochs": 4},
        **{"weight_decay": 0.01, "global_clipnorm": 0.1},
    }
    ours = make(frozen_layers=1, unfreeze_at=2, **settings).fit(X, Y)

    network = make(**settings).initialize(X, Y).model_  # its optimizer knows all weights
    frozen = [layer for layer in network.layers if layer.name.endswith("_0")]
    for is_trained in (False, True):
        for layer in frozen:
            layer.trainable = is_trained
        network.make_train_function(force=True)
        network.fit(X, Y[:, None], batch_size=16, epochs=2, shuffle=False, verbose=0)
    for one, other in zip(ours.model_.get_weights(), network.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_until_they_thaw_nothing_of_them_moves(optimizer):
    """Neither weights nor what an optimizer keeps of them."""
    model = make(
        optimizer=optimizer, frozen_layers=2, unfreeze_at=1, weight_decay=0.1, batch_norm=True
    )
    first = weights(model.initialize(X, Y))
    model.partial_fit(X, Y)
    second = weights(model)
    slots = [v for v in model.model_.optimizer.variables if "dense_0" in v.path]
    assert len(slots) >= (optimizer != "sgd")
    for slot in slots:
        assert np.ptp(slot.numpy()) == 0
    model.partial_fit(X, Y)
    third = weights(model)
    for name in first:
        stayed = [np.array_equal(*pair) for pair in zip(first[name], second[name], strict=True)]
        moved = [not np.array_equal(*pair) for pair in zip(second[name], third[name], strict=True)]
        assert all(moved), name
        assert all(stayed) is (name != "output")


def test_layers_that_never_thaw_are_layers_that_are_frozen():
    assert_close(
        make(frozen_layers=1, unfreeze_at=3, batch_norm="before_dense").fit(X, Y),
        make(frozen_layers=1, batch_norm="before_dense").fit(X, Y),
    )


def test_the_epoch_needs_no_program_of_its_own():
    PROGRAMS.clear()
    for epoch in (1, 2):
        make(frozen_layers=1, unfreeze_at=epoch).fit(X, Y)
    assert len(PROGRAMS) == 1
    PROGRAMS.clear()


@pytest.mark.parametrize(
    "settings",
    [
        {"numeric_embedding": "both", "feature_scale": True},
        {"member_sharing": "tabm", "n_members": 3},
        {"residual": True, "activation": "prelu"},
        {"weight_averaging": "ema", "early_stopping": True},
        {"n_members": 2},
    ],
    ids=["features", "tabm", "residual", "averaged", "ensemble"],
)
@pytest.mark.parametrize("epoch", [None, 9])
def test_with_what_else_there_is(settings, epoch):
    model = make(frozen_layers=2, unfreeze_at=epoch, **settings)
    before = model.initialize(X, Y).model_.get_weights()
    after = model.fit(X, Y).model_.get_weights()
    n_members = settings.get("n_members", 1) if "member_sharing" not in settings else 1
    moved = [not np.allclose(*pair, rtol=1e-6) for pair in zip(before, after, strict=True)]
    assert sum(moved) == 2 * n_members  # kernel and bias of each output


def test_warm_starts_and_pickles_go_on_frozen():
    model = make(frozen_layers=1, batch_norm="after_dense", warm_start=True).fit(X, Y)
    loaded = pickle.loads(pickle.dumps(model))
    before = weights(model)
    for each in (model, loaded):
        each.fit(X, Y)
        for name in ("dense_0", "batch_norm_0"):
            np.testing.assert_equal(weights(each)[name], before[name])
    assert_close(model, loaded)


def test_a_layer_that_a_callback_thaws_is_none_of_the_engine():
    """Which would not learn of it; Keras' optimizers say themselves that they do not know it."""

    class Thaw(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.model.get_layer("dense_0").trainable = True

    with pytest.raises(ValueError, match="for the layer dense_0 is no longer frozen; use 'auto'"):
        make(frozen_layers=1, callbacks=Thaw()).fit(X, Y)


def test_model_fit_cannot_thaw():
    with pytest.raises(ValueError, match="for unfreeze_at=1 lets layers train from an epoch on;"):
        make("keras", frozen_layers=1, unfreeze_at=1).fit(X, Y)


def test_more_layers_than_there_are():
    sentence = (
        "The 'frozen_layers' parameter of KerasMLPClassifier must be at most 1, the number of "
        "hidden_layer_sizes. Got 2."
    )
    with pytest.raises(ValueError, match=re.escape(sentence)):
        KerasMLPClassifier(5, frozen_layers=2).fit(X, Y > 0)


def test_how_many_never_train():
    assert n_layers_frozen_throughout({"frozen_layers": 2, "unfreeze_at": None}) == 2
    assert n_layers_frozen_throughout({"frozen_layers": 2, "unfreeze_at": 3}) == 0
    assert n_layers_frozen_throughout({}) == 0  # of a recurrent network


def test_clone_thaws_nothing():
    model = make(frozen_layers=1).fit(X, Y)
    assert clone(model).get_params()["frozen_layers"] == 1
