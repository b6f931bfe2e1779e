"""A compiled program: one epoch as one call, for every model of a structure."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from estimators.training.epoch import Epoch
from estimators.training.graph import Graph
from estimators.training.rows import PaddedRows
from estimators.training.state import State
from estimators.training.structure import ProgramKey

__all__ = ["EpochProgram"]


class EpochProgram:
    """One epoch as one call.

    Each program lives in a session of its own: what XLA compiled for a ``tf.function`` stays in
    memory until the process ends, but closing a session frees it. Calls take turns.

    Parameters
    ----------
    key : ProgramKey
    model : keras.Model
        Any model of the structure, compiled, its optimizer built; it is not changed.
    """

    def __init__(self, key: ProgramKey, model: keras.Model):
        self.key = key
        self._lock = threading.Lock()
        epoch = Epoch(key, model)
        self._figure_names = epoch.figure_names
        self._session, self._call = _opened(epoch.graph())

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
            See :func:`estimators.training.state.state_of`.
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
        values = np.array(values, "float32")
        with self._lock:
            *state, figures = self._call(*state, values, *rows, positions, *(validation or ()))
        return state, dict(zip(self._figure_names, figures.tolist(), strict=True))

    def __del__(self):
        if hasattr(self, "_session"):
            self._session.close()


def _opened(graph: Graph):
    """A session that holds a graph, and the call that runs it."""
    session_graph = tf.Graph()
    with session_graph.as_default():
        tensors = tf.graph_util.import_graph_def(
            graph.definition,
            return_elements=[*graph.inputs, *graph.outputs],
            name="",
        )
    config = tf.compat.v1.ConfigProto()
    config.gpu_options.allow_growth = True
    session = tf.compat.v1.Session(graph=session_graph, config=config)
    n_inputs = len(graph.inputs)
    return session, session.make_callable(tensors[n_inputs:], tensors[:n_inputs])
