"""The evaluation of one candidate: all folds of a cross-validation, trained and scored."""

from __future__ import annotations

import gc
import itertools
import re
import time
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import ExitStack, closing
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from estimators import DivergenceError
from pipelines.search.capture_warnings import capture_warnings
from pipelines.search.evaluation import Candidate, Curves, Evaluation, FoldResult, Status
from pipelines.search.fold import Logs, Split, fit_fold
from pipelines.search.observer import EpochWriter

if TYPE_CHECKING:
    from estimators.diagnosis import Diagnosis

__all__ = ["EpochHook", "evaluate"]

_PROBING_SHARE = 0.03  # of a candidate's training time

_Fold: TypeAlias = Generator[Logs, None, FoldResult]

EpochHook: TypeAlias = Callable[[int, Mapping[str, float]], bool]
"""Takes the number of an epoch, from 1, and its loss and metrics by name, each the mean over the
folds; returns whether to stop the candidate here."""


def evaluate(
    candidate: Candidate,
    X: pd.DataFrame,
    y: pd.Series,
    *,
    pipeline: Pipeline,
    splits: Sequence[Split],
    metrics: Sequence[str],
    held_out: Mapping[str, np.ndarray] | None = None,
    activations: bool = False,
    diagnoses: bool = False,
    on_epoch: EpochHook | None = None,
    epoch_writers: Sequence[EpochWriter] = (),
) -> Evaluation:
    """Fit and score a candidate on every fold; no error of its own is raised.

    Where memory or disk runs out, it is tried once more.

    Parameters
    ----------
    candidate : Candidate
    X : DataFrame of shape (n_rows, n_columns)
    y : Series of length n_rows
    pipeline : Pipeline
        Unfitted; a clone of it takes the candidate's parameters.
    splits : sequence of pairs of ndarray
        Positions of the training and of the validation rows, fold by fold.
    metrics : sequence of str
        Names of scikit-learn scorers. Without a value of the first one on every fold a candidate
        has failed; any other may be nan.
    held_out : mapping of str to ndarray, default=None
        Positions of further rows, by name, on which each fold's pipeline is scored too.
    activations : bool, default=False
        Whether to compute statistics of the hidden activations on the validation rows.
    diagnoses : bool, default=False
        Whether to diagnose the network of the last fold, or of the one that diverges; the scores
        are the same.
    on_epoch : callable, default=None
        Called after each epoch; if it returns True before the last one, the candidate is pruned.
    epoch_writers : sequence of callable, default=()
        Called after each epoch, with its number and the mean over the folds of loss and metrics.

    Returns
    -------
    Evaluation

    Raises
    ------
    Exception
        What ``on_epoch`` or an epoch writer raises.

    Notes
    -----
    With ``on_epoch`` or epoch writers the folds advance together, epoch by epoch, else one is
    fitted after the other; the results are the same. A fold that has ended early counts with its
    last values.
    """
    how = {
        "pipeline": pipeline,
        "metrics": metrics,
        "held_out": held_out or {},
        "activations": activations,
    }
    fit = partial(fit_fold, candidate.params, X, y, **how)
    hooks = on_epoch, epoch_writers, _n_epochs(pipeline, candidate), diagnoses
    evaluation, is_exhausted = _attempt(candidate, fit, splits, *hooks)
    if is_exhausted:
        gc.collect()  # what another process took may be free again
        evaluation, _ = _attempt(candidate, fit, splits, *hooks)
    return evaluation


