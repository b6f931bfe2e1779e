"""One method on one set of sequences, in a process of its own.

``python sequences_fit.py METHOD FILE EPOCHS`` prints seconds of a first and of a second fit, and
the accuracy on the test rows, as JSON. It imports nothing of the project but the estimators, and
those only where they are the method, so that peers run in environments of their own. Imports
are not counted.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

UNITS, BATCH, RATE = 64, 32, 0.003

Fit = Callable[[int, np.ndarray, np.ndarray, int], Callable[[np.ndarray], np.ndarray]]
"""Takes seed, sequences, labels and epochs; returns a function that predicts labels."""


def estimator(engine: str) -> Fit:
    """Import our estimator, and Keras for it; it is trained by an engine."""
    import keras

    from estimators import KerasRNNClassifier

    assert keras.__version__

    def fit(seed: int, X: np.ndarray, y: np.ndarray, epochs: int) -> Any:
        network = KerasRNNClassifier(
            (UNITS,),
            "lstm",
            learning_rate=RATE,
            batch_size=BATCH,
            epochs=epochs,
            early_stopping=False,
            engine=engine,
            random_state=seed,
        )
        return network.fit(X, y).predict

    return fit


def keras_loop() -> Fit:
    """Import Keras, for the same network as one writes it without an estimator."""
    import keras

    def fit(seed: int, X: np.ndarray, y: np.ndarray, epochs: int) -> Any:
        keras.utils.set_random_seed(seed)
        classes, codes = np.unique(y, return_inverse=True)
        network = keras.Sequential(
            [
                keras.Input(X.shape[1:]),
                keras.layers.Masking(0.0),
                keras.layers.LSTM(UNITS),
                keras.layers.Dense(len(classes), activation="softmax"),
            ]
        )
        network.compile(keras.optimizers.Adam(RATE), "sparse_categorical_crossentropy")
        network.fit(np.nan_to_num(X), codes, batch_size=BATCH, epochs=epochs, verbose=0)
        return lambda new: classes[network.predict(np.nan_to_num(new), verbose=0).argmax(axis=1)]

    return fit


def sktime_rnn() -> Fit:
    """Import sktime's recurrent classifier; it takes sequences of one length, so padding is 0."""
    from sktime.classification.deep_learning import SimpleRNNClassifier

    def fit(seed: int, X: np.ndarray, y: np.ndarray, epochs: int) -> Any:
        network = SimpleRNNClassifier(
            n_epochs=epochs, batch_size=BATCH, units=UNITS, random_state=seed, verbose=False
        )
        network.fit(np.nan_to_num(X).transpose(0, 2, 1), y)
        return lambda new: network.predict(np.nan_to_num(new).transpose(0, 2, 1))

    return fit


METHODS: dict[str, Callable[[], Fit]] = {
    "ours": partial(estimator, "auto"),
    "ours, compiled": partial(estimator, "compiled"),
    "Model.fit": partial(estimator, "keras"),
    "Keras loop": keras_loop,
    "sktime SimpleRNN": sktime_rnn,
}


def main(method: str, path: str, epochs: str) -> None:
    """Fit twice, with two seeds, and score."""
    warnings.simplefilter("ignore")
    with np.load(path) as file:
        X, y, X_test, y_test = (file[name] for name in ("X", "y", "X_test", "y_test"))
    fit_network = METHODS[method]()
    seconds, scores = [], []
    for seed in (0, 1):
        began = time.perf_counter()
        predict = fit_network(seed, X, y, int(epochs))
        seconds.append(time.perf_counter() - began)
        scores.append(float((predict(X_test) == y_test).mean()))
    print(json.dumps({"first": seconds[0], "second": seconds[1], "score": np.mean(scores)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
