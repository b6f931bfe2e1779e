"""A compiled program: one epoch as one call, for every model of a structure."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf import config_pb2

from estimators._compile_cache import forget
from estimators.training.epoch import Epoch
from estimators.training.graph import Graph
from estimators.training.rows import PaddedRows
from estimators.training.state import State
from estimators.training.structure import ProgramKey

__all__ = ["EpochProgram"]


class EpochProgram:
    """One epoch as one call.

    Each program lives in a session of its own: what XLA compiled for a ``tf.function`` stays in
    memory until the process ends, but closing a session frees it. Calls may overlap.

    Parameters
    ----------
    key : ProgramKey
    model : keras.Model
        Any model of the structure, compiled, its optimizer built; it is not changed.

    Attributes
    ----------
    layout : StateLayout
        From a model's state to the program's, and back.
    """

    def __init__(self, key: ProgramKey, model: keras.Model):
        self.key = key
        epoch = Epoch(key, model)
        self._figure_names = epoch.figure_names
        self.layout = epoch.layout
        self._tensors, self._n_inputs = _imported(epoch.graph())
        self._compiled = False
        self._open()

    def __call__(
        self,
        state: State,
        values: Sequence[float],
        rows: PaddedRows,
        order: np.ndarray,
        validation: PaddedRows | None = None,
    ) -> tuple[State, dict[str, float]]:
        """Train for one epoch.

        Parameters
        ----------
        state : list of ndarray
            As :attr:`layout` has it.
        values : sequence of float
            Values of the model's :func:`run_time_parameters`, in order.
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
        room = -(-self.key.n_rows // self.key.batch_size) * self.key.batch_size
        positions = np.zeros(room, "int32")
        positions[: len(order)] = order
        inputs = (*state, np.array(values, "float32"), *rows, positions, *(validation or ()))
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
        *state, figures = outputs
        return state, dict(zip(self._figure_names, figures.tolist(), strict=True))

    def _open(self) -> None:
        config = tf.compat.v1.ConfigProto()
        config.graph_options.rewrite_options.disable_meta_optimizer = (
            self.key.jit
        )  # XLA has its own
        config.gpu_options.allow_growth = True
        config.inter_op_parallelism_threads = 1
        config.intra_op_parallelism_threads = tf.config.threading.get_intra_op_parallelism_threads()
        self._session = tf.compat.v1.Session(graph=self._tensors[0].graph, config=config)
        inputs, outputs = self._tensors[: self._n_inputs], self._tensors[self._n_inputs :]
        # The public make_callable looks at each array anew, for some milliseconds a call.
        self._call = self._session._make_callable_from_options(
            config_pb2.CallableOptions(
                feed=[tensor.name for tensor in inputs], fetch=[tensor.name for tensor in outputs]
            )
        )

    def __del__(self):
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
