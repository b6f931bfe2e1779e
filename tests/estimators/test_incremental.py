"""Training that goes on: ``partial_fit`` and ``warm_start``."""

from __future__ import annotations

import pickle

import keras
import numpy as np
import pytest

from estimators import KerasMLPClassifier

STATEFUL = {"optimizer": "adam", "batch_norm": "after_dense", "learning_rate": 0.01}


def test_partial_fit_is_one_epoch(task):
    model = task.make(epochs=7)
    for epoch in (1, 2):
        assert model.partial_fit(task.X, task.y) is model
        assert model.n_iter_ == epoch
        assert len(model.history_["loss"]) == epoch


def test_partial_fits_are_a_fit(task):
    """Weights, optimizer state and the order of the rows go on as if never interrupted."""
    model = task.make(**STATEFUL)
    for _ in range(4):
        model.partial_fit(task.X, task.y)
    whole = task.fit(epochs=4, **STATEFUL)
    np.testing.assert_equal(model.model_.get_weights(), whole.model_.get_weights())
    assert model.history_ == whole.history_


def test_warm_fits_are_a_fit(task):
    model = task.make(warm_start=True, **STATEFUL)
    for epochs in (1, 3):
        model.set_params(epochs=epochs).fit(task.X, task.y)
    whole = task.fit(epochs=4, **STATEFUL)
    np.testing.assert_equal(model.model_.get_weights(), whole.model_.get_weights())
    assert model.history_ == whole.history_
    assert model.n_iter_ == 4
    assert model.loss_ == whole.history_["loss"][-1]


def test_partial_fit_after_fit_goes_on(task):
    model = task.fit(epochs=3, **STATEFUL).partial_fit(task.X, task.y)
    whole = task.fit(epochs=4, **STATEFUL)
    np.testing.assert_equal(model.model_.get_weights(), whole.model_.get_weights())


def test_warm_fit_runs_as_many_epochs_as_it_says(task):
    model = task.fit(warm_start=True, epochs=5)
    assert model.fit(task.X, task.y).n_iter_ == 10


def test_cold_fit_begins_anew(task):
    model = task.fit(epochs=3)
    weights = model.model_.get_weights()
    model.partial_fit(task.X, task.y).fit(task.X, task.y)
    assert model.n_iter_ == 3
    np.testing.assert_equal(model.model_.get_weights(), weights)


def test_partial_fit_on_other_rows(task):
    model = task.make()
    for part in np.array_split(np.arange(60), 4):
        extra = {"classes": [0, 1, 2]} if task.estimator is KerasMLPClassifier else {}
        model.partial_fit(task.X[part], task.y[part], **extra)
    assert model.n_iter_ == 4
    assert np.isfinite(model.history_["loss"]).all()


def test_partial_fit_heeds_sample_weight(task):
    weight = np.linspace(0.1, 2, 60)
    model = task.make().partial_fit(task.X, task.y, sample_weight=weight)
    whole = task.make(epochs=1).fit(task.X, task.y, sample_weight=weight)
    np.testing.assert_equal(model.model_.get_weights(), whole.model_.get_weights())
    plain = task.make().partial_fit(task.X, task.y)
    assert not np.array_equal(model.model_.get_weights()[0], plain.model_.get_weights()[0])


@pytest.mark.parametrize("method", ["partial_fit", "fit"])
def test_other_columns_later(task, method):
    model = task.fit(warm_start=True)
    with pytest.raises(ValueError, match=r"X has 2 features, but .* is expecting 3"):
        getattr(model, method)(task.X[:, :2], task.y)


def test_initialized_then_trained(task):
    """``initialize`` gives the first weights, from which training begins."""
    model = task.make().initialize(task.X, task.y)
    untrained = model.model_.get_weights()
    assert not hasattr(model, "history_")
    np.testing.assert_equal(task.make().initialize(task.X, task.y).model_.get_weights(), untrained)
    model.partial_fit(task.X, task.y)
    np.testing.assert_equal(model.model_.get_weights(), task.fit(epochs=1).model_.get_weights())


def test_initialized_anew(task):
    """Nothing is left of an earlier training."""
    model = task.fit().initialize(task.X, task.y)
    assert not hasattr(model, "history_")
    assert model.partial_fit(task.X, task.y).n_iter_ == 1


def test_warm_start_keeps_early_stopping_going(task):
    """History and best epoch count on from the first fit."""
    rng = np.random.default_rng(3)
    y_val = rng.permutation(task.y)
    model = task.make(early_stopping=True, patience=50, epochs=3, warm_start=True)
    for _ in range(2):
        model.fit(task.X, task.y, X_val=task.X, y_val=y_val)
    assert len(model.history_["val_loss"]) == model.n_iter_ == 6
    later = model.history_["val_loss"][3:]
    assert model.best_epoch_ == 4 + int(np.argmin(later))


@pytest.mark.parametrize("attribute", ["n_iter_", "loss_", "classes_", "model_"])
def test_nothing_is_there_before_training(task, attribute):
    assert not hasattr(task.make(), attribute)


@pytest.mark.parametrize("attribute", ["n_iter_", "loss_"])
def test_error_before_training(task, attribute):
    with pytest.raises(AttributeError, match="is not fitted yet: call fit first"):
        getattr(task.make(), attribute)


