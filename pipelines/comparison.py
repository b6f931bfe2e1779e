"""Searches that were recorded, side by side, with a verdict where they can be compared."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipelines.errors import InputError, listed
from pipelines.output import table_page
from pipelines.search import Evaluation
from pipelines.statistics import compare

__all__ = [
    "RecordedSearch",
    "compare_searches",
    "comparison_lines",
    "comparison_page",
]

_SETTINGS = ("splitter", "folds", "repeats", "seed")
_FOLDS = "folds_digest"
_TEST_RATIO = "folds_test_ratio"


@dataclass(frozen=True)
class RecordedSearch:
    """A search that has ended.

    Attributes
    ----------
    run_id, name : str
    settings : mapping of str to str
        Of the search: its splitter, folds, metrics and others.
    best : Evaluation
        Of the best candidate.
    test_scores : mapping of str to float
        Of the best one on the rows held out.
    digests : mapping of str to str
        Of the rows that it was developed and tested on, by "development" and "test".
    """

    run_id: str
    name: str
    settings: Mapping[str, str]
    best: Evaluation
    test_scores: Mapping[str, float]
    digests: Mapping[str, str]

    @property
    def metrics(self) -> list[str]:
        """Names of its metrics, the first of which ranked."""
        return [name for name in self.settings.get("metrics", "").split(", ") if name]


def compare_searches(searches: Sequence[RecordedSearch], metric: str | None = None) -> pd.DataFrame:
    """Compare the best configurations of searches with that of the first.

    Where two searches have the same rows and the same folds, the scores of the folds are compared in
    pairs, with other columns too; else the table says why they are not. The comparisons are corrected
    for their number; see :func:`pipelines.statistics.compare`.

    Parameters
    ----------
    searches : sequence of RecordedSearch
        Two or more.
    metric : str, default=None
        A metric that all have; None is the first of the first search that the others have too.

    Returns
    -------
    DataFrame of shape (n_searches, 9)
        Columns "search", "data", "rows", "best configuration", mean and "± std" of the metric over
        the folds, "test" (on the rows held out), "difference" (of the means, to the first) and "p"
        (corrected; nan where not tested), and "verdict".

    Raises
    ------
    InputError
        If there are fewer than two searches, or no metric that all have.
    """
    if len(searches) < 2:
        raise InputError(f"A comparison is of two searches or more, but there is {len(searches)}.")
    shared = [
        name for name in searches[0].metrics if all(name in one.metrics for one in searches[1:])
    ]
    if metric is not None and metric not in shared:
        raise InputError(
            f"The metric {metric!r} is not one that all searches have; these are "
            f"{listed(shared) or 'none'}."
        )
    if not shared:
        raise InputError(
            "The searches have no metric in common: "
            + "; ".join(f"{one.name} has {', '.join(one.metrics)}" for one in searches)
            + "; repeat one of them with the metrics of the other."
        )
    metric = metric or shared[0]
    first, *others = searches
    obstacles = [_obstacle(one, first, metric) for one in others]
    compared = compare(
        {
            str(place): _scores(one, metric)
            for place, (one, obstacle) in enumerate(zip(others, obstacles, strict=True))
            if obstacle is None
        },
        _scores(first, metric),
        greater_is_better=True,  # as scorers have it
        test_ratio=_test_ratio(first),
    )
    rows = [_row(first, metric, verdict="the first")]
    for place, (one, obstacle) in enumerate(zip(others, obstacles, strict=True)):
        difference = _scores(one, metric).mean() - _scores(first, metric).mean()
        if obstacle is not None:
            rows.append(_row(one, metric, f"not compared: {obstacle}", difference))
            continue
        comparison = compared[str(place)]
        verdict = comparison.verdict + ", with other columns" * (not _same_columns(one, first))
        rows.append(_row(one, metric, verdict, difference, comparison.p_adjusted))
    names = ["search", "data", "rows", "best configuration", metric, "± std"]
    return pd.DataFrame(rows, columns=[*names, "test", "difference", "p", "verdict"])


def _row(
    one: RecordedSearch,
    metric: str,
    verdict: str,
    difference: float = math.nan,
    p: float = math.nan,
) -> tuple:
    scores = _scores(one, metric)
    return (
        f"{one.name} ({one.run_id[:8]})",
        one.settings.get("dataset", ""),
        int(one.settings.get("n_rows", 0)),
        one.best.candidate.name,
        scores.mean(),
        scores.std(),
        one.test_scores.get(metric, math.nan),
        difference,
        p,
        verdict,
    )


def _scores(one: RecordedSearch, metric: str) -> np.ndarray:
    return np.array([fold.validation_scores[metric] for fold in one.best.folds])


def _obstacle(one: RecordedSearch, first: RecordedSearch, metric: str) -> str | None:
    """Why a search cannot be compared with the first; None where it can be."""
    if why := _other_folds(one, first):
        return why
    if len(_scores(one, metric)) < 2:
        return "one fold says nothing of the spread"
    if not all(np.isfinite(_scores(each, metric)).all() for each in (one, first)):
        return f"{metric} is not known of each fold"
    return None


def _other_folds(one: RecordedSearch, first: RecordedSearch) -> str | None:
    folds, of_first = (each.settings.get(_FOLDS) for each in (one, first))
    if folds is not None and folds == of_first:
        return None
    differing = [name for name in _SETTINGS if one.settings.get(name) != first.settings.get(name)]
    if differing and (_same_columns(one, first) or (folds and of_first)):
        return f"other folds ({', '.join(differing)})"
    if _same_columns(one, first):
        return None
    return "other rows" if folds and of_first else "other rows or columns"


def _same_columns(one: RecordedSearch, first: RecordedSearch) -> bool:
    """Whether rows and columns are the same."""
    return one.digests.get("development") == first.digests.get("development")


def _test_ratio(search: RecordedSearch) -> float:
    """Rows that a fold is validated on over those that it is trained on, the mean of the folds.

    Searches that were recorded without it have equal folds, or blocks in the order of time.
    """
    if known := search.settings.get(_TEST_RATIO):
        return float(known)
    n_folds = int(search.settings["folds"])
    if search.settings.get("splitter") == "TimeSeriesSplit":
        return float(np.mean(1 / np.arange(1, n_folds + 1)))
    return 1 / (n_folds - 1)


def comparison_lines(table: pd.DataFrame) -> list[str]:
    """Return a table of :func:`compare_searches` as sentences, one for each search."""
    metric = table.columns[4]
    lines = []
    for row in table.to_dict("records"):
        scores = f"{metric} {row[metric]:.4f} ± {row['± std']:.4f} over the folds"
        if not math.isnan(row["test"]):
            scores += f", {row['test']:.4f} on the rows held out"
        verdict = row["verdict"]
        if not math.isnan(row["difference"]):
            verdict += f" ({row['difference']:+.4f}"
            verdict += ")" if math.isnan(row["p"]) else f", p = {row['p']:.4f})"
        lines.append(
            f"{row['search']}, {row['best configuration']}, {row['rows']:,} rows of {row['data']}: "
            f"{scores}; {verdict}."
        )
    return lines


def comparison_page(table: pd.DataFrame) -> str:
    """Return a table of :func:`compare_searches` as a page of HTML."""
    rows = table.to_html(index=False, border=0, float_format="{:.4f}".format, na_rep="")
    return table_page("Comparison of searches", _EXPLANATION.format(metric=table.columns[4]), rows)


_EXPLANATION = """{metric} of the best configuration of each, over the folds and on the rows held \
out. Verdicts are of the corrected resampled t test (Nadeau and Bengio 2003) on the folds that two \
searches share, at the level of 5 % and corrected for their number; each best one was chosen by \
these folds, so that all are a little too good."""
