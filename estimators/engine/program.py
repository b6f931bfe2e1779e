"""A compiled program: one epoch as one call, for every model of a key."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from estimators._tensorflow import Graph, session_call
from estimators.compile_cache import forget
from estimators.configuration import n_threads
from estimators.engine.epoch import Epoch
from estimators.engine.key import ProgramKey
from estimators.engine.rows import PaddedRows, Rows

__all__ = ["EpochProgram", "LoadedRows", "RowStorage"]


class EpochProgram:
    """One epoch as one call.

    Each program lives in a session of its own: what XLA compiled for a ``tf.function`` stays in
    memory until the process ends, but closing a session frees it. Calls may overlap.

    Parameters
    ----------
    key : ProgramKey

    Attributes
    ----------
    layout : StateLayout
        From a model's state to the program's, and back.
    value_names : list of str
        The dynamic values of a step, in order.
    """

    def __init__(self, key: ProgramKey):
        self.key = key
        epoch = Epoch(key)
        self.layout = epoch.layout
        self.value_names = epoch.value_names
        self._log_names = epoch.log_names
        self._state_signature = epoch.state_signature
        self._compiling = threading.Lock()
        self._inputs, self._outputs = _imported(epoch.graph(), epoch.numbers_of_rows)
        self._compiled = not key.jit
        self._open()

    def __call__(
        self,
        state: Sequence[NDArray[Any]],
        values: NDArray[Any],
        rows: LoadedRows,
        order: NDArray[Any],
        validation: LoadedRows | None = None,
    ) -> tuple[list[NDArray[Any]], dict[str, float]]:
        """Train for one epoch.

        Parameters
        ----------
        state : list of ndarray
            As :attr:`layout` has it.
        values : ndarray of shape (n_steps, n_values)
            Dynamic values of each step of the epoch.
        rows : LoadedRows
        order : ndarray of int
            Order of the rows, of as many as there are.
        validation : LoadedRows, default=None

        Returns
        -------
        state : list of ndarray
        logs : dict of str to float
            Loss and metrics, those of the validation rows with "val_" before their names.
        """
        positions = np.zeros(self.key.n_steps * self.key.batch_size, "int32")
        positions[: len(order)] = order
        of_steps = np.zeros((self.key.n_steps, len(self.value_names)), "float32")
        of_steps[: len(values)] = values
        self.compile()
        *new, logs = self._run(state, of_steps, rows, positions, validation)
        return new, dict(zip(self._log_names, logs.tolist(), strict=True))

    def compile(self) -> None:
        """Have XLA compile the program, unless it has: it runs an epoch of no rows.

        Whoever calls it meanwhile waits.
        """
        if self._compiled:
            return
        with self._compiling:
            if self._compiled:
                return
            try:
                self._run_nothing()
            except tf.errors.OpError as error:
                # A damaged file of the compile cache shows itself at the first call.
                if isinstance(error, tf.errors.ResourceExhaustedError) or not forget():
                    raise
                self._session.close()
                self._open()
                self._run_nothing()
            self._compiled = True

    def _run_nothing(self) -> None:
        key = self.key
        self._run(
            [np.zeros(each.shape, each.dtype.as_numpy_dtype) for each in self._state_signature],
            np.zeros((key.n_steps, len(self.value_names)), "float32"),
            self._no_rows(key.n_rows, key.weighted),
            np.zeros(key.n_steps * key.batch_size, "int32"),
            self._no_rows(key.n_validation, key.validation_weighted) if key.n_validation else None,
        )

    def _no_rows(self, room: int, weighted: bool) -> LoadedRows:
        rows = Rows(
            np.empty((0, *self.key.network.input_shape), "float32"),
            np.empty((0, *self.key.target_shape), "float32"),
            np.empty((0, *self.key.target_shape[:-1]), "float32") if weighted else None,
        )
        return LoadedRows(PaddedRows.of(rows, room))

    def _run(
        self,
        state: Sequence[NDArray[Any]],
        values: NDArray[Any],
        rows: LoadedRows,
        order: NDArray[Any],
        validation: LoadedRows | None,
    ) -> Sequence[Any]:
        of_validation = () if validation is None else validation.handles(self._storage)
        outputs: Sequence[Any] = self._call(
            *state, values, *rows.handles(self._storage), order, *of_validation
        )
        return outputs

    def _open(self) -> None:
        config = tf.compat.v1.ConfigProto()
        _choose_optimizations(config.graph_options.rewrite_options, jit=self.key.jit)
        config.gpu_options.allow_growth = True
        config.inter_op_parallelism_threads = 1
        config.intra_op_parallelism_threads = n_threads()
        self._session = tf.compat.v1.Session(graph=self._inputs[0].graph, config=config)
        self._storage = RowStorage(self._session)
        # In the thread of the caller: the pool of all sessions has a single one.
        self._call: Any = session_call(self._session, self._inputs, self._outputs, in_caller=True)

    def __del__(self) -> None:
        if hasattr(self, "_session"):
            self._call = None  # if there is one: making it may have been interrupted
            self._session.close()


class LoadedRows:
    """Rows that stay on the device of a session, for as many epochs as there are.

    Parameters
    ----------
    rows : PaddedRows
    """

    def __init__(self, rows: PaddedRows):
        self._rows = rows
        self._storage: RowStorage | None = None
        self._handles: list[Any] = []

    def handles(self, storage: RowStorage) -> list[Any]:
        """Return the handles of the rows in a storage, which is given them if it lacks them."""
        if storage is not self._storage:
            self._handles = [storage.put(array) for array in self._rows]
            self._storage = storage
        return self._handles

    def __del__(self) -> None:
        if self._storage is not None:
            for handle in self._handles:
                self._storage.drop(handle)


class RowStorage:
    """Arrays that a session keeps on its device, by handle.

    Parameters
    ----------
    session : tf.compat.v1.Session
        Its graph has the operations of :func:`_add_storage`.
    """

    def __init__(self, session: tf.compat.v1.Session):
        self._session = session

    def put(self, array: NDArray[Any]) -> Any:
        """Take an array over, without a copy where the device is the processor."""
        kind = array.dtype.name
        handle = self._session.run(f"put_{kind}:0", {f"put_{kind}_value:0": array})
        return handle.get_raw_handle()  # which it is then for us to drop

    def drop(self, handle: Any) -> None:
        """Forget an array; nothing happens where the session is closed."""
        with contextlib.suppress(RuntimeError, tf.errors.OpError):
            self._session.run("drop", {"drop_handle:0": handle})


# Of TensorFlow's optimizations of a graph those that take longer than a short training gains by
# them; without folded constants and fused operations it has other rounding errors.
_OPTIMIZATIONS_LEFT_OUT = (
    "arithmetic_optimization",
    "dependency_optimization",
    "function_optimization",
    "layout_optimizer",
    "loop_optimization",
    "shape_optimization",
)


def _choose_optimizations(options: Any, *, jit: bool) -> None:
    """Set TensorFlow's options of rewriting a graph; XLA has optimizations of its own."""
    options.disable_meta_optimizer = jit
    for name in _OPTIMIZATIONS_LEFT_OUT:
        setattr(options, name, options.OFF)
    options.memory_optimization = options.NO_MEM_OPT
    options.disable_tfg_optimizer = True
    options.meta_optimizer_iterations = options.ONE


