"""Training of a compiled Keras model, epoch by epoch."""

from estimators.training.callbacks import DivergenceCheck, EpochTimer
from estimators.training.keras_fit import predict_in_batches, train
from estimators.training.rows import Rows

__all__ = ["DivergenceCheck", "EpochTimer", "Rows", "predict_in_batches", "train"]
