"""The causes that a diagnosis knows, each a small rule on figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from estimators.diagnosis.figures import Figures
from estimators.diagnosis.remedies import REMEDIES
from estimators.diagnosis.rules import (
    has_dead_units,
    has_exploding_gradients,
    has_saturated_units,
    has_stopped_early,
    has_symmetric_units,
    has_too_high_rate,
    has_too_low_rate,
    has_unscaled_input,
    has_unscaled_target,
    has_vanishing_gradients,
    is_always_clipped,
    is_overfit,
    is_overregularized,
    is_underfit,
    limit,
    still_falls,
)

__all__ = ["CAUSES", "Cause", "found_causes"]


@dataclass(frozen=True)
class Cause:
    """Why a configuration fails or learns slowly.

    Attributes
    ----------
    name : str
    holds : callable
        Whether :class:`Figures` show it.
    evidence : callable
        A clause with these figures.
    advice : str
        A sentence that says what to do.
    explains : tuple of str
        Causes that are then a consequence of it and not told.
    """

    name: str
    holds: Callable[[Figures], bool]
    evidence: Callable[[Figures], str]
    advice: str
    explains: tuple[str, ...] = ()

    def remedies(self, params: Mapping[str, Any]) -> list[dict[str, Any]]:
        """What to set, in the order in which to try it; only of hyperparameters that there are."""
        tried = REMEDIES[self.name](params)
        return [
            remedy
            for remedy in tried
            if remedy.keys() <= params.keys()
            and any(params[name] != value for name, value in remedy.items())
        ]


def _outcome(figures: Figures) -> str:
    if figures.has_diverged:
        return "; training diverged"
    if not figures.is_fitted or np.isnan(figures.score):
        return ""
    linear = (
        ""
        if np.isnan(figures.linear_score)
        else f", a linear model's in a cross-validation {figures.linear_score:.2f}"
    )
    return f"; the score on the training rows is {figures.score:.2f}{linear} (a constant's is 0)"


def _where(figures: Figures, figure: str) -> str:
    """The first layer with the largest figure, and when."""
    times = {"before training": figures.initial, "after training": figures.trained}
    found = [
        (float(value), f"{layer} {when}")
        for when, probe in times.items()
        if probe is not None
        for value, layer in zip(probe.hidden[figure], probe.hidden["layer"], strict=True)
        if np.isfinite(value)
    ]
    return max(found, key=lambda each: each[0])[1]


def _regularization(figures: Figures) -> str:
    if figures.params["dropout"] > limit("dropout"):
        return f" with dropout {figures.params['dropout']:.2g}"
    return f", whose weights a step of weight decay makes smaller by {figures.decay:.1%},"


_OF_SCALE = ("exploding gradients", "saturated units", "dead units", "vanishing gradients")
_OF_RATE = ("learning rate too high", "learning rate too low")
_OF_LEARNING = ("stopped early", "underfit", "overfit")

CAUSES: tuple[Cause, ...] = (
    Cause(
        "too much regularization",
        is_overregularized,
        lambda figures: f"the network{_regularization(figures)} learns little{_outcome(figures)}",
        "Regularize less.",
        ("symmetric units", *_OF_SCALE, *_OF_LEARNING),
    ),
    Cause(
        "symmetric units",
        has_symmetric_units,
        lambda figures: (
            f"{figures.worst('equal'):.0%} of the units of {_where(figures, 'equal')} have the same "
            "weights as another one, get the same gradients and stay equal"
        ),
        "Draw the initial weights: kernel_initializer='auto'.",
        (*_OF_SCALE, *_OF_RATE, "clipping always on", *_OF_LEARNING),
    ),
    Cause(
        "input not scaled",
        has_unscaled_input,
        lambda figures: (
            f"a column of the input has a mean or deviation of {figures.setting.input_scale:.3g}"
            f"{_outcome(figures)}"
        ),
        "Put a StandardScaler before the network, or set batch_norm='before_dense'.",
        (*_OF_SCALE, *_OF_RATE, *_OF_LEARNING),
    ),
    Cause(
        "target not scaled",
        has_unscaled_target,
        lambda figures: (
            f"the target has mean {figures.setting.target_mean:.3g} and deviation "
            f"{figures.setting.target_std:.3g}, and the network begins near 0{_outcome(figures)}"
        ),
        "Set standardize_target=True.",
        (*_OF_SCALE, *_OF_RATE, "clipping always on", *_OF_LEARNING),
    ),
    Cause(
        "saturated units",
        has_saturated_units,
        lambda figures: (
            f"{figures.worst('saturated'):.0%} of the outputs of {_where(figures, 'saturated')} are at "
            f"the ends of {figures.params['activation']}, where it has no slope{_outcome(figures)}"
        ),
        "Use smaller initial weights or a smaller learning rate, or another activation.",
        ("exploding gradients", "vanishing gradients", *_OF_RATE, *_OF_LEARNING),
    ),
    Cause(
        "exploding gradients",
        has_exploding_gradients,
        lambda figures: (
            f"before training the variance of the signals is {_probe(figures).largest('variance'):.3g} "
            f"at its largest, and the gradient at the first hidden layer "
            f"{_probe(figures).gradient_ratio:.3g} times that at the last one{_outcome(figures)}"
        ),
        "Take the initializer that matches the activation, clip the gradients, or normalize.",
        ("dead units", *_OF_RATE, *_OF_LEARNING),
    ),
    Cause(
        "vanishing gradients",
        has_vanishing_gradients,
        lambda figures: (
            f"before training the gradient at the first hidden layer is "
            f"{_probe(figures).gradient_ratio:.2g} of that at the last one, and the variance of the "
            f"signals at the last {_probe(figures).variance_ratio:.2g} of that at the first"
            f"{_outcome(figures)}"
        ),
        "Use an activation that does not saturate with the initializer that matches it, batch norm, "
        "or fewer layers.",
        ("dead units", "learning rate too low", *_OF_LEARNING),
    ),
    Cause(
        "learning rate too high",
        has_too_high_rate,
        lambda figures: (
            f"the first step changes a layer's weights by {figures.update_ratio:.2g} of their size"
            f"{_swings(figures)}{_outcome(figures)}"
        ),
        "Lower the learning rate.",
        ("dead units", "saturated units", *_OF_LEARNING),
    ),
    Cause(
        "dead units",
        has_dead_units,
        lambda figures: (
            f"{figures.worst('dead'):.0%} of the units of {_where(figures, 'dead')} give 0 for every "
            f"row{_outcome(figures)}"
        ),
        "Use an activation with a slope below zero, or a lower learning rate.",
        ("vanishing gradients", "learning rate too low", *_OF_LEARNING),
    ),
    Cause(
        "clipping always on",
        is_always_clipped,
        lambda figures: (
            f"{figures.probes[-1].clipped:.0%} of the steps are clipped, to "
            f"{figures.probes[-1].kept:.2g} of their length at the median{_outcome(figures)}"
        ),
        "Raise the bound, or do without it.",
        ("learning rate too low", *_OF_LEARNING),
    ),
    Cause(
        "learning rate too low",
        has_too_low_rate,
        lambda figures: (
            f"the first step changes a layer's weights by {figures.update_ratio:.2g} of their size"
            f"{_fall(figures)}{_outcome(figures)}"
        ),
        "Raise the learning rate.",
        _OF_LEARNING,
    ),
    Cause(
        "underfit",
        is_underfit,
        lambda figures: f"the network learns little{_outcome(figures)}",
        "Take a larger network, regularize less, or train longer.",
        ("stopped early", "overfit"),
    ),
    Cause(
        "stopped early",
        has_stopped_early,
        lambda figures: (
            f"the loss still fell by {_curves(figures).falls_by:.0%} in the last fifth of "
            f"{_curves(figures).n_epochs} epochs"
            if still_falls(figures)
            else f"weights can have moved by {figures.travel:.2g} of their size in "
            f"{_curves(figures).n_epochs} epochs"
        ),
        "Train for more epochs.",
    ),
    Cause(
        "overfit",
        is_overfit,
        lambda figures: (
            f"the validation loss is {_curves(figures).validation_last:.2f} of a constant's after "
            f"{_curves(figures).n_epochs} epochs and was {_curves(figures).validation_least:.2f} at "
            f"epoch {_curves(figures).best_epoch}, while that of the training rows is "
            f"{_curves(figures).last:.2f}"
        ),
        "Stop early, regularize, or take a smaller network.",
    ),
)


def _probe(figures: Figures) -> Any:
    return figures.initial


def _curves(figures: Figures) -> Any:
    return figures.curves


def _swings(figures: Figures) -> str:
    curves = figures.curves
    if curves is None or not curves.swings:
        return ""
    return f", and the loss rose in {curves.swings:.0%} of the epochs"


def _fall(figures: Figures) -> str:
    curves = figures.curves
    if curves is None:
        return ""
    return (
        f", and after {curves.n_epochs} epochs the loss is {curves.last:.2f} of a constant's"
        f"{', still falling' if still_falls(figures) else ''}"
    )


def found_causes(figures: Figures, causes: Sequence[Cause] = CAUSES) -> list[Cause]:
    """List the causes that figures show, the first ones first, without their consequences."""
    found = [cause for cause in causes if cause.holds(figures)]
    explained: set[str] = set()
    told = []
    for cause in found:
        if cause.name not in explained:
            told.append(cause)
            explained.update(cause.explains)
    return told
