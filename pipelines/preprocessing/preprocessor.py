"""The preprocessing of a data set: from its columns to the numbers that a network learns from."""

from __future__ import annotations

from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline

from pipelines.data import Dataset
from pipelines.data.judgement import MAX_CATEGORIES
from pipelines.errors import InputError, check_choice
from pipelines.preprocessing.categories import ENCODINGS, AsText, CategoryEncoder
from pipelines.preprocessing.channels import ChannelScaler, SequenceImputer
from pipelines.preprocessing.date_parts import DateParts
from pipelines.preprocessing.scaling import SCALINGS, NumericScaler

__all__ = ["make_preprocessor"]


def make_preprocessor(
    dataset: Dataset,
    *,
    scaling: str | None = "auto",
    categories: str = "one_hot",
    max_categories: int | None = MAX_CATEGORIES,
    missing_indicator: bool = False,
) -> ColumnTransformer:
    """Make the preprocessing of a data set, to be fitted on the rows to train on.

    In numeric columns missing values are filled with the median, and the columns are scaled.
    Categories are encoded by :class:`CategoryEncoder`, "missing" among them. Dates become their
    parts, see :class:`DateParts`, and are standardized. Pixels are scaled only. Of sequences gaps
    are filled (:class:`SequenceImputer`) and channels scaled (:class:`ChannelScaler`).

    Scaling, encoding and indicators can be varied for every table as
    ``numeric__scaling__method``, ``categorical__encoder__method`` and
    ``numeric__imputer__add_indicator``.

    Parameters
    ----------
    dataset : Dataset
        Says which columns are numeric and which categorical, and how large a pixel can be.
    scaling : {"auto", "standard", "robust", "robust_clip", "quantile", "minmax", "pixels", \
"none"} or None, default="auto"
        A method of :class:`NumericScaler`; "auto" is "pixels" for images, else "standard".
    categories : {"one_hot", "embedding"}, default="one_hot"
        A method of :class:`CategoryEncoder`.
    max_categories : int or None, default=50
        Categories of a column at most, the rarest sharing one.
    missing_indicator : bool, default=False
        Whether each numeric column that lacks values gets a column that says where.

    Returns
    -------
    ColumnTransformer
        From a DataFrame to numbers of float32 of shape (n_rows, n_outputs): a DataFrame where
        there are categorical columns, else an array.

    Raises
    ------
    InputError
        If there is no such scaling or encoding, or if the scaling is "pixels" and the data set has
        no pixels.

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
            f"The scaling 'pixels' is for images, but {dataset.name} is no image; choose another "
            "one, such as standard."
        )
    check_choice("categories", categories, ENCODINGS)
    scaler = ("scaling", NumericScaler(scaling, pixel_max=dataset.pixel_max))
    if dataset.kind == "sequence":
        n_channels = len(dataset.channels)
        steps = [
            ("imputer", SequenceImputer(n_channels=n_channels)),
            ("scaling", ChannelScaler(scaling, n_channels=n_channels)),
        ]
        return ColumnTransformer([("numeric", Pipeline(steps), dataset.numeric_columns)])
    if is_image:
        return ColumnTransformer([("numeric", Pipeline([scaler]), dataset.numeric_columns)])
    # A column may be wholly empty in the rows of one fold; keeping it keeps the width.
    imputer = SimpleImputer(
        strategy="median", keep_empty_features=True, add_indicator=missing_indicator
    )
    encoder = CategoryEncoder(categories, max_categories=max_categories)
    branches = [
        ("numeric", Pipeline([("imputer", imputer), scaler]), dataset.numeric_columns),
        (
            "categorical",
            Pipeline([("text", AsText()), ("encoder", encoder)]),
            dataset.categorical_columns,
        ),
    ]
    if dataset.dates:
        parts = ("parts", DateParts(dict(dataset.dates)))
        steps = [parts, ("imputer", clone(imputer)), ("scaling", NumericScaler())]
        branches.append(("dates", Pipeline(steps), list(dataset.dates)))
    preprocessor = ColumnTransformer(branches)
    if len(dataset.categorical_columns):
        preprocessor.set_output(transform="pandas")  # an array has no dtype "category"
    return preprocessor
