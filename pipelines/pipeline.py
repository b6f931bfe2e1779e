"""The pipeline of preprocessing and network, and the names of its hyperparameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sklearn.base import BaseEstimator
from sklearn.pipeline import Pipeline

from pipelines.data import Dataset
from pipelines.preprocessing import make_preprocessor

__all__ = ["hyperparameter_paths", "make_pipeline", "shortest_names"]

_SCALING = "preprocessing__numeric__scaling__method"


def make_pipeline(
    dataset: Dataset, *, scaling: str | None = "auto", **hyperparameters: Any
) -> Pipeline:
    """Make the unfitted pipeline for a data set.

    Parameters
    ----------
    dataset : Dataset
        Says which columns there are and whether the task is classification or regression.
    scaling : str or None, default="auto"
        Scaling of the numeric columns; see :func:`pipelines.preprocessing.make_preprocessor`.
    **hyperparameters
        Parameters of :class:`estimators.KerasMLPClassifier` or
        :class:`estimators.KerasMLPRegressor`. A regressor has ``standardize_target`` on, unless
        told otherwise.

    Returns
    -------
    Pipeline
        Steps "preprocessing" and "model".

    Examples
    --------
    >>> from pipelines.data import load_dataset
    >>> pipeline = make_pipeline(load_dataset("iris"), activation="selu", epochs=5)
    >>> pipeline["model"].activation
    'selu'
    """
    preprocessing = make_preprocessor(dataset, scaling=scaling)

    # After what is reported without the seconds that they take to import.
    from estimators import KerasMLPClassifier, KerasMLPRegressor

    if dataset.task == "classification":
        model: BaseEstimator = KerasMLPClassifier(**hyperparameters)
    else:
        model = KerasMLPRegressor(**{"standardize_target": True, **hyperparameters})
    return Pipeline([("preprocessing", preprocessing), ("model", model)])


def hyperparameter_paths(estimator: BaseEstimator) -> dict[str, str]:
    """Return the path of each hyperparameter by name.

    Parameters
    ----------
    estimator : estimator
        A pipeline of :func:`make_pipeline`, any other pipeline, or a lone estimator.

    Returns
    -------
    dict of str to str
        Path in ``get_params`` by name. The parameters of the last step go by their own names,
        "scaling" is the scaling of the numeric columns, and every path is a name too.

    Examples
    --------
    >>> from pipelines.data import load_dataset
    >>> paths = hyperparameter_paths(make_pipeline(load_dataset("iris")))
    >>> paths["activation"], paths["scaling"]
    ('model__activation', 'preprocessing__numeric__scaling__method')
    """
    paths = {path: path for path in estimator.get_params(deep=True)}
    if isinstance(estimator, Pipeline):
        last, model = estimator.steps[-1]
        paths |= {name: f"{last}__{name}" for name in model.get_params(deep=False)}
    if _SCALING in paths:
        paths["scaling"] = _SCALING
    return paths


def shortest_names(paths: Mapping[str, str]) -> dict[str, str]:
    """Return the shortest name of each hyperparameter by path.

    Parameters
    ----------
    paths : mapping of str to str
        Of :func:`hyperparameter_paths`.

    Examples
    --------
    >>> shortest_names({"model__activation": "model__activation", "activation": "model__activation"})
    {'model__activation': 'activation'}
    """
    return {path: name for name, path in sorted(paths.items(), key=lambda item: -len(item[0]))}
