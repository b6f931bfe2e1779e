"""Tables of other libraries than pandas, column by column."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

__all__ = ["pandas_frame"]


def pandas_frame(X: Any) -> pd.DataFrame | None:
    """Return a view of a table of polars, Arrow or another library than pandas, else None.

    Numbers without missing values are shared with the table, not copied. The levels of a category
    are those that are declared, in their order (polars' Enum, Arrow's dictionaries), or else those
    that the rows have, sorted (polars' Categorical).

    Parameters
    ----------
    X : object
        Such as a ``polars.DataFrame`` or a ``pyarrow.Table``.

    Returns
    -------
    DataFrame of shape (n_rows, n_columns) or None
    """
    if isinstance(X, pd.DataFrame):
        return None
    frame = nw.from_native(X, eager_only=True, pass_through=True)
    if not isinstance(frame, nw.DataFrame):
        return None
    return pd.DataFrame({name: _values(frame[name]) for name in frame.columns}, copy=False)


def _values(column: nw.Series[Any]) -> Any:
    dtype = column.dtype
    if isinstance(dtype, nw.Enum):
        return pd.Categorical(_texts(column), categories=dtype.categories)
    if dtype != nw.Categorical:
        return column.to_numpy()
    if column.implementation.is_pyarrow():
        return pd.Categorical(column.to_native().unify_dictionaries().to_pandas())
    return pd.Categorical(_texts(column))


def _texts(column: nw.Series[Any]) -> np.ndarray:
    return np.array(column.cast(nw.String()).to_list(), dtype=object)
