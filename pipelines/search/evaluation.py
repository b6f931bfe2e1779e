"""The evaluation of one candidate by cross-validation, and the record that it leaves."""

from __future__ import annotations

import gc
import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

import numpy as np
import pandas as pd
import tensorflow as tf
from sklearn.pipeline import Pipeline

from estimators import DivergenceError
from pipelines.search.fold import CurveRecorder, Curves, FoldResult, Split, evaluate_fold
from pipelines.search.heard_warnings import heard_warnings
from pipelines.search.lockstep import SteppedCall

__all__ = ["Candidate", "EpochHook", "Evaluation", "FoldResult", "Split", "Status", "evaluate"]

Status = Literal["complete", "failed", "diverged", "pruned"]

_EXHAUSTION = (MemoryError, OSError, tf.errors.ResourceExhaustedError)

EpochHook = Callable[[int, Mapping[str, float]], bool]
"""Is told the number of an epoch, from 1, and loss and metrics of it by name, each the mean over
the folds; says whether to stop here."""


@dataclass(frozen=True)
class Candidate:
    """One configuration of the pipeline, to be evaluated.

    Attributes
    ----------
    number : int
        Its place in the search, from 0.
    params : mapping of str to object
        scikit-learn parameters of the pipeline by path, as ``set_params`` takes them.
    hyperparameters : mapping of str to object
        The same under the names that people read; all candidates of a search have the
        same keys.
    name : str
        A label for people, unique within the search.
    fingerprint : str or None
        Names everything that the evaluation depends on; see
        :func:`pipelines.search.fingerprinted`.
    """

    number: int
    params: Mapping[str, Any]
    hyperparameters: Mapping[str, Any]
    name: str
    fingerprint: str | None = None


@dataclass(frozen=True)
class Evaluation:
    """A candidate with what came of it.

    Attributes
    ----------
    candidate : Candidate
    status : {"complete", "failed", "diverged", "pruned"}
    reason : str or None
        One sentence, where the status is not "complete".
    folds : tuple of FoldResult
        Empty where the status is not "complete".
    started_at, ended_at : float
        Unix times in seconds.
    warnings : tuple of str
        What the fits warned of, each once.
    unfinished : tuple of dict
        Curves of the folds as far as they got, where the status is not "complete".
    """

    candidate: Candidate
    status: Status
    reason: str | None
    folds: tuple[FoldResult, ...]
    started_at: float
    ended_at: float
    warnings: tuple[str, ...] = ()
    unfinished: tuple[Curves, ...] = ()

    @classmethod
    def failed(cls, candidate: Candidate, reason: str) -> Evaluation:
        """An evaluation that ended just now without a result, for a reason in one sentence."""
        now = time.time()
        return cls(candidate, "failed", reason, (), now, now)

    def of(self, candidate: Candidate) -> Evaluation:
        """The same outcome for the same candidate under another number and name."""
        return replace(self, candidate=candidate)

    def scores(self, metric: str, rows: Literal["train", "validation"]) -> np.ndarray:
        """Scores of one metric, one a fold; of length 0 where nothing was scored."""
        return np.array([getattr(fold, f"{rows}_scores")[metric] for fold in self.folds])

    def train_mean(self, metric: str) -> float:
        """Mean of a metric over the training folds; nan where nothing was scored."""
        return _mean(self.scores(metric, "train"))

    def validation_mean(self, metric: str) -> float:
        """Mean of a metric over the validation folds; nan where nothing was scored."""
        return _mean(self.scores(metric, "validation"))

    def validation_std(self, metric: str) -> float:
        """Standard deviation of a metric over the validation folds."""
        scores = self.scores(metric, "validation")
        return float(scores.std()) if scores.size else float("nan")

    @property
    def fit_seconds(self) -> float:
        """Mean seconds of a fit; nan where nothing was fitted to the end."""
        return _mean(np.array([fold.fit_seconds for fold in self.folds]))

    @property
    def curves(self) -> Curves:
        """Curves by epoch, each the mean over the folds that reached that epoch."""
        folds = [fold.curves for fold in self.folds] or [*self.unfinished]
        names = folds[0] if folds else {}
        return {name: _mean_curve([curves.get(name, []) for curves in folds]) for name in names}


