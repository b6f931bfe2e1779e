"""A trained estimator as bytes, and back."""

from __future__ import annotations

import copy
import os
import pickle
import sys
from io import BytesIO

import joblib
import keras
import numpy as np
import pytest
import skops.io
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from estimators import KerasMLPClassifier

STATEFUL = {
    "optimizer": "adam",
    "batch_norm": "after_dense",
    "activation": "randomized_leaky_relu",
}


KNOWN = ("estimators.", "sklearn.", "keras.src.optimizers.schedules.")


def through_joblib(model):
    buffer = BytesIO()
    joblib.dump(model, buffer)
    buffer.seek(0)
    return joblib.load(buffer)


def through_skops(model):
    content = skops.io.dumps(model)
    unknown = skops.io.get_untrusted_types(data=content)
    assert all(name.startswith(KNOWN) for name in unknown), unknown
    return skops.io.loads(content, trusted=unknown)


THROUGH = {
    "pickle": lambda model: pickle.loads(pickle.dumps(model)),
    "joblib": through_joblib,
    "deepcopy": copy.deepcopy,
    "skops": through_skops,
}


@pytest.fixture(params=THROUGH)
def through(request):
    return THROUGH[request.param]


def test_predictions_are_equal(task, through):
    model = task.fit(**STATEFUL)
    loaded = through(model)
    np.testing.assert_array_equal(loaded.predict(task.X), model.predict(task.X))
    assert loaded.history_ == model.history_
    assert loaded.n_iter_ == 2
    assert repr(loaded) == repr(model)


@pytest.mark.parametrize("random_layer", [{}, {"dropout": 0.3}], ids=["plain", "dropout"])
def test_training_goes_on_as_in_the_original(task, through, random_layer):
    settings = {"optimizer": "adam", "activation": "randomized_leaky_relu", **random_layer}
    model = task.fit(**settings)
    loaded = through(model)
    for each in (model, loaded):
        each.partial_fit(task.X, task.y)
    np.testing.assert_equal(loaded.model_.get_weights(), model.model_.get_weights())
    for loaded_variable, variable in zip(
        loaded.model_.optimizer.variables, model.model_.optimizer.variables, strict=True
    ):
        np.testing.assert_array_equal(loaded_variable.numpy(), variable.numpy())
    assert loaded.history_ == model.history_
    whole = task.fit(epochs=3, **settings)
    np.testing.assert_equal(loaded.model_.get_weights(), whole.model_.get_weights())


def test_schedules_go_on(task, through):
    schedule = keras.optimizers.schedules.ExponentialDecay(0.05, decay_steps=2, decay_rate=0.5)
    model = task.fit(learning_rate=schedule)
    loaded = through(model).partial_fit(task.X, task.y)
    model.partial_fit(task.X, task.y)
    np.testing.assert_equal(loaded.model_.get_weights(), model.model_.get_weights())


def test_whole_pipeline(task, through):
    model = make_pipeline(StandardScaler(), task.make(**STATEFUL)).fit(task.X, task.y)
    loaded = through(model)
    np.testing.assert_array_equal(loaded.predict(task.X), model.predict(task.X))


@pytest.mark.parametrize("labels", [["no", "yes"], [False, True], [0.0, 1.0]], ids=repr)
def test_labels_survive(binary, through, labels):
    model = binary._replace(y=np.array(labels)[binary.y]).fit()
    loaded = through(model)
    assert loaded.classes_.dtype == model.classes_.dtype
    assert loaded.predict(binary.X).tolist() == model.predict(binary.X).tolist()


def test_standardized_target_survives(regression, through):
    model = regression._replace(y=1e4 + 100 * regression.y).fit(standardize_target=True)
    np.testing.assert_array_equal(through(model).predict(regression.X), model.predict(regression.X))


def test_unfitted(task, through):
    model = through(task.make(dropout=0.3))
    assert not hasattr(model, "model_")
    assert model.get_params() == task.make(dropout=0.3).get_params()


def test_deepcopy_shares_nothing(task):
    model = task.fit()
    before = model.model_.get_weights()
    copy.deepcopy(model).partial_fit(task.X, task.y)
    np.testing.assert_equal(model.model_.get_weights(), before)
    assert model.n_iter_ == 2


def test_clone_of_fitted_is_unfitted(task):
    model = task.fit(**STATEFUL)
    cloned = clone(model)
    assert not hasattr(cloned, "model_")
    assert cloned.get_params() == model.get_params()
    np.testing.assert_equal(
        cloned.fit(task.X, task.y).model_.get_weights(), model.model_.get_weights()
    )


def test_with_callbacks(task):
    """A callback holds on to the model that it watched."""
    model = task.fit(callbacks=[keras.callbacks.TerminateOnNaN()])
    loaded = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(loaded.predict(task.X), model.predict(task.X))


@pytest.mark.slow
def test_in_another_process(binary, tmp_path, forks):
    model = KerasMLPClassifier((4,), epochs=2, random_state=0, **STATEFUL).fit(binary.X, binary.y)
    path = tmp_path / "model.joblib"
    joblib.dump((model, binary.X), path)
    code = (
        "import joblib, os, sys\n"
        "model, X = joblib.load(sys.argv[1])\n"
        "assert os.environ['TF_NUM_INTRAOP_THREADS'] == '1'\n"  # as before a first fit
        "print(model.predict_proba(X).tobytes().hex())\n"
    )
    variables = {name: each for name, each in os.environ.items() if name[:3] != "TF_"}
    run = forks.run([sys.executable, "-c", code, str(path)], check=True, env=variables)
    assert bytes.fromhex(run.stdout.strip()) == model.predict_proba(binary.X).tobytes()
