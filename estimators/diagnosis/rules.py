"""Rules on figures: whether they show a cause."""

from __future__ import annotations

from estimators.diagnosis.figures import Figures
from estimators.diagnosis.thresholds import THRESHOLDS

__all__ = [
    "has_dead_units",
    "has_exploding_gradients",
    "has_saturated_units",
    "has_stopped_early",
    "has_symmetric_units",
    "has_too_high_rate",
    "has_too_low_rate",
    "has_unscaled_input",
    "has_unscaled_target",
    "has_vanishing_gradients",
    "is_always_clipped",
    "is_overfit",
    "is_overregularized",
    "is_poor",
    "is_underfit",
    "limit",
    "still_falls",
]


def limit(name: str) -> float:
    """The value of a threshold."""
    return THRESHOLDS[name].value


def is_poor(figures: Figures) -> bool:
    """Whether nothing speaks against a cause: before a fit, or where little was learned."""
    if not figures.is_fitted or figures.has_diverged:
        return True
    return figures.score < limit("stuck") or _is_behind(figures)


def _is_behind(figures: Figures) -> bool:
    """Whether a linear model is clearly better."""
    return bool(figures.score < figures.linear_score - limit("lag"))


def has_symmetric_units(figures: Figures) -> bool:
    """Whether most units of a layer have the weights of another one."""
    return figures.worst("equal") > limit("equal")


def has_unscaled_input(figures: Figures) -> bool:
    """Whether a column is far from mean 0 and deviation 1, and nothing normalizes it."""
    normalizes = figures.params.get("batch_norm") is not None
    return not normalizes and figures.setting.input_scale > limit("input_scale")


def has_unscaled_target(figures: Figures) -> bool:
    """Whether the target of a regression is, as the network gets it."""
    if "standardize_target" not in figures.params:
        return False
    setting = figures.setting
    is_tiny = setting.target_std < limit("target_deviation")
    return setting.target_scale > limit("target_scale") or is_tiny


def has_exploding_gradients(figures: Figures) -> bool:
    """Whether signals or gradients grow from layer to layer before the first step.

    By more than dropout alone makes them grow: what it keeps it divides by the share that it keeps.
    """
    probe = figures.initial
    if probe is None:
        return False
    forwards = max(probe.variance_ratio, probe.largest("variance"))
    n_layers = len(probe.hidden)
    by_dropout = (1 - figures.params["dropout"]) ** -n_layers
    return bool(max(forwards, probe.gradient_ratio) > limit("exploding") * by_dropout)


def has_saturated_units(figures: Figures) -> bool:
    """Whether most outputs of a layer are at the ends of its activation, but for too large steps."""
    at_first = figures.initial is not None and figures.initial.largest("saturated")
    if at_first > limit("saturated"):
        return True
    return figures.worst("saturated") > limit("saturated") and not has_too_high_rate(figures)


def has_dead_units(figures: Figures) -> bool:
    """Whether most units of a layer give 0 for every row."""
    return figures.worst("dead") > limit("dead")


def has_vanishing_gradients(figures: Figures) -> bool:
    """Whether signals or gradients fade from layer to layer before the first step.

    Where both are all but gone, that is enough; else little must have been learned as well.
    """
    probe = figures.initial
    if probe is None:
        return False
    fades = probe.variance_ratio < limit("fading")
    if fades and probe.gradient_ratio < limit("vanished"):
        return True
    return is_poor(figures) and bool(fades or probe.gradient_ratio < limit("vanishing"))


# Others divide a gradient by the size of those before it, so that its length does not matter.
_STEPS_BY_LENGTH = ("sgd", "adagrad")


def is_always_clipped(figures: Figures) -> bool:
    """Whether clipping makes each step much shorter, where its length matters."""
    if figures.params["optimizer"] not in _STEPS_BY_LENGTH:
        return False
    return bool(figures.probes) and all(
        probe.clipped >= limit("clipped") and probe.kept < limit("kept") for probe in figures.probes
    )


def has_too_high_rate(figures: Figures) -> bool:
    """Whether steps are large, and training diverges, leaps, or ends having learned little."""
    step = figures.update_ratio - figures.decay
    if not figures.is_fitted:
        return step > limit("huge_step")
    if figures.has_diverged:
        return step > limit("small_step")
    if not step > limit("large_step"):
        return False
    curves = figures.curves
    if is_poor(figures):
        return step > limit("huge_step") or not has_stopped_early(figures)
    if curves is None or curves.last < limit("learned"):
        return False
    leaps = curves.worst > limit("leap") * max(1.0, figures.initial_loss)
    return leaps or (step > limit("huge_step") and curves.swings > limit("swings"))


def has_too_low_rate(figures: Figures) -> bool:
    """Whether steps are small, and the loss still falls or little was learned."""
    if not figures.update_ratio < limit("small_step"):
        return False
    return not figures.is_fitted or still_falls(figures) or is_poor(figures)


_FEW_EPOCHS = 5


def still_falls(figures: Figures) -> bool:
    """Whether the loss falls at the end of training."""
    curves = figures.curves
    if curves is None:
        return False
    if curves.n_epochs < 2:
        return bool(figures.initial_loss - curves.last > limit("training_fall"))
    if not curves.best_epoch:
        return curves.fall > limit("training_fall")
    return curves.fall > limit("fall" if curves.n_epochs >= _FEW_EPOCHS else "first_fall")


def has_stopped_early(figures: Figures) -> bool:
    """Whether it falls, and the best epoch is among the last ones, or weights had no time to move."""
    curves = figures.curves
    if curves is None or figures.has_diverged:
        return False
    if curves.n_epochs < _FEW_EPOCHS and figures.travel < 1 and is_poor(figures):
        return True
    if not still_falls(figures):
        return False
    return curves.best_epoch == 0 or curves.best_epoch > 0.9 * curves.n_epochs


def is_overfit(figures: Figures) -> bool:
    """Whether the training rows are memorized, and the validation loss is the worse for it."""
    curves = figures.curves
    if curves is None or not curves.best_epoch or figures.params.get("early_stopping"):
        return False
    if curves.last > limit("memorized") * curves.validation_last:
        return False
    rise = curves.validation_last - curves.validation_least
    is_worse = curves.validation_last > 1 or rise > limit("rise")
    return is_worse and not has_stopped_early(figures)


def is_overregularized(figures: Figures) -> bool:
    """Whether dropout or weight decay are strong, and little was learned."""
    params = figures.params
    if not (params["dropout"] > limit("dropout") or figures.decay > limit("decay")):
        return False
    curves = figures.curves
    if curves is None or figures.has_diverged:
        return False
    return is_poor(figures) or curves.last >= 1


def is_underfit(figures: Figures) -> bool:
    """Whether a network learns less than a linear model, though it was trained to its end."""
    if not figures.is_fitted or figures.has_diverged:
        return False
    return _is_behind(figures) and not has_stopped_early(figures)
