import re

import keras
import numpy as np
import psutil
import pytest

from estimators import KerasMLPRegressor
from estimators.engine import choice, training
from estimators.engine.choice import needs_batches

X = np.random.default_rng(0).normal(size=(64, 4)).astype("float32")
y = X[:, 0] * X[:, 1]


class BatchCounter(keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        self.n_batches = 0

    def on_train_batch_end(self, batch, logs=None):
        self.n_batches += 1


@pytest.fixture
def chosen(monkeypatch):
    """Names of the engines that trained."""
    names = []

    def watch(name):
        original = getattr(training, name)

        def watched(*args, **kwargs):
            names.append("keras" if name == "KerasTrainer" else kwargs["jit"])
            return original(*args, **kwargs)

        monkeypatch.setattr(training, name, watched)

    watch("KerasTrainer")
    watch("CompiledTrainer")
    return names


@pytest.mark.parametrize(
    ("epochs", "batch_size", "jit"),
    [(999, 32, False), (1000, 32, True), (32, 1, True), (31, 1, False)],
)
def test_auto_compiles_from_2000_steps_on(epochs, batch_size, jit, chosen):
    KerasMLPRegressor((3,), epochs=epochs, batch_size=batch_size, random_state=0).fit(X, y)
    assert chosen == [jit]


def test_a_callback_that_needs_batches_goes_through_model_fit(chosen, capsys):
    counter = BatchCounter()
    KerasMLPRegressor((3,), epochs=2, callbacks=counter, verbose=2).fit(X, y)
    assert chosen == ["keras"]
    assert counter.n_batches == 4
    assert (
        "through Model.fit, for the callback BatchCounter needs batches" in capsys.readouterr().out
    )


@pytest.mark.parametrize("name", ["compiled", "uncompiled"])
def test_an_engine_that_cannot_is_an_error(name):
    model = KerasMLPRegressor((3,), epochs=1, callbacks=BatchCounter(), engine=name)
    with pytest.raises(ValueError, match=f"engine='{name}' cannot train this, for the callback"):
        model.fit(X, y)


def test_what_only_the_engine_can_train():
    """Nothing is trained where it comes together with what only Model.fit can."""
    settings = {"weight_decay": 0.1, "weight_decay_biases": False, "epochs": 1}
    with pytest.raises(ValueError, match="engine='keras' cannot train this, for weight_decay_bia"):
        KerasMLPRegressor((3,), engine="keras", **settings).fit(X, y)
    sentence = (
        "No engine can train this, for weight_decay_biases=False is not Keras', which Model.fit "
        "cannot do, and the callback BatchCounter needs batches, which is for Model.fit alone; "
        "leave out one of the two."
    )
    for engine in ("auto", "compiled", "keras"):
        model = KerasMLPRegressor((3,), engine=engine, callbacks=BatchCounter(), **settings)
        with pytest.raises(
            ValueError, match="cannot train this" if engine == "keras" else sentence
        ):
            model.fit(X, y)


@pytest.mark.parametrize(
    ("callback", "needs"),
    [
        (BatchCounter(), True),
        (keras.callbacks.LambdaCallback(on_train_batch_begin=lambda batch, logs: None), True),
        (keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: None), False),
        (keras.callbacks.ModelCheckpoint("x.keras"), False),
        (keras.callbacks.ModelCheckpoint("x.keras", save_freq=10), True),
        (keras.callbacks.ReduceLROnPlateau(), False),
        (keras.callbacks.EarlyStopping(), False),
        (keras.callbacks.LearningRateScheduler(lambda epoch: 0.1), False),
        (keras.callbacks.TensorBoard(), True),
    ],
    ids=lambda value: type(value).__name__,
)
def test_needs_batches(callback, needs):
    assert needs_batches(callback) is needs


@pytest.mark.parametrize("name", ["compiled", "uncompiled"])
def test_callbacks_see_and_change_the_model(name):
    class Watcher(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.before = self.model.get_weights()[0].copy()
            self.rates = []

        def on_epoch_begin(self, epoch, logs=None):
            self.model.optimizer.learning_rate = 0.0 if epoch == 1 else 0.1

        def on_epoch_end(self, epoch, logs=None):
            self.rates.append(float(self.model.optimizer.learning_rate))
            after = self.model.get_weights()[0].copy()
            self.changed = [*getattr(self, "changed", []), not np.array_equal(self.before, after)]
            self.before = after

    watcher = Watcher()
    model = KerasMLPRegressor((3,), optimizer="sgd", epochs=3, callbacks=[watcher], engine=name)
    model.fit(X, y)
    assert watcher.changed == [True, False, True]
    assert watcher.rates == pytest.approx([0.1, 0.0, 0.1])


def test_rows_too_many_to_be_copied_go_through_model_fit(chosen, capsys, monkeypatch):
    monkeypatch.setattr(choice, "_SHARE_OF_MEMORY", 1e-9)
    KerasMLPRegressor((3,), epochs=2, verbose=2).fit(X, y)
    assert chosen == ["keras"]
    assert re.search(
        r"through Model.fit, for the rows take .* GiB, too much to be copied",
        capsys.readouterr().out,
    )
    with pytest.raises(ValueError, match=r"engine='compiled' cannot train this, for the rows take"):
        KerasMLPRegressor((3,), engine="compiled").fit(X, y)


class MemoryWatch(keras.callbacks.Callback):
    """Most bytes that the process had to itself, files left out, between batches."""

    def on_train_begin(self, logs=None):
        self.most = 0

    def on_train_batch_end(self, batch, logs=None):
        memory = psutil.Process().memory_info()
        self.most = max(self.most, memory.rss - memory.shared)


@pytest.mark.skipif(not psutil.LINUX, reason="memory of files is told apart on Linux only")
def test_rows_of_a_file_are_read_where_they_are(chosen, tmp_path):
    n_rows, n_features = 400_000, 256
    large = np.memmap(tmp_path / "X", "float32", "w+", shape=(n_rows, n_features))
    large[::1000, 0] = 1
    memory = psutil.Process().memory_info()
    watch = MemoryWatch()
    settings = {"batch_size": 8192, "epochs": 1, "early_stopping": False, "callbacks": watch}
    KerasMLPRegressor((3,), **settings).fit(large, large[:, 0])
    assert chosen == ["keras"]
    assert watch.most - (memory.rss - memory.shared) < large.nbytes / 2
