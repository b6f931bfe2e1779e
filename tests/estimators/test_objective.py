from __future__ import annotations

import keras
import pytest

from estimators.objective import Objective
from estimators.techniques.loss import REGRESSION_LOSSES


@pytest.mark.parametrize(
    ("loss", "metric", "name"),
    [
        *((loss, "mean_absolute_error", "mean_absolute_error") for loss in REGRESSION_LOSSES),
        ("binary_crossentropy", "binary_accuracy", "accuracy"),
        ("sparse_categorical_crossentropy", "sparse_categorical_accuracy", "accuracy"),
    ],
)
def test_loss_and_metric(loss, metric, name):
    objective = Objective(loss, metric)
    made, (measured,) = objective.make_loss(), objective.make_metrics()
    assert type(made) is type(keras.losses.get(loss.title().replace("_", "")))
    assert type(measured) is type(keras.metrics.get(metric.title().replace("_", "")))
    assert measured.name == name
    assert objective == Objective(loss, metric)
    assert objective.make_metrics()[0] is not measured
