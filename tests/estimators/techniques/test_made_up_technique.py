"""A technique in one file of its own, and a subclass with its hyperparameter in the signature.

Nothing else has to know of it.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import pickle
import re
import sys
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest
import yaml
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from estimators import KerasMLPRegressor, RuleWarning
from estimators.engine.cache import PROGRAMS
from estimators.techniques import REGRESSOR_TECHNIQUES
from pipelines import OptunaSearch


def load(name):
    """Import a file that lies beside this one; tests are not a package."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # where pickle and inspect look
    spec.loader.exec_module(module)
    return module


noise = load("noise")

ROUNDING = {"rtol": 1e-4, "atol": 5e-6}
X = np.random.default_rng(0).normal(size=(75, 5)).astype("float32")
Y = X[:, 0] * X[:, 1] + np.sin(X[:, 2])


class NoisyRegressor(KerasMLPRegressor):
    """Regressor with noise.

    Parameters
    ----------
    $parameters

    Attributes
    ----------
    $attributes

    References
    ----------
    $references
    """

    techniques = (*REGRESSOR_TECHNIQUES, noise.Noise())

    def __init__(
        self,
        hidden_layer_sizes=(6, 4),
        *,
        noise=0.0,
        dropout=0.0,
        dropout_schedule="constant",
        activation="relu",
        loss="mean_squared_error",
        standardize_target=False,
        clip_target=False,
        negative_slope=None,
        parametric_activation=False,
        kernel_initializer="auto",
        initializer_scale=1.0,
        initializer_mode="fan_in",
        initializer_distribution="truncated_normal",
        bias_initializer="zeros",
        data_initialization=False,
        init_from=None,
        init_layers="hidden",
        frozen_layers=0,
        unfreeze_at=None,
        parametrization="standard",
        batch_norm=None,
        layer_norm=False,
        residual=False,
        categorical_features="from_dtype",
        max_one_hot=8,
        category_embedding_dim=8,
        numeric_embedding=None,
        n_bins=32,
        numeric_embedding_dim=8,
        n_frequencies=16,
        frequency_scale=0.1,
        feature_scale=False,
        image_shape=None,
        random_shift=0,
        random_flip=False,
        random_erasing=0.0,
        optimizer="adam",
        learning_rate=0.01,
        learning_rate_schedule="constant",
        warmup_fraction=0.0,
        learning_rate_factors=None,
        layer_learning_rates=1.0,
        momentum=0.0,
        nesterov=False,
        beta_1=0.9,
        beta_2=0.999,
        epsilon=1e-7,
        weight_decay=0.0,
        weight_decay_schedule="constant",
        weight_decay_biases=True,
        clipnorm=None,
        clipvalue=None,
        global_clipnorm=None,
        batch_size=16,
        epochs=3,
        shuffle=True,
        mixup=0.0,
        weight_averaging=None,
        ema_momentum=0.999,
        early_stopping=False,
        validation_fraction=0.1,
        patience=10,
        min_delta=0.0,
        n_members=1,
        member_params=None,
        member_sharing=None,
        engine="auto",
        warm_start=False,
        callbacks=None,
        random_state=0,
        verbose=0,
    ):
        given = {name: value for name, value in locals().items() if name in PARENT}
        super().__init__(**given)
        self.noise = noise


PARENT = set(inspect.signature(KerasMLPRegressor).parameters)


def assert_same_training(first, second):
    for one, other in zip(first.model_.get_weights(), second.model_.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, **ROUNDING)
    np.testing.assert_allclose(first.history_["loss"], second.history_["loss"], rtol=1e-4)


def test_validated():
    sentence = "The 'noise' parameter of NoisyRegressor must be a float in the range [0.0, inf)."
    with pytest.raises(ValueError, match=re.escape(sentence)):
        NoisyRegressor(noise=-1.0).fit(X, Y)


def test_documented():
    text = " ".join(inspect.getdoc(NoisyRegressor).split())
    assert "noise : float, default=0.0 Deviation of the noise on each hidden layer's" in text
    assert ".. [Bishop1995] Bishop 1995, https://doi.org/10.1162/neco.1995.7.1.108" in text
    assert "$" not in text


def test_its_rule_warns():
    with pytest.warns(RuleWarning, match="noise or dropout: noise=0.5 comes on top of dropout=0.1"):
        NoisyRegressor(noise=0.5, dropout=0.1, epochs=1).fit(X, Y)


