"""Dates: as pandas', as text in one of the common formats, as seconds since 1970."""

from __future__ import annotations

import pandas as pd

__all__ = [
    "date_example",
    "date_format",
    "format_words",
    "is_ambiguous",
    "parse_dates",
    "swapped_format",
]

DATETIME = "datetime"

_CLOCKS = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M %p", " %I:%M:%S %p")
_DAYS = (
    *("%d.%m.%Y", "%d.%m.%y", "%Y/%m/%d", "%m/%d/%Y", "%d/%m/%Y", "%d-%m-%Y", "%m-%d-%Y"),
    *("%m/%d/%y", "%d/%m/%y", "%d %b %Y", "%d-%b-%Y", "%d-%b-%y", "%d %B %Y"),
    *("%b %d, %Y", "%B %d, %Y"),
)
_OF_LETTERS = tuple(f"%a, %d %b %Y %H:%M:%S {zone}" for zone in ("GMT", "%z"))  # RFC 1123, 5322
_OF_TEXT = ("ISO8601", *(day + clock for day in _DAYS for clock in _CLOCKS), *_OF_LETTERS)
# What a format has in it, with what most values then have in them, and few if it has not.
_SIGNS = {"/": "/", "%d.": r"^\d+\.", ":": ":", "%p": r"[AaPp][Mm]$", ".%f": r":\d+\.\d+$"}
_SWAPPED = (("%m/%d", "%d/%m"), ("%d/%m", "%m/%d"), ("%m-%d", "%d-%m"), ("%d-%m", "%m-%d"))
_DAY_NUMBER = "%Y%m%d"
_EPOCHS = {"s": (631_152_000, 2_208_988_800), "ms": (631_152_000_000, 2_208_988_800_000)}
_DAY_NUMBERS = (19_000_101, 21_001_231)

_LIKE_A_DATE = (
    r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[T ].*)?"
    r"|\d{1,2}[- ][A-Za-z]{3,9}[- ]\d{2,4}(?: .*)?"
    r"|[A-Za-z]{3,9} \d{1,2}, \d{4}(?: .*)?"
    r"|[A-Za-z]{3}, \d{1,2} [A-Za-z]{3} \d{4} .*"
)
_MOST = 0.95
_SAMPLE = 1000
_MIN_DISTINCT = 20
_EXAMPLE = pd.Timestamp("2011-01-31 15:30:00")


def date_format(column: pd.Series) -> str | None:
    """Tell in which form a column holds dates.

    Parameters
    ----------
    column : Series
        Of datetime64 or plain, see :func:`pipelines.data.columns.plain_column`.

    Returns
    -------
    str or None
        "datetime" for datetime64; "ISO8601" or a format of ``strftime`` for text of which at least
        95 % can be read so, the first of the common ones that reads the most; "s" and "ms" for whole
        numbers that are all seconds or milliseconds since 1970 of the years 1990 to 2039, "%Y%m%d"
        for those that are all days such as 20240131, if there are 20 distinct ones; else None.

    Examples
    --------
    >>> date_format(pd.Series(["31.1.2024", None, "1.2.2024"]))
    '%d.%m.%Y'
    >>> date_format(pd.Series(["a", "b"])) is None
    True
    """
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return DATETIME
    values = column.dropna()
    if values.empty or pd.api.types.is_bool_dtype(values.dtype):
        return None
    if pd.api.types.is_numeric_dtype(values.dtype):
        return _number_format(values)
    sample = values.head(_SAMPLE)
    if sample.str.fullmatch(_LIKE_A_DATE).mean() < _MOST:
        return None
    readable = {known: parse_dates(sample, known).notna().mean() for known in _possible(sample)}
    # By all values: the 13th of a month may come late.
    near = [known for known, share in readable.items() if share >= _MOST]
    share, best = max(
        ((parse_dates(values, known).notna().mean(), known) for known in near),
        key=lambda pair: pair[0],
        default=(0.0, None),
    )
    return best if share >= _MOST else None


