"""The data sets that scikit-learn bundles or fetches."""

from __future__ import annotations

import warnings
from http.client import HTTPException

import pandas as pd

from pipelines.data.dataset import Dataset
from pipelines.data.folder import DataHome, data_folder
from pipelines.errors import InputError

__all__ = ["BUNDLED_TABLES", "load_bundled_table", "load_california_housing", "load_digits"]

BUNDLED_TABLES = ("iris", "wine", "breast_cancer", "diabetes")

CALIFORNIA_CACHE = "cal_housing_py3.pkz"


def load_bundled_table(name: str, data_home: DataHome = None) -> Dataset:
    """Load one of scikit-learn's bundled tables, with class names as labels.

    `data_home` is there for likeness with the other loaders and not used.

    Examples
    --------
    >>> load_bundled_table("iris").y.unique().tolist()
    ['setosa', 'versicolor', 'virginica']
    """
    from sklearn import datasets  # which takes a second

    bunch = getattr(datasets, f"load_{name}")(as_frame=True)
    labels = bunch.get("target_names")
    y = bunch.target
    if labels is not None:
        y = pd.Series(labels[bunch.target], name="target", dtype="str")
    return Dataset(
        name=name,
        X=bunch.data,
        y=y,
        task="regression" if labels is None else "classification",
        kind="table",
        source="scikit-learn",
    )


def load_digits(data_home: DataHome = None) -> Dataset:
    """Load scikit-learn's 1,797 handwritten digits of 8 x 8 pixels between 0 and 16.

    `data_home` is there for likeness with the other loaders and not used.

    Examples
    --------
    >>> load_digits().X.shape
    (1797, 64)
    """
    from sklearn import datasets

    bunch = datasets.load_digits(as_frame=True)
    return Dataset(
        name="digits",
        X=bunch.data.astype("uint8"),
        y=bunch.target,
        task="classification",
        kind="image",
        source="scikit-learn",
        image_shape=(8, 8),
        pixel_max=16,
    )


def load_california_housing(data_home: DataHome = None) -> Dataset:
    """Load California housing: 20,640 block groups of the 1990 census.

    Parameters
    ----------
    data_home : path-like, default=None
        scikit-learn's data home. The data set is read from there in the form in which
        scikit-learn caches it, else scikit-learn downloads it there and checks its SHA-256.

    Returns
    -------
    Dataset
        8 numeric columns; the target is the median house value in units of 100,000 dollars.

    Raises
    ------
    InputError
        If the data set is neither there nor can be downloaded, or if the cached file is
        damaged.

    References
    ----------
    .. [1] R. K. Pace and R. Barry, "Sparse Spatial Autoregressions", Statistics and
       Probability Letters, 33:291-297, 1997.
    """
    from sklearn.datasets import fetch_california_housing

    folder = data_folder(data_home)
    cache = folder / CALIFORNIA_CACHE
    cached = cache.exists()
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Retry downloading")
            bunch = fetch_california_housing(
                data_home=folder, as_frame=True, n_retries=1, delay=0.1
            )
    except Exception as error:
        if cached:
            # A damaged pickle can raise nearly anything.
            raise InputError(
                f"California housing cannot be read from {cache} ({type(error).__name__}); "
                "delete that file and run again."
            ) from error
        if not isinstance(error, (OSError, HTTPException)):
            raise
        raise InputError(
            f"California housing is not in {folder} and could not be downloaded "
            f"({getattr(error, 'reason', error)}); "
            f"run again with a network connection, or copy {CALIFORNIA_CACHE} there from the "
            "scikit_learn_data folder of a machine on which scikit-learn's "
            "fetch_california_housing has run."
        ) from error
    return Dataset(
        name="california_housing",
        X=bunch.data,
        y=bunch.target,
        task="regression",
        kind="table",
        source="scikit-learn",
    )
