from __future__ import annotations

import numpy as np

from estimators import KerasRNNRegressor

X = np.random.default_rng(0).normal(size=(120, 6, 2)).astype("float32")


def test_learns_a_sum_over_the_steps():
    y = X[:, :, 0].sum(axis=1) - X[:, -1, 1]
    model = KerasRNNRegressor(
        (16,), "gru", learning_rate=0.01, global_clipnorm=1.0, epochs=80, random_state=0
    )
    assert model.fit(X[:90], y[:90]).score(X[90:], y[90:]) > 0.6


def test_several_targets_are_standardized():
    y = np.c_[X[:, 0, 0] * 100 + 500, X[:, -1, 1]]
    model = KerasRNNRegressor((4,), standardize_target=True, epochs=2, random_state=0).fit(X, y)
    assert model.predict(X).shape == (120, 2)
    assert 400 < model.predict(X)[:, 0].mean() < 600
