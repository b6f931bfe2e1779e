from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_digits

from estimators import KerasMLPClassifier
from estimators.engine.cache import PROGRAMS

X, Y = load_digits(return_X_y=True)
X = X[:120] / 16
Y = Y[:120]
CHANGES = {"random_shift": 1, "random_flip": True, "random_erasing": 0.5}


def fit(engine="uncompiled", **params):
    settings = {"epochs": 3, "batch_size": 16, "random_state": 0, **CHANGES}
    return KerasMLPClassifier((8,), engine=engine, **{**settings, **params}).fit(X, Y)


@pytest.mark.parametrize("engine", ["compiled", "keras"])
def test_each_engine_draws_the_same(engine):
    one, other = fit(), fit(engine)
    for ours, theirs in zip(one.model_.get_weights(), other.model_.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-5)
    assert one.history_["loss"] != fit(random_erasing=0.0).history_["loss"]


def test_images_are_predicted_as_they_are():
    model = fit()
    (kernel, bias), (out, out_bias) = (
        layer.get_weights() for layer in model.model_.layers if layer.name in ("dense_0", "output")
    )
    logits = np.maximum(X @ kernel + bias, 0) @ out + out_bias
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(model.predict_proba(X), probabilities, rtol=1e-3, atol=1e-5)


def test_a_step_on_one_image_is_one_of_its_nine_shifts():
    """The kernel of a linear model moves along the image that it has seen."""
    image = X[:1]
    model = KerasMLPClassifier(
        (), optimizer="sgd", learning_rate=1.0, epochs=1, random_shift=1, random_state=0
    )
    before = model.initialize(X, Y).model_.get_weights()[0]
    after = model.partial_fit(image, Y[:1], classes=np.unique(Y)).model_.get_weights()[0]
    change = np.abs(after - before).sum(axis=1)
    change /= np.linalg.norm(change)
    places = np.arange(8)
    distances = []
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            rows, columns = np.clip(places + down, 0, 7), np.clip(places + right, 0, 7)
            shifted = image.reshape(8, 8)[rows][:, columns].ravel()
            distances.append(np.abs(change - shifted / np.linalg.norm(shifted)).max())
    assert min(distances) < 1e-3
    assert sorted(distances)[1] > 0.05


def test_settings_share_a_program():
    PROGRAMS.clear()
    fit(random_shift=1, random_erasing=0.1)
    fit(random_shift=2, random_erasing=0.2)
    assert len(PROGRAMS) == 1
    PROGRAMS.clear()


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({"image_shape": (8, 9)}, r"image_shape=\(8, 9\) does not fit 64 features: give height"),
        (
            {"image_shape": (8,)},
            r"image_shape=\(8,\) of KerasMLPClassifier is no shape of an image",
        ),
        ({"image_shape": (8, -8)}, "is no shape of an image"),
    ],
)
def test_bad_input(params, told):
    with pytest.raises(ValueError, match=told):
        fit(**params)


def test_rows_that_are_no_square():
    with pytest.raises(ValueError, match="a square with one channel, does not fit 63 features"):
        KerasMLPClassifier((8,), epochs=1, random_shift=1).fit(X[:, 1:], Y)
