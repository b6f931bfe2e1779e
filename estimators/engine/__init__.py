"""Training of a compiled Keras model, epoch by epoch."""

from estimators.engine.key import NetworkKey
from estimators.engine.prediction import predict_in_batches
from estimators.engine.rows import Rows
from estimators.engine.training import append_logs, compile_ahead, epochs

__all__ = ["NetworkKey", "Rows", "append_logs", "compile_ahead", "epochs", "predict_in_batches"]
