"""What is used of scikit-learn that it does not call public.

``tests/estimators/test_sklearn.py`` says what breaks where one of these goes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.base import _clone_parametrized as clone_parameters
from sklearn.utils import _safe_indexing as rows_at
from sklearn.utils._param_validation import (
    HasMethods,
    Interval,
    InvalidParameterError,
    StrOptions,
    validate_parameter_constraints,
)
from sklearn.utils.validation import _check_sample_weight as check_sample_weight
from sklearn.utils.validation import check_consistent_length

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "HasMethods",
    "InstanceOfKeras",
    "Interval",
    "InvalidParameterError",
    "StrOptions",
    "check_row_weights",
    "check_sample_weight",
    "clone_parameters",
    "parameter_names",
    "rows_at",
    "validate_parameter_constraints",
]

# For a class between scikit-learn's and the estimator's has replaced it.
parameter_names: Any = classmethod(BaseEstimator._get_param_names.__func__)


class InstanceOfKeras(HasMethods):
    """Constraint: an instance of a class of Keras, told by its name, so that nothing is imported.

    Parameters
    ----------
    name : str
        Full name, such as "keras.callbacks.Callback".
    """

    def __init__(self, name: str):
        super().__init__(["get_config"])
        self.name = name

    def is_satisfied_by(self, val: Any) -> bool:
        wanted = self.name.rpartition(".")[2]
        return any(
            kind.__name__ == wanted and kind.__module__.partition(".")[0] == "keras"
            for kind in type(val).__mro__
        )

    def __str__(self) -> str:
        return f"an instance of {self.name!r}"


def check_row_weights(
    X: ArrayLike, y: ArrayLike | None, sample_weight: ArrayLike | None
) -> NDArray[Any] | None:
    """Check the weights of rows: as many as rows, none below 0, not all 0.

    Returns
    -------
    ndarray of shape (n_rows,), float32, or None
    """
    if sample_weight is None or y is None:
        return None
    weight: NDArray[Any] = check_sample_weight(
        sample_weight, X, dtype=np.float32, ensure_non_negative=True
    )
    if not weight.any():  # before 1.9 scikit-learn does not look
        raise ValueError("Sample weights must contain at least one non-zero number.")
    check_consistent_length(X, y)
    return weight