def _attempt(
    candidate: Candidate,
    fit: Callable[..., _Fold],
    splits: Sequence[Split],
    on_epoch: EpochHook | None,
    epoch_writers: Sequence[EpochWriter],
    n_epochs: int,
    diagnoses: bool,
) -> tuple[Evaluation, bool]:
    """Evaluate a candidate once; say too whether memory or disk ran out."""
    started_at = time.time()
    status: Status = "complete"
    reason = None
    is_exhausted = False
    results: list[FoldResult] = []
    curves: list[Curves] = [{} for _ in splits]
    diagnosed: list[Diagnosis] = []
    folds = [
        fit(
            split,
            curves=kept,
            diagnoses=diagnosed if diagnoses else None,
            probing_share=_PROBING_SHARE * len(splits) if number == len(splits) else None,
        )
        for number, (split, kept) in enumerate(zip(splits, curves, strict=True), start=1)
    ]
    together = on_epoch is not None or bool(epoch_writers)
    training = _train([folds] if together else [[fold] for fold in folds])
    with capture_warnings() as messages, closing(training):
        for epoch in itertools.count(1):
            try:  # around the training alone: what a hook raises is no failure of the candidate
                logs = next(training)
            except StopIteration as end:
                results = end.value
                break
            except DivergenceError as error:
                status, reason = "diverged", _one_line(error)
                break
            except Exception as error:  # the other candidates go on, whatever it was
                status, reason = "failed", f"{type(error).__name__}: {_one_line(error)}"
                is_exhausted = _is_exhaustion(error)
                break
            if not np.isfinite([*logs.values()]).all():
                continue  # a fold that diverges raises when it goes on
            for write in epoch_writers:
                write(epoch, logs)
            if on_epoch is not None and on_epoch(epoch, logs) and epoch < n_epochs:
                status = "pruned"
                reason = f"Pruned after epoch {epoch}: others were better by then."
                break
        found = _of_diagnoses(diagnosed)
    evaluation = Evaluation(
        candidate=candidate,
        status=status,
        reason=reason,
        folds=tuple(results),
        started_at=started_at,
        ended_at=time.time(),
        warnings=_distinct(messages),
        unfinished=() if results else tuple(curves),
        **found,
    )
    return evaluation, is_exhausted


def _of_diagnoses(diagnosed: Sequence[Diagnosis]) -> dict[str, Any]:
    """What an evaluation keeps of diagnoses; pandas exchanges the filters of warnings for it."""
    if not diagnosed:
        return {}
    return {
        "findings": tuple(finding for one in diagnosed for finding in one.findings),
        "figures": diagnosed[-1].recorded,
        "figures_by_epoch": diagnosed[-1].recorded_by_epoch,
    }


def _train(groups: Sequence[Sequence[_Fold]]) -> Generator[Logs, None, list[FoldResult]]:
    """Train groups of folds, one group after the other.

    Yields the mean of the logs whenever all folds of a group have advanced by an epoch, and
    returns the results of all.
    """
    results: list[FoldResult] = []
    with ExitStack() as stack:
        for fold in itertools.chain(*groups):
            stack.enter_context(closing(fold))
        for group in groups:
            logs: dict[int, Logs] = {}
            ended: dict[int, FoldResult] = {}
            while len(ended) < len(group):
                for number, fold in enumerate(group):
                    if number not in ended:
                        try:
                            logs[number] = next(fold)
                        except StopIteration as end:
                            ended[number] = end.value
                if len(ended) < len(group):
                    yield {
                        name: float(np.mean([one[name] for one in logs.values()]))
                        for name in logs[0]
                    }
            results += [ended[number] for number in range(len(group))]
    return results


def _n_epochs(pipeline: Pipeline, candidate: Candidate) -> int:
    """The most epochs that a fold may have."""
    path = f"{pipeline.steps[-1][0]}__epochs"
    return {**pipeline.get_params(), **candidate.params}[path]


def _is_exhaustion(error: Exception) -> bool:
    """Whether memory or disk has run out."""
    from tensorflow.errors import ResourceExhaustedError

    return isinstance(error, MemoryError | OSError | ResourceExhaustedError)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())


def _distinct(messages: Iterable[str]) -> tuple[str, ...]:
    """Messages, each once, though every fold may put numbers of its own into it."""
    first: dict[str, str] = {}
    for message in messages:
        first.setdefault(re.sub(r"[-+]?\d[\d.e+-]*", "", message), message)
    return tuple(first.values())
