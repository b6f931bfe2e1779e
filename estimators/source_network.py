"""The trained network that another one begins with, from whatever people name it by."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import joblib
from sklearn.pipeline import Pipeline

from estimators.data_checks import DataChecks

if TYPE_CHECKING:
    import keras

__all__ = ["SourceNetwork", "source_of"]

# What gives back a fitted pipeline by its address, which no estimator needs to know how: loaded
# when it is asked for, so that neither the package nor MLflow has to be there.
_LOADER = "pipelines.tracking", "load_pipeline"

_ADDRESSES = ("runs:/", "models:/")
# By a search, by TransformedTargetRegressor, and by FrozenEstimator.
_WRAPPED = ("best_estimator_", "regressor_", "estimator")


@dataclass(frozen=True)
class SourceNetwork:
    """A trained network, and what is known of its input.

    Attributes
    ----------
    estimator : estimators.base.KerasNetwork
        Fitted.
    columns : sequence of str, or None
        Names of the columns that it was trained on, where they are known.
    address : str
        Where it comes from, for people.
    """

    estimator: Any
    columns: Sequence[str] | None
    address: str

    @property
    def networks(self) -> list[keras.Model]:
        """The network, or those of an ensemble."""
        import keras

        model = self.estimator.model_
        return [each for each in model.layers if isinstance(each, keras.Model)] or [model]

    @property
    def digest(self) -> str:
        """A text that is another one for other weights or columns."""
        columns = None if self.columns is None else list(self.columns)
        return str(joblib.hash((self.estimator.model_.get_weights(), columns)))


def source_of(init_from: Any) -> SourceNetwork:
    """Find the network that the parameter ``init_from`` names.

    Parameters
    ----------
    init_from : estimator, str or path
        A fitted estimator of this package, a pipeline that ends in one, a search whose best one
        is such, or any of them as a ``FrozenEstimator``; or the address of a saved pipeline, see
        :func:`pipelines.tracking.load_pipeline`.

    Returns
    -------
    SourceNetwork

    Raises
    ------
    ValueError
        If it is no network of this package, not fitted, or not found.
    """
    if isinstance(init_from, str | os.PathLike):
        address = os.fspath(init_from)
        return _source(_loaded(address, _version(address)), address)
    return _source(init_from, None)


def _source(named: Any, address: str | None) -> SourceNetwork:
    fitted = _unwrapped(named)
    model = _unwrapped(fitted.steps[-1][1]) if isinstance(fitted, Pipeline) else fitted
    if not isinstance(model, DataChecks):
        raise ValueError(
            "init_from must be an estimator of this package, a pipeline that ends in one, or the "
            f"address of one. Got a {type(model).__name__}."
        )
    if not hasattr(model, "model_"):
        raise ValueError(
            f"init_from is a {type(model).__name__} that is not fitted: call its fit first, and "
            "in the grid of a search wrap it in sklearn.frozen.FrozenEstimator, for scikit-learn "
            "clones the values of a grid."
        )
    return SourceNetwork(model, _columns(fitted, model), address or type(model).__name__)


def _unwrapped(named: Any) -> Any:
    for attribute in _WRAPPED:
        if not isinstance(named, Pipeline | DataChecks) and hasattr(named, attribute):
            return _unwrapped(getattr(named, attribute))
    return named


def _columns(fitted: Any, model: Any) -> Sequence[str] | None:
    """Names of a network's columns: as it was given them, or as the steps before it name them."""
    names = getattr(model, "feature_names_in_", None)
    if names is None and isinstance(fitted, Pipeline) and len(fitted.steps) > 1:
        try:
            names = fitted[:-1].get_feature_names_out()
        except (AttributeError, ValueError):  # a step that names nothing
            return None
    if names is None or len(names) != model.n_features_in_:
        return None
    return [str(name) for name in names]


def _version(address: str) -> tuple[float, ...]:
    """What changes when a file does; addresses of runs and models have one content for good."""
    path = Path(address).expanduser()
    if address.startswith(_ADDRESSES) or not path.exists():
        return ()
    return tuple(sorted(each.stat().st_mtime for each in (path, *path.rglob("*"))))


@lru_cache(maxsize=4)
def _loaded(address: str, version: tuple[float, ...]) -> Any:
    """Load a pipeline; the folds of a search load it once."""
    try:
        load = getattr(import_module(_LOADER[0]), _LOADER[1])
    except ImportError as error:
        raise ValueError(
            f"init_from={address!r} is loaded by {'.'.join(_LOADER)}, which needs the package "
            f"{error.name}: install it, or pass a fitted estimator."
        ) from error
    return load(address)
