"""Targets of a classifier that are not quite sure."""

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING

from estimators._sklearn import Interval
from estimators.techniques.technique import (
    Hyperparameter,
    Params,
    Reference,
    SearchDomain,
    Summary,
    Technique,
)

if TYPE_CHECKING:
    import tensorflow as tf

__all__ = ["LabelSmoothing", "smoothed"]

MULLER_2019 = Reference("Muller2019", "Müller et al. 2019", "https://arxiv.org/abs/1906.02629")
SZEGEDY_2016 = Reference("Szegedy2016", "Szegedy et al. 2016", "https://arxiv.org/abs/1512.00567")


class LabelSmoothing(Technique):
    """A share of each target is spread evenly over all classes."""

    hyperparameters = (
        Hyperparameter(
            "label_smoothing",
            0.0,
            (Interval(Real, 0, 1, closed="left"),),
            "float",
            "Share of each training target that is spread evenly over all classes, in [0, 1) "
            "[Szegedy2016]_; over yes and no where the target is binary or multilabel. Validation "
            "targets stay as they are. Helps accuracy, but the more there is the less can "
            "probabilities be near 0 and 1 [Muller2019]_.",
            role="dynamic",
            may_change=True,
            search=(SearchDomain([0.0, 0.01, 0.05, 0.1]),),
        ),
    )
    references = (MULLER_2019, SZEGEDY_2016)
    summary = (
        Summary(
            "`label_smoothing` (of classifiers)",
            "[0, 1)",
            "for accuracy more than for log loss",
            (SZEGEDY_2016, MULLER_2019),
        ),
    )

    def resolve(self, params: Params) -> Params:
        return {"label_smoothing": float(params["label_smoothing"])}

    def needs_engine(self, params: Params) -> str | None:
        if not params["label_smoothing"]:
            return None
        return "label_smoothing is for the training rows alone"


def smoothed(targets: tf.Tensor, share: tf.Tensor, n_classes: int) -> tf.Tensor:
    """Spread a share of targets over the classes.

    Parameters
    ----------
    targets : tf.Tensor
        Probabilities.
    share : tf.Tensor or float
    n_classes : int

    Returns
    -------
    tf.Tensor

    Examples
    --------
    >>> import numpy as np
    >>> smoothed(np.array([[0.0, 1.0, 0.0]]), 0.3, 3).round(3).tolist()
    [[0.1, 0.8, 0.1]]
    """
    return targets * (1 - share) + share / n_classes
