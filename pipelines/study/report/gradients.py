"""Gradients through time, before training: first the numbers, then the picture."""

from __future__ import annotations

import warnings
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from pipelines.data import Dataset
from pipelines.pipeline import make_pipeline
from pipelines.report.drawing import BASE, FIRST, GOOD, SECOND

__all__ = ["GradientsInfo", "gradients_info", "plot_gradients"]

_N_ROWS = 64
_UNITS = 32
_CELLS = {"simple": FIRST, "lstm": SECOND, "gru": GOOD}
_INITIALIZERS = {"orthogonal": "-", "glorot_uniform": ":"}


class GradientsInfo(NamedTuple):
    """Norm of the loss's gradient by step, of a network each; of shape (n_steps,)."""

    names: list[tuple[str, str]]
    norms: list[np.ndarray]


def gradients_info(dataset: Dataset) -> GradientsInfo:
    """Compute the gradients of untrained networks of one layer of 32 units.

    Parameters
    ----------
    dataset : Dataset
        Of sequences.

    Returns
    -------
    GradientsInfo
        By cell and recurrent initializer the norms over the channels, in the mean over 64
        sequences; nan at steps that none of these has.
    """
    import tensorflow as tf

    n_rows = len(dataset.X)
    rows = np.linspace(0, n_rows - 1, min(n_rows, _N_ROWS)).astype(int)  # not of one class alone
    X, y = dataset.X.iloc[rows], dataset.y.iloc[rows]
    names, norms = [], []
    for cell in _CELLS:
        for initializer in _INITIALIZERS:
            pipeline = make_pipeline(
                dataset,
                preset="plain",
                cell=cell,
                recurrent_initializer=initializer,
                hidden_layer_sizes=_UNITS,
                random_state=0,
            )
            inputs = pipeline[:-1].fit(X).transform(X)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of weights that are shown for what they do
                model = pipeline[-1].initialize(inputs, y)
            sequences = tf.constant(inputs.reshape(len(X), -1, len(dataset.channels)))
            target = tf.constant(model.target_encoder_.transform(y.to_numpy()))
            with tf.GradientTape() as tape:
                tape.watch(sequences)
                loss = model.model_.loss(target, model.model_(sequences))
            gradient = np.asarray(tape.gradient(loss, sequences)) * len(X)
            lengths = np.linalg.norm(np.nan_to_num(gradient), axis=2)
            steps = ~np.isnan(np.asarray(sequences)).all(axis=2)
            names.append((cell, initializer))
            norms.append(
                np.divide(
                    (lengths * steps).sum(axis=0),
                    steps.sum(axis=0),
                    out=np.full(lengths.shape[1], np.nan),
                    where=steps.any(axis=0),
                )
            )
    return GradientsInfo(names, norms)


def plot_gradients(info: GradientsInfo) -> Figure:
    """Plot the norm by step, a line a network."""
    figure = Figure(figsize=(8.6, 3.8))
    axes = figure.subplots()
    for (cell, initializer), norms in zip(info.names, info.norms, strict=True):
        axes.plot(
            np.arange(1, len(norms) + 1),
            np.where(norms > 0, norms, np.nan),
            _INITIALIZERS[initializer],
            color=_CELLS[cell],
            linewidth=1.8,
            label=f"{cell}, {initializer.replace('_', ' ')}",
        )
    axes.set_yscale("log")
    axes.set_xlabel("step")
    axes.set_ylabel("gradient of the loss")
    axes.grid(axis="x", color=BASE, linewidth=0.3)
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure
