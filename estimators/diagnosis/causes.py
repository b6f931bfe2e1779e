"""The causes that a diagnosis knows, each a small rule on figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from estimators.diagnosis.figures import Figures
from estimators.diagnosis.remedies import REMEDIES
from estimators.diagnosis.thresholds import THRESHOLDS

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


def _limit(name: str) -> float:
    return THRESHOLDS[name].value


def _is_poor(figures: Figures) -> bool:
    """Whether nothing speaks against a cause: before a fit, or where little was learned."""
    if not figures.is_fitted or figures.has_diverged:
        return True
    if figures.score < _limit("stuck"):
        return True
    return bool(figures.score < figures.linear_score - _limit("lag"))


def _outcome(figures: Figures) -> str:
    if figures.has_diverged:
        return "; training diverged"
    if not figures.is_fitted or np.isnan(figures.score):
        return ""
    linear = (
        "" if np.isnan(figures.linear_score) else f", a linear model's {figures.linear_score:.2f}"
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


def _symmetric(figures: Figures) -> bool:
    return figures.worst("equal") > _limit("equal")


def _unscaled_input(figures: Figures) -> bool:
    params = figures.params
    normalizes = params.get("batch_norm") is not None or params.get("activation") == "selu"
    return not normalizes and figures.setting.input_scale > _limit("input_scale")


def _unscaled_target(figures: Figures) -> bool:
    if "standardize_target" not in figures.params:
        return False
    setting = figures.setting
    is_tiny = setting.target_std < _limit("target_deviation")
    return setting.target_scale > _limit("target_scale") or is_tiny


def _exploding(figures: Figures) -> bool:
    probe = figures.initial
    if probe is None:
        return False
    forwards = max(probe.variance_ratio, probe.largest("variance"))
    return bool(max(forwards, probe.gradient_ratio) > _limit("exploding"))


def _saturated(figures: Figures) -> bool:
    at_first = figures.initial is not None and figures.initial.largest("saturated")
    if at_first > _limit("saturated"):
        return True
    return figures.worst("saturated") > _limit("saturated") and not _rate_too_high(figures)


def _dead(figures: Figures) -> bool:
    return figures.worst("dead") > _limit("dead")


def _vanishing(figures: Figures) -> bool:
    probe = figures.initial
    if probe is None or not _is_poor(figures):
        return False
    fades = probe.variance_ratio < _limit("fading")
    return bool(fades or probe.gradient_ratio < _limit("vanishing"))


# Others divide a gradient by the size of those before it, so that its length does not matter.
_STEPS_BY_LENGTH = ("sgd", "adagrad")


def _clipping(figures: Figures) -> bool:
    if figures.params["optimizer"] not in _STEPS_BY_LENGTH:
        return False
    return bool(figures.probes) and all(
        probe.clipped >= _limit("clipped") and probe.kept < _limit("kept")
        for probe in figures.probes
    )


def _rate_too_high(figures: Figures) -> bool:
    if not figures.update_ratio - figures.decay > _limit("large_step"):
        return False
    if not figures.is_fitted:
        return True
    curves = figures.curves
    swings = curves is not None and curves.swings > _limit("swings")
    return figures.has_diverged or swings or _is_poor(figures)


def _rate_too_low(figures: Figures) -> bool:
    if not figures.update_ratio < _limit("small_step"):
        return False
    return not figures.is_fitted or _still_falls(figures) or _is_poor(figures)


_FEW_EPOCHS = 5


def _still_falls(figures: Figures) -> bool:
    curves = figures.curves
    if curves is None:
        return False
    if curves.n_epochs < 2:
        return bool(figures.initial_loss - curves.last > _limit("training_fall"))
    if not curves.best_epoch:
        return curves.fall > _limit("training_fall")
    return curves.fall > _limit("fall" if curves.n_epochs >= _FEW_EPOCHS else "first_fall")


def _stopped_early(figures: Figures) -> bool:
    curves = figures.curves
    if curves is None or figures.has_diverged or not _still_falls(figures):
        return False
    return curves.best_epoch == 0 or curves.best_epoch > 0.9 * curves.n_epochs


def _overfit(figures: Figures) -> bool:
    curves = figures.curves
    if curves is None or not curves.best_epoch or figures.params.get("early_stopping"):
        return False
    learned_by_heart = curves.validation_last > 1 and curves.last < _limit("by_heart")
    return learned_by_heart or curves.validation_last - curves.validation_least > _limit("rise")


def _is_overregularized(figures: Figures) -> bool:
    return figures.params["dropout"] > _limit("dropout") or figures.decay > _limit("decay")


def _underfit(figures: Figures) -> bool:
    if not figures.is_fitted or figures.has_diverged:
        return False
    if not figures.score < figures.linear_score - _limit("lag"):
        return False
    return _is_overregularized(figures) or not _stopped_early(figures)


def _regularization(figures: Figures) -> str:
    if figures.params["dropout"] > _limit("dropout"):
        return f" with dropout {figures.params['dropout']:.2g}"
    if figures.decay > _limit("decay"):
        return f", whose weights a step of weight decay makes smaller by {figures.decay:.1%},"
    return ""


_OF_SCALE = ("exploding gradients", "saturated units", "dead units", "vanishing gradients")
_OF_RATE = ("learning rate too high", "learning rate too low")
_OF_LEARNING = ("stopped early", "underfit")

CAUSES: tuple[Cause, ...] = (
    Cause(
        "symmetric units",
        _symmetric,
        lambda figures: (
            f"{figures.worst('equal'):.0%} of the units of {_where(figures, 'equal')} have the same "
            "weights as another one, get the same gradients and stay equal"
        ),
        "Draw the initial weights: kernel_initializer='auto'.",
        (*_OF_SCALE, *_OF_RATE, "clipping always on", *_OF_LEARNING),
    ),
    Cause(
        "input not scaled",
        _unscaled_input,
        lambda figures: (
            f"a column of the input has a mean or deviation of {figures.setting.input_scale:.3g}"
            f"{_outcome(figures)}"
        ),
        "Put a StandardScaler before the network, or set batch_norm='before_dense'.",
        (*_OF_SCALE, *_OF_RATE, *_OF_LEARNING),
    ),
    Cause(
        "target not scaled",
        _unscaled_target,
        lambda figures: (
            f"the target has mean {figures.setting.target_mean:.3g} and deviation "
            f"{figures.setting.target_std:.3g}, and the network begins near 0{_outcome(figures)}"
        ),
        "Set standardize_target=True.",
        (*_OF_SCALE, *_OF_RATE, "clipping always on", *_OF_LEARNING),
    ),
    Cause(
        "saturated units",
        _saturated,
        lambda figures: (
            f"{figures.worst('saturated'):.0%} of the outputs of {_where(figures, 'saturated')} are at "
            f"the ends of {figures.params['activation']}, where it has no slope{_outcome(figures)}"
        ),
        "Use smaller initial weights or a smaller learning rate, or another activation.",
        ("exploding gradients", "vanishing gradients", *_OF_RATE, *_OF_LEARNING),
    ),
    Cause(
        "exploding gradients",
        _exploding,
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
        _vanishing,
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
        _rate_too_high,
        lambda figures: (
            f"the first step changes a layer's weights by {figures.update_ratio:.2g} of their size"
            f"{_swings(figures)}{_outcome(figures)}"
        ),
        "Lower the learning rate.",
        ("dead units", "saturated units", "overfit", *_OF_LEARNING),
    ),
    Cause(
        "dead units",
        _dead,
        lambda figures: (
            f"{figures.worst('dead'):.0%} of the units of {_where(figures, 'dead')} give 0 for every "
            f"row{_outcome(figures)}"
        ),
        "Use an activation with a slope below zero, or a lower learning rate.",
        ("vanishing gradients", "learning rate too low", *_OF_LEARNING),
    ),
    Cause(
        "clipping always on",
        _clipping,
        lambda figures: (
            f"{figures.probes[-1].clipped:.0%} of the steps are clipped, to "
            f"{figures.probes[-1].kept:.2g} of their length at the median{_outcome(figures)}"
        ),
        "Raise the bound, or do without it.",
        ("learning rate too low", *_OF_LEARNING),
    ),
    Cause(
        "learning rate too low",
        _rate_too_low,
        lambda figures: (
            f"the first step changes a layer's weights by {figures.update_ratio:.2g} of their size"
            f"{_fall(figures)}{_outcome(figures)}"
        ),
        "Raise the learning rate.",
        ("overfit", *_OF_LEARNING),
    ),
    Cause(
        "underfit",
        _underfit,
        lambda figures: (
            f"the network{_regularization(figures)} learns less than a linear model{_outcome(figures)}"
        ),
        "Take a larger network, regularize less, or train longer.",
        ("stopped early",),
    ),
    Cause(
        "stopped early",
        _stopped_early,
        lambda figures: (
            f"the loss still fell by {_curves(figures).falls_by:.0%} in the last fifth of "
            f"{_curves(figures).n_epochs} epochs"
        ),
        "Train for more epochs.",
    ),
    Cause(
        "overfit",
        _overfit,
        lambda figures: (
            f"the validation loss was lowest at epoch {_curves(figures).best_epoch} of "
            f"{_curves(figures).n_epochs} and rose from {_curves(figures).validation_least:.2f} to "
            f"{_curves(figures).validation_last:.2f} of a constant's, while that of the training rows "
            f"is {_curves(figures).last:.2f}"
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
        f"{', still falling' if _still_falls(figures) else ''}"
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
