"""Calibration of the probabilities of a classifier."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_expit, log_softmax, logsumexp

from estimators._sklearn import StrOptions
from estimators.techniques.early_stopping import stops_early
from estimators.techniques.rule import without_effect
from estimators.techniques.technique import (
    Hyperparameter,
    Params,
    Reference,
    Summary,
    Technique,
)

if TYPE_CHECKING:
    import keras
    from numpy.typing import NDArray

    from estimators.engine.rows import Rows

__all__ = ["Calibration", "fit_temperature"]

GUO_2017 = Reference("Guo2017", "Guo et al. 2017", "https://arxiv.org/abs/1706.04599")

# Beyond this, in either direction, a temperature says more about the rows than about the network.
_LARGEST = 5.0
_SMALLEST = np.finfo(np.float32).tiny


class Calibration(Technique):
    """Outputs divided by a temperature that suits the validation rows."""

    hyperparameters = (
        Hyperparameter(
            "calibration",
            None,
            (StrOptions({"temperature"}), None),
            '{"temperature"} or None',
            "Whether the output layer is divided, once training has ended, by the temperature under "
            "which early stopping's validation rows are the most likely [Guo2017]_. It changes "
            "probabilities and no labels, save where members share a network, of which each has "
            "its output divided.",
            role="training",
        ),
    )
    rules = (
        without_effect(
            "calibration",
            None,
            "early_stopping=True",
            lambda setting: stops_early(setting["early_stopping"], setting.n_rows),
            str(GUO_2017),
        ),
    )
    references = (GUO_2017,)
    summary = (
        Summary(
            "`calibration` (of classifiers)",
            "none, temperature",
            "needs early stopping's validation rows",
            (GUO_2017,),
        ),
    )

    def after_training(self, network: keras.Model, validation: Rows | None, params: Params) -> None:
        if params["calibration"] is None or validation is None:
            return
        import keras

        from estimators.engine.prediction import predict_in_batches
        from estimators.engine.rows import real_steps

        layer = network.get_layer("output")
        outputs = predict_in_batches(keras.Model(network.inputs[0], layer.output), validation.X)
        y, weight = validation.y, validation.sample_weight
        if y.ndim == 3:  # of which each real step is a case
            real = real_steps(validation.X)
            outputs, y = outputs[real], y[real]
            weight = None if weight is None else weight[real]
        temperature = fit_temperature(outputs, y, weight)
        layer.set_weights([weight / temperature for weight in layer.get_weights()])


def fit_temperature(
    probabilities: NDArray[Any], y: NDArray[Any], sample_weight: NDArray[Any] | None = None
) -> float:
    """Find the temperature under which the rows' classes are the most likely.

    Parameters
    ----------
    probabilities : ndarray of shape (n_rows, n_outputs) or (n_rows, n_members, n_outputs)
        Outputs of a sigmoid (one output, or one a label) or of a softmax; those of members are
        averaged, once the logits of each are divided.
    y : ndarray of shape (n_rows, 1) or (n_rows, n_outputs)
        Number of the class, or 0 and 1.
    sample_weight : ndarray of shape (n_rows,), default=None

    Returns
    -------
    float
        Between 1/5 and 5; by it the logits are to be divided.

    Examples
    --------
    >>> certain = np.array([[0.99, 0.01]] * 4)
    >>> bool(fit_temperature(certain, np.array([[0], [0], [0], [1]])) > 4)  # is right 3 of 4 times
    True
    """
    if probabilities.ndim == 2:
        probabilities = probabilities[:, None]
    logs = np.log(np.maximum(probabilities.astype(float), _SMALLEST))
    weight = np.ones(len(y)) if sample_weight is None else sample_weight.astype(float)
    if probabilities.shape[2] > 1 and y.shape[1] == 1:
        classes = y[:, 0].astype(int)

        def likelihood(temperature: float) -> NDArray[Any]:
            likelihoods = log_softmax(logs / temperature, axis=2)
            return _mean_of_members(likelihoods[np.arange(len(y)), :, classes])
    else:
        logits = logs - np.log(np.maximum(1 - probabilities.astype(float), _SMALLEST))
        signs = 2 * y[:, None] - 1

        def likelihood(temperature: float) -> NDArray[Any]:
            of_labels = _mean_of_members(log_expit(signs * logits / temperature))
            likelihoods: NDArray[Any] = of_labels.sum(axis=1)
            return likelihoods

    found = minimize_scalar(
        lambda log: -float(np.average(likelihood(np.exp(log)), weights=weight)),
        bounds=(-np.log(_LARGEST), np.log(_LARGEST)),
        method="bounded",
    )
    return float(np.exp(found.x))


def _mean_of_members(logs: NDArray[Any]) -> NDArray[Any]:
    """Logarithm of the mean of probabilities over the second axis."""
    means: NDArray[Any] = logsumexp(logs, axis=1) - np.log(logs.shape[1])
    return means
