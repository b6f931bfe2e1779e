"""What each technique is worth between a plain network and the best one."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from pipelines.ablation.change import Change
from pipelines.ablation.plan import AblationPlan, Network
from pipelines.report import PrintedMetric, printed_metric
from pipelines.report.verdict import training_seconds
from pipelines.search import Evaluation
from pipelines.statistics import (
    Comparison,
    Interval,
    Verdict,
    compare,
    mean_interval,
    mean_test_ratio,
)

__all__ = ["Ablation", "NetworkResult", "TechniqueWorth", "gain_in_best"]


@dataclass(frozen=True)
class NetworkResult:
    """A network with its scores and costs over seeds and folds.

    Attributes
    ----------
    network : Network
    evaluations : tuple of Evaluation
        One a seed.
    values : ndarray of shape (n_pairs,)
        The judging metric as it is printed, in the order of seeds and folds; nan where training
        did not come to its end.
    score, held_out : Interval
        The metric on the folds, and over the seeds and folds on the rows held out.
    epoch_seconds, training_seconds, fit_seconds : float
        Means of the median epoch, of all epochs, and of a fit with what it compiles; nan where
        nothing was trained to its end.
    n_epochs : float
        Mean over seeds and folds.
    n_weights : int
    """

    network: Network
    evaluations: tuple[Evaluation, ...]
    values: np.ndarray
    score: Interval
    held_out: Interval
    epoch_seconds: float
    training_seconds: float
    fit_seconds: float
    n_epochs: float
    n_weights: int

    @property
    def reason(self) -> str | None:
        """Why a seed was not trained to its end, where one was not."""
        return next((one.reason for one in self.evaluations if not one.folds), None)


@dataclass(frozen=True)
class TechniqueWorth:
    """What a technique is worth; every difference is of a network with it to one without.

    Where one of the two was not trained to its end, that decides: a comparison is "better" where
    only the network without the technique failed, "fails" where only the one with it did, and has
    no verdict where both did.

    Attributes
    ----------
    change : Change
    added, without : NetworkResult
        The plain network with it, and the best one without.
    reached : NetworkResult
        The network of the path that it leads to.
    alone : Comparison
        What it adds to the plain network.
    in_best : Comparison
        What the best network has of it.
    on_path : Comparison
        What it adds to what comes before it on the path.
    """

    change: Change
    added: NetworkResult
    without: NetworkResult
    reached: NetworkResult
    alone: Comparison
    in_best: Comparison
    on_path: Comparison

    @property
    def carries(self) -> bool:
        """Whether the best network is shown to be worse without it, or fails."""
        return self.in_best.verdict == "better"

    @property
    def verdict(self) -> Verdict:
        """What is shown of it in the plain network and in the best one taken together.

        "better" is one that helps either and hurts neither, "worse" one that hurts either, and
        "fails" one with which either is not trained to its end while it is without.
        """
        verdicts = {self.alone.verdict, self.in_best.verdict}
        order: tuple[Verdict, ...] = ("fails", "worse", "better", "no difference shown")
        return next((one for one in order if one in verdicts), "no verdict")


def gain_in_best(worth: TechniqueWorth, metric: PrintedMetric) -> float:
    """What the best network gains by a technique; infinite where it fails without.

    Where it fails with it, that is below all numbers.
    """
    if worth.in_best.n_failed:
        return -math.inf
    return (
        math.inf if worth.in_best.n_baseline_failed else metric.value(worth.in_best.difference.mean)
    )


@dataclass(frozen=True)
class Ablation:
    """What an ablation study found.

    Attributes
    ----------
    plan : AblationPlan
        With the seeds that were run.
    metric : PrintedMetric
        The one that judges.
    networks : mapping of frozenset of str to NetworkResult
        By the techniques in which they are as the best one.
    gain : Comparison
        Of the best network against the plain one.
    worths : tuple of TechniqueWorth
        In the order of the path. The comparisons of each kind are corrected for their number.
    """

    plan: AblationPlan
    metric: PrintedMetric
    networks: Mapping[frozenset[str], NetworkResult]
    gain: Comparison
    worths: tuple[TechniqueWorth, ...]

    @classmethod
    def of(cls, plan: AblationPlan, evaluations: Mapping[int, Evaluation]) -> Ablation:
        """Judge evaluations, given by the number of their candidate.

        Networks are compared in pairs of the same seed and fold by the corrected resampled t
        test; see :func:`pipelines.statistics.compare`. Where all seeds have the same folds, a pair
        is a fold, with the mean over the seeds. Where one of two was not trained to its end, that
        is the verdict; see :class:`TechniqueWorth`.

        Parameters
        ----------
        plan : AblationPlan
            With the seeds that were run.
        evaluations : mapping of int to Evaluation

        Returns
        -------
        Ablation
        """
        metric = printed_metric(plan.metrics[0], plan.development.targets)
        ratio = mean_test_ratio([split for seed in plan.seeds for split in plan.splits[seed]])
        networks = {
            network.techniques: _network_result(
                network,
                tuple(evaluations[number] for number in group.members if number in evaluations),
                plan,
                metric,
                ratio,
            )
            for network, group in zip(plan.networks, plan.groups, strict=True)
        }

        def judged(
            pairs: Mapping[str, tuple[frozenset[str], frozenset[str]]],
        ) -> dict[str, Comparison]:
            """The gain of the first network of each pair over the second."""
            values = {
                name: (networks[one].values, networks[other].values)
                for name, (one, other) in pairs.items()
            }
            found = compare(
                {name: one - other for name, (one, other) in values.items()},
                np.zeros(len(networks[frozenset()].values)),
                greater_is_better=metric.greater_is_better,
                test_ratio=ratio,
            )
            return {name: _by_failures(found[name], *values[name]) for name in found}

        plain, every = frozenset[str](), frozenset(plan.names)
        before = {name: frozenset(plan.names[:place]) for place, name in enumerate(plan.names)}
        alone = judged({name: (frozenset({name}), plain) for name in plan.names})
        in_best = judged({name: (every, every - {name}) for name in plan.names})
        on_path = judged({name: (before[name] | {name}, before[name]) for name in plan.names})
        return cls(
            plan=plan,
            metric=metric,
            networks=networks,
            gain=judged({"best": (every, plain)})["best"],
            worths=tuple(
                TechniqueWorth(
                    change=change,
                    added=networks[frozenset({change.name})],
                    without=networks[every - {change.name}],
                    reached=networks[before[change.name] | {change.name}],
                    alone=alone[change.name],
                    in_best=in_best[change.name],
                    on_path=on_path[change.name],
                )
                for change in plan.changes
            ),
        )

    @property
    def plain(self) -> NetworkResult:
        """The plain network."""
        return self.networks[frozenset()]

    @property
    def best(self) -> NetworkResult:
        """The best network."""
        return self.networks[frozenset(self.plan.names)]

    @property
    def evaluations(self) -> list[Evaluation]:
        """All evaluations, network by network."""
        return [one for network in self.networks.values() for one in network.evaluations]

    @property
    def ranked(self) -> list[NetworkResult]:
        """The networks, the best mean first, those without one last."""
        sign = -1 if self.metric.greater_is_better else 1
        return sorted(
            self.networks.values(),
            key=lambda one: (np.isnan(one.score.mean), sign * one.score.mean),
        )


def _by_failures(comparison: Comparison, one: np.ndarray, other: np.ndarray) -> Comparison:
    """Tell whose failures they are that are missing among the differences of one and other."""
    n_failed, n_other_failed = (int(np.isnan(values).sum()) for values in (one, other))
    verdict = comparison.verdict
    if n_other_failed:
        verdict = "no verdict" if n_failed else "better"
    return replace(comparison, verdict=verdict, n_failed=n_failed, n_baseline_failed=n_other_failed)


def _network_result(
    network: Network,
    evaluations: Sequence[Evaluation],
    plan: AblationPlan,
    metric: PrintedMetric,
    test_ratio: float,
) -> NetworkResult:
    scorer, n_folds = metric.scorer, plan.n_folds
    scores = np.array(
        [
            one.scores(scorer, "validation") if one.folds else np.full(n_folds, np.nan)
            for one in evaluations
        ]
    )
    values = metric.value(1.0) * (scores.ravel() if plan.folds_differ else scores.mean(axis=0))
    folds = [fold for one in evaluations for fold in one.folds]
    held_out = [metric.value(fold.held_out_scores["test"][scorer]) for fold in folds]
    complete = [one for one in evaluations if one.folds]

    def mean(numbers: Sequence[float]) -> float:
        return float(np.mean(numbers)) if numbers else float("nan")

    return NetworkResult(
        network=network,
        evaluations=tuple(evaluations),
        values=values,
        score=mean_interval(values, test_ratio=test_ratio),
        held_out=mean_interval(np.array(held_out)),
        epoch_seconds=mean([fold.epoch_seconds for fold in folds]),
        training_seconds=mean([training_seconds(one) for one in complete]),
        fit_seconds=mean([fold.fit_seconds for fold in folds]),
        n_epochs=mean([fold.n_epochs for fold in folds]),
        n_weights=folds[0].n_weights if folds else 0,
    )
