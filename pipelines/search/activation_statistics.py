"""Statistics of the hidden activations of a trained network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import keras

__all__ = ["activation_statistics"]

_MAX_ROWS = 1000


def activation_statistics(network: keras.Model, inputs: np.ndarray) -> dict[str, list[float]]:
    """Describe the output of each hidden layer, after its activation.

    Parameters
    ----------
    network : keras.Model
        Of :func:`estimators.build_network`.
    inputs : ndarray of shape (n_rows, n_features)
        Input of the network; at most 1,000 rows of it are used.

    Returns
    -------
    dict of str to list of float
        By hidden layer: "mean" and "deviation" over all units and rows, and "dead", the share of
        units whose output is the same for every row.
    """
    import keras

    # By name: Keras returns a list of one as its only item.
    hidden = {
        layer.name: layer.output for layer in network.layers if layer.name.startswith("activation_")
    }
    rows = np.asarray(inputs[:: max(1, -(-len(inputs) // _MAX_ROWS))], dtype=np.float32)
    activations = keras.Model(network.inputs[0], hidden)(rows)
    outputs = [np.asarray(activations[name]) for name in hidden]
    return {
        "mean": [float(output.mean()) for output in outputs],
        "deviation": [float(output.std()) for output in outputs],
        "dead": [float((np.ptp(output, axis=0) == 0).mean()) for output in outputs],
    }
