"""Keras callbacks in ``callbacks``; the estimators' own are in ``training``."""

from __future__ import annotations

import keras
import numpy as np
import pytest


class Recorder(keras.callbacks.Callback):
    """Write down what it is told."""

    def __init__(self, stop_after=None):
        super().__init__()
        self.told = []
        self.logs = []
        self.stop_after = stop_after

    def __deepcopy__(self, memo):
        return self  # scikit-learn clones a parameter by copying it

    def on_train_begin(self, logs=None):
        self.told.append("train begin")

    def on_epoch_begin(self, epoch, logs=None):
        self.told.append(f"begin {epoch}")

    def on_epoch_end(self, epoch, logs=None):
        self.told.append(f"end {epoch}")
        self.logs.append(dict(logs))
        if epoch + 1 == self.stop_after:
            self.model.stop_training = True

    def on_train_end(self, logs=None):
        self.told.append("train end")


@pytest.mark.parametrize("alone", [True, False])
def test_what_a_callback_is_told(task, alone):
    recorder = Recorder()
    model = task.fit(callbacks=recorder if alone else [recorder])
    assert recorder.told == ["train begin", "begin 0", "end 0", "begin 1", "end 1", "train end"]
    for name, values in model.history_.items():
        assert [logs[name] for logs in recorder.logs] == pytest.approx(values)
    assert recorder.params["epochs"] == 2
    assert recorder.model is model.model_


def test_validation_is_in_the_logs(task):
    recorder = Recorder()
    model = task.make(callbacks=recorder).fit(task.X, task.y, X_val=task.X, y_val=task.y)
    assert [logs["val_loss"] for logs in recorder.logs] == pytest.approx(model.history_["val_loss"])


def test_epochs_go_on_counting(task):
    recorder = Recorder()
    model = task.fit(callbacks=[recorder])
    model.partial_fit(task.X, task.y)
    assert recorder.told[-4:] == ["train begin", "begin 2", "end 2", "train end"]


def test_a_callback_stops_training(task):
    model = task.fit(callbacks=[Recorder(stop_after=2)], epochs=50)
    assert model.n_iter_ == 2
    np.testing.assert_equal(model.model_.get_weights(), task.fit().model_.get_weights())


def test_a_stop_does_not_last(task):
    model = task.fit(callbacks=[Recorder(stop_after=1)], epochs=3)
    assert model.n_iter_ == 1
    assert model.set_params(callbacks=None).fit(task.X, task.y).n_iter_ == 3


def test_callbacks_are_told_in_order(task):
    told = []

    class Named(keras.callbacks.Callback):
        def __init__(self, name):
            super().__init__()
            self.name = name

        def on_epoch_end(self, epoch, logs=None):
            told.append(self.name)

    task.fit(callbacks=[Named("first"), Named("second")], epochs=1)
    assert told == ["first", "second"]


