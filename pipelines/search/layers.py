"""What the hidden layers of a trained network give out."""

from __future__ import annotations

import keras
import numpy as np

__all__ = ["layer_outputs"]

_MOST_ROWS = 1000


def layer_outputs(network: keras.Model, inputs: np.ndarray) -> dict[str, list[float]]:
    """Describe the output of each hidden layer, after its activation.

    Parameters
    ----------
    network : keras.Model
        Of :func:`estimators.build_network`.
    inputs : ndarray of shape (n_rows, n_features)
        As the network sees them; at most 1,000 rows are looked at.

    Returns
    -------
    dict of str to list of float
        By hidden layer: "mean" and "deviation" over all units and rows, and "dead", the share of
        units whose output is the same for every row, so that they pass nothing on.
    """
    hidden = [layer.output for layer in network.layers if layer.name.startswith("activation_")]
    rows = np.asarray(inputs[:: max(1, -(-len(inputs) // _MOST_ROWS))], dtype=np.float32)
    outputs = [np.asarray(output) for output in keras.Model(network.inputs, hidden)(rows)]
    return {
        "mean": [float(output.mean()) for output in outputs],
        "deviation": [float(output.std()) for output in outputs],
        "dead": [float((np.ptp(output, axis=0) == 0).mean()) for output in outputs],
    }
