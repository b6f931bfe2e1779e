"""The seam to scikeras, which is no longer maintained: the only module that imports it.

What is kept of its ``BaseWrapper`` is what an estimator around a Keras model is like (``model_``,
``history_``, ``initialized_``, ``current_epoch``). Checking, building, training and predicting are
the project's own, and the parts that break scikit-learn's contract are replaced here.
"""

from __future__ import annotations

from scikeras.wrappers import BaseWrapper
from sklearn.base import BaseEstimator

from estimators._sklearn import clone_parameters, parameter_names

__all__ = ["ScikerasEstimator"]

# scikit-learn 1.6 has replaced this method, never calls it, and refuses classes that have it.
if "_more_tags" in vars(BaseWrapper):
    del BaseWrapper._more_tags


class ScikerasEstimator(BaseWrapper):
    """``scikeras.BaseWrapper`` as scikit-learn's contract wants it."""

    model = None
    build_fn = None

    # scikeras reads the parameters from __dict__ and formats and routes them in its own way.
    _get_param_names = parameter_names
    set_params = BaseEstimator.set_params
    __repr__ = BaseEstimator.__repr__

    def __sklearn_clone__(self) -> ScikerasEstimator:
        """An unfitted copy, with the same ``init_from``: a copy of that would be unfitted too."""
        copied: ScikerasEstimator = clone_parameters(self)
        if hasattr(self, "init_from"):
            copied.init_from = self.init_from
        return copied

    def __sklearn_is_fitted__(self) -> bool:
        return bool(self.initialized_)
