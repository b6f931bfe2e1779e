from __future__ import annotations

import keras
import numpy as np
import pytest

from estimators import KerasMLPRegressor
from estimators.engine.cache import PROGRAMS

RNG = np.random.default_rng(0)
X = RNG.normal(size=(43, 3)).astype("float32")
Y = X[:, 0] * X[:, 1]
X_VAL = RNG.normal(size=(30, 3)).astype("float32")
Y_VAL = X_VAL[:, 0] * X_VAL[:, 1]
KINDS = ["ema", "swa"]


def make(kind="ema", engine="uncompiled", **params):
    settings = {"batch_size": 16, "epochs": 4, "random_state": 0, "learning_rate": 0.02}
    return KerasMLPRegressor(
        (5,), "prelu", engine=engine, weight_averaging=kind, **{**settings, **params}
    )


def path(linear, n_steps):
    """The weights after each step, of gradient descent."""
    weights = linear.weights()
    for _ in range(n_steps):
        pairs = zip(weights, linear.gradients(weights), strict=True)
        weights = [weight - 0.1 * gradient for weight, gradient in pairs]
        yield weights


@pytest.mark.parametrize(
    ("params", "shares"),
    [
        ({"weight_averaging": "swa"}, [0, 0, 0, 0, 0, 0, 1 / 2, 1 / 2]),
        (
            {"weight_averaging": "ema", "ema_momentum": 0.5},
            np.array([1, 2, 4, 8, 16, 32, 64, 128]) / 255,
        ),
    ],
    ids=str,
)
def test_eight_steps_by_hand(linear, params, shares):
    expected = [
        sum(share * weight for share, weight in zip(shares, of_steps, strict=True))
        for of_steps in zip(*path(linear, 8), strict=True)
    ]
    fitted = linear.fitted(epochs=8, learning_rate=0.1, **params)
    for ours, theirs in zip(fitted, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_compiled_as_uncompiled(kind):
    fits = [
        make(kind, engine, dropout=0.1, optimizer="nadam").fit(X, Y, X_val=X_VAL, y_val=Y_VAL)
        for engine in ("compiled", "uncompiled")
    ]
    for one, other in zip(*(fit.model_.get_weights() for fit in fits), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=5e-6)
    assert fits[0].history_["val_loss"] == pytest.approx(fits[1].history_["val_loss"], rel=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_the_mean_is_evaluated(kind):
    """Training itself goes on as if there were none."""
    model = make(kind).fit(X, Y, X_val=X_VAL, y_val=Y_VAL)
    plain = make(None).fit(X, Y, X_val=X_VAL, y_val=Y_VAL)
    assert model.history_["loss"] == plain.history_["loss"]
    error = np.mean((model.predict(X_VAL) - Y_VAL) ** 2)
    assert model.history_["val_loss"][-1] == pytest.approx(error, rel=1e-5)
    assert plain.history_["val_loss"][-1] != pytest.approx(error, rel=1e-3)


@pytest.mark.parametrize("kind", KINDS)
def test_early_stopping_keeps_a_mean(kind):
    settings = {"early_stopping": True, "patience": None, "epochs": 12, "learning_rate": 0.1}
    model = make(kind, **settings).fit(X, Y, X_val=X_VAL, y_val=-Y_VAL)
    losses = model.history_["val_loss"]
    assert model.best_epoch_ == 1 + np.argmin(losses) < 12
    error = np.mean((model.predict(X_VAL) + Y_VAL) ** 2)
    assert min(losses) == pytest.approx(error, rel=1e-5)


def test_swa_is_the_last_weights_until_its_part_begins():
    """Which is the last of the four epochs."""
    model, plain = make("swa"), make(None)
    epochs = [each.fit_epochs(X, Y, X_val=X_VAL, y_val=Y_VAL) for each in (model, plain)]
    for logs, expected in zip(*epochs, strict=True):
        same = logs["val_loss"] == pytest.approx(expected["val_loss"], rel=1e-6)
        assert same is (model.n_iter_ <= 3)


@pytest.mark.parametrize("kind", KINDS)
def test_callbacks_do_not_disturb_it(kind):
    """They see the weights that are trained; the mean goes on, and is there at the end."""

    class Watcher(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.seen = self.model.get_weights()

    watcher = Watcher()
    watched, alone = make(kind, callbacks=[watcher]).fit(X, Y), make(kind).fit(X, Y)
    np.testing.assert_equal(watched.model_.get_weights(), alone.model_.get_weights())
    np.testing.assert_equal(watcher.seen, make(None).fit(X, Y).model_.get_weights())


def test_closed_early_it_keeps_the_mean():
    model = make("ema", epochs=9)
    training = model.fit_epochs(X, Y)
    next(training), next(training)
    training.close()
    np.testing.assert_equal(
        model.model_.get_weights(), make("ema", epochs=2).fit(X, Y).model_.get_weights()
    )


def test_partial_fit_averages_nothing():
    partial, plain = make("ema").partial_fit(X, Y), make(None, epochs=1).fit(X, Y)
    np.testing.assert_equal(partial.model_.get_weights(), plain.model_.get_weights())
    model = make("ema").fit(X, Y)
    before = model.model_.get_weights()[0]
    assert not np.array_equal(model.partial_fit(X, Y).model_.get_weights()[0], before)


def test_a_warm_fit_may_have_another_mean():
    model = make(None, warm_start=True).fit(X, Y)
    model.set_params(weight_averaging="ema").fit(X, Y)
    plain = make(None, warm_start=True).fit(X, Y).fit(X, Y)
    assert model.history_["loss"] == plain.history_["loss"]
    assert not np.array_equal(model.model_.get_weights()[0], plain.model_.get_weights()[0])


def test_kinds_and_momenta_share_a_program():
    PROGRAMS.clear()
    losses = {
        make(kind, ema_momentum=momentum)
        .fit(X, Y, X_val=X_VAL, y_val=Y_VAL)
        .history_["val_loss"][-1]
        for kind, momentum in (("swa", 0.999), ("ema", 0.9), ("ema", 0.99))
    }
    assert len(losses) == 3
    assert len(PROGRAMS) == 1
    PROGRAMS.clear()


def test_model_fit_cannot():
    with pytest.raises(ValueError, match="for weight_averaging='ema' is evaluated while training"):
        make("ema", "keras").fit(X, Y)
