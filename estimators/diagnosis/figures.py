"""All figures of a configuration that the causes are told from."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import joblib
import numpy as np
from sklearn.linear_model import Ridge, RidgeClassifier
from sklearn.metrics import accuracy_score, r2_score
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from estimators.diagnosis.curves import CurveFigures
from estimators.diagnosis.probe import Probe
from estimators.techniques import Setting

__all__ = ["Figures", "constant_loss", "linear_score", "network_score"]

_N_FOLDS = 5
_MOST_REMEMBERED = 16
_linear_scores: dict[str, float] = {}


@dataclass(frozen=True)
class Figures:
    """What was measured of a configuration.

    Attributes
    ----------
    setting : Setting
        Hyperparameters, resolved, and the scales of input and target as the network gets them.
    n_steps : int
        Steps of an epoch.
    initial, trained : Probe or None
        Of the network before its first step, and as it is after a fit; the latter is None before.
    constant : float
        Loss of the best constant prediction.
    curves : CurveFigures or None
        None before a fit.
    score, linear_score : float
        Of the network on the rows of the probe, and of a linear model by cross-validation: r2, or
        for classes the accuracy from that of the most frequent class (0) to 1. nan where there is
        none.
    has_diverged : bool
    """

    setting: Setting
    n_steps: int
    initial: Probe | None
    trained: Probe | None
    constant: float
    curves: CurveFigures | None = None
    score: float = np.nan
    linear_score: float = np.nan
    has_diverged: bool = False

    @property
    def params(self) -> Mapping[str, Any]:
        """Hyperparameters, resolved."""
        return self.setting.params

    @property
    def is_fitted(self) -> bool:
        """Whether there was a training, to its end or not."""
        return self.curves is not None or self.has_diverged

    @property
    def probes(self) -> list[Probe]:
        """Those that there are."""
        return [probe for probe in (self.initial, self.trained) if probe is not None]

    def worst(self, figure: str) -> float:
        """The largest figure of a hidden layer, before or after training; nan where unknown."""
        values = [probe.largest(figure) for probe in self.probes]
        return float(np.nanmax(values)) if np.isfinite(values).any() else np.nan

    @property
    def initial_loss(self) -> float:
        """Loss before the first step in units of that of a constant."""
        return np.nan if self.initial is None else self.initial.loss / self.constant

    @property
    def update_ratio(self) -> float:
        """Of the first step; that of the next one where the first is not known."""
        return self.probes[0].update_ratio if self.probes else np.nan

    @property
    def decay(self) -> float:
        """What weight decay alone takes from a weight in a step, as a share."""
        rate = self.params["learning_rate"]
        return float((rate(0) if callable(rate) else rate) * (self.params["weight_decay"] or 0.0))

    @property
    def travel(self) -> float:
        """The first step's ratio times the number of steps: as far as weights can have come."""
        return self.update_ratio * self.n_steps * (self.curves.n_epochs if self.curves else 0)


def constant_loss(loss: Any, y: np.ndarray, *, is_class_number: bool, is_median: bool) -> float:
    """Loss of the best constant prediction.

    Parameters
    ----------
    loss : keras.losses.Loss
    y : ndarray of shape (n_rows, n_outputs), float32
        As the network gets it.
    is_class_number : bool
        Whether targets are numbers of classes, of which each has an output.
    is_median : bool
        Whether the best one is the median rather than the mean.

    Returns
    -------
    float
        Above 0.
    """
    if is_class_number:
        values = np.bincount(y.ravel().astype(int)) / len(y)
    else:
        values = np.median(y, axis=0) if is_median else y.mean(axis=0)
    outputs = np.broadcast_to(values.astype("float32"), (len(y), len(values)))
    return max(float(loss(y, outputs)), float(np.finfo(np.float32).eps))


def network_score(y: Any, predicted: Any, *, classifies: bool) -> float:
    """Score predictions: r2, or the accuracy from the most frequent class's (0) to 1."""
    if not np.isfinite(np.asarray(predicted, dtype=float) if not classifies else 0).all():
        return -np.inf
    if not classifies:
        return float(r2_score(y, predicted))
    _, counts = np.unique(y, return_counts=True)
    least = counts.max() / counts.sum()
    return float((accuracy_score(y, predicted) - least) / max(1 - least, 1e-9))


def linear_score(X: np.ndarray, y: np.ndarray, *, classifies: bool) -> float:
    """Score a linear model by cross-validation.

    Parameters
    ----------
    X : ndarray of shape (n_rows, n_features)
    y : ndarray of shape (n_rows,) or (n_rows, n_outputs)
    classifies : bool

    Returns
    -------
    float
        nan where there are fewer than 20 rows, hardly two classes, or several labels a row.

    Notes
    -----
    The last ones are remembered: the candidates of a search have the same rows.
    """
    key = joblib.hash((X, y, classifies))
    score = _linear_scores.get(key)
    if score is None:  # trials in other threads may drop what they like meanwhile
        score = _linear_scores[key] = _linear_score(X, y, classifies=classifies)
        for oldest in [*_linear_scores][:-_MOST_REMEMBERED]:
            _linear_scores.pop(oldest, None)
    return score


def _linear_score(X: np.ndarray, y: np.ndarray, *, classifies: bool) -> float:
    if len(X) < 20 or (classifies and y.ndim > 1):
        return np.nan
    if classifies and sorted(np.unique(y, return_counts=True)[1])[-2:-1] < [2]:
        return np.nan
    folds = (StratifiedKFold if classifies else KFold)(_N_FOLDS, shuffle=True, random_state=0)
    model = make_pipeline(StandardScaler(), (RidgeClassifier if classifies else Ridge)(alpha=1.0))
    with warnings.catch_warnings():  # a class with fewer rows than folds is in some of them
        warnings.filterwarnings("ignore", "The least populated class")
        predicted = cross_val_predict(model, X, y, cv=folds)
    return network_score(y, predicted, classifies=classifies)