@pytest.mark.parametrize("batch_norm", [None, "after_dense"])
@pytest.mark.parametrize("engine", ["uncompiled", "compiled"])
def test_trained_as_model_fit_does(engine, batch_norm):
    settings = {"noise": 0.3, "batch_norm": batch_norm}
    reference = NoisyRegressor(engine="keras", **settings).fit(X, Y)
    assert_same_training(NoisyRegressor(engine=engine, **settings).fit(X, Y), reference)


def test_noise_is_heard_in_training_and_not_at_prediction():
    quiet, loud = NoisyRegressor().fit(X, Y), NoisyRegressor(noise=0.5).fit(X, Y)
    assert quiet.history_["loss"] != loud.history_["loss"]
    np.testing.assert_array_equal(loud.predict(X), loud.predict(X))


def test_auto_takes_the_engine():
    """Its layers are known to treat each row by itself, for the technique says so."""
    PROGRAMS.clear()
    NoisyRegressor(noise=0.3).fit(X, Y)
    assert len(PROGRAMS) == 1


def test_one_program_for_two_values():
    PROGRAMS.clear()
    first, second = (NoisyRegressor(noise=value).fit(X, Y).history_ for value in (0.1, 0.5))
    assert len(PROGRAMS) == 1
    assert first != second
    PROGRAMS.clear()
    assert NoisyRegressor(noise=0.5).fit(X, Y).history_ == second
    NoisyRegressor(noise=0.0).fit(X, Y)
    assert len(PROGRAMS) == 2


def test_saved_and_loaded():
    model = NoisyRegressor(noise=0.3).fit(X, Y)
    loaded = pickle.loads(pickle.dumps(model))
    assert repr(loaded) == repr(model)
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
    for each in (model, loaded):
        each.partial_fit(X, Y)
    np.testing.assert_equal(loaded.model_.get_weights(), model.model_.get_weights())
    np.testing.assert_equal(
        NoisyRegressor(noise=0.3, epochs=4).fit(X, Y).model_.get_weights(),
        loaded.model_.get_weights(),
    )


def test_saved_by_keras(tmp_path):
    model = NoisyRegressor(noise=0.3).fit(X, Y)
    model.model_.save(tmp_path / "network.keras")
    loaded = keras.saving.load_model(tmp_path / "network.keras", safe_mode=True)
    assert loaded.get_layer("noise_1").deviation == 0.3


def test_a_parameter_like_any_other():
    model = clone(NoisyRegressor(noise=0.3)).set_params(noise=0.2, epochs=1)
    assert model.get_params()["noise"] == 0.2
    assert isinstance(model.fit(X, Y).model_, keras.Sequential)
    with pytest.raises(ValueError, match=r"built with noise=0\.2, but now has noise=0\.4"):
        model.set_params(noise=0.4).partial_fit(X, Y)


def test_its_domain_is_in_the_default_space(monkeypatch):
    spaces = importlib.import_module("pipelines.space.default_space")
    before = yaml.safe_load(spaces.default_space("table", "regression"))
    monkeypatch.setattr(spaces, "REGRESSOR_TECHNIQUES", NoisyRegressor.techniques)
    space = yaml.safe_load(spaces.default_space("table", "regression"))
    block = {"when": {"dropout": 0.0}, "noise": {"low": 0.0, "high": 0.5}}
    assert [each for each in space["blocks"] if each not in before["blocks"]] == [block]


def test_searched(monkeypatch):
    """Drawn from its own domain, and no other code is told of it."""
    spaces = importlib.import_module("pipelines.space.default_space")
    monkeypatch.setattr(spaces, "REGRESSOR_TECHNIQUES", NoisyRegressor.techniques)
    declared = yaml.safe_load(spaces.default_space("table", "regression"))
    (block,) = (each for each in declared["blocks"] if "noise" in each)
    space = yaml.safe_dump({"dropout": 0.0, "blocks": [block]})
    pipeline = Pipeline([("model", NoisyRegressor(epochs=2))])
    search = OptunaSearch(pipeline, space, n_trials=3, scoring="r2", random_state=0)
    search.fit(pd.DataFrame(X), pd.Series(Y))
    noises = [one.candidate.hyperparameters["noise"] for one in search.evaluations_]
    assert len({*noises}) == 3
    assert all(0 <= each <= 0.5 for each in noises)
    scores = search.cv_results_["mean_test_r2"]
    assert search.best_params_["noise"] == noises[int(np.argmax(scores))]
    assert search.best_estimator_["model"].noise == search.best_params_["noise"]
