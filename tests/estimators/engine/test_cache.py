import gc
import subprocess
import sys
import threading
import weakref
from typing import NamedTuple

import keras
import numpy as np
import pytest
import tensorflow as tf

from estimators import KerasMLPRegressor, compile_ahead
from estimators.engine.cache import PROGRAMS, ProgramCache
from estimators.engine.program import EpochProgram

X = np.random.default_rng(0).normal(size=(100, 4)).astype("float32")
y = X[:, 0] * X[:, 1]


class Key(NamedTuple):
    name: str
    jit: bool = True


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


def test_ahead_the_program_of_a_fit_is_made_and_the_fit_finds_it():
    settings = {"engine": "compiled", "batch_norm": "before_dense", "validation_fraction": 0.2}
    settings |= {"early_stopping": True, "epochs": 3, "random_state": 0}
    expected = KerasMLPRegressor((5,), **settings).fit(X, y).predict(X)
    PROGRAMS.clear()
    network = KerasMLPRegressor((5,), **settings)
    compile_ahead(network, X, y)
    assert len(PROGRAMS) == 1
    assert not hasattr(network, "model_")
    np.testing.assert_array_equal(network.fit(X, y).predict(X), expected)
    assert len(PROGRAMS) == 1


def test_ahead_the_rows_that_are_evaluated_count():
    network = KerasMLPRegressor((5,), engine="compiled", epochs=2, random_state=0)
    compile_ahead(network, X, y, X[:20], y[:20])
    network.fit(X, y, X_val=X[:20], y_val=y[:20])
    assert len(PROGRAMS) == 1


@pytest.mark.parametrize(
    "params",
    [
        {"engine": "keras"},
        {"engine": "auto", "epochs": 1},
        {"engine": "compiled", "callbacks": keras.callbacks.Callback()},
    ],
    ids=["keras", "few steps", "callbacks"],
)
def test_ahead_nothing_is_made_where_no_program_will_be_compiled(params):
    compile_ahead(KerasMLPRegressor((5,), **params), X, y)
    assert len(PROGRAMS) == 0


def test_ahead_nothing_is_drawn():
    np.random.seed(0)
    compile_ahead(KerasMLPRegressor((5,), engine="compiled", epochs=1), X, y)
    drawn = np.random.random()
    np.random.seed(0)
    assert np.random.random() == drawn


def test_ahead_faults_are_told():
    with pytest.raises(ValueError, match="NaN"):
        compile_ahead(KerasMLPRegressor((5,)), np.full_like(X, np.nan), y)


def test_ahead_the_number_of_programs_is_bounded():
    made = []

    class Program:
        def __init__(self, key):
            made.append(key)

        def compile(self):
            raise RuntimeError("whoever needs it is told")

    cache = ProgramCache(size=2)
    for name in "abac":
        cache.compile_ahead(Key(name), Program)
    assert made == [Key("a"), Key("b"), Key("c")]
    assert len(cache) == 2


def test_a_program_runs_while_the_pool_of_all_sessions_is_busy():
    """As it is where another program is compiled in it: the pool has a single thread."""
    is_busy, may_end, ended_by_us = threading.Event(), threading.Event(), []

    def block():
        is_busy.set()
        ended_by_us.append(may_end.wait(60))
        return np.float32(0)

    with tf.Graph().as_default() as graph:
        blocked = tf.numpy_function(block, [], tf.float32)
    settings = {"epochs": 2, "engine": "uncompiled", "random_state": 0}
    training = KerasMLPRegressor((5,), **settings).fit_epochs(X, y)
    next(training)  # loads the rows
    config = tf.compat.v1.ConfigProto(inter_op_parallelism_threads=1)
    with tf.compat.v1.Session(graph=graph, config=config) as session:
        thread = threading.Thread(target=session.run, args=[blocked])
        thread.start()
        assert is_busy.wait(60)
        next(training)
        may_end.set()
        thread.join()
    training.close()
    assert ended_by_us == [True]


@pytest.mark.slow
def test_a_process_ends_while_programs_are_compiled():
    """It neither waits for them nor stumbles over them."""
    code = (
        "import estimators, numpy as np\n"
        "estimators.configure(compile_cache=False)\n"
        "X = np.zeros((64, 4)); y = np.arange(64.0)\n"
        "for activation in ('relu', 'elu', 'selu', 'tanh'):\n"
        "    network = estimators.KerasMLPRegressor((50, 40, 30), activation, engine='compiled')\n"
        "    estimators.compile_ahead(network, X, y)\n"
        "print('done')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "done\n", "")


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