def _possible(sample: pd.Series) -> list[str]:
    """Formats that values could have by what stands in them, for reading them takes longer."""
    shares = {sign: sample.str.contains(pattern).mean() for sign, pattern in _SIGNS.items()}
    return [
        format
        for format in _OF_TEXT
        if format == "ISO8601"
        or all((shares[sign] if sign in format else 1 - shares[sign]) >= _MOST for sign in _SIGNS)
    ]


def _number_format(values: pd.Series) -> str | None:
    low, high = values.min(), values.max()
    units = {**_EPOCHS, _DAY_NUMBER: _DAY_NUMBERS}
    within = [unit for unit, (first, last) in units.items() if first <= low and high <= last]
    if not within or (values % 1 != 0).any() or values.nunique() < _MIN_DISTINCT:
        return None
    (unit,) = within
    return unit if parse_dates(values, unit).notna().all() else None


def is_ambiguous(column: pd.Series, format: str) -> bool:
    """Whether days and months could change places in all dates of a column of text.

    Examples
    --------
    >>> is_ambiguous(pd.Series(["1/2/2024"]), "%m/%d/%Y")
    True
    >>> is_ambiguous(pd.Series(["1/2/2024", "1/13/2024"]), "%m/%d/%Y")
    False
    """
    swapped = swapped_format(format)
    if swapped is None or not format.startswith("%m"):
        return False
    read = parse_dates(column, format).notna()
    return bool(parse_dates(column[read], swapped).notna().all())


def swapped_format(format: str) -> str | None:
    """Return a format of text with day and month in each other's place, None where none is usual.

    Examples
    --------
    >>> swapped_format("%m/%d/%Y %H:%M")
    '%d/%m/%Y %H:%M'
    """
    for first, second in _SWAPPED:
        if format.startswith(first):
            return second + format.removeprefix(first)
    return None


def format_words(format: str) -> str:
    """Say in which form a column holds dates.

    Examples
    --------
    >>> format_words("%d.%m.%Y"), format_words("s")
    ('dates as %d.%m.%Y', 'seconds since 1970')
    """
    return {
        DATETIME: "dates",
        "s": "seconds since 1970",
        "ms": "milliseconds since 1970",
        "ISO8601": "dates as year-month-day",
    }.get(format, f"dates as {format}")


def date_example(format: str) -> str:
    """Write the last day of January 2011, as text, in a format of :func:`date_format`.

    Examples
    --------
    >>> date_example("ISO8601"), date_example("%d.%m.%Y"), date_example("s")
    ('2011-01-31', '31.01.2011', '1296487800')
    """
    if format in _EPOCHS:
        return str(int(_EXAMPLE.timestamp() * (1000 if format == "ms" else 1)))
    return _EXAMPLE.strftime("%Y-%m-%d" if format in (DATETIME, "ISO8601") else format)


def parse_dates(column: pd.Series, format: str) -> pd.Series:
    """Read dates.

    Parameters
    ----------
    column : Series
        Dates, text or numbers.
    format : str
        Of :func:`date_format`. What is a date already needs none.

    Returns
    -------
    Series of datetime64
        In UTC where the dates have a time zone, and without one; NaT where a value is no date.
    """
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        is_arrow = isinstance(column.dtype, pd.ArrowDtype)
        dates = pd.to_datetime(column, utc=True) if is_arrow else column
    elif format == DATETIME:  # as text, in JSON
        dates = pd.to_datetime(column.astype("str"), format="ISO8601", errors="coerce", utc=True)
    elif format in _EPOCHS:
        numbers = pd.to_numeric(column, errors="coerce")
        dates = pd.to_datetime(numbers, unit=format, errors="coerce")
    elif format == _DAY_NUMBER:
        numbers = pd.to_numeric(column, errors="coerce")
        days = numbers.where(numbers % 1 == 0).astype("Int64").astype("str")
        dates = pd.to_datetime(days, format=format, errors="coerce")
    else:
        dates = pd.to_datetime(column.astype("str"), format=format, errors="coerce", utc=True)
    return dates if dates.dt.tz is None else dates.dt.tz_convert("UTC").dt.tz_localize(None)
