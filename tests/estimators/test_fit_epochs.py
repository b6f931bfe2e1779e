"""Training as an iterator: ``fit`` exhausts it, a search advances several in turns."""

from __future__ import annotations

import inspect
import pickle

import keras
import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

from estimators import DivergenceError

ENGINES = ["uncompiled", "keras"]


def weights(model):
    return np.concatenate([weight.ravel() for weight in model.model_.get_weights()])


@pytest.fixture(params=ENGINES)
def engine(request):
    return request.param


def test_yields_what_the_history_has(task, engine):
    model = task.make(epochs=3, engine=engine)
    seen = []
    for logs in model.fit_epochs(task.X, task.y, X_val=task.X[:20], y_val=task.y[:20]):
        seen.append(logs)
        assert model.n_iter_ == len(model.epoch_seconds_) == len(seen)
        assert {name: curve[-1] for name, curve in model.history_.items()} == logs
    assert len(seen) == 3
    assert {"loss", "val_loss"} < set(seen[0])
    assert all(type(value) is float for value in seen[0].values())


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"dropout": 0.3, "batch_norm": "after_dense"},
        {"early_stopping": True, "validation_fraction": 0.3, "patience": 1},
        {"callbacks": [keras.callbacks.LearningRateScheduler(lambda epoch: 0.1 / (epoch + 1))]},
    ],
    ids=["plain", "random", "early stopping", "callbacks"],
)
@pytest.mark.parametrize(
    ("kind", "engine"), [("classification", "uncompiled"), ("regression", "keras")]
)
@pytest.mark.filterwarnings("ignore::estimators.RuleWarning")
def test_exhausted_it_is_a_fit(request, kind, engine, settings):
    task = request.getfixturevalue(kind)
    settings = {"epochs": 4, "engine": engine, **settings}
    model, whole = task.make(**settings), task.fit(**settings)
    for _ in model.fit_epochs(task.X, task.y):
        pass
    np.testing.assert_array_equal(weights(model), weights(whole))
    assert model.history_ == whole.history_
    assert model.best_epoch_ == whole.best_epoch_
    for one, other in zip(
        model.model_.optimizer.variables, whole.model_.optimizer.variables, strict=True
    ):
        np.testing.assert_array_equal(one.numpy(), other.numpy())


@pytest.mark.parametrize("stop", ["close", "break", "throw"])
@pytest.mark.parametrize(
    ("kind", "engine"), [("classification", "keras"), ("regression", "uncompiled")]
)
def test_closed_early_it_keeps_what_was_learned(request, kind, engine, stop):
    task = request.getfixturevalue(kind)
    model = task.make(epochs=9, engine=engine)
    training = model.fit_epochs(task.X, task.y)
    if stop == "break":
        for _ in training:
            if model.n_iter_ == 2:
                break
        training.close()
    else:
        next(training), next(training)
        if stop == "close":
            training.close()
        else:
            with pytest.raises(GeneratorExit):
                training.throw(GeneratorExit)
    shorter = task.fit(epochs=2, engine=engine)
    np.testing.assert_array_equal(weights(model), weights(shorter))
    assert model.history_ == shorter.history_
    np.testing.assert_array_equal(model.predict(task.X), shorter.predict(task.X))
    # It goes on from there as if it had been asked for two epochs.
    model.partial_fit(task.X, task.y)
    np.testing.assert_array_equal(weights(model), weights(task.fit(epochs=3, engine=engine)))


@pytest.mark.parametrize("engine", ["compiled", "uncompiled", "keras"])
@pytest.mark.parametrize("members", [1, 2])
def test_between_epochs_predictions_are_of_what_was_learned(task, engine, members):
    settings = {"n_members": members, "engine": engine}
    model = task.make(epochs=3, **settings)
    seen = [model.predict(task.X) for _ in model.fit_epochs(task.X, task.y)]
    for epochs, predicted in enumerate(seen, start=1):
        shorter = task.fit(epochs=epochs, **settings)
        np.testing.assert_array_equal(predicted, shorter.predict(task.X))


