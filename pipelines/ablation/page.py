"""The page of an ablation study: one file that needs no network."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jinja2

from pipelines.ablation.figures import (
    alone_info,
    in_best_info,
    plot_waterfall,
    plot_worths,
    waterfall_info,
)
from pipelines.ablation.result import Ablation, NetworkResult, TechniqueWorth
from pipelines.ablation.sentences import (
    ablation_sentences,
    change_text,
    comparison_text,
    gain_text,
    seeds_text,
)
from pipelines.report import results_table
from pipelines.report.sentences import VERDICT_MARKS, count_text
from pipelines.report.table import warnings_by_message
from pipelines.statistics import Comparison

__all__ = ["NetworkRow", "WorthRow", "network_rows", "render_ablation", "worth_rows"]

_N_SHOWN = 15


@dataclass(frozen=True)
class WorthRow:
    """A technique in words.

    Attributes
    ----------
    name, values : str
        The technique, and its hyperparameters.
    alone, in_best, on_path : str
        Its gain with the mark of the verdict.
    tips : tuple of str
        The same with interval and p.
    gains : tuple of float
        The same as numbers by which they are sorted; more is better.
    epoch_seconds, fit_seconds : str
        Of the plain network with it.
    time : float
        Time of the training of the best network over that of the one without it.
    """

    name: str
    values: str
    alone: str
    in_best: str
    on_path: str
    tips: tuple[str, str, str]
    gains: tuple[float, float, float]
    epoch_seconds: str
    fit_seconds: str
    time: float

    @property
    def time_text(self) -> str:
        """How much more time it takes, as it is printed."""
        return f"{100 * (self.time - 1):+.0f} %" if math.isfinite(self.time) else "-"


def worth_rows(ablation: Ablation) -> list[WorthRow]:
    """The techniques in words, in the order of the path."""
    return [_worth_row(worth, ablation) for worth in ablation.worths]


def _worth_row(worth: TechniqueWorth, ablation: Ablation) -> WorthRow:
    metric = ablation.metric
    comparisons = (worth.alone, worth.in_best, worth.on_path)

    def told(comparison: Comparison) -> str:
        return f"{gain_text(comparison, metric)} {VERDICT_MARKS[comparison.verdict]}"

    alone, in_best, on_path = map(told, comparisons)
    first, second, third = (
        f"{one.verdict}: {comparison_text(one, ablation)}" for one in comparisons
    )
    x, y, z = (metric.value(one.difference.mean) for one in comparisons)
    return WorthRow(
        name=worth.change.name,
        values=change_text(worth),
        alone=alone,
        in_best=in_best,
        on_path=on_path,
        tips=(first, second, third),
        gains=(x, y, z),
        epoch_seconds=_number(worth.added.epoch_seconds, 3),
        fit_seconds=_number(worth.added.fit_seconds, 2),
        time=ablation.best.training_seconds / worth.without.training_seconds,
    )


@dataclass(frozen=True)
class NetworkRow:
    """A network in words.

    Attributes
    ----------
    name : str
    link : str or None
        Address of its run.
    score, interval, held_out : str
    epoch_seconds, training_seconds, fit_seconds, n_epochs : str
    n_weights : int
    is_end : bool
        Whether it is the plain or the best one.
    """

    name: str
    link: str | None
    score: str
    interval: str
    held_out: str
    epoch_seconds: str
    training_seconds: str
    fit_seconds: str
    n_epochs: str
    n_weights: int
    is_end: bool


def network_rows(
    ablation: Ablation, run_address: Callable[[int], str | None] = lambda number: None
) -> list[NetworkRow]:
    """The networks in words, the best first.

    Parameters
    ----------
    ablation : Ablation
    run_address : callable, default=None
        Returns the address of a network's run, by the number of its group; None where it has none.

    Returns
    -------
    list of NetworkRow
    """
    numbers = {group.name: group.number for group in ablation.plan.groups}
    return [
        _network_row(one, ablation, run_address(numbers[one.network.name]))
        for one in ablation.ranked
    ]


def _network_row(one: NetworkResult, ablation: Ablation, link: str | None) -> NetworkRow:
    metric = ablation.metric
    low, high = (metric.text(metric.within_bounds(end)) for end in one.score[1:])
    return NetworkRow(
        name=one.network.name,
        link=link,
        score="fails" if math.isnan(one.score.mean) else metric.text(one.score.mean),
        interval=f"[{low}, {high}]" if math.isfinite(one.score.low) else "",
        held_out=metric.text(one.held_out.mean) if math.isfinite(one.held_out.mean) else "-",
        epoch_seconds=_number(one.epoch_seconds, 3),
        training_seconds=_number(one.training_seconds, 2),
        fit_seconds=_number(one.fit_seconds, 2),
        n_epochs=_number(one.n_epochs, 0),
        n_weights=one.n_weights,
        is_end=one in (ablation.plain, ablation.best),
    )


def _number(value: float, digits: int) -> str:
    return f"{value:.{digits}f}" if math.isfinite(value) else "-"


def render_ablation(
    ablation: Ablation,
    *,
    title: str,
    facts: Mapping[str, Any],
    warnings: Sequence[str] = (),
    run_address: Callable[[int], str | None] = lambda number: None,
) -> str:
    """Render what an ablation study found.

    Parameters
    ----------
    ablation : Ablation
    title : str
    facts : mapping of str to object
        How it was run.
    warnings : sequence of str, default=()
        About the data.
    run_address : callable, default=None
        See :func:`network_rows`.

    Returns
    -------
    str
        HTML.
    """
    plan = ablation.plan
    table = results_table(ablation.evaluations, plan.metrics)
    messages: dict[str, str] = dict.fromkeys(warnings, "")
    for text, names in warnings_by_message(table).items():
        networks = dict.fromkeys(name.rpartition(", seed ")[0] for name in names)
        messages[text] = count_text([*networks])
    loader = jinja2.ChoiceLoader(
        [
            jinja2.PackageLoader("pipelines.ablation"),
            jinja2.PackageLoader("pipelines.report"),  # the style of all pages
        ]
    )
    environment = jinja2.Environment(
        loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("ablation.html.jinja").render(
        title=title,
        sentences=ablation_sentences(ablation),
        best=plan.best,
        metric=ablation.metric,
        waterfall=plot_waterfall(waterfall_info(ablation)),
        alone=plot_worths(alone_info(ablation)),
        in_best=plot_worths(in_best_info(ablation)),
        worths=worth_rows(ablation),
        networks=network_rows(ablation, run_address),
        broken=[one for one in ablation.networks.values() if one.reason],
        warnings=messages,
        n_shown=_N_SHOWN,
        seeds=seeds_text(ablation),
        n_folds=plan.n_folds,
        folds_differ=plan.folds_differ,
        facts=facts,
    )
