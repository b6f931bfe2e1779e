from __future__ import annotations

import numpy as np
import pytest

from estimators import KerasMLPClassifier, KerasMLPRegressor
from estimators.engine.plan import EpochPlan
from estimators.techniques import REGRESSOR_TECHNIQUES, defaults, resolve

RNG = np.random.default_rng(0)
X = RNG.normal(size=(43, 3)).astype("float32")
Y = X[:, 0] * X[:, 1]
LABELS = np.digitize(Y, [-0.4, 0.4])
WEIGHT = RNG.uniform(0.1, 2, len(X))
HALF = 1e9  # an alpha of which all draws are almost 1/2


def make(estimator, engine="uncompiled", **params):
    settings = {"batch_size": 16, "epochs": 3, "random_state": 0, "mixup": 0.4}
    return estimator((5,), engine=engine, **{**settings, **params})


def shares(alpha, epoch=0, seed=0):
    params = {**defaults(REGRESSOR_TECHNIQUES), "mixup": alpha, "batch_size": 1}
    resolved = resolve(REGRESSOR_TECHNIQUES, params)
    plan = EpochPlan(REGRESSOR_TECHNIQUES, resolved, 20_000, range(3), seed)
    return plan.values(epoch, 0.1)["mixup"]


@pytest.mark.parametrize("alpha", [0.2, 1.0, 3.0])
def test_shares_are_drawn_from_a_beta_distribution(alpha):
    drawn = shares(alpha)
    assert drawn.mean() == pytest.approx(0.5, abs=0.02)
    assert drawn.var() == pytest.approx(1 / (4 * (2 * alpha + 1)), rel=0.05)


def test_shares_are_of_seed_and_epoch():
    drawn = [shares(0.5, epoch, seed) for epoch in (0, 1) for seed in (0, 1)]
    assert len({each[0] for each in drawn}) == 4
    np.testing.assert_array_equal(shares(0.5, 1, 1), drawn[-1])


@pytest.mark.filterwarnings("ignore::estimators.RuleWarning")
def test_a_step_by_hand(linear):
    """Under the squared error the mean of two losses has the gradient of the mean target."""
    kernel, bias = linear.weights()
    X_mixed = (linear.X + np.roll(linear.X, -1, axis=0)) / 2
    y_mixed = (linear.y + np.roll(linear.y, -1, axis=0)) / 2
    error = X_mixed @ kernel + bias - y_mixed
    expected = [
        kernel - 0.1 * 2 / error.size * X_mixed.T @ error,
        bias - 0.1 * 2 / error.size * error.sum(axis=0),
    ]
    fitted = linear.fitted(epochs=1, learning_rate=0.1, mixup=HALF)
    for ours, theirs in zip(fitted, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-4)


@pytest.mark.filterwarnings("ignore::estimators.RuleWarning")
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_a_weighted_step_of_classes_by_hand(smoothing):
    """Of a linear model; each target counts with the weight of its own row."""
    model = KerasMLPClassifier(
        (),
        optimizer="sgd",
        learning_rate=0.5,
        mixup=HALF,
        label_smoothing=smoothing,
        batch_size=len(X),
        shuffle=False,
        epochs=1,
        random_state=0,
    ).initialize(X, LABELS)
    kernel, bias = model.model_.get_weights()
    X_mixed = (X + np.roll(X, -1, axis=0)) / 2
    p = model.model_(X_mixed).numpy()
    y = np.eye(3)[LABELS] * (1 - smoothing) + smoothing / 3
    error = (
        WEIGHT[:, None] * (p - y) + np.roll(WEIGHT, -1)[:, None] * (p - np.roll(y, -1, axis=0))
    ) / 2
    model.fit(X, LABELS, sample_weight=WEIGHT)
    fitted = model.model_.get_weights()
    np.testing.assert_allclose(fitted[0], kernel - 0.5 * X_mixed.T @ error / len(X), atol=1e-4)
    np.testing.assert_allclose(fitted[1], bias - 0.5 * error.mean(axis=0), atol=1e-4)


@pytest.mark.parametrize(("estimator", "y"), [(KerasMLPClassifier, LABELS), (KerasMLPRegressor, Y)])
def test_compiled_as_uncompiled(estimator, y):
    """The last batch has 11 rows, of which the last is mixed with the first."""
    fits = [
        make(estimator, engine, dropout=0.1).fit(X, y, sample_weight=WEIGHT)
        for engine in ("compiled", "uncompiled")
    ]
    for one, other in zip(*(fit.model_.get_weights() for fit in fits), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=5e-6)
    assert fits[0].history_["loss"] == pytest.approx(fits[1].history_["loss"], rel=1e-4)


@pytest.mark.parametrize("weight", [None, WEIGHT], ids=["", "weighted"])
def test_losses_and_metrics_are_means_over_both_targets(weight):
    """Where all outputs are 0 those of all rows, for each is mixed in as often as itself."""
    settings = {"mixup": 0.5, "learning_rate": 1e-12, "epochs": 1}
    model = make(KerasMLPRegressor, **settings).fit(X * 0, Y, sample_weight=weight)
    loss = np.mean(Y**2 if weight is None else weight * Y**2)
    assert model.history_["loss"] == pytest.approx([loss], rel=1e-5)
    assert model.history_["mean_absolute_error"] == pytest.approx([np.abs(Y).mean()], rel=1e-5)
    model = make(KerasMLPClassifier, **settings).fit(X * 0, LABELS > 0, sample_weight=weight)
    assert model.history_["accuracy"] == pytest.approx([np.mean(LABELS == 0)])


def test_categories_are_mixed_as_the_first_dense_layer_sees_them():
    """Steps on codes are steps on their columns: codes themselves are not mixed."""
    codes = RNG.integers(1, 4, size=43)
    inputs = {(3,): np.c_[X, codes], None: np.c_[X, np.eye(3)[codes - 1]]}
    coded, plain = (
        make(KerasMLPRegressor, categorical_features=categories).initialize(rows, Y)
        for categories, rows in inputs.items()
    )
    coded.model_.set_weights(plain.model_.get_weights())
    for _ in range(2):
        for model, rows in zip((coded, plain), inputs.values(), strict=True):
            model.partial_fit(rows, Y)
    pairs = zip(coded.model_.get_weights(), plain.model_.get_weights(), strict=True)
    for one, other in pairs:
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=5e-6)


def test_before_batch_normalization():
    fits = [
        make(KerasMLPRegressor, engine, batch_norm="before_dense").fit(X, Y)
        for engine in ("compiled", "uncompiled")
    ]
    for one, other in zip(*(fit.model_.get_weights() for fit in fits), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=5e-6)


def test_partial_fits_are_a_fit():
    model = make(KerasMLPRegressor)
    for _ in range(3):
        model.partial_fit(X, Y)
    whole = make(KerasMLPRegressor).fit(X, Y)
    np.testing.assert_equal(model.model_.get_weights(), whole.model_.get_weights())


def test_model_fit_cannot():
    with pytest.raises(
        ValueError, match=r"cannot train this, for mixup=0\.4 mixes the rows of a st"
    ):
        make(KerasMLPRegressor, "keras").fit(X, Y)
