"""Scalers of numeric columns."""

from __future__ import annotations

from numbers import Real
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.preprocessing import (
    MinMaxScaler,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)
from sklearn.utils.validation import check_is_fitted, validate_data

from estimators.techniques import Hyperparameter, Reference, SearchDomain, Summary, Technique
from pipelines.sklearn_internals import Interval, StrOptions, fit_context

__all__ = ["LEARNED", "SCALINGS", "NumericScaler", "RobustClipScaler", "Scaling"]


class RobustClipScaler(RobustScaler):
    """Scale by median and quartiles, and bend what lies far outside smoothly towards 3 and -3.

    A value x becomes z / sqrt(1 + (z / 3)^2) of z = (x - median) / (third quartile - first
    quartile). Where the quartiles are equal, half the range takes their place.

    References
    ----------
    Holzmueller et al. 2024 (RealMLP), https://arxiv.org/abs/2407.04491

    Examples
    --------
    >>> values = [[0.0], [1.0], [2.0], [3.0], [1e9]]
    >>> RobustClipScaler().fit_transform(values).round(2).ravel().tolist()
    [-0.95, -0.49, 0.0, 0.49, 3.0]
    """

    def fit(self, X: ArrayLike, y: object = None) -> RobustClipScaler:
        """Learn median and quartiles of X, of shape (n_rows, n_columns)."""
        super().fit(X)
        values = np.asarray(X, dtype=float)
        low, first, third, high = np.quantile(values, (0, 0.25, 0.75, 1), axis=0)
        spread = np.where(third > first, third - first, (high - low) / 2)
        self.scale_: np.ndarray = np.where(spread > 0, spread, 1.0)
        return self

    def transform(self, X: ArrayLike) -> np.ndarray:
        """Return X, of shape (n_rows, n_columns), scaled."""
        scaled = super().transform(X)
        return scaled / np.sqrt(1 + np.square(scaled / 3))


# Scalers that learn from the data; "pixels" and "none" learn nothing.
LEARNED = MappingProxyType(
    {
        "standard": StandardScaler,
        "robust": RobustScaler,
        "robust_clip": RobustClipScaler,
        "quantile": QuantileTransformer,
        "minmax": MinMaxScaler,
    }
)
SCALINGS = (*LEARNED, "pixels", "none")

_SCALING_PAGE = "https://scikit-learn.org/stable/modules/preprocessing.html"

MAX_QUANTILES = 1000
FLOAT32_MAX = np.finfo(np.float32).max


class Scaling(Technique):
    """The scale of numeric columns: the one hyperparameter of the preprocessing."""

    hyperparameters = (
        Hyperparameter(
            "scaling",
            "auto",
            (StrOptions({"auto", *SCALINGS}), None),
            '{"auto", "standard", "robust", "robust_clip", "quantile", "minmax", "pixels", "none"} '
            "or None",
            'A method of :class:`NumericScaler` or, of sequences, :class:`ChannelScaler`; "auto" is '
            '"pixels" for images, else "standard".',
            role="training",
            search=(
                SearchDomain(["standard", "robust_clip", "quantile"], when={"data": "table"}),
                SearchDomain(["pixels", "standard"], when={"data": "image"}),
                SearchDomain(["standard", "robust_clip"], when={"data": "sequence"}),
                SearchDomain("standard", when={"activation": "selu"}),
            ),
        ),
    )
    summary = (
        Summary(
            "`scaling` (of the pipeline)",
            "standard, robust, robust_clip, quantile, minmax, none; pixels for images",
            "",
            (Reference("scikit-learn", "scikit-learn's user guide", _SCALING_PAGE),),
        ),
    )


class NumericScaler(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Scale numeric columns by one of several methods, so that the method is a hyperparameter.

    Parameters
    ----------
    method : {"standard", "robust", "robust_clip", "quantile", "minmax", "pixels", "none"} or None, \
default="standard"
        - "standard": mean 0 and standard deviation 1;
        - "robust": median 0 and distance between the quartiles 1;
        - "robust_clip": that, with what lies far outside bent smoothly towards 3 and -3
          (:class:`RobustClipScaler`);
        - "quantile": ranks mapped to a normal distribution, with up to 1,000 quantiles;
        - "minmax": between 0 and 1;
        - "pixels": divided by `pixel_max`, nothing is learned;
        - "none" or None: as it is.
    pixel_max : float, default=None
        The value of a pixel at full intensity; needed by the method "pixels" only.

    Attributes
    ----------
    scaler_ : transformer or None
        scikit-learn's fitted scaler; None where nothing is learned.

    Examples
    --------
    >>> NumericScaler("minmax").fit_transform([[0.0], [1.0], [4.0]]).ravel().tolist()
    [0.0, 0.25, 1.0]
    >>> NumericScaler("pixels", pixel_max=16).fit_transform([[0], [8], [16]]).ravel().tolist()
    [0.0, 0.5, 1.0]
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "method": [StrOptions(set(SCALINGS)), None],
        "pixel_max": [Interval(Real, 0, None, closed="neither"), None],
    }

    def __init__(self, method: str | None = "standard", *, pixel_max: float | None = None) -> None:
        self.method = method
        self.pixel_max = pixel_max

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: ArrayLike, y: object = None) -> NumericScaler:
        """Learn what the method needs from X, of shape (n_rows, n_columns), without missing values."""
        values = self._values(X, reset=True)
        if self.method == "pixels" and self.pixel_max is None:
            raise ValueError("The method 'pixels' needs pixel_max, the largest value; got None.")
        self.scaler_ = None
        if self.method is not None and self.method in LEARNED:
            self.scaler_ = LEARNED[self.method]()
            if self.method == "quantile":
                self.scaler_.set_params(
                    n_quantiles=min(MAX_QUANTILES, len(values)),
                    output_distribution="normal",
                    random_state=0,
                )
            self.scaler_.fit(values)
        return self

    def transform(self, X: ArrayLike) -> np.ndarray:
        """Return X, of shape (n_rows, n_columns), scaled and as float32.

        What float32 cannot hold becomes its largest number.
        """
        check_is_fitted(self, "scaler_")
        values = self._values(X, reset=False)
        if self.scaler_ is not None:
            with np.errstate(over="ignore"):  # what overflows is cut below
                values = self.scaler_.transform(values)
        elif self.method == "pixels":
            values = values / values.dtype.type(self.pixel_max)
        return np.clip(values, -FLOAT32_MAX, FLOAT32_MAX).astype(np.float32, copy=False)

    def _values(self, X: ArrayLike, reset: bool) -> np.ndarray:
        """Return X in the smallest floating type that holds it: float32 for pixels."""
        values = validate_data(self, X, reset=reset)
        return values.astype(np.result_type(values.dtype, np.float32), copy=False)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags
