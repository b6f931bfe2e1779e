"""What is used of TensorFlow that it does not call public.

``tests/estimators/test_tensorflow.py`` says what breaks where one of these goes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any, NamedTuple

import tensorflow as tf
from tensorflow.core.protobuf import config_pb2
from tensorflow.python.eager import context, execute
from tensorflow.python.framework.func_graph import FuncGraph
from tensorflow.python.framework.ops import dismantle_graph, gradient_registry

__all__ = [
    "Graph",
    "buffers_of",
    "built_graph",
    "clear_kernel_cache",
    "has_read_flags",
    "quick_session",
    "session_call",
    "traced_graph",
    "variable_reader",
]

_GRADIENT = "_gradient_op_type"
_CALLER = -1  # of thread pools: none


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
    # XLA compiles a function that is called; else its operations themselves are the graph.
    inner = tf.function(function, jit_compile=True, autograph=False) if jit else function
    outer = tf.function(lambda *inputs: inner(*inputs), autograph=False)
    graph = outer.get_concrete_function(*signature).graph
    _forget_gradients(graph)
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


def _forget_gradients(graph: Any) -> None:
    """Drop the gradients of ``tf.custom_gradient`` that a graph has used while it was traced.

    TensorFlow would keep each, with the tensors around it, as long as the process lives. Others
    belong to graphs that another thread is tracing.
    """
    for operation in graph.get_operations():
        if operation.type == "IdentityN" and _GRADIENT in operation.node_def.attr:
            name = operation.get_attr(_GRADIENT).decode()
            gradient_registry._registry.pop(name, None)
    for function in graph._functions.values():
        _forget_gradients(function.graph)


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
    session: tf.compat.v1.Session,
    inputs: Sequence[tf.Tensor],
    outputs: Sequence[tf.Tensor],
    *,
    in_caller: bool = False,
) -> Callable[..., Any]:
    """Make a function of arrays of what a session calculates.

    The public ``make_callable`` looks at each array anew, for some milliseconds a call.

    Parameters
    ----------
    session : tf.compat.v1.Session
    inputs, outputs : sequence of tf.Tensor
        Of its graph.
    in_caller : bool, default=False
        Whether the caller's own thread runs the operations, which saves waking another one.
    """
    options = config_pb2.CallableOptions(
        feed=[tensor.name for tensor in inputs],
        fetch=[tensor.name for tensor in outputs],
        run_options=tf.compat.v1.RunOptions(inter_op_thread_pool=_CALLER if in_caller else 0),
    )
    call: Callable[..., Any] = session._make_callable_from_options(options)
    return call


def built_graph(function: Callable[[Any], Any], signature: tf.TensorSpec) -> tuple[Any, Any]:
    """Build a graph of a function's operations themselves, where a traced one calls a function.

    It is of the kind that TensorFlow traces into, in which == compares values; in a plain one it
    compares objects.

    Returns
    -------
    inputs, outputs : tf.Tensor
    """
    with (graph := FuncGraph("network")).as_default():
        inputs = tf.compat.v1.placeholder(signature.dtype, signature.shape)
        outputs = function(inputs)
    _forget_gradients(graph)
    return inputs, outputs


def quick_session(graph: tf.Graph, n_threads: int) -> tf.compat.v1.Session:
    """Open a session that runs one operation after another, each as the eager runtime would.

    Nothing is rewritten, so that outputs are those of eager calls to the bit.
    """
    config = tf.compat.v1.ConfigProto(
        inter_op_parallelism_threads=1, intra_op_parallelism_threads=n_threads
    )
    config.graph_options.rewrite_options.disable_meta_optimizer = True
    config.experimental.executor_type = "SINGLE_THREADED_EXECUTOR"
    return tf.compat.v1.Session(graph=graph, config=config)


def variable_reader(variables: Sequence[tf.Variable]) -> Callable[[], list[tf.Tensor]]:
    """Make a function that reads variables by a single operation, without copying them."""
    handles = [variable.handle for variable in variables]
    kinds = tuple(variable.dtype.as_datatype_enum for variable in variables)
    attributes = ("N", len(handles), "dtypes", kinds)
    eager = context.context()

    def read() -> list[tf.Tensor]:
        values: list[tf.Tensor] = execute.execute(
            b"_ReadVariablesOp", len(handles), handles, attributes, eager
        )
        return values

    return read


def buffers_of(tensors: Sequence[tf.Tensor]) -> list[int]:
    """Addresses of the buffers of tensors.

    A variable whose value somebody holds is never written in place: it gets another buffer.
    """
    return [tensor._numpy_internal().__array_interface__["data"][0] for tensor in tensors]


def clear_kernel_cache() -> None:
    """Free the kernels that the eager runtime keeps for every shape and name it has seen.

    ``keras.utils.clear_session`` does so too, and resets more.
    """
    context.context().clear_kernel_cache()


def has_read_flags() -> bool:
    """Whether TensorFlow has read TF_XLA_FLAGS, which it does once, as it looks for devices.

    Importing it, or Keras, does not make it look; the first tensor, variable or optimizer does.
    """
    eager = context.context_safe()
    return eager is not None and eager._physical_devices is not None
