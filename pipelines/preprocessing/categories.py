"""Encoders of categorical columns."""

from __future__ import annotations

from numbers import Integral
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder
from sklearn.utils.validation import check_is_fitted, validate_data

from pipelines.data.columns import category_text
from pipelines.sklearn_internals import Interval, StrOptions, fit_context

__all__ = ["ENCODINGS", "AsText", "CategoryEncoder"]

ENCODINGS = ("one_hot", "embedding")
MISSING = "missing"


class AsText(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Write every category as text, and every missing value as the category "missing".

    Booleans, numbers and text can then stand in one column, and a value means the same
    whichever type carries it.

    Examples
    --------
    >>> AsText().fit_transform(pd.DataFrame({"smoker": [True, None, "no", 1.0]})).ravel().tolist()
    ['True', 'missing', 'no', '1']
    """

    def fit(self, X: ArrayLike, y: object = None) -> AsText:
        """Note the columns of X, of shape (n_rows, n_columns); nothing is learned."""
        if _is_typed(X):
            validate_data(self, X, reset=True, skip_check_array=True)
        else:
            self._values(X, reset=True)
        return self

    def transform(self, X: ArrayLike) -> np.ndarray:
        """Return X, of shape (n_rows, n_columns), as an array of text of dtype object."""
        check_is_fitted(self, "n_features_in_")
        if _is_typed(X):
            validate_data(self, X, reset=False, skip_check_array=True)
            return _shared_text(X)
        values = self._values(X, reset=False)
        text = np.vectorize(category_text, otypes=[object])(values)
        return np.where(pd.isna(values), MISSING, text)

    def _values(self, X: ArrayLike, reset: bool) -> np.ndarray:
        return validate_data(self, X, reset=reset, dtype=object, ensure_all_finite="allow-nan")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        tags.transformer_tags.preserves_dtype = []
        return tags


def _is_typed(X: ArrayLike) -> bool:
    """Whether X has rows, and columns that hold nothing but text, or nothing but booleans."""
    if not isinstance(X, pd.DataFrame) or X.empty:
        return False
    return all(dtype == "bool" or isinstance(dtype, pd.StringDtype) for dtype in X.dtypes)


def _shared_text(X: pd.DataFrame) -> np.ndarray:
    """Write categories as text, each once: a cell costs a pointer instead of a string of its own."""
    text = np.empty(X.shape, dtype=object)
    for number in range(X.shape[1]):
        codes, levels = pd.factorize(X.iloc[:, number])
        shared = [*map(category_text, levels), MISSING]  # the code of what is missing is -1
        text[:, number] = np.array(shared, dtype=object)[codes]
    return text


class CategoryEncoder(TransformerMixin, BaseEstimator):
    """Encode categories for a network by one of two methods, so that it is a hyperparameter.

    Parameters
    ----------
    method : {"one_hot", "embedding"}, default="one_hot"
        - "one_hot": a column of 0 and 1 for each category; one not seen in `fit` is counted with
          the rare ones, and is all zeros where there were no rare ones;
        - "embedding": a column of pandas' dtype "category", which the network embeds
          (``categorical_features="from_dtype"``); one not seen in `fit` is a missing value.
    max_categories : int or None, default=50
        Categories of a column at most, the rarest sharing one; None for no limit.

    Attributes
    ----------
    encoder_ : OneHotEncoder or OrdinalEncoder

    Examples
    --------
    >>> CategoryEncoder().fit_transform(pd.DataFrame({"city": ["Ulm", "Bern", "Ulm"]})).tolist()
    [[0.0, 1.0], [1.0, 0.0], [0.0, 1.0]]
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "method": [StrOptions(set(ENCODINGS))],
        "max_categories": [Interval(Integral, 1, None, closed="left"), None],
    }

    def __init__(self, method: str = "one_hot", *, max_categories: int | None = 50) -> None:
        self.method = method
        self.max_categories = max_categories

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: ArrayLike, y: object = None) -> CategoryEncoder:
        """Learn the categories of X, of shape (n_rows, n_columns)."""
        if self.method == "one_hot":
            self.encoder_ = OneHotEncoder(
                handle_unknown="infrequent_if_exist",
                max_categories=self.max_categories,
                sparse_output=False,
                dtype=np.float32,
            )
        else:
            self.encoder_ = OrdinalEncoder(
                handle_unknown="use_encoded_value",
                unknown_value=np.nan,
                max_categories=self.max_categories,
                dtype=np.float32,
            )
        self.encoder_.fit(X)
        self.n_features_in_ = self.encoder_.n_features_in_
        if hasattr(self.encoder_, "feature_names_in_"):
            self.feature_names_in_ = self.encoder_.feature_names_in_
        return self

    def transform(self, X: ArrayLike) -> np.ndarray | pd.DataFrame:
        """Return X, of shape (n_rows, n_columns), encoded.

        Returns
        -------
        ndarray of shape (n_rows, n_categories), or DataFrame of shape (n_rows, n_columns)
        """
        check_is_fitted(self, "encoder_")
        codes = self.encoder_.transform(X)
        if self.method == "one_hot":
            return codes
        index = X.index if isinstance(X, pd.DataFrame) else None
        frame = pd.DataFrame(codes, columns=self.get_feature_names_out(), index=index)
        return frame.astype("category")

    def get_feature_names_out(self, input_features: ArrayLike | None = None) -> np.ndarray:
        """Return the names of the encoded columns."""
        check_is_fitted(self, "encoder_")
        return self.encoder_.get_feature_names_out(input_features)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        return tags
