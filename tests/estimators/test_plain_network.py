"""Networks in Keras' own layers, which load without this project."""

from __future__ import annotations

import re
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from estimators import (
    KerasMLPClassifier,
    KerasMLPRegressor,
    KerasRNNClassifier,
    KerasRNNRegressor,
    plain_network,
)
from estimators.techniques.activation import ACTIVATIONS

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 5)).astype("float32")
Y = np.sin(X[:, 0]) + X[:, 1] ** 2
CLASSES = np.digitize(Y, [0.5, 1.5])
MIXED = pd.DataFrame(X, columns=list("abcde")).assign(
    two=pd.Categorical(RNG.choice(["u", "v"], 60)),
    four=pd.Categorical(RNG.choice(list("klmn"), 60), categories=list("jklmno")),
    many=pd.Categorical(RNG.choice(list("pqrstuvwxyz"), 60)),
)

# Of names too: Keras takes an activation's layers of one name for one.
SETTINGS = {
    "batch norm, residual": {
        "batch_norm": "before_dense",
        "residual": True,
        "hidden_layer_sizes": (6, 4),
    },
    "layer norm": {"layer_norm": True},
    "dropout": {"dropout": 0.3, "activation": "relu"},
    "alpha dropout": {"dropout": 0.3, "activation": "selu"},
    "neural tangent": {"parametrization": "neural_tangent", "parametric_activation": True},
    "parametric prelu": {"parametric_activation": True, "activation": "prelu"},
    "parametric leaky": {"parametric_activation": True, "activation": "leaky_relu"},
    "piecewise": {"numeric_embedding": "piecewise_linear", "n_bins": 5, "feature_scale": True},
    "periodic": {"numeric_embedding": "periodic", "n_frequencies": 4},
    "both": {"numeric_embedding": "both", "n_bins": 5, "mixup": 0.2},
    "ensemble": {"n_members": 2, "member_params": [{"activation": "mish"}, {"dropout": 0.2}]},
    "tabm": {
        "n_members": 3,
        "member_sharing": "tabm",
        "parametrization": "neural_tangent",
        "activation": "prelu",
    },
    "tabm_mini": {
        "n_members": 3,
        "member_sharing": "tabm_mini",
        "numeric_embedding": "piecewise_linear",
        "parametric_activation": True,
    },
}

LOAD = """
import sys
import keras, numpy as np
network = keras.models.load_model("network.keras", safe_mode=True)
np.save("outputs.npy", network.predict(np.load("X.npy"), verbose=0))
assert not any(name.split(".")[0] in ("estimators", "pipelines") for name in sys.modules)
"""


def own_layers(network):
    """What a file of the network would have to import but Keras."""
    modules = re.findall(r'"(?:module|registered_name)": "([^"]+)"', network.to_json())
    return {module for module in modules if "estimators" in module}


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.filterwarnings("ignore::estimators.RuleWarning")
def test_every_activation(activation):
    model = KerasMLPRegressor((6, 4), activation=activation, dropout=0.1, random_state=0)
    network = plain_network(model.initialize(X, Y))
    assert own_layers(network) == set()
    outputs = network.predict(X, verbose=0)[:, 0]
    np.testing.assert_allclose(outputs, model.predict(X), atol=1e-6, rtol=1e-6)


@pytest.mark.parametrize("params", SETTINGS.values(), ids=SETTINGS)
@pytest.mark.filterwarnings("ignore::estimators.RuleWarning")
def test_every_technique(params):
    settings = {"hidden_layer_sizes": (6, 6), **params}
    model = KerasMLPClassifier(**settings, epochs=3, random_state=0).fit(X, CLASSES)
    network = plain_network(model)
    assert own_layers(network) == set()
    outputs = network.predict(X, verbose=0)
    np.testing.assert_allclose(outputs, model.predict_proba(X), atol=1e-6)


