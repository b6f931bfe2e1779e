"""What a network is compiled for: its loss and its metrics, by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras

__all__ = ["Objective"]

# Names of Keras' classes.
_LOSSES = {
    "binary_crossentropy": "BinaryCrossentropy",
    "sparse_categorical_crossentropy": "SparseCategoricalCrossentropy",
    "mean_squared_error": "MeanSquaredError",
    "mean_absolute_error": "MeanAbsoluteError",
    "huber": "Huber",
}
_METRICS = {
    "binary_accuracy": ("BinaryAccuracy", "accuracy"),
    "sparse_categorical_accuracy": ("SparseCategoricalAccuracy", "accuracy"),
    "mean_absolute_error": ("MeanAbsoluteError", "mean_absolute_error"),
}


@dataclass(frozen=True)
class Objective:
    """A loss and a metric.

    Attributes
    ----------
    loss, metric : str
    """

    loss: str
    metric: str

    def make_loss(self) -> keras.losses.Loss:
        """Make the Keras loss."""
        import keras

        return getattr(keras.losses, _LOSSES[self.loss])()

    @property
    def is_of_class_numbers(self) -> bool:
        """Whether targets are numbers of classes, of which each has an output."""
        return self.loss == "sparse_categorical_crossentropy"

    def make_probability_loss(self) -> keras.losses.Loss:
        """Make the Keras loss for targets that are probabilities, one for each output."""
        import keras

        if self.is_of_class_numbers:
            return keras.losses.CategoricalCrossentropy()
        return self.make_loss()

    def make_metrics(self) -> list[keras.metrics.Metric]:
        """Make the Keras metrics, under the names that ``history_`` has."""
        import keras

        kind, name = _METRICS[self.metric]
        return [getattr(keras.metrics, kind)(name=name)]
