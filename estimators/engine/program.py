"""A compiled program: one epoch as one call, for every model of a key."""

from __future__ import annotations

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
from estimators.engine.rows import PaddedRows

__all__ = ["EpochProgram"]


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
        The run-time values of a step, in order.
    """

    def __init__(self, key: ProgramKey):
        self.key = key
        epoch = Epoch(key)
        self.layout = epoch.layout
        self.value_names = epoch.value_names
        self._log_names = epoch.log_names
        self._tensors, self._n_inputs = _imported(epoch.graph())
        self._compiled = False
        self._open()

    def __call__(
        self,
        state: Sequence[NDArray[Any]],
        values: NDArray[Any],
        rows: PaddedRows,
        order: NDArray[Any],
        validation: PaddedRows | None = None,
    ) -> tuple[list[NDArray[Any]], dict[str, float]]:
        """Train for one epoch.

        Parameters
        ----------
        state : list of ndarray
            As :attr:`layout` has it.
        values : ndarray of shape (n_steps, n_values)
            Run-time values of each step of the epoch.
        rows : PaddedRows
        order : ndarray of int
            Order of the rows, of length ``rows.n_rows``.
        validation : PaddedRows, default=None

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
        inputs = (*state, of_steps, *rows, positions, *(validation or ()))
        try:
            outputs = self._call(*inputs)
        except tf.errors.OpError as error:
            # A damaged file of the compile cache shows itself at the first call.
            is_known = self._compiled or isinstance(error, tf.errors.ResourceExhaustedError)
            if is_known or not forget():
                raise
            del self._call
            self._session.close()
            self._open()
            outputs = self._call(*inputs)
        self._compiled = True
        *new, logs = outputs
        return new, dict(zip(self._log_names, logs.tolist(), strict=True))

    def _open(self) -> None:
        config = tf.compat.v1.ConfigProto()
        # XLA has optimizations of its own.
        config.graph_options.rewrite_options.disable_meta_optimizer = self.key.jit
        config.gpu_options.allow_growth = True
        config.inter_op_parallelism_threads = 1
        config.intra_op_parallelism_threads = n_threads()
        self._session = tf.compat.v1.Session(graph=self._tensors[0].graph, config=config)
        inputs, outputs = self._tensors[: self._n_inputs], self._tensors[self._n_inputs :]
        self._call: Any = session_call(self._session, inputs, outputs)

    def __del__(self) -> None:
        if hasattr(self, "_session"):
            self._call = None  # if there is one: making it may have been interrupted
            self._session.close()


def _imported(graph: Graph) -> tuple[list[tf.Tensor], int]:
    """Inputs and outputs of a graph, and how many are inputs."""
    with tf.Graph().as_default():
        tensors = tf.graph_util.import_graph_def(
            graph.definition, return_elements=[*graph.inputs, *graph.outputs], name=""
        )
    return tensors, len(graph.inputs)
