from __future__ import annotations

import numpy as np
import tensorflow as tf

from estimators.layers import PARTNERS, MixedRows, dynamic_values

X = np.arange(6.0, dtype="float32").reshape(3, 2)
VALUES = {"mixup": tf.constant(0.75), PARTNERS: tf.constant([1, 2, 0])}


def test_rows_are_mixed_with_their_partners():
    with dynamic_values(VALUES):
        mixed = MixedRows()(X, training=True)
    np.testing.assert_allclose(mixed, 0.75 * X + 0.25 * X[[1, 2, 0]])


def test_rows_stay_as_they_are_at_prediction_and_elsewhere():
    with dynamic_values(VALUES):
        np.testing.assert_array_equal(MixedRows()(X, training=False), X)
    np.testing.assert_array_equal(MixedRows()(X, training=True), X)