def test_a_callback_sees_the_weights_of_the_epoch(task):
    seen = []

    class Weights(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            seen.append(self.model.get_weights())

    model = task.fit(callbacks=[Weights()])
    np.testing.assert_equal(seen[1], model.model_.get_weights())
    np.testing.assert_equal(seen[0], task.fit(epochs=1).model_.get_weights())


def test_a_callback_changes_the_weights(task):
    class Reset(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.set_weights([0 * weight for weight in self.model.get_weights()])

    model = task.fit(callbacks=[Reset()])
    assert not any(weight.any() for weight in model.model_.get_weights())


def test_a_callback_that_needs_batches(task):
    batches = []

    class Batches(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            batches.append(batch)

    model = task.fit(callbacks=[Batches()])
    assert batches == [0, 1, 2, 3] * 2  # 60 rows in batches of 16
    for weight, plain in zip(
        model.model_.get_weights(), task.fit().model_.get_weights(), strict=True
    ):
        np.testing.assert_allclose(weight, plain, rtol=1e-4, atol=1e-5)


def test_a_lambda_callback(task):
    losses = []
    callback = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: losses.append(logs["loss"])
    )
    model = task.fit(callbacks=callback)
    assert losses == pytest.approx(model.history_["loss"])


class TestOfKeras:
    def test_reduce_on_plateau(self, task):
        callback = keras.callbacks.ReduceLROnPlateau("loss", factor=0.5, patience=1, min_delta=1e9)
        model = task.fit(callbacks=callback, learning_rate=0.08, epochs=4)
        # The first epoch is the best; each of the others halves.
        assert float(model.model_.optimizer.learning_rate) == pytest.approx(0.01)

    def test_learning_rate_scheduler(self, task):
        """Nothing moves any more once the learning rate is 0."""
        callback = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate * (epoch < 2))
        settings = {"learning_rate": 0.05, "optimizer": "sgd"}
        model = task.fit(callbacks=callback, epochs=5, **settings)
        assert float(model.model_.optimizer.learning_rate) == 0
        np.testing.assert_equal(
            model.model_.get_weights(), task.fit(epochs=2, **settings).model_.get_weights()
        )

    def test_learning_rate_scheduler_by_epoch(self, task):
        rates = []

        class Rates(keras.callbacks.Callback):
            def on_epoch_end(self, epoch, logs=None):
                rates.append(float(self.model.optimizer.learning_rate))

        scheduler = keras.callbacks.LearningRateScheduler(lambda epoch: 0.1 / (epoch + 1))
        task.fit(callbacks=[scheduler, Rates()], epochs=3)
        assert rates == pytest.approx([0.1, 0.05, 0.1 / 3])

    def test_model_checkpoint(self, task, tmp_path):
        path = tmp_path / "{epoch}.keras"
        model = task.fit(callbacks=keras.callbacks.ModelCheckpoint(str(path)), epochs=2)
        last = keras.saving.load_model(tmp_path / "2.keras", safe_mode=True)
        np.testing.assert_equal(last.get_weights(), model.model_.get_weights())
        first = keras.saving.load_model(tmp_path / "1.keras", safe_mode=True)
        np.testing.assert_equal(first.get_weights(), task.fit(epochs=1).model_.get_weights())

    def test_best_model_checkpoint(self, task, tmp_path):
        path = tmp_path / "best.keras"
        callback = keras.callbacks.ModelCheckpoint(str(path), "val_loss", save_best_only=True)
        y_val = np.roll(task.y, 7)
        model = task.make(
            callbacks=callback, epochs=8, learning_rate=0.05, hidden_layer_sizes=(20,)
        )
        model.fit(task.X, task.y, X_val=task.X, y_val=y_val)
        best = int(np.argmin(model.history_["val_loss"])) + 1
        kept = keras.saving.load_model(path, safe_mode=True)
        until_then = task.make(epochs=best, learning_rate=0.05, hidden_layer_sizes=(20,))
        until_then.fit(task.X, task.y, X_val=task.X, y_val=y_val)
        np.testing.assert_equal(kept.get_weights(), until_then.model_.get_weights())

    def test_early_stopping_of_the_users_own(self, task):
        callback = keras.callbacks.EarlyStopping("loss", patience=2, min_delta=1e9)
        model = task.fit(callbacks=[callback], epochs=30)
        assert model.n_iter_ == 3

    def test_terminate_on_nan_is_harmless(self, task):
        model = task.fit(callbacks=[keras.callbacks.TerminateOnNaN()])
        assert model.n_iter_ == 2


def test_epoch_seconds(task):
    model = task.fit(epochs=3)
    assert len(model.epoch_seconds_) == 3
    assert all(seconds > 0 for seconds in model.epoch_seconds_)
    model.partial_fit(task.X, task.y)
    assert len(model.epoch_seconds_) == 1


@pytest.mark.parametrize(("verbose", "lines"), [(0, 0), (False, 0), (2, 3)])
def test_verbose(task, capfd, verbose, lines):
    task.fit(epochs=1)
    capfd.readouterr()
    task.fit(verbose=verbose, epochs=3)
    out, err = capfd.readouterr()
    assert len([line for line in out.splitlines() if "loss" in line]) == lines
    assert err == ""


@pytest.mark.parametrize("verbose", [1, True])
def test_progress_bar(task, capfd, verbose):
    task.fit(verbose=verbose, epochs=2)
    out, _ = capfd.readouterr()
    assert "Epoch 2/2" in out
    assert "loss" in out


@pytest.mark.parametrize("engine", ["uncompiled", "keras"])
def test_a_backup_is_gone_on_with(regression, engine, tmp_path):
    class Fail(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 2:
                raise OSError("the power is gone")

    backup = keras.callbacks.BackupAndRestore(tmp_path / "backup")
    settings = {"engine": engine, "optimizer": "adam", "epochs": 5}
    with pytest.raises(OSError, match="power"):
        regression.fit(**settings, callbacks=[backup, Fail()])
    again = regression.fit(**settings, callbacks=[backup])
    assert again.n_iter_ == 2  # the third epoch had been backed up
    whole = regression.fit(**settings)
    np.testing.assert_allclose(
        np.concatenate([weight.ravel() for weight in again.model_.get_weights()]),
        np.concatenate([weight.ravel() for weight in whole.model_.get_weights()]),
        atol=1e-6,
    )


@pytest.mark.parametrize("engine", ["uncompiled", "keras"])
def test_what_callbacks_add_to_the_logs_is_in_the_history(regression, engine):
    seen = []
    callbacks = [
        keras.callbacks.LearningRateScheduler(lambda epoch: 0.1 / (epoch + 1)),
        keras.callbacks.LambdaCallback(
            on_train_end=lambda logs: seen.append(model.model_.history.history)
        ),
    ]
    model = regression.make(engine=engine, epochs=2, callbacks=callbacks)
    model.fit(regression.X, regression.y)
    np.testing.assert_allclose(model.history_["learning_rate"], [0.1, 0.05])
    assert [*seen[0]] == [*model.history_]
