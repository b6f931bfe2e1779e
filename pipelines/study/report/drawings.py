"""All figures of a report, drawn and with their captions."""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.data import Dataset
from pipelines.report.drawing import Drawing, draw
from pipelines.study import ClaimResult, StudyResult
from pipelines.study.report.activation_figures import (
    dead_info,
    moments_info,
    plot_dead,
    plot_moments,
)
from pipelines.study.report.curves import curves_info, plot_curves
from pipelines.study.report.forest import forest_info, plot_forest
from pipelines.study.report.gradients import gradients_info, plot_gradients
from pipelines.study.report.illustrations import (
    activations_info,
    plot_activations,
    plot_samples,
    samples_info,
)
from pipelines.study.report.published_figure import plot_published, published_info
from pipelines.study.report.times import plot_times, times_info

__all__ = ["claim_drawings", "illustrations", "study_drawings"]


def study_drawings(study: StudyResult) -> tuple[Drawing, ...]:
    """Draw the figures of a study."""
    baseline = study.baseline.label
    rows = (
        f"validation rows without the {study.n_far} far ones" if study.n_far else "validation rows"
    )
    of_combinations = ""
    if study.effects:
        of_combinations = " Of the combinations those that differ from it in one factor."
    drawings = [
        draw(
            "differences",
            f"How far each technique is from {baseline} on the {rows}, with 95 % intervals; "
            f"{'right' if study.metric.greater_is_better else 'left'} of the line is better. "
            "▲ is shown to be better and ▼ to be worse, once all comparisons are corrected for "
            "their number; a dot is neither. An arrow says that an interval goes on.",
            lambda: plot_forest(forest_info(study)),
        )
    ]
    if study.design.publications:
        drawings.append(
            draw(
                "published",
                "The published validation figures (diamonds) beside ours (dots). The thick bar is "
                "the 95 % interval of our mean; the thin one holds one more run in 95 % of cases, "
                "and each published figure is one run.",
                lambda: plot_published(published_info(study)),
            )
        )
    drawings += [
        draw(
            "curves",
            "Validation (solid) and training (dotted) by epoch, means over the seeds; the band "
            f"runs from the lowest to the highest seed. Grey is {baseline}.{of_combinations}",
            lambda: plot_curves(curves_info(study)),
        ),
        draw(
            "times",
            f"Score on the {rows} against the time of an epoch, which is 1 for "
            f"{baseline}, with 95 % intervals.{of_combinations}",
            lambda: plot_times(times_info(study)),
        ),
    ]
    return tuple(drawings)


def claim_drawings(claims: Sequence[ClaimResult]) -> tuple[Drawing, ...]:
    """Draw the figures of the claims."""
    measured = {result.claim.quantity for result in claims}
    drawings = []
    if "drift" in measured:
        drawings.append(
            draw(
                "layers",
                "The hidden activations after training: mean and standard deviation over units and "
                "validation rows, with a band from the lowest to the highest seed. Selu wants them at "
                "the straight lines, 0 and 1.",
                lambda: plot_moments(moments_info(claims)),
            )
        )
    if "dead" in measured:
        drawings.append(
            draw(
                "dead",
                "Share of the units whose output is the same for every row, by hidden layer, after "
                "training at a high learning rate with clipped gradients; a dot a seed.",
                lambda: plot_dead(dead_info(claims)),
            )
        )
    return tuple(drawings)


def illustrations(dataset: Dataset | None) -> tuple[Drawing, ...]:
    """Draw what needs no training."""
    if dataset is not None and dataset.kind == "sequence":
        return (
            draw(
                "gradients",
                "How much the loss depends on each step, before training: the norm of its gradient "
                "with respect to the step, by cell and by the initial weights from state to state, "
                "in the mean over 64 sequences. A line that falls to the left vanishes: at the "
                "beginning hardly anything is learned from early steps. Gated cells can learn to keep "
                "it up.",
                lambda: plot_gradients(gradients_info(dataset)),
            ),
        )
    drawings = [
        draw(
            "activations",
            "The activation functions and their derivatives. Where the derivative is 0 a unit "
            "learns nothing; randomized leaky relu is shown as at prediction, prelu as it begins.",
            lambda: plot_activations(activations_info()),
        )
    ]
    if dataset is not None and dataset.kind == "image":
        drawings.append(
            draw(
                "samples",
                "The first images of each class.",
                lambda: plot_samples(samples_info(dataset)),
            )
        )
    return tuple(drawings)