def evaluate(
    candidate: Candidate,
    X: pd.DataFrame,
    y: pd.Series,
    *,
    pipeline: Pipeline,
    splits: Sequence[Split],
    metrics: Sequence[str],
    held_out: Mapping[str, np.ndarray] | None = None,
    layers: bool = False,
    on_epoch: EpochHook | None = None,
) -> Evaluation:
    """Fit and score a candidate on every fold; nothing that goes wrong in it is raised.

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
    layers : bool, default=False
        Whether to look at what the hidden layers give out on the validation rows.
    on_epoch : callable, default=None
        Called after each epoch; if it returns True before the last one, the candidate is pruned.
        With it the folds advance epoch by epoch together, else one is fitted after the other; the
        results are the same. A fold that has ended early counts with its last values. What it
        raises is raised here.

    Returns
    -------
    Evaluation
    """
    attempt = partial(
        _attempt,
        candidate,
        X,
        y,
        pipeline=pipeline,
        splits=splits,
        metrics=metrics,
        held_out=held_out or {},
        layers=layers,
        on_epoch=on_epoch,
    )
    try:
        return attempt(is_last=False)
    except _ExhaustedError:  # what another process took may be free again
        gc.collect()
        return attempt(is_last=True)


def _attempt(
    candidate: Candidate,
    X: pd.DataFrame,
    y: pd.Series,
    *,
    splits: Sequence[Split],
    on_epoch: EpochHook | None,
    is_last: bool,
    **how: Any,
) -> Evaluation:
    started_at = time.time()
    recorders = [CurveRecorder() for _ in splits]
    folds: list[FoldResult] = []
    status: Status = "complete"
    reason = None
    with heard_warnings() as heard:
        calls = [
            partial(
                evaluate_fold,
                candidate.params,
                X,
                y,
                split,
                recorder=recorder,
                **how,
            )
            for split, recorder in zip(splits, recorders, strict=True)
        ]
        try:
            if on_epoch is None:
                folds = [call() for call in calls]
            else:
                folds = _advance_together(calls, recorders, on_epoch)
        except _PrunedError as pruned:
            status, reason = "pruned", str(pruned)
        except _HookError as error:
            raise error.__cause__ or error from None
        except DivergenceError as error:
            status, reason = "diverged", _one_line(error)
        except Exception as error:  # the other candidates go on, whatever it was
            if isinstance(error, _EXHAUSTION) and not is_last:
                raise _ExhaustedError from error
            status, reason = "failed", f"{type(error).__name__}: {_one_line(error)}"
    return Evaluation(
        candidate=candidate,
        status=status,
        reason=reason,
        folds=tuple(folds),
        started_at=started_at,
        ended_at=time.time(),
        warnings=_distinct(heard),
        unfinished=() if folds else tuple(recorder.curves for recorder in recorders),
    )


class _ExhaustedError(Exception):
    """Memory or disk has run out."""


class _PrunedError(Exception):
    """The hook has said to stop."""


class _HookError(Exception):
    """The hook has raised the exception that is the cause of this one."""


def _advance_together(
    calls: Sequence[Callable[..., FoldResult]],
    recorders: Sequence[CurveRecorder],
    on_epoch: EpochHook,
) -> list[FoldResult]:
    """Run one epoch of every fold, tell the hook, run the next epoch, and so on to the end."""
    steps: list[SteppedCall[FoldResult]] = [SteppedCall(call) for call in calls]
    running, epoch = list(steps), 0
    try:
        while running := [step for step in running if step.advance()]:
            epoch += 1
            means = {
                name: float(np.mean([recorder.curves[name][-1] for recorder in recorders]))
                for name in recorders[0].curves
            }
            # A fold that diverges says so itself when it goes on.
            if np.isfinite([*means.values()]).all():
                try:
                    stop = on_epoch(epoch, means)
                except Exception as error:
                    raise _HookError from error
                if stop and epoch < recorders[0].params["epochs"]:
                    raise _PrunedError(f"Pruned after epoch {epoch}: others were better by then.")
    finally:
        for step in steps:
            step.cancel()
    return [step.result for step in steps]


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())


def _distinct(messages: Iterable[str]) -> tuple[str, ...]:
    """Messages, each once, though every fold may put numbers of its own into it."""
    first: dict[str, str] = {}
    for message in messages:
        first.setdefault(re.sub(r"[-+]?\d[\d.e+-]*", "", message), message)
    return tuple(first.values())


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if values.size else float("nan")


def _mean_curve(curves: list[list[float]]) -> list[float]:
    longest = max(len(curve) for curve in curves)
    padded = np.full((len(curves), longest), np.nan)
    for row, curve in zip(padded, curves, strict=True):
        row[: len(curve)] = curve
    reached = np.count_nonzero(~np.isnan(padded), axis=0)
    means = np.full(longest, np.nan)
    return np.divide(np.nansum(padded, axis=0), reached, out=means, where=reached > 0).tolist()
