"""The searches that are measured, each run in a process of its own.

``python -m benchmarks.search_runs quality METHOD DATASET SECONDS SEED`` prints the best validation
score by second, ``python -m benchmarks.search_runs rate PEER SECONDS SEED`` how many
configurations were tried. Imports and data come first and are left out of the time; whatever is
compiled is in it.
"""

from __future__ import annotations

import contextlib
import json
import sys
import time
import warnings
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

__all__ = ["METHODS", "RATES", "SEARCHED_EPOCHS"]

METHODS = ("grid", "random", "optuna")

# Fashion-MNIST: 10,000 of the 60,000 rows to develop on are for validation, once.
SPLITTERS: dict[str, dict[str, Any]] = {
    "california_housing": {"n_splits": 3},
    "fashion_mnist": {"name": "holdout", "n_splits": 6},
}
SEARCHED_EPOCHS = {"california_housing": 20, "fashion_mnist": 10}

# What every peer of the rate draws from: the study's techniques on its network.
SIZES = (100, 50, 10, 10, 10)
EPOCHS = 20
BATCH = 32
ACTIVATIONS = ("relu", "elu", "selu", "tanh")
INITIALIZERS = {"relu": "he_normal", "elu": "he_normal", "selu": "lecun_normal"}
RATE_SPACE = f"""
activation: [relu, elu, selu, tanh]
batch_norm: [null, before_dense]
optimizer: [sgd, adam]
learning_rate: {{low: 1e-4, high: 1e-2, log: true}}
global_clipnorm: {{low: 0.1, high: 10.0, log: true}}
hidden_layer_sizes: [[100, 50, 10, 10, 10]]
batch_size: {BATCH}
epochs: {EPOCHS}
"""


def _data(name: str) -> Any:
    from pipelines import load_dataset

    development, _ = load_dataset(name).split()
    return development


def _watching(seconds: float) -> Any:
    """An observer that notes the best score by second and ends the search after some."""
    from pipelines.search import SearchObserver

    class Watch(SearchObserver):
        def __init__(self) -> None:
            self.began = time.perf_counter()
            self.points: list[tuple[float, float]] = []
            self.n_ended = 0

        def on_candidate_end(self, evaluation: Any) -> None:
            now = time.perf_counter() - self.began
            if now <= seconds:
                self.n_ended += 1
                if evaluation.folds:
                    score = evaluation.validation_mean(next(iter(evaluation.folds[0].train_scores)))
                    if not self.points or score > self.points[-1][1]:
                        self.points.append((now, score))
            else:
                raise KeyboardInterrupt

    return Watch()


def quality(method: str, dataset: str, seconds: float, seed: int) -> dict[str, Any]:
    """Search for some time; by second, the best mean score over the validation folds.

    Rows for validation and epochs are those of ``SPLITTERS`` and ``SEARCHED_EPOCHS``. The grid is
    the default one, extended by learning rates and batch sizes, for the default one alone ends
    too early; in an order that the seed decides. Folds and networks vary with the seed as well.
    """
    from sklearn.model_selection import ParameterGrid

    from pipelines import GridSearch, OptunaSearch, make_pipeline
    from pipelines.grid import default_grid, parse_grid
    from pipelines.search import make_splitter

    data = _data(dataset)
    epochs = SEARCHED_EPOCHS[dataset]
    grid = [{**one, "epochs": [epochs]} for one in parse_grid(default_grid(data.task))]
    how: dict[str, Any] = {
        "cv": make_splitter(data, **SPLITTERS[dataset], random_state=seed),
        "refit": False,
        "observers": [watch := _watching(seconds)],
    }
    pipeline = make_pipeline(data, preset="plain", random_state=seed)
    search: Any
    if method == "grid":
        wide: dict[str, list[Any]] = {"learning_rate": [1e-3, 3e-3, 3e-4], "batch_size": [32, 128]}
        one_by_one = [{k: [v] for k, v in one.items()} for one in _varied(grid, wide)]
        np.random.default_rng(seed).shuffle(one_by_one)
        search = GridSearch(pipeline, one_by_one, **how)
    else:
        tuned = {"first": [*ParameterGrid(grid)]}
        plain = {"sampler": "random", "pruner": "none"}
        search = OptunaSearch(
            pipeline,
            f"extends: default\nepochs: {epochs}",
            n_trials=1_000_000,
            timeout=seconds,
            random_state=seed,
            **how,
            **(tuned if method == "optuna" else plain),
        )
    watch.began = time.perf_counter()
    with contextlib.suppress(KeyboardInterrupt):
        search.fit(data.X, data.y, groups=data.groups)
    return {"points": watch.points, "n_ended": watch.n_ended}


def _varied(grid: Any, more: Mapping[str, list[Any]]) -> list[dict[str, Any]]:
    from sklearn.model_selection import ParameterGrid

    return [*ParameterGrid([{**sub_grid, **more} for sub_grid in grid])]


