"""A Keras network as bytes of Keras' own format, in which it survives pickle, joblib and skops."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras
    from numpy.typing import NDArray

__all__ = ["counters_of", "network_from_bytes", "network_to_bytes"]


def network_to_bytes(network: keras.Model) -> bytes:
    """Write a network, its optimizer included."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "network.keras")
        network.save(path)
        return path.read_bytes()


def network_from_bytes(content: bytes, counters: list[NDArray[Any]]) -> keras.Model:
    """Read a network and set the counters of its random layers; runs no code from the bytes."""
    import keras

    import estimators.layers  # noqa: F401  (registers the layers)

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "network.keras")
        path.write_bytes(content)
        network = keras.saving.load_model(path, safe_mode=True)
    for variable, value in zip(_counters(network), counters, strict=True):
        variable.assign(value)
    return network


def counters_of(network: keras.Model) -> list[NDArray[Any]]:
    """Read how far each random layer has drawn, which Keras' format leaves out."""
    return [variable.numpy() for variable in _counters(network)]


def _counters(network: keras.Model) -> list[keras.Variable]:
    weights = {id(weight) for weight in network.weights}
    return [variable for variable in network.variables if id(variable) not in weights]
