"""The seam to scikeras: its ``BaseWrapper`` with its known faults mended.

scikeras is no longer maintained, so this is the only module that imports it. What is kept is the
life cycle of an estimator (``fit``, ``partial_fit``, ``warm_start``, ``initialize``, the target
encoder); replaced are the pieces that break scikit-learn's contract.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import keras
import numpy as np
from scikeras.wrappers import BaseWrapper
from scipy.sparse import issparse
from sklearn.base import BaseEstimator
from sklearn.utils import _safe_indexing
from sklearn.utils.validation import (
    _check_sample_weight,
    check_consistent_length,
    check_is_fitted,
    column_or_1d,
    validate_data,
)

__all__ = ["ScikerasEstimator"]


class ScikerasEstimator(BaseWrapper):
    """``scikeras.BaseWrapper`` as scikit-learn's contract wants it.

    A subclass has a ``target_encoder``, ``_heed_rules``, ``_keras_build_fn`` and
    ``_fit_keras_model``.
    """

    model = None
    build_fn = None
    _numeric_target = False

    # scikeras reads the parameters from __dict__ and formats and routes them in its own way.
    _get_param_names: Any = classmethod(BaseEstimator._get_param_names.__func__)
    set_params = BaseEstimator.set_params
    __repr__ = BaseEstimator.__repr__

    # scikeras would seed the whole process and switch its operations to deterministic ones.
    _random_state = None

    def _fit(self, X, y, sample_weight, **how):
        # scikeras leaves out the rows that weigh nothing only after its encoders have seen them.
        if sample_weight is not None and y is not None:
            weight = _check_sample_weight(
                sample_weight,
                X,
                dtype=np.float32,
                ensure_non_negative=True,
                allow_all_zero_weights=False,
            )
            check_consistent_length(X, y)
            if issparse(X):
                validate_data(self, X)  # says that rows are to be dense
            kept = np.flatnonzero(weight)
            if len(kept) < len(weight):
                X, y, weight = (_safe_indexing(values, kept) for values in (X, y, weight))
            sample_weight = weight
        super()._fit(X=X, y=y, sample_weight=sample_weight, **how)

    def _initialize(self, X, y=None):
        X, y = self._validate_data(X, y, reset=True)
        self._heed_rules(X)
        self.target_encoder_ = self.target_encoder.fit(y)
        self.feature_encoder_ = self.feature_encoder.fit(X)
        self.model_ = self._build_keras_model()
        return X, y

    def _ensure_compiled_model(self):
        """Nothing to do: ``_keras_build_fn`` compiles."""

    def _check_model_compatibility(self, y):
        """Nothing to do: network and target encoder are made for each other."""

    def _validate_data(self, X=None, y=None, reset=False, y_numeric=False):
        X, y = validate_data(
            self,
            X,
            y,
            reset=reset,
            dtype="float32",
            multi_output=True,
            y_numeric=self._numeric_target,
        )
        if issparse(y):
            y = y.toarray()
        return X, column_or_1d(y, warn=True) if y.ndim == 2 and y.shape[1] == 1 else y

    @staticmethod
    def _validate_sample_weight(X, y, sample_weight):
        """Nothing to do: ``_fit`` has checked the weights."""
        return X, y, sample_weight

    def _checked_input(self, X) -> np.ndarray:
        """The rows to predict, shape (n_rows, n_features), float32."""
        check_is_fitted(self, "model_")
        return validate_data(self, X, reset=False, dtype="float32")

    def __sklearn_is_fitted__(self) -> bool:
        return self.initialized_

    def __getstate__(self) -> dict[str, Any]:
        # As bytes of Keras' own format the network survives pickle, joblib, deepcopy and skops.
        state = dict(super().__getstate__())
        if "model_" in state:
            state["_draws"] = [draws.numpy() for draws in _draws(state["model_"])]
            state["model_"] = _network_to_bytes(state["model_"])
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        state = dict(state)
        if "model_" in state:
            state["model_"] = _network_from_bytes(state["model_"])
            for draws, value in zip(_draws(state["model_"]), state.pop("_draws"), strict=True):
                draws.assign(value)
        super().__setstate__(state)


def _draws(network: keras.Model) -> list[keras.Variable]:
    """How far each random layer has drawn, which Keras' format leaves out."""
    weights = {id(weight) for weight in network.weights}
    return [variable for variable in network.variables if id(variable) not in weights]


def _network_to_bytes(network: keras.Model) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "network.keras")
        network.save(path)
        return path.read_bytes()


def _network_from_bytes(content: bytes) -> keras.Model:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "network.keras")
        path.write_bytes(content)
        return keras.saving.load_model(path, safe_mode=True)
