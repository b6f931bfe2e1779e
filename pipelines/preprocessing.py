"""From the columns of a data set to the numbers that a network learns from."""

from __future__ import annotations

from numbers import Real
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import (
    MinMaxScaler,
    OneHotEncoder,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)
from sklearn.utils.validation import check_is_fitted, validate_data

from estimators.techniques import Hyperparameter, Reference, SearchDomain, Summary, Technique
from pipelines.data import Dataset
from pipelines.errors import InputError, check_choice
from pipelines.sklearn_internals import Interval, StrOptions, fit_context

__all__ = ["SCALINGS", "AsText", "NumericScaler", "Scaling", "make_preprocessor"]

# Scalers that learn from the data; "pixels" and "none" learn nothing.
LEARNED = MappingProxyType(
    {
        "standard": StandardScaler,
        "robust": RobustScaler,
        "quantile": QuantileTransformer,
        "minmax": MinMaxScaler,
    }
)
SCALINGS = (*LEARNED, "pixels", "none")

_SCALING_PAGE = "https://scikit-learn.org/stable/modules/preprocessing.html"

MAX_QUANTILES = 1000
MISSING = "missing"
FLOAT32_MAX = np.finfo(np.float32).max


class Scaling(Technique):
    """The scale of numeric columns: the one hyperparameter of the preprocessing."""

    hyperparameters = (
        Hyperparameter(
            "scaling",
            "auto",
            (StrOptions({"auto", *SCALINGS}), None),
            '{"auto", "standard", "robust", "quantile", "minmax", "pixels", "none"} or None',
            'A method of :class:`NumericScaler`; "auto" is "pixels" for images and "standard" for '
            "tables.",
            role="training",
            search=(
                SearchDomain(["standard", "robust", "quantile"], when={"data": "table"}),
                SearchDomain(["pixels", "standard"], when={"data": "image"}),
                SearchDomain("standard", when={"activation": "selu"}),
            ),
        ),
    )
    summary = (
        Summary(
            "`scaling` (of the pipeline)",
            "standard, robust, quantile, minmax, none; pixels for images",
            "",
            (Reference("scikit-learn", "scikit-learn's user guide", _SCALING_PAGE),),
        ),
    )


class NumericScaler(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Scale numeric columns by one of several methods, so that the method is a hyperparameter.

    Parameters
    ----------
    method : {"standard", "robust", "quantile", "minmax", "pixels", "none"} or None, \
default="standard"
        - "standard": mean 0 and standard deviation 1;
        - "robust": median 0 and distance between the quartiles 1;
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
        self._values(X, reset=True)
        return self

    def transform(self, X: ArrayLike) -> np.ndarray:
        """Return X, of shape (n_rows, n_columns), as an array of text of dtype object."""
        check_is_fitted(self, "n_features_in_")
        values = self._values(X, reset=False)
        text = np.vectorize(_text, otypes=[object])(values)
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


def _text(value: Any) -> str:
    is_whole = isinstance(value, float | np.floating) and float(value).is_integer()
    return str(int(value)) if is_whole else str(value)


def make_preprocessor(
    dataset: Dataset, *, scaling: str | None = "auto", max_categories: int = 50
) -> ColumnTransformer:
    """Make the preprocessing of a data set, to be fitted on the rows to train on.

    In numeric columns missing values are filled with the median, without an indicator, and the
    columns are scaled. Categorical columns become a column for each category, "missing" among them;
    categories not seen in `fit` are counted with the rare ones, and are all zeros where there were
    no rare ones. Pixels are scaled only.

    The scaling can be varied as ``numeric__scaling__method`` for every data set.

    Parameters
    ----------
    dataset : Dataset
        Says which columns are numeric and which categorical, and how large a pixel can be.
    scaling : {"auto", "standard", "robust", "quantile", "minmax", "pixels", "none"} or None, \
default="auto"
        A method of :class:`NumericScaler`; "auto" is "pixels" for images and "standard" for tables.
    max_categories : int, default=50
        A categorical column becomes this many columns at most, the rarest categories sharing
        one.

    Returns
    -------
    ColumnTransformer
        From a DataFrame to a dense array of float32 of shape (n_rows, n_outputs).

    Raises
    ------
    InputError
        If there is no such scaling, or if it is "pixels" and the data set has no pixels.

    Examples
    --------
    >>> from pipelines.data import load_dataset
    >>> digits = load_dataset("digits")
    >>> float(make_preprocessor(digits).fit_transform(digits.X).max())
    1.0
    """
    is_image = dataset.kind == "image"
    if scaling == "auto":
        scaling = "pixels" if is_image else "standard"
    if scaling is not None:
        check_choice("scaling", scaling, ["auto", *SCALINGS])
    if scaling == "pixels" and not is_image:
        raise InputError(
            f"The scaling 'pixels' is for images, but {dataset.name} is a table; choose another "
            "one, such as standard."
        )
    scaler = ("scaling", NumericScaler(scaling, pixel_max=dataset.pixel_max))
    if is_image:
        return ColumnTransformer([("numeric", Pipeline([scaler]), dataset.numeric_columns)])
    # A column may be wholly empty in the rows of one fold; keeping it keeps the width.
    imputer = SimpleImputer(strategy="median", keep_empty_features=True)
    encoder = OneHotEncoder(
        handle_unknown="infrequent_if_exist",
        max_categories=max_categories,
        sparse_output=False,
        dtype=np.float32,
    )
    return ColumnTransformer(
        [
            ("numeric", Pipeline([("imputer", imputer), scaler]), dataset.numeric_columns),
            (
                "categorical",
                Pipeline([("text", AsText()), ("encoder", encoder)]),
                dataset.categorical_columns,
            ),
        ]
    )
