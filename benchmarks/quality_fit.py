"""One fit of one method on one table, in a process of its own: prints scores and seconds as JSON.

The methods of other projects run in an environment of their own, by
``python benchmarks/quality_fit.py METHOD FOLDER TABLE SEED``. Imports and reading are not counted.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.tables import Table, evaluate, read_table

__all__ = ["METHODS", "OWN", "PRESETS", "run"]

METHODS: dict[str, Callable[[Table, int], Any]] = {}

# Our own presets, by method.
PRESETS = {
    "plain": "plain",
    "fast": "fast",
    "strong": "strong",
    "realmlp_preset": "realmlp",
    "tabm_preset": "tabm",
}
OWN = (*PRESETS, "defaults", "five_minutes")


def method(function: Callable[[Table, int], Any]) -> Callable[[Table, int], Any]:
    METHODS[function.__name__] = function
    return function


def _dataset(table: Table) -> Any:
    from pipelines.data import load_dataset

    task = "regression" if table.is_regression else "classification"
    return load_dataset(str(table.path), target=table.target, task=task)


def _fit_preset(preset: str, table: Table, seed: int, **hyperparameters: Any) -> Any:
    import estimators

    estimators.configure()
    import tensorflow as tf

    tf.linalg.matmul(tf.ones((2, 2)), tf.ones((2, 2))).numpy()  # start-up, which is not counted
    from pipelines.pipeline import make_pipeline

    data = _dataset(table)
    pipeline = make_pipeline(data, preset=preset, random_state=seed, **hyperparameters)

    def fit() -> Any:
        return pipeline.fit(data.X.iloc[table.train], data.y.iloc[table.train])

    return fit, data.X.iloc[table.test]


METHODS |= {name: partial(_fit_preset, preset) for name, preset in PRESETS.items()}
METHODS["defaults"] = partial(_fit_preset, "plain", early_stopping="auto")


@method
def five_minutes(table: Table, seed: int) -> Any:
    """A search with Optuna as the command line makes it, with a trial on each core."""
    import joblib

    import estimators

    estimators.configure()
    from pipelines.optuna_search import OptunaSearch
    from pipelines.pipeline import make_pipeline
    from pipelines.preset import load_variants

    data = _dataset(table)
    search = OptunaSearch(
        make_pipeline(data, n_members=1, random_state=seed),
        scoring="neg_root_mean_squared_error" if table.is_regression else "neg_log_loss",
        n_trials=10_000,
        timeout=300,
        first=[{}, *load_variants()],
        n_members=8,
        n_jobs=joblib.cpu_count(),
        random_state=seed,
    )

    def fit() -> Any:
        search.fit(data.X.iloc[table.train], data.y.iloc[table.train])
        return search.ensemble_estimator_ or search.best_estimator_

    return fit, data.X.iloc[table.test]


def _plain_columns(table: Table) -> Any:
    """The table as its reader has it, text as categories."""
    X = table.X.copy()
    for name in X.columns:
        if X[name].dtype.kind not in "iuf":
            X[name] = X[name].astype(object).where(X[name].notna(), "missing").astype(str)
            X[name] = X[name].astype("category")
    y = table.y if table.is_regression else table.y.astype(str)
    return X, y


def _fit_plainly(model: Any, table: Table, **options: Any) -> Any:
    X, y = _plain_columns(table)

    def fit() -> Any:
        return model.fit(X.iloc[table.train], y.iloc[table.train], **options)

    return fit, X.iloc[table.test]


@method
def catboost(table: Table, seed: int) -> Any:
    from catboost import CatBoostClassifier, CatBoostRegressor

    kind = CatBoostRegressor if table.is_regression else CatBoostClassifier
    X, _ = _plain_columns(table)
    names = list(X.select_dtypes("category").columns)
    model = kind(random_seed=seed, verbose=False, allow_writing_files=False, cat_features=names)
    return _fit_plainly(model, table)


@method
def lightgbm(table: Table, seed: int) -> Any:
    from lightgbm import LGBMClassifier, LGBMRegressor

    kind = LGBMRegressor if table.is_regression else LGBMClassifier
    return _fit_plainly(kind(random_state=seed, verbose=-1), table)


@method
def hist_gradient_boosting(table: Table, seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    kind = HistGradientBoostingRegressor if table.is_regression else HistGradientBoostingClassifier
    return _fit_plainly(kind(random_state=seed), table)


@method
def sklearn_mlp(table: Table, seed: int) -> Any:
    from sklearn.compose import (
        TransformedTargetRegressor,
        make_column_selector,
        make_column_transformer,
    )
    from sklearn.impute import SimpleImputer
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    preprocessing = make_column_transformer(
        (numbers, make_column_selector(dtype_include="number")),
        (OneHotEncoder(handle_unknown="ignore"), make_column_selector(dtype_include="category")),
    )
    options = {"early_stopping": True, "max_iter": 500, "random_state": seed}
    model = (
        TransformedTargetRegressor(MLPRegressor(**options), transformer=StandardScaler())
        if table.is_regression
        else MLPClassifier(**options)
    )
    return _fit_plainly(make_pipeline(preprocessing, model), table)


def _pytabkit(name: str, table: Table, seed: int, **options: Any) -> Any:
    import pytabkit

    kind = getattr(pytabkit, f"{name}_{'Regressor' if table.is_regression else 'Classifier'}")
    return _fit_plainly(kind(random_state=seed, device="cpu", **options), table)


@method
def realmlp(table: Table, seed: int) -> Any:
    return _pytabkit("RealMLP_TD", table, seed)


@method
def realmlp_log_loss(table: Table, seed: int) -> Any:
    options = {"val_metric_name": "cross_entropy", "use_ls": False}
    return _pytabkit("RealMLP_TD", table, seed, **({} if table.is_regression else options))


@method
def tabm(table: Table, seed: int) -> Any:
    options = {} if table.is_regression else {"val_metric_name": "cross_entropy"}
    return _pytabkit("TabM_D", table, seed, **options)


def run(name: str, folder: str, table_name: str, seed: int) -> dict[str, Any]:
    """Fit a method on a table and score it."""
    warnings.filterwarnings("ignore")
    table = read_table(Path(folder), table_name)
    fit, X_test = METHODS[name](table, seed)
    began = time.perf_counter()
    model = fit()
    fit_seconds = time.perf_counter() - began
    began = time.perf_counter()
    if table.is_regression:
        predicted, labels = np.asarray(model.predict(X_test)).ravel(), None
    else:
        predicted, labels = np.asarray(model.predict_proba(X_test)), model.classes_
    predict_seconds = time.perf_counter() - began
    scores = evaluate(table, predicted, labels)
    return {**scores, "fit_seconds": fit_seconds, "predict_seconds": predict_seconds}


if __name__ == "__main__":
    name, folder, table_name, seed = sys.argv[1:]
    print(json.dumps(run(name, folder, table_name, int(seed))))
