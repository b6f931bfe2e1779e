"""The pipeline of preprocessing and network, and the names of its hyperparameters."""

from __future__ import annotations

from collections.abc import Mapping
from inspect import signature
from typing import Any

from sklearn.base import BaseEstimator
from sklearn.pipeline import Pipeline

from pipelines.data import Dataset
from pipelines.errors import InputError, did_you_mean
from pipelines.preprocessing import make_preprocessor
from pipelines.preset import load_preset

__all__ = ["hyperparameter_paths", "make_pipeline", "shortest_names", "techniques_of"]

# What the preprocessing has of hyperparameters, by name.
_PREPROCESSING = {
    "scaling": "preprocessing__numeric__scaling__method",
    "missing_indicator": "preprocessing__numeric__imputer__add_indicator",
    "category_encoding": "preprocessing__categorical__encoder__method",
}


def make_pipeline(
    dataset: Dataset, *, preset: str = "fast", scaling: str | None = "auto", **hyperparameters: Any
) -> Pipeline:
    """Make the unfitted pipeline for a data set.

    Parameters
    ----------
    dataset : Dataset
        Says which columns there are and whether the task is classification or regression.
    preset : {"plain", "fast", "strong", "realmlp", "tabm"}, default="fast"
        Recipe that the hyperparameters come from where they are not given; see
        :func:`pipelines.preset.load_preset`.
    scaling : str or None, default="auto"
        Scaling of the numeric columns; see :func:`pipelines.preprocessing.make_preprocessor`.
        "auto" is the preset's.
    **hyperparameters
        Parameters of :class:`estimators.KerasMLPClassifier` or
        :class:`estimators.KerasMLPRegressor`, of sequences those of
        :class:`estimators.KerasRNNClassifier` or :class:`estimators.KerasRNNRegressor`, and those of the preprocessing by name:
        "category_encoding" and "missing_indicator". A regressor has ``standardize_target`` on,
        unless told otherwise. Where each step has a target, ``return_sequences`` is.

    Returns
    -------
    Pipeline
        Steps "preprocessing" and "model".

    Raises
    ------
    InputError
        If there is no such preset, scaling or hyperparameter, or a table is given in place of a
        data set.

    Examples
    --------
    >>> from pipelines.data import load_dataset
    >>> pipeline = make_pipeline(load_dataset("iris"), activation="mish", epochs=5)
    >>> pipeline["model"].activation, pipeline["model"].optimizer
    ('mish', 'adamw')
    """
    if not isinstance(dataset, Dataset):
        raise InputError(
            f"A pipeline is made for a data set, but this is a {type(dataset).__name__}; give "
            "load_dataset(table, target=...)."
        )
    values = load_preset(preset, dataset).hyperparameters | hyperparameters
    if scaling != "auto" or "scaling" not in values:
        values["scaling"] = scaling
    preprocessing = make_preprocessor(
        dataset,
        scaling=values.pop("scaling"),
        categories=values.pop("category_encoding", "one_hot"),
        missing_indicator=values.pop("missing_indicator", False),
    )

    # After what is reported without the seconds that they take to import.
    import estimators

    network = "RNN" if dataset.kind == "sequence" else "MLP"
    if network == "RNN":
        values["n_steps"] = dataset.X.shape[1] // len(dataset.channels)
        if dataset.by_step:
            values["return_sequences"] = True
    if dataset.task == "regression":
        values = {"standardize_target": True, **values}
    kind = "Classifier" if dataset.task == "classification" else "Regressor"
    estimator: type[BaseEstimator] = getattr(estimators, f"Keras{network}{kind}")
    _check_names(values, estimator)
    return Pipeline([("preprocessing", preprocessing), ("model", estimator(**values))])


def _check_names(values: Mapping[str, Any], estimator: type[BaseEstimator]) -> None:
    """Refuse the names of hyperparameters that neither estimator nor preprocessing has."""
    known = [*signature(estimator).parameters, *_PREPROCESSING]
    unknown = [name for name in values if name not in known]
    if unknown:
        raise InputError(
            f"{estimator.__name__} has no hyperparameter {unknown[0]!r}{did_you_mean(unknown[0], known)}; "
            "take names of its parameters, which its documentation lists."
        )


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
        "scaling", "category_encoding" and "missing_indicator" are those of the preprocessing, and
        every path is a name too.

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
    return paths | {name: path for name, path in _PREPROCESSING.items() if path in paths}


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


def techniques_of(pipeline: Pipeline) -> dict[str, tuple[str, ...]]:
    """Return the hyperparameters of each technique, by the technique's name.

    Parameters
    ----------
    pipeline : Pipeline
        Of :func:`make_pipeline`.

    Returns
    -------
    dict of str to tuple of str
        In the order in which they act: those of the preprocessing, which are named like their
        hyperparameter, and those of the network.

    Examples
    --------
    >>> from pipelines.data import load_dataset
    >>> techniques = techniques_of(make_pipeline(load_dataset("iris")))
    >>> techniques["category encoding"], techniques["dropout"]
    (('category_encoding',), ('dropout', 'dropout_schedule'))
    """
    paths = hyperparameter_paths(pipeline)
    preprocessing = {name.replace("_", " "): (name,) for name in _PREPROCESSING if name in paths}
    return preprocessing | {
        technique.name: tuple(each.name for each in technique.hyperparameters)
        for technique in pipeline[-1].techniques
    }
