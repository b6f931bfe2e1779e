"""The diagnosis of a configuration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from estimators.diagnosis.causes import found_causes
from estimators.diagnosis.diagnosis import Diagnosis, Finding
from estimators.diagnosis.figures import Figures
from estimators.diagnosis.measure import measure
from estimators.techniques import hyperparameters_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from estimators.base import KerasNetwork
    from estimators.diagnosis.probe import Probe

__all__ = ["diagnose"]


def diagnose(
    estimator: KerasNetwork | Pipeline,
    X: ArrayLike,
    y: ArrayLike,
    *,
    history: Mapping[str, Sequence[float]] | None = None,
    probes: Mapping[int, Probe] | None = None,
) -> Diagnosis:
    """Say why a configuration fails or learns slowly, before a fit or after it.

    Up to 512 of the rows go once through the network before its first step and, after a fit,
    through the trained one, forwards and backwards; the learning curves are read; a linear model
    and a constant are what it is compared with. Nothing of the estimator changes. Before a fit
    only what is wrong from the beginning can be found.

    Parameters
    ----------
    estimator : KerasMLPClassifier, KerasMLPRegressor, KerasRNNClassifier or KerasRNNRegressor
        Fitted or not; or a pipeline that ends with one.
    X : array-like of shape (n_rows, n_features)
        The rows that it was or is to be trained on, as it gets them.
    y : array-like of shape (n_rows,) or (n_rows, n_outputs)
    history : mapping of str to sequence of float, default=None
        Curves of a fit that has diverged, whose network is lost, with nan at their ends; for an
        estimator that is not fitted.
    probes : mapping of int to Probe, default=None
        Of the network while it was trained, by the number of epochs behind it, as
        :class:`estimators.diagnosis.EpochProbes` collects them.

    Returns
    -------
    Diagnosis
        Findings, each with its cause, evidence and remedies, and the figures by layer.

    Raises
    ------
    TypeError
        If the estimator is another one.

    Notes
    -----
    The thresholds began as published ones [1]_ [2]_ [3]_ and were changed where tables with
    injected faults showed others to be better; ``estimators.diagnosis.THRESHOLDS`` has each with its
    source, and benchmarks/diagnosis.md what they find.

    References
    ----------
    .. [1] X. Zhang et al., "AutoTrainer: An Automatic DNN Training Problem Detection and Repair
       System", ICSE 2021, https://doi.org/10.1109/ICSE43902.2021.00043
    .. [2] M. Wardat et al., "DeepDiagnosis: Automatically Diagnosing Faults and Recommending
       Actionable Fixes in Deep Learning Programs", ICSE 2022, https://arxiv.org/abs/2112.04036
    .. [3] Amazon SageMaker Debugger, built-in rules.

    Examples
    --------
    >>> import numpy as np
    >>> from estimators import KerasMLPRegressor, diagnose
    >>> X = np.random.default_rng(0).normal(size=(200, 4))
    >>> model = KerasMLPRegressor(optimizer="sgd", learning_rate=10.0, random_state=0)
    >>> diagnose(model, X, X[:, 0]).causes
    ['learning rate too high']
    """
    if isinstance(estimator, Pipeline):
        estimator, X = _network_of(estimator, X, y)
    if not hasattr(estimator, "fit_epochs"):
        raise TypeError(
            f"A {type(estimator).__name__} can't be diagnosed; give an estimator of this package, or "
            "a pipeline that ends with one."
        )
    seen = dict(probes or {})
    figures = measure(estimator, X, y, history, seen.get(0))
    findings = tuple(
        Finding(
            cause.name,
            cause.evidence(figures),
            cause.advice,
            tuple(cause.remedies(hyperparameters_of(estimator))),
        )
        for cause in found_causes(figures)
    )
    n_epochs = None if figures.trained is None else _trained_epochs(estimator)
    for number, probe in ((0, figures.initial), (n_epochs, figures.trained)):
        if number is not None and probe is not None:
            seen[number] = probe
    return Diagnosis(
        findings,
        dict(sorted(seen.items())),
        _scalars(figures),
        n_epochs,
        figures.is_fitted,
        getattr(estimator, "history_", history) or {},
    )


def _trained_epochs(estimator: KerasNetwork) -> int:
    """Number of epochs behind the weights that a network, or the first of an ensemble, has."""
    best = estimator.best_epoch_
    return int((best[0] if isinstance(best, list) else best) or estimator.n_iter_)


def _network_of(pipeline: Pipeline, X: ArrayLike, y: ArrayLike) -> tuple[Any, Any]:
    """The last step of a pipeline, and the rows as it gets them."""
    network = pipeline[-1]
    if len(pipeline) == 1:
        return network, X
    if hasattr(network, "history_"):
        return network, pipeline[:-1].transform(X)
    return network, clone(pipeline[:-1]).fit_transform(X, y)


def _scalars(figures: Figures) -> dict[str, float]:
    found = {
        "loss before training over a constant's": figures.initial_loss,
        "input scale": figures.setting.input_scale,
        "target scale": figures.setting.target_scale
        if "standardize_target" in figures.params
        else np.nan,
        "first step over weights": figures.update_ratio,
        "score": figures.score,
        "linear model's score": figures.linear_score,
    }
    for when, probe in (("before training", figures.initial), ("after training", figures.trained)):
        if probe is not None:
            found[f"gradient first over last layer {when}"] = probe.gradient_ratio
            found[f"variance last over first layer {when}"] = probe.variance_ratio
            found[f"share of steps clipped {when}"] = probe.clipped
    if figures.curves is not None:
        curves = figures.curves
        found |= {
            "epochs": curves.n_epochs,
            "last loss over a constant's": curves.last,
            "fall in the last fifth": curves.fall,
            "share of epochs that raise the loss": curves.swings,
        }
    return {name: float(value) for name, value in found.items() if np.isfinite(value)}
