from __future__ import annotations

import keras
import numpy as np
import pytest

from estimators import KerasMLPClassifier

RNG = np.random.default_rng(0)
X = RNG.normal(size=(43, 3)).astype("float32")
SCORE = X[:, 0] + X[:, 1]
TARGETS = {
    "binary": (SCORE > 0).astype(int),
    "multiclass": np.digitize(SCORE, [-0.7, 0.7]),
    "multilabel": np.c_[SCORE > 0, X[:, 2] > 0.3].astype(int),
}


@pytest.fixture(params=TARGETS)
def y(request):
    return TARGETS[request.param]


def make(engine="uncompiled", **params):
    settings = {"batch_size": 16, "epochs": 3, "random_state": 0, "label_smoothing": 0.2}
    return KerasMLPClassifier((5,), engine=engine, **{**settings, **params})


def probabilities(y, share=0.2):
    """Targets of each output, smoothed."""
    if y.ndim == 1 and y.max() > 1:
        return np.eye(3)[y] * (1 - share) + share / 3
    return y.reshape(len(y), -1) * (1 - share) + share / 2


def test_a_step_by_hand(y):
    """Of a linear model; a sigmoid or softmax under cross-entropy has the gradient p - y."""
    model = KerasMLPClassifier(
        (),
        optimizer="sgd",
        learning_rate=0.5,
        label_smoothing=0.2,
        batch_size=len(X),
        epochs=1,
        random_state=0,
    )
    kernel, bias = model.initialize(X, y).model_.get_weights()
    error = model.model_(X).numpy() - probabilities(y)
    n_terms = len(X) * (1 if y.ndim == 1 else y.shape[1])
    expected = [
        kernel - 0.5 * X.T @ error / n_terms,
        bias - 0.5 * error.sum(axis=0) / n_terms,
    ]
    model.fit(X, y)
    for ours, theirs in zip(model.model_.get_weights(), expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("engine", ["uncompiled", "compiled"])
def test_trained_as_a_smoothed_loss_of_keras_is(engine):
    """Which has a binary target smoothed in the same way, for all rows."""
    y = TARGETS["binary"]
    model = make(engine).fit(X, y)
    reference = make("keras", label_smoothing=0.0).initialize(X, y)
    reference.model_.compile(
        optimizer=reference.model_.optimizer,
        loss=keras.losses.BinaryCrossentropy(label_smoothing=0.2),
        metrics=[keras.metrics.BinaryAccuracy(name="accuracy")],
    )
    for _ in range(3):
        reference.partial_fit(X, y)
    pairs = zip(model.model_.get_weights(), reference.model_.get_weights(), strict=True)
    for ours, theirs in pairs:
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=5e-6)
    assert model.history_["loss"] == pytest.approx(reference.history_["loss"], rel=1e-4)
    assert model.history_["accuracy"] == pytest.approx(reference.history_["accuracy"])


def test_compiled_as_uncompiled(y):
    weight = RNG.uniform(0.1, 2, len(X))
    fits = [make(engine).fit(X, y, sample_weight=weight) for engine in ("compiled", "uncompiled")]
    for one, other in zip(*(fit.model_.get_weights() for fit in fits), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=5e-6)


def test_losses(y):
    """That of the training rows is under smoothed targets, that of the validation rows is not."""
    model = make(learning_rate=1e-12, epochs=1).fit(X, y, X_val=X, y_val=y)
    p = model.model_(X).numpy().astype(float)
    if y.ndim == 1 and y.max() > 1:
        smooth = -(probabilities(y) * np.log(p)).sum(axis=1).mean()
        plain = -np.log(p[np.arange(len(y)), y]).mean()
    else:
        q, t = probabilities(y), probabilities(y, 0)
        smooth = -(q * np.log(p) + (1 - q) * np.log(1 - p)).mean()
        plain = -(t * np.log(p) + (1 - t) * np.log(1 - p)).mean()
    assert model.history_["loss"] == pytest.approx([smooth], rel=1e-4)
    assert model.history_["val_loss"] == pytest.approx([plain], rel=1e-4)
    assert model.history_["accuracy"] == pytest.approx(model.history_["val_accuracy"], abs=1e-6)


def test_probabilities_stay_away_from_0_and_1():
    """A separable target is learned as surely as its smoothed form is."""
    separable = np.c_[np.sign(SCORE), X[:, 1:]], TARGETS["binary"]
    settings = {"learning_rate": 0.05, "epochs": 200}
    sure = make(label_smoothing=0.0, **settings).fit(*separable).predict_proba(separable[0])
    less = make(label_smoothing=0.2, **settings).fit(*separable).predict_proba(separable[0])
    assert sure.max(axis=1).mean() > 0.99
    assert less.max(axis=1).mean() == pytest.approx(0.9, abs=0.02)


def test_model_fit_cannot():
    reason = "engine='keras' cannot train this, for label_smoothing is for the training rows alone"
    with pytest.raises(ValueError, match=reason):
        make("keras").fit(X, TARGETS["binary"])
