"""An ONNX graph in the making."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any, TypeAlias

import numpy as np
import onnx
from onnx import TensorProto, compose, helper, numpy_helper

__all__ = ["OPSET", "Graph", "Value"]

Value: TypeAlias = str | np.ndarray | float
"""Something that an operation takes: the name of a tensor, or a constant of float64."""

OPSET = 18
_ML_OPSET = 3
_FORMAT = 9  # ONNX' "IR version": what onnxruntime 1.16 and later read

_TYPES = {
    "double": TensorProto.DOUBLE,
    "float": TensorProto.FLOAT,
    "int64": TensorProto.INT64,
    "string": TensorProto.STRING,
}


class Graph:
    """Operations of an ONNX model, one called after another.

    Operations are methods by another name: ``graph("Add", x, 1.0)`` adds a node and returns the
    name of its output.
    """

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._inputs: list[onnx.ValueInfoProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []
        self._numbers = count()

    def __call__(self, operation: str, *inputs: Value, domain: str = "", **attributes: Any) -> str:
        """Add an operation with one output."""
        output = self._name(operation)
        names = [self._tensor(value) for value in inputs]
        node = helper.make_node(
            operation, names, [output], name=output, domain=domain, **attributes
        )
        self._nodes.append(node)
        return output

    def input(self, name: str, kind: str, n_columns: int, doc: str = "") -> str:
        """Declare an input of shape (n_rows, n_columns)."""
        shape: list[str | int | None] = ["n_rows", n_columns]
        self._inputs.append(helper.make_tensor_value_info(name, _TYPES[kind], shape, doc))
        return name

    def output(self, value: str, name: str, kind: str, *columns: int) -> None:
        """Declare a tensor an output, under a name."""
        self._nodes.append(helper.make_node("Identity", [value], [name]))
        shape: list[str | int | None] = ["n_rows", *columns]
        self._outputs.append(helper.make_tensor_value_info(name, _TYPES[kind], shape))

    def include(self, model: onnx.ModelProto, inputs: Sequence[str], prefix: str) -> list[str]:
        """Add a whole model, whose names get a prefix; return the names of its outputs."""
        graph = compose.add_prefix_graph(model.graph, prefix)
        for value, name in zip(inputs, graph.input, strict=True):
            self._nodes.append(helper.make_node("Identity", [value], [name.name]))
        self._nodes.extend(graph.node)
        self._constants.extend(graph.initializer)
        return [output.name for output in graph.output]

    def model(self, properties: Mapping[str, str]) -> onnx.ModelProto:
        """Make the model, and check it."""
        graph = helper.make_graph(
            self._nodes, "pipeline", self._inputs, self._outputs, self._constants
        )
        model = helper.make_model(
            graph,
            opset_imports=[
                helper.make_opsetid("", OPSET),
                helper.make_opsetid("ai.onnx.ml", _ML_OPSET),
            ],
            ir_version=_FORMAT,
            producer_name="mlp-techniques",
        )
        helper.set_model_props(model, dict(properties))
        onnx.checker.check_model(model, full_check=True)
        return model

    def _tensor(self, value: Value) -> str:
        if isinstance(value, str):
            return value
        array = np.asarray(value)
        constant = numpy_helper.from_array(array, self._name("constant"))
        self._constants.append(constant)
        return str(constant.name)

    def _name(self, what: str) -> str:
        return f"{what}_{next(self._numbers)}"