def test_balanced_weights_need_all_rows(classification):
    model = classification.make(class_weight="balanced")
    with pytest.raises(ValueError, match=r"class_weight='balanced' .* pass the weights as a dict"):
        model.partial_fit(classification.X, classification.y)


def test_classes_of_several_columns_are_their_number(classification):
    y = np.stack([classification.y > 0, classification.y > 1], axis=1).astype(int)
    model = classification.make()
    for _ in range(2):
        model.partial_fit(classification.X, y, classes=[0, 1])
    assert model.n_iter_ == 2


def test_initialize_begins_anew(classification):
    model = classification.fit()
    model.set_params(random_state=5).initialize(classification.X, classification.y)
    other = classification.make(random_state=5).initialize(classification.X, classification.y)
    np.testing.assert_equal(model.model_.get_weights(), other.model_.get_weights())
    with pytest.raises(ValueError, match="'activation' parameter"):
        model.set_params(activation="nope").initialize(classification.X, classification.y)


@pytest.mark.parametrize("method", ["fit", "partial_fit"])
@pytest.mark.parametrize(
    ("changed", "before", "after"),
    [
        ({"hidden_layer_sizes": (7,)}, "hidden_layer_sizes=(4,)", "hidden_layer_sizes=(7,)"),
        (
            {"activation": "tanh"},
            "activation='relu', kernel_initializer='he_normal'",
            "activation='tanh', kernel_initializer='glorot_uniform'",
        ),
        ({"dropout": 0.5}, "dropout=0.0", "dropout=0.5"),
        ({"optimizer": "sgd"}, "optimizer='adam'", "optimizer='sgd'"),
        ({"clipnorm": 1.0}, "clipnorm=None", "clipnorm=1.0"),
        (
            {"learning_rate": keras.optimizers.schedules.CosineDecay(0.1, 10)},
            "learning_rate=0.001",
            "learning_rate=<",
        ),
        (
            {"learning_rate": 0.1, "batch_norm": True},
            "batch_norm=None, learning_rate=0.001",
            "batch_norm='after_dense', learning_rate=0.1",
        ),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, dict) else "",
)
def test_another_network_or_optimizer_cannot_go_on(task, method, changed, before, after):
    model = task.fit(warm_start=True)
    weights, history = model.model_.get_weights(), dict(model.history_)
    with pytest.raises(ValueError, match="which was built with") as raised:
        getattr(model.set_params(**changed), method)(task.X, task.y)
    assert f"was built with {before}, but now has {after}" in str(raised.value)
    assert "set that back, or call fit with warm_start=False to begin anew" in str(raised.value)
    # Nothing is lost: set back, it goes on.
    np.testing.assert_equal(model.model_.get_weights(), weights)
    assert model.history_ == history
    model.set_params(**task.make().get_params()).partial_fit(task.X, task.y)
    assert model.n_iter_ == 3


@pytest.mark.parametrize("engine", ["uncompiled", "keras"])
def test_another_learning_rate_is_taken_over(task, engine):
    model = task.fit(optimizer="sgd", learning_rate=0.05, engine=engine)
    before = model.model_.get_weights()
    model.set_params(learning_rate=1e-30).partial_fit(task.X, task.y)
    np.testing.assert_equal(model.model_.get_weights(), before)
    assert float(model.model_.optimizer.learning_rate) == pytest.approx(1e-30)
    model.set_params(learning_rate=0.05).partial_fit(task.X, task.y)
    assert not np.array_equal(model.model_.get_weights()[0], before[0])


def test_another_way_to_write_the_same_is_no_change(task):
    model = task.fit(batch_norm="after_dense", kernel_initializer="auto")
    model.set_params(
        hidden_layer_sizes=[4], batch_norm=True, kernel_initializer="he_normal", weight_decay=0
    )
    assert model.partial_fit(task.X, task.y).n_iter_ == 3


def test_an_equal_schedule_is_no_change(task):
    def schedule(rate):
        return keras.optimizers.schedules.ExponentialDecay(rate, 10, 0.5)

    model = task.fit(learning_rate=schedule(0.1))
    model = pickle.loads(pickle.dumps(model))
    assert model.set_params(learning_rate=schedule(0.1)).partial_fit(task.X, task.y).n_iter_ == 3
    with pytest.raises(ValueError, match="which was built with learning_rate=<"):
        model.set_params(learning_rate=schedule(0.2)).partial_fit(task.X, task.y)


@pytest.mark.parametrize(
    "changed",
    [{"epochs": 1}, {"batch_size": 8}, {"shuffle": False}, {"engine": "keras"}, {"verbose": 0}],
    ids=str,
)
def test_how_it_is_trained_may_change(task, changed):
    model = task.fit(warm_start=True).set_params(**changed)
    assert model.fit(task.X, task.y).n_iter_ == 2 + model.epochs


@pytest.mark.parametrize("changed", [{"activation": "tanh"}, {"optimizer": "sgd"}], ids=str)
def test_a_cold_fit_takes_over_everything(task, changed):
    model = task.fit().set_params(**changed).fit(task.X, task.y)
    np.testing.assert_equal(model.model_.get_weights(), task.fit(**changed).model_.get_weights())