def rate_ours(seconds: float, seed: int, *, one_split: bool) -> int:
    """Pruned by Hyperband; a third of the rows for validation once, or each third in turn."""
    from sklearn.model_selection import KFold, ShuffleSplit

    from pipelines import OptunaSearch, make_pipeline

    split = ShuffleSplit(1, test_size=1 / 3, random_state=seed)
    data = _data("california_housing")
    watch = _watching(seconds)
    search = OptunaSearch(
        make_pipeline(data, preset="plain", random_state=seed),
        RATE_SPACE,
        cv=split if one_split else KFold(3, shuffle=True, random_state=seed),
        n_trials=1_000_000,
        timeout=seconds,
        pruner="hyperband",
        refit=False,
        random_state=seed,
        observers=[watch],
    )
    watch.began = time.perf_counter()
    with contextlib.suppress(KeyboardInterrupt):
        search.fit(data.X, data.y)
    return watch.n_ended


def _standardized() -> tuple[np.ndarray, np.ndarray]:
    from sklearn.preprocessing import StandardScaler

    data = _data("california_housing")
    X = StandardScaler().fit_transform(data.X).astype("float32")
    y = StandardScaler().fit_transform(data.y.to_numpy()[:, None]).astype("float32").ravel()
    return X, y


def _keras_model(
    activation: str, batch_norm: bool, method: str, learning_rate: float, clipnorm: float
) -> Any:
    """The network as one writes it in Keras."""
    import keras

    layers = [keras.Input((8,))]
    for units in SIZES:
        if batch_norm and activation != "selu":
            layers.append(keras.layers.BatchNormalization())
        initializer = INITIALIZERS.get(activation, "glorot_uniform")
        layers.append(keras.layers.Dense(units, activation, kernel_initializer=initializer))
    model = keras.Sequential([*layers, keras.layers.Dense(1)])
    make = {"sgd": keras.optimizers.SGD, "adam": keras.optimizers.Adam}[method]
    how = {"learning_rate": learning_rate, "global_clipnorm": clipnorm}
    model.compile(make(**how), loss="mean_squared_error")
    return model


def rate_keras_tuner(seconds: float, seed: int) -> int:
    """KerasTuner's Hyperband, with one split: a fit a configuration."""
    import tempfile

    import keras_tuner
    from sklearn.model_selection import train_test_split

    X, y = _standardized()
    X, X_val, y, y_val = train_test_split(X, y, test_size=1 / 3, random_state=seed)
    began = time.perf_counter()
    tried: set[str] = set()

    class Hyperband(keras_tuner.Hyperband):
        def run_trial(self, trial: Any, *args: Any, **how: Any) -> Any:
            result = super().run_trial(trial, *args, **how)
            if time.perf_counter() - began > seconds:
                raise KeyboardInterrupt
            values = trial.hyperparameters.values.items()
            own = {name: value for name, value in values if not name.startswith("tuner/")}
            tried.add(json.dumps(own, sort_keys=True))  # a longer training of the same is no other
            return result

    def build(hp: Any) -> Any:
        return _keras_model(
            hp.Choice("activation", list(ACTIVATIONS)),
            hp.Boolean("batch_norm"),
            hp.Choice("optimizer", ["sgd", "adam"]),
            hp.Float("learning_rate", 1e-4, 1e-2, sampling="log"),
            hp.Float("clipnorm", 0.1, 10.0, sampling="log"),
        )

    with tempfile.TemporaryDirectory() as folder:
        tuner = Hyperband(
            build,
            objective="val_loss",
            max_epochs=EPOCHS,
            factor=3,
            hyperband_iterations=1000,
            seed=seed,
            directory=folder,
            project_name="rate",
        )
        began = time.perf_counter()
        with contextlib.suppress(KeyboardInterrupt):
            tuner.search(X, y, validation_data=(X_val, y_val), batch_size=BATCH, verbose=0)
    return len(tried)


def rate_scikeras(seconds: float, seed: int) -> int:
    """Optuna as one writes it over scikeras: three folds a configuration, nothing pruned."""
    import optuna
    from scikeras.wrappers import KerasRegressor
    from sklearn.model_selection import KFold, cross_val_score

    X, y = _standardized()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    began = time.perf_counter()
    ended: list[float] = []

    def objective(trial: optuna.Trial) -> float:
        network = KerasRegressor(
            _keras_model,
            activation=trial.suggest_categorical("activation", ACTIVATIONS),
            batch_norm=trial.suggest_categorical("batch_norm", [False, True]),
            method=trial.suggest_categorical("optimizer", ["sgd", "adam"]),
            learning_rate=trial.suggest_float("learning_rate", 1e-4, 1e-2, log=True),
            clipnorm=trial.suggest_float("clipnorm", 0.1, 10.0, log=True),
            epochs=EPOCHS,
            batch_size=BATCH,
            verbose=0,
        )
        scores = cross_val_score(network, X, y, cv=KFold(3, shuffle=True, random_state=seed))
        ended.append(time.perf_counter() - began)
        return float(scores.mean())

    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=seed))
    study.optimize(objective, timeout=seconds)
    return sum(moment <= seconds for moment in ended)


RATES: dict[str, Callable[[float, int], int]] = {
    "ours_split": partial(rate_ours, one_split=True),
    "keras_tuner": rate_keras_tuner,
    "ours_folds": partial(rate_ours, one_split=False),
    "scikeras": rate_scikeras,
}


def _main(what: str, *arguments: str) -> dict[str, Any]:
    if what == "quality":
        method, dataset, seconds, seed = arguments
        return quality(method, dataset, float(seconds), int(seed))
    peer, seconds, seed = arguments
    return {"n_configurations": RATES[peer](float(seconds), int(seed))}


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    print(json.dumps(_main(*sys.argv[1:])))
