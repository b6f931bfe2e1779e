from __future__ import annotations

import pickle

import keras
import numpy as np
import pytest
from sklearn.exceptions import FitFailedWarning, NotFittedError
from sklearn.model_selection import GridSearchCV

from estimators import DivergenceError

TOO_FAST = {"optimizer": "sgd", "learning_rate": 1e8, "epochs": 20}


class Interrupt(keras.callbacks.Callback):
    """Press Ctrl-C at the end of an epoch."""

    def __init__(self, after):
        super().__init__()
        self.after = after

    def __deepcopy__(self, memo):
        return self  # scikit-learn clones a parameter by copying it

    def on_epoch_end(self, epoch, logs=None):
        if epoch + 1 == self.after:
            raise KeyboardInterrupt


@pytest.fixture
def diverging(regression):
    return regression.make(hidden_layer_sizes=(10, 10), **TOO_FAST)


def test_divergence_is_an_error(regression, diverging):
    with pytest.raises(DivergenceError) as raised:
        diverging.fit(regression.X, regression.y)
    error = raised.value
    assert isinstance(error, ValueError)
    assert 1 <= error.epoch <= 20
    sentence = str(error)
    assert sentence.startswith("Training diverged: ")
    assert f" in epoch {error.epoch}. " in sentence
    assert "Lower learning_rate=100000000.0, set global_clipnorm=1.0" in sentence
    assert "StandardScaler" in sentence


def test_the_epoch_is_the_first_that_is_not_finite(regression, diverging):
    with pytest.raises(DivergenceError) as raised:
        diverging.fit(regression.X, regression.y)
    if raised.value.epoch > 1:
        diverging.set_params(epochs=raised.value.epoch - 1)
        diverging.fit(regression.X, regression.y)
        assert np.isfinite(diverging.history_["loss"]).all()


def test_no_clipping_is_advised_to_those_who_clip(regression):
    # A decay of the weights above 2 makes them grow without end, clipped or not.
    model = regression.make(
        optimizer="sgd", learning_rate=1.0, weight_decay=1e6, epochs=30, clipvalue=1.0
    )
    with pytest.raises(DivergenceError) as raised:
        model.fit(regression.X, regression.y)
    assert "clipnorm" not in str(raised.value)


@pytest.mark.filterwarnings("ignore:target of one scale")
def test_clipping_prevents_it(regression):
    unclipped = {"optimizer": "sgd", "learning_rate": 0.5, "epochs": 20}
    X, y = regression.X, 1e4 * regression.y
    with pytest.raises(DivergenceError):
        regression.make(**unclipped).fit(X, y)
    model = regression.make(global_clipnorm=1.0, **unclipped).fit(X, y)
    assert np.isfinite(model.history_["loss"]).all()


@pytest.mark.filterwarnings("ignore:target of one scale")
def test_a_single_weight_that_is_not_finite_is_found(regression):
    """In the last step of all, whose loss nothing sees any more."""
    # The second column and the bias have no gradient at all, so their weights stay as they are.
    X, y = np.array([[1.0, 0.0], [-1.0, 0.0]]), np.array([1e10, -1e10])
    model = regression.make(hidden_layer_sizes=(), optimizer="sgd", learning_rate=1e37, epochs=1)
    with pytest.raises(DivergenceError, match="weights are no longer finite in epoch 1"):
        model.fit(X, y)


def test_partial_fit_diverges_too(regression, diverging):
    def train():
        for _ in range(20):
            diverging.partial_fit(regression.X, regression.y)

    with pytest.raises(DivergenceError):
        train()


def test_survives_pickle():
    error = pickle.loads(pickle.dumps(DivergenceError("Training diverged", 7)))
    assert type(error) is DivergenceError
    assert (str(error), error.epoch) == ("Training diverged", 7)


def test_a_search_goes_on(regression):
    search = GridSearchCV(
        regression.make(optimizer="sgd", epochs=20), {"learning_rate": [1e8, 0.01]}, cv=2
    )
    with (
        pytest.warns(FitFailedWarning, match="DivergenceError: Training diverged"),
        pytest.warns(UserWarning, match="test scores are non-finite"),
    ):
        search.fit(regression.X, regression.y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).tolist() == [False, True]
    assert search.best_params_ == {"learning_rate": 0.01}


@pytest.mark.parametrize("engine", ["uncompiled", "keras"])
def test_a_first_fit_that_failed_is_none(regression, diverging, engine):
    with pytest.raises(DivergenceError):
        diverging.set_params(engine=engine).fit(regression.X, regression.y)
    with pytest.raises(NotFittedError):
        diverging.predict(regression.X)


@pytest.mark.parametrize("engine", ["uncompiled", "keras"])
def test_what_was_learned_until_an_interruption_stays(regression, engine):
    model = regression.fit(engine=engine, warm_start=True)
    once = regression.fit(engine=engine, epochs=4)
    with pytest.raises(KeyboardInterrupt):
        model.set_params(epochs=9, callbacks=Interrupt(after=4)).fit(regression.X, regression.y)
    np.testing.assert_equal(model.model_.get_weights(), once.model_.get_weights())
