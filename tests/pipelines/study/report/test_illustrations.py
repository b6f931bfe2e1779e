from __future__ import annotations

import numpy as np
import pytest

from pipelines.data import load_dataset
from pipelines.study.report.illustrations import (
    activations_info,
    plot_activations,
    plot_samples,
    samples_info,
)


def at(info, name, x):
    index = info.names.index(name)
    place = int(np.argmin(np.abs(info.x - x)))
    return info.values[index][place], info.slopes[index][place]


@pytest.mark.parametrize(
    ("name", "x", "value", "slope"),
    [
        ("linear", -2.0, -2.0, 1.0),
        ("relu", -2.0, 0.0, 0.0),
        ("relu", 2.0, 2.0, 1.0),
        ("leaky relu", -2.0, -0.02, 0.01),
        ("randomized leaky relu", -2.0, -2 / 5.5, 1 / 5.5),
        ("prelu", -2.0, -0.5, 0.25),
        ("elu", -2.0, np.expm1(-2), np.exp(-2)),
        ("selu", -2.0, 1.0507 * 1.67326 * np.expm1(-2), 1.0507 * 1.67326 * np.exp(-2)),
        ("tanh", 1.0, np.tanh(1), 1 - np.tanh(1) ** 2),
    ],
)
def test_functions_and_derivatives(name, x, value, slope):
    assert at(activations_info(), name, x) == pytest.approx((value, slope), abs=1e-3)


def test_their_picture():
    assert len(plot_activations(activations_info()).axes) == 8


def test_images_are_of_their_class():
    digits = load_dataset("digits")
    info = samples_info(digits)
    assert info.classes == [str(digit) for digit in range(10)]
    for digit, images in enumerate(info.images):
        assert images.shape == (8, 8, 8)
        first = digits.X[(digits.y == digit).to_numpy()].iloc[0].to_numpy()
        assert np.array_equal(images[0].ravel(), first)
    texts = {text.get_text() for axes in plot_samples(info).axes for text in axes.texts}
    assert texts == set(info.classes)
