"""What is used of TensorFlow that it does not call public.

``tests/estimators/test_tensorflow.py`` says what breaks where one of these goes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from threading import Lock
from typing import Any, NamedTuple

import tensorflow as tf
from tensorflow.core.protobuf import config_pb2
from tensorflow.python.eager import context
from tensorflow.python.framework.ops import dismantle_graph, gradient_registry

__all__ = ["Graph", "clear_kernel_cache", "session_call", "traced_graph"]

_GRADIENT = "_gradient_op_type"
_tracing = Lock()


class Graph(NamedTuple):
    """A graph whose names are the same in every process.

    Attributes
    ----------
    definition : tf.compat.v1.GraphDef
        Its functions are named by their place, so that a compiler that keeps what it compiled
        (see ``estimators.compile_cache``) knows them again.
    inputs, outputs : list of str
        Names of the tensors, flat, in the function's order.
    dtypes : list of str
        Of the inputs.
    """

    definition: tf.compat.v1.GraphDef
    inputs: list[str]
    outputs: list[str]
    dtypes: list[str]


def traced_graph(function: Callable[..., Any], signature: Sequence[Any], *, jit: bool) -> Graph:
    """Trace a function.

    Parameters
    ----------
    function : callable
        Takes and returns nested tensors, and uses none that lie outside.
    signature : sequence of nested tf.TensorSpec
        Its arguments.
    jit : bool
        Whether XLA compiles it.
    """
    inner = tf.function(function, jit_compile=jit, autograph=False)
    outer = tf.function(lambda *inputs: inner(*inputs), autograph=False)
    with _forgotten_gradients():
        graph = outer.get_concrete_function(*signature).graph
    result = Graph(
        _with_fixed_names(graph.as_graph_def()),
        [tensor.name for tensor in graph.inputs],
        [tensor.name for tensor in graph.outputs],
        [tensor.dtype.name for tensor in graph.inputs],
    )
    _take_apart(graph)
    return result


def _take_apart(graph: Any) -> None:
    """Break the cycles of a traced graph, which Python's collector does not see through C++."""
    if graph.inputs is None:
        return
    for name in ("inputs", "outputs", "structured_outputs", "_function_captures"):
        setattr(graph, name, None)
    for function in graph._functions.values():
        _take_apart(function.graph)
    dismantle_graph(graph)


@contextmanager
def _forgotten_gradients() -> Iterator[None]:
    """Drop the gradients of ``tf.custom_gradient``, which are in the graph once it is traced.

    TensorFlow would keep each, with the tensors around it, for ever.
    """
    with _tracing:
        before = set(gradient_registry.list())
        yield
        for name in set(gradient_registry.list()) - before:
            gradient_registry._registry.pop(name)


def _with_fixed_names(definition: tf.compat.v1.GraphDef) -> tf.compat.v1.GraphDef:
    """Rename the functions, for TensorFlow numbers them through a whole process."""
    fixed: dict[str, str] = {}
    bodies = {function.signature.name: function for function in definition.library.function}

    def visit(nodes: Any) -> None:
        for node in nodes:
            for _, value in sorted(node.attr.items()):
                for reference in [value.func, *value.list.func]:
                    if reference.name in bodies:
                        seen = reference.name in fixed
                        name = fixed.setdefault(reference.name, f"function_{len(fixed)}")
                        if not seen:
                            visit(bodies[reference.name].node_def)
                        reference.name = name

    visit(definition.node)
    for name, function in bodies.items():
        function.signature.name = fixed[name]
    definition.library.function.sort(key=lambda function: function.signature.name)
    for node in chain(definition.node, *(each.node_def for each in bodies.values())):
        node.attr.pop(_GRADIENT, None)  # where a gradient was registered
    return definition


def session_call(
    session: tf.compat.v1.Session, inputs: Sequence[tf.Tensor], outputs: Sequence[tf.Tensor]
) -> Callable[..., Any]:
    """Make a function of arrays of what a session calculates.

    The public ``make_callable`` looks at each array anew, for some milliseconds a call.
    """
    options = config_pb2.CallableOptions(
        feed=[tensor.name for tensor in inputs], fetch=[tensor.name for tensor in outputs]
    )
    call: Callable[..., Any] = session._make_callable_from_options(options)
    return call


def clear_kernel_cache() -> None:
    """Free the kernels that the eager runtime keeps for every shape and name it has seen.

    ``keras.utils.clear_session`` does so too, and resets more.
    """
    context.context().clear_kernel_cache()
