"""What a candidate needs compiled, begun before its turn."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
import pandas as pd
from joblib import cpu_count
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from estimators import compile_ahead
from pipelines.search.evaluation import Candidate
from pipelines.search.fold import Split, network_data

__all__ = ["compile_candidate", "one_ahead"]


def compile_candidate(
    candidate: Candidate,
    X: pd.DataFrame,
    y: pd.Series,
    *,
    pipeline: Pipeline,
    splits: Sequence[Split],
) -> None:
    """Begin to compile what the first fold of a candidate needs, and so most often each of them.

    The first fold is preprocessed for it. No error is raised: the evaluation tells of it. With a
    single core, nothing happens.

    Parameters
    ----------
    candidate : Candidate
    X : DataFrame of shape (n_rows, n_columns)
    y : Series of length n_rows
    pipeline : Pipeline
        As for :func:`pipelines.search.evaluate`.
    splits : sequence of pairs of ndarray
    """
    if cpu_count() == 1:
        return
    drawn = np.random.get_state()
    with contextlib.suppress(Exception), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = clone(pipeline).set_params(**candidate.params)
        _, inputs, watched = network_data(model, X, y, splits[0])
        compile_ahead(model[-1], inputs, y.iloc[splits[0][0]], **watched)
    np.random.set_state(drawn)


def one_ahead(
    candidates: Iterable[Candidate], begin: Callable[[Candidate], None]
) -> Iterator[Candidate]:
    """Yield candidates, each when what ``begin`` does has been done for it and the next one.

    Examples
    --------
    >>> [*one_ahead("abc", begin=print)]
    a
    b
    c
    ['a', 'b', 'c']
    """
    ahead = iter(candidates)
    before = None
    for candidate in ahead:
        begin(candidate)
        if before is not None:
            yield before
        before = candidate
    if before is not None:
        yield before
