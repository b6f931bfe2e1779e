import gc
import threading
import weakref

import keras
import numpy as np
import pytest
import tensorflow as tf

from estimators import KerasMLPRegressor
from estimators.engine.cache import PROGRAMS, ProgramCache
from estimators.engine.program import EpochProgram

X = np.random.default_rng(0).normal(size=(100, 4)).astype("float32")
y = X[:, 0] * X[:, 1]


@pytest.fixture(autouse=True)
def _empty_cache():
    PROGRAMS.clear()
    yield
    PROGRAMS.clear()


def fit(rows=100, **params):
    settings = {"epochs": 2, "optimizer": "sgd", "random_state": 0, "engine": "uncompiled"}
    return KerasMLPRegressor((5,), **{**settings, **params}).fit(X[:rows], y[:rows])


@pytest.mark.parametrize(
    "changes",
    [
        {"learning_rate": 0.5},
        {"kernel_initializer": "orthogonal", "bias_initializer": "ones"},
        {"random_state": 7},
        {"rows": 99},
        {"epochs": 3},
        {"verbose": 0, "shuffle": False},
    ],
    ids=str,
)
def test_one_program_serves(changes):
    fit()
    fit(**changes)
    assert len(PROGRAMS) == 1


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"momentum": 0.1}, {"momentum": 0.9}),
        ({"clipnorm": 0.1}, {"clipnorm": 1.0}),
        ({"clipvalue": 0.1}, {"clipvalue": 1.0}),
        ({"global_clipnorm": 0.1}, {"global_clipnorm": 1.0}),
        ({"weight_decay": 0.1}, {"weight_decay": 0.2}),
        ({"dropout": 0.1}, {"dropout": 0.2}),
        ({"activation": "selu", "dropout": 0.1}, {"activation": "selu", "dropout": 0.2}),
        (
            {"activation": "leaky_relu", "negative_slope": 0.1},
            {"activation": "leaky_relu", "negative_slope": 0.3},
        ),
    ],
    ids=str,
)
def test_one_program_serves_all_values_and_heeds_them(first, second):
    losses = fit(**first).history_["loss"], fit(**second).history_["loss"]
    assert len(PROGRAMS) == 1
    assert losses[0] != losses[1]
    PROGRAMS.clear()
    assert fit(**second).history_["loss"] == losses[1]


@pytest.mark.parametrize(
    "changes",
    [
        {"activation": "elu"},
        {"batch_norm": True},
        {"optimizer": "adam"},
        {"momentum": 0.5},
        {"clipnorm": 1.0},
        {"dropout": 0.5},
        {"loss": "huber"},
        {"batch_size": 16},
        {"rows": 50},
        {"early_stopping": True},
        {"engine": "compiled"},
    ],
    ids=str,
)
def test_another_structure_is_another_program(changes):
    fit()
    fit(**changes)
    assert len(PROGRAMS) == 2


def test_the_cache_is_bounded_and_forgets_the_oldest():
    cache = ProgramCache(size=2)
    made = []

    def make(key):
        made.append(key)
        return key

    for key in ("a", "b", "a", "c", "a", "b"):
        assert cache.get(key, make) == key
    assert made == ["a", "b", "c", "b"]
    assert len(cache) == 2


def test_what_is_dropped_is_freed():
    def programs():
        gc.collect()
        return [weakref.ref(each) for each in gc.get_objects() if type(each) is EpochProgram]

    assert programs() == []
    fit()
    (program,) = programs()
    PROGRAMS.clear()
    gc.collect()
    assert program() is None


def test_kernels_of_dropped_structures_are_freed():
    def draw():
        return float(tf.raw_ops.RandomUniform(shape=[1], dtype="float32", seed=1, seed2=2)[0])

    cache = ProgramCache(size=2)
    first, second = draw(), draw()
    assert first != second
    for key in "abc":
        cache.get(key, str)
    assert draw() not in (first, second)  # the kernel goes on while fewer than two were dropped
    cache.get("d", str)
    assert draw() == first


def test_threads_share_a_program_and_disturb_nobody():
    expected = [fit(random_state=seed).predict(X) for seed in range(4)]
    found = {}

    def work(seed):
        found[seed] = fit(random_state=seed, epochs=2).predict(X)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for seed in range(4):
        np.testing.assert_array_equal(found[seed], expected[seed])
    assert len(PROGRAMS) == 1


def test_a_schedule_is_given_as_dynamic_values():
    """Whatever the schedule is, its rates come with the call, so that no program has one built in."""

    def constant(rate):
        @keras.saving.register_keras_serializable(package="test")
        class Constant(keras.optimizers.schedules.LearningRateSchedule):
            def __call__(self, step):
                return rate

            def get_config(self):
                return {}

        return Constant()

    assert len(set(fit(learning_rate=constant(0.1)).history_["loss"])) == 2
    assert len(set(fit(learning_rate=constant(0.0)).history_["loss"])) == 1
    fit(learning_rate=0.1)
    assert len(PROGRAMS) == 1
