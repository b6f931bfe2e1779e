"""Figures that need no training: the activation functions, and what the images show."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from estimators import build_network
from pipelines.data import Dataset
from pipelines.report.drawing import BASE, FIRST, SECOND

__all__ = [
    "ActivationsInfo",
    "SamplesInfo",
    "activations_info",
    "plot_activations",
    "plot_samples",
    "samples_info",
]

_SHOWN = ("linear", "relu", "leaky_relu", "randomized_leaky_relu", "prelu", "elu", "selu", "tanh")
_IMAGES_A_CLASS = 8


class ActivationsInfo(NamedTuple):
    """Activation functions and their derivatives on one axis, of shape (n_points,) each."""

    names: list[str]
    x: np.ndarray
    values: list[np.ndarray]
    slopes: list[np.ndarray]


def activations_info() -> ActivationsInfo:
    """Compute the activation functions as they are at prediction."""
    x = np.linspace(-4, 4, 801, dtype=np.float32)
    layers = [
        build_network(1, 1, hidden_layer_sizes=1, activation=name).get_layer("activation_0")
        for name in _SHOWN
    ]
    values = [np.asarray(layer(x[:, None])).ravel() for layer in layers]
    return ActivationsInfo(
        names=[name.replace("_", " ") for name in _SHOWN],
        x=x,
        values=values,
        slopes=[np.gradient(value, x) for value in values],
    )


def plot_activations(info: ActivationsInfo) -> Figure:
    """Plot each function with its derivative."""
    figure = Figure(figsize=(8.6, 4.2))
    panels = figure.subplots(2, 4, sharex=True, sharey=True)
    for axes, name, values, slopes in zip(
        panels.flat, info.names, info.values, info.slopes, strict=True
    ):
        axes.axhline(0, color=BASE, linewidth=0.8)
        axes.plot(info.x, values, color=FIRST, linewidth=1.8, label="function")
        axes.plot(info.x, slopes, "--", color=SECOND, linewidth=1.4, label="derivative")
        axes.set_title(name)
        axes.set_ylim(-2.2, 4)
    for axes in panels[-1]:
        axes.set_xlabel("input of the unit")
    figure.legend(*panels.flat[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure


class SamplesInfo(NamedTuple):
    """Images by class, each of shape (n_images, height, width)."""

    classes: list[str]
    images: list[np.ndarray]


def samples_info(dataset: Dataset) -> SamplesInfo:
    """Take the first images of every class."""
    assert dataset.image_shape is not None
    classes = sorted(dataset.y.unique().tolist())
    return SamplesInfo(
        classes=[str(name) for name in classes],
        images=[
            dataset.X[(dataset.y == name).to_numpy()]
            .to_numpy()[:_IMAGES_A_CLASS]
            .reshape(-1, *dataset.image_shape)
            for name in classes
        ],
    )


def plot_samples(info: SamplesInfo) -> Figure:
    """Plot a row of images for each class, two classes a line."""
    figure = Figure(figsize=(8.6, 0.52 * -(-len(info.classes) // 2) + 0.1))
    grid = figure.subplots(-(-len(info.classes) // 2), 2, squeeze=False)
    for place, axes in enumerate(grid.flat):
        axes.set_axis_off()
        if place < len(info.classes):
            axes.imshow(np.hstack(list(info.images[place])), cmap="gray_r", aspect="equal")
            axes.text(
                -0.02, 0.5, info.classes[place], ha="right", va="center", transform=axes.transAxes
            )
    return figure
