"""The pieces of work that are timed, each run in a process of its own.

``python -m benchmarks.peers NAME`` prints the seconds as JSON. Imports and data come first and are
left out of the time; whatever an engine compiles is in it.
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["PEERS"]

HOUSING: dict[str, Any] = {"hidden_layer_sizes": (100, 50, 10, 10, 10), "batch_size": 32}
FASHION: dict[str, Any] = {"hidden_layer_sizes": (300, 100, 50, 50, 50), "batch_size": 32}
TECHNIQUES = (
    ("relu", "he_normal"),
    ("relu", "glorot_uniform"),
    ("selu", "lecun_normal"),
    ("elu", "he_normal"),
)

PEERS: dict[str, Callable[[], dict[str, float]]] = {}


def peer(function: Callable[[], dict[str, float]]) -> Callable[[], dict[str, float]]:
    PEERS[function.__name__] = function
    return function


def housing() -> tuple[np.ndarray, np.ndarray]:
    """Training rows of California housing, split and standardized as the study does."""
    from sklearn.datasets import fetch_california_housing
    from sklearn.model_selection import train_test_split
    from sklearn.preprocessing import StandardScaler

    X, y = fetch_california_housing(return_X_y=True)
    for _ in range(2):
        X, _, y, _ = train_test_split(X, y, random_state=42)
    return StandardScaler().fit_transform(X).astype("float32"), y.astype("float32")


def fashion() -> tuple[np.ndarray, np.ndarray]:
    """The first nine tenths of Fashion-MNIST's training images, divided by 255."""
    from pipelines.data import load_dataset

    data = load_dataset("fashion_mnist")
    X = data.X.to_numpy("float32")[:54_000] / 255
    y = data.y.astype("category").cat.codes.to_numpy()[:54_000]
    return X, y


def digits() -> tuple[np.ndarray, np.ndarray]:
    from sklearn.datasets import load_digits

    X, y = load_digits(return_X_y=True)
    return (X / 16).astype("float32"), y


def timed(work: Callable[[], Any]) -> dict[str, float]:
    began = time.perf_counter()
    work()
    return {"seconds": time.perf_counter() - began}


def wake_estimators() -> None:
    """Set up and start TensorFlow's runtime as the command line does, which is part of the start-up."""
    import estimators

    estimators.configure()
    wake_tensorflow()


def wake_tensorflow() -> None:
    """Start TensorFlow's runtime, which is part of the start-up."""
    import tensorflow as tf

    tf.linalg.matmul(tf.ones((2, 2)), tf.ones((2, 2))).numpy()


def keras_network(
    n_features: int,
    n_outputs: int,
    hidden_layer_sizes,
    *,
    activation: str = "relu",
    kernel_initializer: str = "he_normal",
    batch_norm: bool = False,
    learning_rate: float = 1e-3,
):
    """The same network as ours, as one writes it in Keras."""
    import keras

    layers = [keras.Input((n_features,))]
    for units in hidden_layer_sizes:
        if batch_norm:
            layers.append(keras.layers.BatchNormalization())
        layers.append(keras.layers.Dense(units, activation, kernel_initializer=kernel_initializer))
    layers.append(keras.layers.Dense(n_outputs, "softmax" if n_outputs > 1 else "linear"))
    model = keras.Sequential(layers)
    model.compile(
        keras.optimizers.SGD(learning_rate),
        loss="sparse_categorical_crossentropy" if n_outputs > 1 else "mean_squared_error",
        metrics=["accuracy"] if n_outputs > 1 else ["mean_absolute_error"],
    )
    return model


# GridSearchCV on California housing: 8 configurations, 3 folds, 20 epochs, one job.


def _grid_search(estimator, grid):
    from sklearn.model_selection import GridSearchCV

    return GridSearchCV(estimator, grid, cv=3, refit=False, scoring="neg_mean_squared_error")


@peer
def grid_ours() -> dict[str, float]:
    from estimators import KerasMLPRegressor

    X, y = housing()
    wake_estimators()
    network = KerasMLPRegressor(
        **HOUSING,
        optimizer="sgd",
        learning_rate=1e-3,
        epochs=20,
        early_stopping=False,
        random_state=0,
    )
    grid = [
        {
            "activation": [activation],
            "kernel_initializer": [initializer],
            "batch_norm": [None, "before_dense"],
        }
        for activation, initializer in TECHNIQUES
    ]
    return timed(lambda: _grid_search(network, grid).fit(X, y))


@peer
def grid_ours_warm() -> dict[str, float]:
    """The same where another process has left its compiled programs on disk."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MLP_COMPILE_CACHE"] = folder
        command = [sys.executable, "-m", "benchmarks.peers", "grid_ours"]
        subprocess.run(command, check=True, capture_output=True)
        return grid_ours()


@peer
def grid_scikeras() -> dict[str, float]:
    from scikeras.wrappers import KerasRegressor

    X, y = housing()
    wake_tensorflow()

    def build(activation, kernel_initializer, batch_norm):
        return keras_network(
            8,
            1,
            HOUSING["hidden_layer_sizes"],
            activation=activation,
            kernel_initializer=kernel_initializer,
            batch_norm=batch_norm,
        )

    network = KerasRegressor(
        build,
        activation=None,
        kernel_initializer=None,
        batch_norm=None,
        epochs=20,
        batch_size=32,
        verbose=0,
    )
    grid = [
        {
            "activation": [activation],
            "kernel_initializer": [initializer],
            "batch_norm": [False, True],
        }
        for activation, initializer in TECHNIQUES
    ]
    return timed(lambda: _grid_search(network, grid).fit(X, y))


@peer
def grid_sklearn() -> dict[str, float]:
    from sklearn.neural_network import MLPRegressor

    X, y = housing()
    network = MLPRegressor(
        **HOUSING,
        solver="sgd",
        learning_rate_init=1e-3,
        max_iter=20,
        n_iter_no_change=20,
        random_state=0,
    )
    grid = {"activation": ["relu", "tanh"], "momentum": [0.0, 0.9], "alpha": [0.0, 1e-4]}
    return timed(lambda: _grid_search(network, grid).fit(X, y))


# One fit.


def _ours(X, y, *, classes: bool, batch_norm: bool, epochs: int, shape) -> dict[str, float]:
    from estimators import KerasMLPClassifier, KerasMLPRegressor

    wake_estimators()
    network = (KerasMLPClassifier if classes else KerasMLPRegressor)(
        **shape,
        optimizer="sgd",
        learning_rate=1e-3,
        batch_norm="before_dense" if batch_norm else None,
        epochs=epochs,
        early_stopping=False,
        random_state=0,
    )
    result = timed(lambda: network.fit(X, y))
    return {**result, "epoch_seconds": float(np.median(network.epoch_seconds_[1:]))}


def _keras(X, y, *, classes: bool, batch_norm: bool, epochs: int, shape) -> dict[str, float]:
    import keras

    wake_tensorflow()

    class Timer(keras.callbacks.Callback):
        def __init__(self):
            super().__init__()
            self.seconds = []

        def on_epoch_begin(self, epoch, logs=None):
            self.began = time.perf_counter()

        def on_epoch_end(self, epoch, logs=None):
            self.seconds.append(time.perf_counter() - self.began)

    timer = Timer()

    def work():
        model = keras_network(
            X.shape[1], 10 if classes else 1, shape["hidden_layer_sizes"], batch_norm=batch_norm
        )
        model.fit(X, y, batch_size=shape["batch_size"], epochs=epochs, verbose=0, callbacks=[timer])

    return {**timed(work), "epoch_seconds": float(np.median(timer.seconds[1:]))}


@peer
def housing_ours() -> dict[str, float]:
    return _ours(*housing(), classes=False, batch_norm=False, epochs=20, shape=HOUSING)


@peer
def housing_keras() -> dict[str, float]:
    return _keras(*housing(), classes=False, batch_norm=False, epochs=20, shape=HOUSING)


@peer
def fashion_ours() -> dict[str, float]:
    return _ours(*fashion(), classes=True, batch_norm=False, epochs=5, shape=FASHION)


@peer
def fashion_keras() -> dict[str, float]:
    return _keras(*fashion(), classes=True, batch_norm=False, epochs=5, shape=FASHION)


@peer
def fashion_norm_ours() -> dict[str, float]:
    return _ours(*fashion(), classes=True, batch_norm=True, epochs=5, shape=FASHION)


@peer
def fashion_norm_keras() -> dict[str, float]:
    return _keras(*fashion(), classes=True, batch_norm=True, epochs=5, shape=FASHION)


@peer
def fashion_sklearn() -> dict[str, float]:
    from sklearn.neural_network import MLPClassifier

    X, y = fashion()
    network = MLPClassifier(
        **FASHION,
        solver="sgd",
        learning_rate_init=1e-3,
        momentum=0.0,
        alpha=0.0,
        max_iter=5,
        random_state=0,
    )
    return timed(lambda: network.fit(X, y))


@peer
def fashion_skorch() -> dict[str, float]:
    import torch
    from skorch import NeuralNetClassifier

    X, y = fashion()
    y = y.astype("int64")
    sizes = (784, *FASHION["hidden_layer_sizes"])
    layers: list[torch.nn.Module] = []
    for n_inputs, n_units in itertools.pairwise(sizes):
        layers += [torch.nn.Linear(n_inputs, n_units), torch.nn.ReLU()]
    network = NeuralNetClassifier(
        torch.nn.Sequential(*layers, torch.nn.Linear(sizes[-1], 10)),
        criterion=torch.nn.CrossEntropyLoss,
        optimizer=torch.optim.SGD,
        lr=1e-3,
        batch_size=32,
        max_epochs=5,
        iterator_train__shuffle=True,
        train_split=None,
        verbose=0,
    )
    return timed(lambda: network.fit(X, y))


# A second fit of a known structure: digits, 1 epoch.


@peer
def second_ours() -> dict[str, float]:
    from estimators import KerasMLPClassifier

    X, y = digits()
    settings = {"optimizer": "sgd", "epochs": 1, "early_stopping": False, "random_state": 0}

    def fit():
        KerasMLPClassifier((100, 50, 50), **settings).fit(X, y)

    fit()
    return timed(fit)


@peer
def second_keras() -> dict[str, float]:
    X, y = digits()

    def fit():
        keras_network(64, 10, (100, 50, 50)).fit(X, y, batch_size=32, epochs=1, verbose=0)

    fit()
    return timed(fit)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    print(json.dumps(PEERS[sys.argv[1]]()))
