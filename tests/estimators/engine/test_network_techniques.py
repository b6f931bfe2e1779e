"""Techniques of the network: every engine trains the same weights, alone and together."""

from __future__ import annotations

import functools
import itertools
import pickle

import numpy as np
import pandas as pd
import pytest

from estimators import KerasMLPClassifier, KerasMLPRegressor
from estimators.engine.cache import PROGRAMS

N_ROWS = 75  # not a multiple of the batch size
ROUNDING = {"rtol": 1e-4, "atol": 1e-5}
EVERYTHING = {
    "numeric_embedding": "both",
    "feature_scale": True,
    "parametric_activation": True,
    "parametrization": "neural_tangent",
    "data_initialization": True,
    "layer_norm": True,
    "residual": True,
    "dropout": 0.1,
}
CASES = {
    "categories": {},
    "bins": {"numeric_embedding": "piecewise_linear"},
    "waves": {"numeric_embedding": "periodic", "frequency_scale": 0.5},
    "scale": {"feature_scale": True},
    "learned activation": {"parametric_activation": True, "activation": "silu"},
    "learned slopes": {"parametric_activation": True, "activation": "prelu"},
    "drawn slopes": {"parametric_activation": True, "activation": "randomized_leaky_relu"},
    "mish": {"activation": "mish"},
    "neural tangent": {"parametrization": "neural_tangent"},
    "neural tangent, batch norm": {
        "parametrization": "neural_tangent",
        "batch_norm": "before_dense",
    },
    "bins, batch norm": {"numeric_embedding": "piecewise_linear", "batch_norm": "before_dense"},
    "initialized by data": {"data_initialization": True},
    "layer norm": {"layer_norm": True},
    "residual": {"residual": True},
    "projected": {"residual": True, "hidden_layer_sizes": (8, 6, 6)},
    "residual, batch norm": {"residual": True, "batch_norm": "after_dense"},
    "everything": EVERYTHING,
}


def table():
    rng = np.random.default_rng(0)
    numbers = rng.normal(size=(N_ROWS, 3))
    many = rng.integers(0, 11, N_ROWS)
    X = pd.DataFrame(numbers, columns=list("abc")).assign(
        many=pd.Categorical(many),
        three=pd.Categorical(rng.choice(list("xyz"), N_ROWS)),
        two=pd.Categorical(rng.choice(["no", "yes", None], N_ROWS)),
    )
    return X, numbers[:, 0] * numbers[:, 1] + (many > 5)


def fit(engine, **settings):
    X, y = table()
    if settings == CASES["scale"]:
        X = X[list("abc")]
    usual = {"hidden_layer_sizes": (8, 8), "activation": "tanh", "learning_rate": 0.01}
    if "batch_norm" in settings:
        # Gradients of whole directions are 0 but for rounding, which adam would blow up.
        usual["optimizer"] = "sgd"
    model = KerasMLPRegressor(
        **{**usual, **settings}, batch_size=16, epochs=3, random_state=0, engine=engine
    )
    return model.fit(X, y, X_val=X[:20], y_val=y[:20])


@functools.cache
def fit_by_keras(case):
    return fit("keras", **CASES[case])


def cases_and_engines():
    """Each case on the engines by turns, for they differ in whether the program is compiled."""
    engines = itertools.cycle(["compiled", "uncompiled"])
    return [*zip(CASES, engines, strict=False), ("everything", "uncompiled")]


@pytest.mark.parametrize(("case", "engine"), cases_and_engines())
def test_weights_are_those_of_model_fit(case, engine):
    trained, reference = fit(engine, **CASES[case]), fit_by_keras(case)
    for ours, theirs in zip(trained.model_.weights, reference.model_.weights, strict=True):
        np.testing.assert_allclose(ours.numpy(), theirs.numpy(), **ROUNDING, err_msg=ours.path)
    for name, curve in trained.history_.items():
        np.testing.assert_allclose(curve, reference.history_[name], **ROUNDING)


def test_the_engine_takes_them_by_itself():
    PROGRAMS.clear()
    fit("auto", **EVERYTHING)
    assert len(PROGRAMS) == 1


def test_one_program_for_all_seeds_and_rows():
    PROGRAMS.clear()
    X, y = table()
    settings = {"hidden_layer_sizes": (8, 8), "epochs": 1, "engine": "uncompiled", **EVERYTHING}
    for seed in range(2):
        model = KerasMLPRegressor(**settings, random_state=seed)
        model.fit(X.iloc[seed : 70 + seed], y[seed : 70 + seed])
    assert len(PROGRAMS) == 1


def test_classes():
    X, y = table()
    labels = np.digitize(y, [-0.5, 0.5])
    curves = [
        KerasMLPClassifier((8, 8), epochs=3, engine=engine, random_state=0, **EVERYTHING)
        .fit(X, labels)
        .history_["loss"]
        for engine in ("compiled", "keras")
    ]
    np.testing.assert_allclose(*curves, **ROUNDING)


@pytest.mark.parametrize("engine", ["keras", "uncompiled"])
def test_saved_loaded_and_trained_on(engine):
    model = fit(engine, **EVERYTHING)
    loaded = pickle.loads(pickle.dumps(model))
    X, y = table()
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
    for each in (model, loaded):
        each.partial_fit(X, y)
    np.testing.assert_equal(loaded.model_.get_weights(), model.model_.get_weights())