@pytest.mark.parametrize("engine", ["uncompiled", "keras"])
def test_between_epochs_the_model_can_be_brought_up_to_date(task, engine):
    model = task.make(epochs=4, engine=engine, dropout=0.2)
    seen = [weights(model.update_model()) for _ in model.fit_epochs(task.X, task.y)]
    assert len({each.tobytes() for each in seen}) == 4
    np.testing.assert_array_equal(weights(model), seen[-1])
    np.testing.assert_array_equal(seen[-1], weights(task.fit(**model.get_params())))
    np.testing.assert_array_equal(weights(model.update_model()), seen[-1])


def test_what_a_callback_does_to_the_weights_is_not_undone(task):
    class Halving(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.set_weights([each / 2 for each in self.model.get_weights()])
            self.left = self.model.get_weights()[0]

    model = task.make(epochs=2, engine="uncompiled", callbacks=Halving())
    for _ in model.fit_epochs(task.X, task.y):
        model.predict(task.X)
        np.testing.assert_array_equal(model.model_.get_weights()[0], model.callbacks.left)


def test_saved_between_epochs_it_has_what_was_learned(task):
    model = task.make(epochs=3, engine="uncompiled")
    training = model.fit_epochs(task.X, task.y)
    next(training), next(training)
    saved = pickle.loads(pickle.dumps(model))
    training.close()
    np.testing.assert_array_equal(weights(saved), weights(task.fit(epochs=2, engine="uncompiled")))


def test_two_in_turns_are_one_after_the_other(task, engine):
    settings = [{"dropout": 0.2, "random_state": 1}, {"dropout": 0.4, "random_state": 2}]
    settings = [{"epochs": 3, "engine": engine, **each} for each in settings]
    alone = [task.fit(**each) for each in settings]
    in_turns = [task.make(**each) for each in settings]
    for logs in zip(*(model.fit_epochs(task.X, task.y) for model in in_turns), strict=True):
        assert len(logs) == 2
    for one, other in zip(in_turns, alone, strict=True):
        np.testing.assert_array_equal(weights(one), weights(other))
        assert one.history_ == other.history_


def test_divergence_raises_from_next(regression, engine):
    model = regression.make(
        hidden_layer_sizes=(10, 10), optimizer="sgd", learning_rate=1e8, epochs=20, engine=engine
    )
    training = model.fit_epochs(regression.X, regression.y)
    seen = []
    with pytest.raises(DivergenceError) as raised:
        seen.extend(training)
    assert raised.value.epoch == len(seen) + 1
    with pytest.raises(NotFittedError):
        model.predict(regression.X)


def test_nothing_happens_before_the_first_step(task):
    model = task.make(dropout=99.0)
    training = model.fit_epochs(task.X, task.y)
    assert inspect.isgenerator(training)
    assert not hasattr(model, "model_")
    with pytest.raises(ValueError, match="'dropout' parameter"):
        next(training)


def test_validation_rows_come_in_pairs(task):
    with pytest.raises(ValueError, match="Got no y_val: pass it too"):
        next(task.make().fit_epochs(task.X, task.y, X_val=task.X))


@pytest.mark.parametrize("rest", [{"X_val": [[0.0, 1.0]], "y_val": [0]}, {"early_stopping": True}])
def test_unfit_validation_rows_leave_it_unfitted(task, rest):
    fit = {name: value for name, value in rest.items() if name != "early_stopping"}
    model = task.make(early_stopping=not fit, validation_fraction=0.001)
    rows = slice(0, 60 if fit else 1)
    with pytest.raises(ValueError, match=r"features|set aside|at least"):
        next(model.fit_epochs(task.X[rows], task.y[rows], **fit))
    with pytest.raises(NotFittedError):
        model.predict(task.X)


def test_a_warm_fit_leaves_the_old_history_alone(task):
    model = task.fit(warm_start=True)
    before = model.history_
    copied = {name: [*curve] for name, curve in before.items()}
    next(model.fit_epochs(task.X, task.y))
    assert before == copied
    assert model.n_iter_ == 3
