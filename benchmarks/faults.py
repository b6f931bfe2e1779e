"""Healthy configurations on small parts of tables, and faults that are injected into them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.model_selection import train_test_split

__all__ = ["FAULTS", "N_ROWS", "Case", "Fault", "TableRows", "draw_healthy", "read_rows"]

N_ROWS = 500
_SHARE_VALIDATED = 0.25

Draws = np.random.Generator


@dataclass(frozen=True)
class TableRows:
    """Some preprocessed rows of a table.

    Attributes
    ----------
    name : str
    classifies : bool
    X, y, X_val, y_val : ndarray
        Standardized numbers and one-hot categories; a numeric target has mean 0 and deviation 1.
    """

    name: str
    classifies: bool
    X: np.ndarray
    y: np.ndarray
    X_val: np.ndarray
    y_val: np.ndarray


@cache
def _dataset(name: str, folder: Path | None) -> Any:
    from benchmarks.tables import read_table
    from pipelines.data import load_dataset

    if folder is None:
        return load_dataset(name)
    table = read_table(folder, name)
    task = "regression" if table.is_regression else "classification"
    return load_dataset(str(table.path), target=table.target, task=task)


def read_rows(name: str, folder: Path | None, seed: int) -> TableRows:
    """Draw rows of a bundled table, or of one of a folder with ``manifest.json``."""
    from pipelines.pipeline import make_pipeline

    data = _dataset(name, folder)
    classifies = data.task == "classification"
    random = np.random.default_rng(seed)
    kept = random.permutation(len(data.X))[:N_ROWS]
    X, y = data.X.iloc[kept], data.y.iloc[kept]
    if classifies:  # a class of one row cannot be split
        frequent = y.map(y.value_counts()) >= 4
        X, y = X[frequent], y[frequent]
    X, X_val, y, y_val = train_test_split(
        X, y, test_size=_SHARE_VALIDATED, random_state=seed, stratify=y if classifies else None
    )
    preprocessing = make_pipeline(data, preset="plain", scaling="standard")[:-1]
    inputs, validated = preprocessing.fit_transform(X, y), preprocessing.transform(X_val)
    targets, of_validated = np.asarray(y), np.asarray(y_val)
    if not classifies:
        mean, deviation = targets.mean(), targets.std()
        targets, of_validated = (targets - mean) / deviation, (of_validated - mean) / deviation
    arrays = (np.asarray(each, dtype="float32") for each in (inputs, validated))
    inputs, validated = arrays
    return TableRows(name, classifies, inputs, targets, validated, of_validated)


@dataclass(frozen=True)
class Case:
    """A configuration with its rows.

    Attributes
    ----------
    rows : TableRows
    params : dict of str to object
        Of the estimator.
    change_weights : callable or None
        Changes the initial network.
    """

    rows: TableRows
    params: dict[str, Any]
    change_weights: Callable[[Any], None] | None = None

    def fit(self) -> Any:
        """Fit the estimator.

        Raises
        ------
        estimators.DivergenceError
        """
        import estimators

        kind = (
            estimators.KerasMLPClassifier if self.rows.classifies else estimators.KerasMLPRegressor
        )
        estimator = kind(**self.params)
        rows = self.rows
        if self.change_weights is not None:
            estimator.set_params(warm_start=True).initialize(rows.X, rows.y)
            self.change_weights(estimator.model_)
        return estimator.fit(rows.X, rows.y, X_val=rows.X_val, y_val=rows.y_val)

    def unfitted(self) -> Any:
        """The estimator as it is given to a fit."""
        import estimators

        kind = (
            estimators.KerasMLPClassifier if self.rows.classifies else estimators.KerasMLPRegressor
        )
        return kind(**self.params)


def draw_healthy(rows: TableRows, seed: int, **fixed: Any) -> Case:
    """Draw a configuration that obeys the rules of the field."""
    random = np.random.default_rng(seed)
    depth = int(random.integers(1, 5))
    width = int(random.choice([32, 64, 128]))
    params: dict[str, Any] = {
        "hidden_layer_sizes": (width,) * depth,
        "activation": str(
            random.choice(["relu", "relu", "leaky_relu", "elu", "gelu", "silu", "selu", "tanh"])
        ),
        "optimizer": str(random.choice(["adam", "adam", "adamw", "rmsprop", "sgd"])),
        "batch_size": int(random.choice([32, 64])),
        "learning_rate_schedule": str(random.choice(["constant", "cosine"])),
        "epochs": 60,
        "early_stopping": False,
        "random_state": seed,
    }
    extra = random.choice(["none", "none", "dropout", "batch_norm", "clipping", "layer_norm"])
    if extra == "dropout" or (extra == "batch_norm" and params["activation"] == "selu"):
        params["dropout"] = float(random.choice([0.05, 0.1, 0.2]))
    elif extra == "batch_norm":
        params["batch_norm"] = str(random.choice(["before_dense", "after_dense"]))
    elif extra == "clipping":
        params["global_clipnorm"] = float(random.choice([1.0, 5.0]))
    elif extra == "layer_norm" and params["activation"] != "selu":
        params["layer_norm"] = True
    params |= fixed
    if params["optimizer"] == "sgd":
        params["momentum"] = 0.9
        params["learning_rate"] = float(10 ** random.uniform(-2.3, -1.5))
    else:
        params["learning_rate"] = float(10 ** random.uniform(-3.3, -2.5))
    return Case(rows, params)


@dataclass(frozen=True)
class Fault:
    """A fault, and how it gets into a healthy configuration.

    Attributes
    ----------
    cause : str
    inject : callable
        Makes the faulty case of a healthy one, given a generator of random numbers.
    fixed : dict of str to object
        What the healthy one has to have for that.
    of_regression : bool
        Whether only regressions can have it.
    """

    cause: str
    inject: Callable[[Case, Draws], Case]
    fixed: Callable[[Draws], dict[str, Any]] = lambda random: {}
    of_regression: bool = False


def _with(case: Case, **params: Any) -> Case:
    return replace(case, params={**case.params, **params})


def _log_uniform(random: Draws, low: float, high: float) -> float:
    return float(10 ** random.uniform(low, high))


_PLAIN = {
    "batch_norm": None,
    "layer_norm": False,
    "dropout": 0.0,
    "global_clipnorm": None,
    "learning_rate_schedule": "constant",
}


def _deep(random: Draws, low: int = 3, high: int = 6) -> dict[str, Any]:
    sizes = (int(random.choice([32, 64])),) * int(random.integers(low, high))
    return {**_PLAIN, "hidden_layer_sizes": sizes}


def _scaled_weights(random: Draws, low: float, high: float) -> dict[str, Any]:
    return {
        "kernel_initializer": "variance_scaling",
        "initializer_scale": _log_uniform(random, low, high),
    }


def _dead(case: Case, random: Draws) -> Case:
    depth = len(case.params["hidden_layer_sizes"])
    which = int(random.integers(depth))
    bias, share = -float(random.uniform(10, 30)), float(random.uniform(0.8, 1.0))

    def change(network: Any) -> None:
        layer = network.get_layer(f"dense_{which}")
        values = layer.bias.numpy()
        values[: int(share * len(values))] = bias
        layer.bias.assign(values)

    return replace(case, change_weights=change)


def _symmetric(case: Case, random: Draws) -> Case:
    kind = random.choice(["zeros", "ones", "equal"])
    if kind != "equal":
        return _with(case, kernel_initializer=str(kind))

    def change(network: Any) -> None:
        for index in range(len(case.params["hidden_layer_sizes"])):
            layer = network.get_layer(f"dense_{index}")
            kernel = layer.kernel.numpy()
            layer.kernel.assign(np.repeat(kernel[:, :1], kernel.shape[1], axis=1))
        output = network.get_layer("output")
        kernel = output.kernel.numpy()
        output.kernel.assign(np.repeat(kernel[:1], kernel.shape[0], axis=0))

    return replace(case, change_weights=change)


def _vanishing(case: Case, random: Draws) -> Case:
    if random.uniform() < 0.5:
        depth = int(random.integers(4, 8))
        size = case.params["hidden_layer_sizes"][0]
        return _with(case, activation="sigmoid", hidden_layer_sizes=(size,) * depth)
    return _with(case, **_scaled_weights(random, -4, -2))


def _saturated(case: Case, random: Draws) -> Case:
    return _with(case, **_scaled_weights(random, 2, 4))


def _clipping(case: Case, random: Draws) -> Case:
    kind = str(random.choice(["global_clipnorm", "clipnorm", "clipvalue"]))
    factor = 0.1 if kind == "clipvalue" else 1.0
    return _with(case, **{kind: factor * _log_uniform(random, -3.5, -2)})


def _unscaled_input(case: Case, random: Draws) -> Case:
    rows = case.rows
    n_columns = rows.X.shape[1]
    scales = 10 ** random.uniform(0, 4, n_columns)
    offsets = scales * random.normal(0, 2, n_columns)

    def in_units(X: np.ndarray) -> np.ndarray:
        return (X * scales + offsets).astype("float32")

    return replace(case, rows=replace(rows, X=in_units(rows.X), X_val=in_units(rows.X_val)))


def _unscaled_target(case: Case, random: Draws) -> Case:
    rows = case.rows
    scale = _log_uniform(random, 1.5, 4.5)
    offset = scale * float(random.uniform(0, 4))
    targets = (scale * y + offset for y in (rows.y, rows.y_val))
    y, y_val = targets
    return replace(case, rows=replace(rows, y=y, y_val=y_val))


def _overfit(case: Case, random: Draws) -> Case:
    rows, n_rows = case.rows, 100
    y = rows.y[:n_rows].copy()
    wrong = random.uniform(size=n_rows) < 0.3
    y[wrong] = random.permutation(y[wrong])
    if not rows.classifies:
        y = y + random.normal(0, 0.5, n_rows)
    # A class that none of the few rows has can't be predicted, and a fit refuses it.
    known = np.isin(rows.y_val, y) if rows.classifies else np.ones(len(rows.y_val), bool)
    few = replace(rows, X=rows.X[:n_rows], y=y, X_val=rows.X_val[known], y_val=rows.y_val[known])
    faulty = _with(
        case, hidden_layer_sizes=(256, 256), epochs=150, dropout=0.0, early_stopping=False
    )
    return replace(faulty, rows=few)


def _regularized(case: Case, random: Draws) -> Case:
    case = _with(case, epochs=3 * case.params["epochs"])
    if random.uniform() < 0.5:
        return _with(
            case, dropout=float(random.uniform(0.8, 0.95)), hidden_layer_sizes=(16, 16, 16)
        )
    decay = _log_uniform(random, 1.5, 2.5)
    return _with(case, optimizer="adamw", learning_rate=0.002, momentum=0.0, weight_decay=decay)


def _underfit(case: Case, random: Draws) -> Case:
    sizes = (int(random.integers(1, 3)), int(random.integers(1, 3)), 16)
    return _with(case, epochs=3 * case.params["epochs"], hidden_layer_sizes=sizes, dropout=0.3)


def _stopped(case: Case, random: Draws) -> Case:
    return _with(case, epochs=int(random.integers(1, 4)), early_stopping=False)


FAULTS: tuple[Fault, ...] = (
    Fault("dead units", _dead, lambda random: {**_deep(random, 1, 4), "activation": "relu"}),
    Fault(
        "vanishing gradients",
        _vanishing,
        lambda random: {**_deep(random), "activation": str(random.choice(["tanh", "relu"]))},
    ),
    Fault(
        "exploding gradients",
        lambda case, random: _with(case, **_scaled_weights(random, 2, 4)),
        lambda random: {**_deep(random), "activation": str(random.choice(["relu", "elu", "gelu"]))},
    ),
    Fault("saturated units", _saturated, lambda random: {**_deep(random), "activation": "tanh"}),
    Fault(
        "symmetric units",
        _symmetric,
        lambda random: {**_deep(random, 1, 4), "activation": str(random.choice(["relu", "tanh"]))},
    ),
    Fault(
        "learning rate too high",
        lambda case, random: _with(
            case, learning_rate=case.params["learning_rate"] * _log_uniform(random, 1.7, 3.5)
        ),
    ),
    Fault(
        "learning rate too low",
        lambda case, random: _with(
            case, learning_rate=case.params["learning_rate"] * _log_uniform(random, -4, -2.3)
        ),
    ),
    Fault(
        "clipping always on",
        _clipping,
        lambda random: {"optimizer": "sgd", "global_clipnorm": None},
    ),
    Fault("input not scaled", _unscaled_input, lambda random: _PLAIN),
    Fault("target not scaled", _unscaled_target, of_regression=True),
    Fault("overfit", _overfit),
    Fault("too much regularization", _regularized, lambda random: {**_PLAIN, "optimizer": "adam"}),
    Fault("underfit", _underfit, lambda random: {**_PLAIN, "optimizer": "adam"}),
    Fault("stopped early", _stopped, lambda random: {"learning_rate_schedule": "constant"}),
)
