"""Numbers that are written as text: with currencies, percent signs and separators."""

from __future__ import annotations

import pandas as pd

__all__ = ["parse_numbers"]

_ORNAMENTS = r"[\s$€£¥%']"
_DECIMAL_COMMA = r"[+-]?\d+,\d+"
_THOUSANDS = r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?"
_POINTS_FOR_THOUSANDS = r"[+-]?\d{1,3}(?:\.\d{3})+,\d+"


def parse_numbers(column: pd.Series) -> pd.Series:
    """Read the numbers of a column of text.

    Signs of currencies, percent signs and spaces are left out, so that "8.8 %" is 8.8. A comma
    parts thousands where every comma of the column can be read so, else it is a decimal comma where
    every comma can be read that way.

    Parameters
    ----------
    column : Series of str
        Missing values stay missing.

    Returns
    -------
    Series of float64
        nan where a value is no number.

    Examples
    --------
    >>> parse_numbers(pd.Series(["$1,000", "8.8%", "none"])).tolist()
    [1000.0, 8.8, nan]
    >>> parse_numbers(pd.Series(["0,5", "1.000,25", "2"])).tolist()
    [0.5, 1000.25, 2.0]
    """
    bare = column.astype("str").str.replace(_ORNAMENTS, "", regex=True)
    with_comma = bare[bare.str.contains(",", regex=False, na=False)]
    if with_comma.str.fullmatch(_THOUSANDS).all():
        bare = bare.str.replace(",", "", regex=False)
    elif with_comma.str.fullmatch(f"{_DECIMAL_COMMA}|{_POINTS_FOR_THOUSANDS}").all():
        points = with_comma.str.replace(".", "", regex=False).str.replace(",", ".", regex=False)
        bare = bare.where(~bare.index.isin(points.index), points.reindex(bare.index))
    else:
        thousands = bare.str.fullmatch(_THOUSANDS).fillna(False).astype(bool)
        bare = bare.where(~thousands, bare.str.replace(",", "", regex=False))
    return pd.to_numeric(bare, errors="coerce").astype("float64")
