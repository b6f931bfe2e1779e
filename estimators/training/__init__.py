"""Training of a compiled Keras model, epoch by epoch."""

from estimators.training.callbacks import DivergenceCheck, EpochTimer
from estimators.training.engine import ENGINES, train
from estimators.training.prediction import predict_in_batches
from estimators.training.rows import Rows

__all__ = ["ENGINES", "DivergenceCheck", "EpochTimer", "Rows", "predict_in_batches", "train"]