@pytest.mark.parametrize("max_one_hot", [1, 4, 20])
def test_categories(max_one_hot):
    model = KerasMLPClassifier((6,), max_one_hot=max_one_hot, epochs=3, random_state=0)
    model.fit(MIXED, CLASSES)
    unseen = MIXED.assign(many=MIXED["many"].where(MIXED["many"] != "p"))
    network = plain_network(model)
    assert own_layers(network) == set()
    for table in (MIXED, unseen):
        codes = model.feature_encoder_.transform(table).to_numpy("float32")
        outputs = network.predict(codes, verbose=0)
        np.testing.assert_allclose(outputs, model.predict_proba(table), atol=1e-6)


@pytest.mark.parametrize("clip", [False, True])
def test_values_are_in_the_units_of_the_target(clip):
    y = np.column_stack([1000 + 50 * Y, -Y])
    model = KerasMLPRegressor((6,), standardize_target=True, clip_target=clip, random_state=0)
    model.set_params(epochs=3).fit(X, y)
    far = 100 * X
    outputs = plain_network(model).predict(far, verbose=0)
    np.testing.assert_allclose(outputs, model.predict(far), rtol=1e-5, atol=1e-5)
    assert (outputs.max(axis=0) <= y.max(axis=0) + 1e-3).all() == clip


def test_augmentation_is_of_training_alone():
    images = np.tile(X, 4)[:, :16]
    model = KerasMLPClassifier((6,), random_shift=1, random_flip=True, epochs=2, random_state=0)
    network = plain_network(model.fit(images, CLASSES))
    assert own_layers(network) == set()
    outputs = network.predict(images, verbose=0)
    np.testing.assert_allclose(outputs, model.predict_proba(images), atol=1e-6)


def test_it_can_be_trained_further():
    model = KerasMLPRegressor((6,), activation="mish", epochs=1, random_state=0).fit(X, Y)
    network = plain_network(model)
    before = model.predict(X)
    network.compile("adam", "mean_squared_error")
    losses = network.fit(X, Y, epochs=5, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    np.testing.assert_array_equal(model.predict(X), before)  # no weight is shared


@pytest.mark.parametrize(
    "params",
    [
        {"cell": "simple", "bidirectional": True},
        {"cell": "lstm", "recurrent_dropout": 0.2, "hidden_layer_sizes": (4, 3)},
        {"cell": "gru", "bidirectional": True, "recurrent_dropout": 0.2},
        {"cell": "gru"},
    ],
    ids=str,
)
def test_recurrent_networks(params):
    sequences = RNG.normal(size=(30, 6, 2)).astype("float32")
    sequences[::3, 4:] = np.nan
    y = np.nansum(sequences[:, :, 0], axis=1)
    model = KerasRNNRegressor(**{"hidden_layer_sizes": (4,), **params}, epochs=2, random_state=0)
    network = plain_network(model.fit(sequences, y))
    assert own_layers(network) == set()
    outputs = network.predict(sequences, verbose=0)[:, 0]
    np.testing.assert_allclose(outputs, model.predict(sequences), atol=1e-5)


def test_what_keras_lacks_is_named():
    sequences = RNG.normal(size=(30, 6, 2)).astype("float32")
    model = KerasRNNClassifier((4,), layer_norm=True, epochs=1, random_state=0)
    model.fit(sequences, np.arange(30) % 2)
    with pytest.raises(ValueError, match="'recurrent_0' is a Recurrent, which Keras has no layer"):
        plain_network(model)


def test_an_unfitted_one_is_refused():
    with pytest.raises(ValueError, match="not fitted"):
        plain_network(KerasMLPClassifier())


@pytest.mark.slow
def test_files_load_where_only_keras_is(tmp_path):
    settings = {**SETTINGS["both"], **SETTINGS["neural tangent"], "n_members": 2, "dropout": 0.1}
    model = KerasMLPRegressor((6, 6), **settings, standardize_target=True, clip_target=True)
    model.set_params(epochs=2, random_state=0).fit(X, Y)
    plain_network(model).save(tmp_path / "network.keras")
    np.save(tmp_path / "X.npy", X)
    done = subprocess.run(
        [sys.executable, "-P", "-c", LOAD],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    outputs = np.load(tmp_path / "outputs.npy")[:, 0]
    np.testing.assert_allclose(outputs, model.predict(X), atol=1e-6, rtol=1e-6)
