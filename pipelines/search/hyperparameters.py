"""The hyperparameters of a pipeline: their names, defaults and constraints."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Number
from typing import Any

from sklearn.base import BaseEstimator, clone
from sklearn.pipeline import Pipeline

from estimators.techniques import Setting, broken_rules, resolve
from pipelines.errors import InputError, did_you_mean
from pipelines.pipeline import hyperparameter_paths, shortest_names
from pipelines.sklearn_internals import check_params

__all__ = ["Hyperparameters", "as_tuple"]

_MANY_ROWS = 1_000_000  # in none of whose batches a rule finds a single one


class Hyperparameters:
    """The hyperparameters of an estimator under their short names.

    Parameters
    ----------
    estimator : estimator

    Attributes
    ----------
    paths : dict of str to str
        Path by every name that is known; see :func:`pipelines.pipeline.hyperparameter_paths`.
    defaults : dict of str to object
        The estimator's own values by short name.
    """

    def __init__(self, estimator: BaseEstimator):
        self.estimator = estimator
        self.paths = hyperparameter_paths(estimator)
        self._short_names = shortest_names(self.paths)
        values = estimator.get_params(deep=True)
        self.defaults = {name: as_tuple(values[path]) for path, name in self._short_names.items()}

    def short_name(self, name: str, *, source: str) -> str:
        """The shortest of a hyperparameter's names.

        Raises
        ------
        InputError
            For a name that is no hyperparameter, found in a source.
        """
        if name not in self.paths:
            raise InputError(
                f"{source} names {name!r}, which is no hyperparameter"
                f"{did_you_mean(str(name), self.paths)}; the table in README lists them."
            )
        return self._short_names[self.paths[name]]

    def short_names(self, values: Mapping[str, Any], *, source: str) -> dict[str, Any]:
        """Values by the shortest of their hyperparameters' names; see :meth:`short_name`."""
        return {self.short_name(name, source=source): value for name, value in values.items()}

    def params(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Values by path, as ``set_params`` takes them."""
        return {self.paths[name]: value for name, value in values.items()}

    def check(self, params: Mapping[str, Any], *, source: str) -> None:
        """Check values by path against what the estimator and its steps accept.

        Raises
        ------
        InputError
            For a value that a step does not accept.
        """
        configured = clone(self.estimator).set_params(**params)
        for part in (configured, *configured.get_params(deep=True).values()):
            if isinstance(part, BaseEstimator):
                try:
                    check_params(part)
                except ValueError as error:
                    faults = " ".join(str(error).split())
                    raise InputError(f"{source} has an impossible value: {faults}") from error

    def broken_rules(self, params: Mapping[str, Any]) -> set[str]:
        """Names of the rules, but harmless ones, that values by path break on standardized input.

        What depends on the target counts as if it were standardized too.
        """
        network = clone(self.estimator).set_params(**params)
        network = network[-1] if isinstance(network, Pipeline) else network
        techniques = getattr(network, "techniques", ())
        setting = Setting(
            resolve(techniques, network.get_params(deep=False)),
            n_rows=_MANY_ROWS,
            input_mean=0.0,
            input_std=1.0,
            input_scale=1.0,
        )
        rules = [rule for technique in techniques for rule in technique.rules]
        return {rule.name for rule in broken_rules(setting, rules) if not rule.harmless}


def as_tuple(value: Any) -> Any:
    """A list of numbers, as YAML has for layers, as the tuple that a default is."""
    if isinstance(value, list) and all(isinstance(item, Number) for item in value):
        return tuple(value)
    return value
