"""The tables of a search's page, in words."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from pipelines.report.metric import PrintedMetric
from pipelines.report.sentences import VERDICT_MARKS, difference_text
from pipelines.report.verdict import SearchVerdict, training_seconds
from pipelines.search import Evaluation

__all__ = ["Cell", "ModelRow", "RankingRow", "model_rows", "ranking_rows"]


class Cell(NamedTuple):
    """A figure with what it is, where there is no heading."""

    label: str
    text: str


@dataclass(frozen=True)
class ModelRow:
    """The winner or a baseline, with its scores by metric, on the folds and held out.

    Attributes
    ----------
    name : str
    cells : list of Cell
        Empty where it was not fitted.
    reason : str or None
        Why it was not.
    """

    name: str
    cells: list[Cell]
    reason: str | None = None


def model_rows(verdict: SearchVerdict) -> list[ModelRow]:
    """The winner, the ensemble and the baselines, in words."""
    winner = verdict.winner
    rows = [
        _model_row(
            winner.candidate.name,
            {scorer: winner.scores(scorer, "validation") for scorer in verdict.metrics},
            verdict,
        )
    ]
    if verdict.ensemble:
        name = f"ensemble of {verdict.ensemble.n_members}"
        rows.append(_model_row(name, {}, verdict, verdict.ensemble.test_scores))
    for baseline in verdict.baselines:
        if baseline.reason is not None:
            rows.append(ModelRow(baseline.name, [], baseline.reason))
        else:
            rows.append(_model_row(baseline.name, baseline.validation, verdict, baseline.test))
    return rows


def _model_row(
    name: str,
    validation: Mapping[str, np.ndarray],
    verdict: SearchVerdict,
    test: Mapping[str, float] | None = None,
) -> ModelRow:
    held_out = verdict.test_scores if test is None else test
    cells = []
    for scorer, metric in verdict.metrics.items():
        told = _text(float(validation[scorer].mean()), metric) if scorer in validation else "-"
        if len(validation.get(scorer, ())) > 1:
            told += f" ± {metric.text(float(validation[scorer].std()))}"
        cells.append(Cell(metric.title, told))
        cells.append(Cell("held out", _text(held_out.get(scorer, math.nan), metric)))
    return ModelRow(name, cells)


@dataclass(frozen=True)
class RankingRow:
    """A complete configuration in words.

    Attributes
    ----------
    rank : int
    name : str
    link : str or None
        Address of its run.
    validation, deviation, train : str
        Scores, without their unit.
    against, evidence : str
        Its difference from the winner with the mark of the verdict, and with the interval.
    difference : float
        The same as a number; nan for the winner.
    epoch_seconds, training_seconds, setup_seconds : str
        Means over the folds of the median epoch, all epochs, and what a fit took besides.
    epochs : str
    weights : int
    diagnosis, diagnosis_evidence : str
        Causes that were found, and what shows them.
    is_winner : bool
    """

    rank: int
    name: str
    link: str | None
    validation: str
    deviation: str
    train: str
    against: str
    evidence: str
    difference: float
    epoch_seconds: str
    training_seconds: str
    setup_seconds: str
    epochs: str
    weights: int
    diagnosis: str
    diagnosis_evidence: str
    is_winner: bool


def ranking_rows(
    verdict: SearchVerdict, run_address: Callable[[int], str | None]
) -> list[RankingRow]:
    """The complete configurations in words, the best first; equal scores share a rank.

    Parameters
    ----------
    verdict : SearchVerdict
    run_address : callable
        Returns the address of a candidate's run, by its number.

    Returns
    -------
    list of RankingRow
    """
    scores = [one.validation_mean(verdict.metric.scorer) for one in verdict.ranked]
    return [
        _ranking_row(verdict, evaluation, scores.index(score) + 1, run_address)
        for evaluation, score in zip(verdict.ranked, scores, strict=True)
    ]


def _ranking_row(
    verdict: SearchVerdict,
    evaluation: Evaluation,
    rank: int,
    run_address: Callable[[int], str | None],
) -> RankingRow:
    metric, number = verdict.metric, evaluation.candidate.number
    training = training_seconds(evaluation)
    against, evidence, difference = "", "the winner", math.nan
    if evaluation is not verdict.winner:
        comparison = verdict.comparisons[number]
        difference = comparison.difference.mean
        against = f"{metric.text(difference, signed=True)} {VERDICT_MARKS[comparison.verdict]}"
        evidence = f"{comparison.verdict}: {difference_text(comparison.difference, metric)}"
    folds = evaluation.folds
    return RankingRow(
        rank=rank,
        name=evaluation.candidate.name,
        link=run_address(number),
        validation=_text(evaluation.validation_mean(metric.scorer), metric),
        deviation=metric.text(evaluation.validation_std(metric.scorer)),
        train=_text(evaluation.train_mean(metric.scorer), metric),
        against=against,
        evidence=evidence,
        difference=difference,
        epoch_seconds=f"{np.mean([fold.epoch_seconds for fold in folds]):.3f}",
        training_seconds=f"{training:.2f}",
        setup_seconds=f"{max(0.0, evaluation.fit_seconds - training):.2f}",
        epochs=f"{np.mean([fold.n_epochs for fold in folds]):.0f}",
        weights=folds[0].n_weights,
        diagnosis=evaluation.diagnosis,
        diagnosis_evidence=" ".join(str(finding) for finding in evaluation.findings),
        is_winner=evaluation is verdict.winner,
    )


def _text(score: float, metric: PrintedMetric) -> str:
    return "-" if math.isnan(score) else metric.text(metric.value(score))
