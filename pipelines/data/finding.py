"""What a look at the data has found, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

__all__ = ["DataWarning", "Finding", "findings_table"]


class DataWarning(UserWarning):
    """The data has something about it that decides what a model of it is worth."""


@dataclass(frozen=True)
class Finding:
    """One thing about a table that a user should know.

    Attributes
    ----------
    kind : str
        Of which kind it is, such as "identifier" or "duplicate rows".
    columns : tuple of str
        The columns that it is about; none where it is about rows.
    text : str
        What was found and what was done, as a clause.
    remedy : str
        What the user can do, as a clause.
    """

    kind: str
    columns: tuple[str, ...]
    text: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.text}: {self.remedy}."


def findings_table(findings: Iterable[Finding]) -> pd.DataFrame:
    """Return a row for each finding.

    Returns
    -------
    DataFrame of shape (n_findings, 4)
        Columns "kind", "columns" (names with commas between), "found" and "what to do".

    Examples
    --------
    >>> findings_table([Finding("constant column", ("a", "b"), "x", "y")]).iloc[0].tolist()
    ['constant column', 'a, b', 'x', 'y']
    """
    rows = [(one.kind, ", ".join(one.columns), one.text, one.remedy) for one in findings]
    return pd.DataFrame(rows, columns=["kind", "columns", "found", "what to do"])
