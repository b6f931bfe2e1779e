from __future__ import annotations

import numpy as np
import pytest

from estimators import KerasRNNRegressor

X = np.random.default_rng(0).normal(size=(30, 5)).astype("float32")


def test_only_in_training():
    plain, dropped = (
        KerasRNNRegressor((4,), recurrent_dropout=rate, random_state=0).initialize(X, X[:, 0])
        for rate in (0.0, 0.5)
    )
    np.testing.assert_allclose(dropped.predict(X), plain.predict(X), rtol=1e-5)
    outputs = [np.asarray(dropped.model_(X[..., None], training=True)) for _ in range(2)]
    assert (outputs[0] != outputs[1]).any()


@pytest.mark.parametrize("rate", [-0.1, 1.0])
def test_a_share_below_1(rate):
    with pytest.raises(ValueError, match=r"'recurrent_dropout' .* range \[0"):
        KerasRNNRegressor(recurrent_dropout=rate).fit(X, X[:, 0])
