"""A Keras network as an ONNX graph, by tf2onnx behind Keras' own export."""

from __future__ import annotations

import tempfile
import warnings
from pathlib import Path
from typing import Any

import keras
import numpy as np
import onnx
from tf2onnx.handler import tf_op

__all__ = ["network_to_onnx"]


@tf_op("Erfc")
class _Erfc:
    """What tf2onnx lacks: the complement of the error function, of which gelu is made."""

    @classmethod
    def version_9(cls, ctx: Any, node: Any, **kwargs: Any) -> None:
        name, (value,), outputs = node.name, node.input, node.output
        shape, kind = ctx.get_shape(outputs[0]), ctx.get_dtype(outputs[0])
        ctx.remove_node(name)
        one = ctx.make_const(f"{name}_one", np.array(1, np.float32)).output[0]
        error = ctx.make_node("Erf", [value], shapes=[shape], dtypes=[kind]).output[0]
        ctx.make_node(
            "Sub", [one, error], name=name, outputs=outputs, shapes=[shape], dtypes=[kind]
        )


def network_to_onnx(network: keras.Model, opset: int) -> onnx.ModelProto:
    """Translate a network.

    Parameters
    ----------
    network : keras.Model
        With one input and one output, of float32.
    opset : int
        Version of ONNX' operations.

    Returns
    -------
    onnx.ModelProto
    """
    signature = keras.InputSpec(dtype="float32", shape=network.input_shape, name="features")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "network.onnx")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # of Keras' own way to tf2onnx
            network.export(
                path, format="onnx", input_signature=[signature], opset_version=opset, verbose=False
            )
        return onnx.load(path)