def _imported(graph: Graph, of_rows: Sequence[int]) -> tuple[list[tf.Tensor], list[tf.Tensor]]:
    """Import a graph; inputs of some numbers become handles of arrays that the session keeps."""
    with tf.Graph().as_default():
        handles = {number: tf.compat.v1.placeholder(tf.string, []) for number in of_rows}
        kinds = {number: np.dtype(graph.dtypes[number]) for number in of_rows}
        _add_storage(set(kinds.values()))
        kept = {
            graph.inputs[number]: tf.raw_ops.GetSessionTensor(handle=handle, dtype=kinds[number])
            for number, handle in handles.items()
        }
        fed = [number for number in range(len(graph.inputs)) if number not in handles]
        names = [*(graph.inputs[number] for number in fed), *graph.outputs]
        tensors = tf.graph_util.import_graph_def(
            graph.definition, input_map=kept, return_elements=names, name=""
        )
    of_number = {**dict(zip(fed, tensors, strict=False)), **handles}
    return [of_number[number] for number in range(len(graph.inputs))], tensors[len(fed) :]


def _add_storage(kinds: set[np.dtype[Any]]) -> None:
    """Add the operations with which a session keeps arrays."""
    for kind in kinds:
        value = tf.compat.v1.placeholder(kind, name=f"put_{kind}_value")
        tf.raw_ops.GetSessionHandle(value=value, name=f"put_{kind}")
    handle = tf.compat.v1.placeholder(tf.string, [], name="drop_handle")
    tf.raw_ops.DeleteSessionTensor(handle=handle, name="drop")
