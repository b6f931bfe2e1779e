"""Losses of minibatches, worked by hand."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from estimators.engine.loss import BatchLoss, Targets, mixed
from estimators.objective import Objective

SQUARES = Objective("mean_squared_error", "mean_absolute_error")


def tensors(*arrays):
    return [tf.constant(array, "float32") for array in arrays]


def test_rows_count_by_their_weights():
    y, outputs, weight = tensors([[1], [2], [3]], [[2], [4], [9]], [1, 0.5, 0])
    loss = BatchLoss(SQUARES, 1)(Targets(y, weight, weight), outputs)
    assert float(loss) == pytest.approx(1 * 1 + 0.5 * 4)


def test_the_loss_of_a_row_of_several_members_is_their_mean():
    y, outputs, weight = tensors([[1], [0]], [[[2], [4]], [[1], [1]]], [1, 1])
    loss = BatchLoss(SQUARES, 1)(Targets(y, weight, weight), outputs)
    assert float(loss) == pytest.approx((1 + 9) / 2 + 1)


def test_rows_that_are_mixed_have_the_targets_of_both():
    """0.75 of each row and 0.25 of its partner; a place without a row gives nothing."""
    y, loss_weight, weight = tensors([[1], [5], [0]], [2, 1, 0], [1, 1, 0])
    partners = tf.constant([1, 0, 2])
    own, others = mixed(Targets(y, loss_weight, weight), partners, tf.constant(0.75))
    np.testing.assert_allclose(own.y, [[1], [5], [0]])
    np.testing.assert_allclose(own.loss_weight, [1.5, 0.75, 0])
    np.testing.assert_allclose(own.weight, [0.75, 0.75, 0])
    np.testing.assert_allclose(others.y, [[5], [1], [0]])
    np.testing.assert_allclose(others.loss_weight, [0.25, 0.5, 0])
    np.testing.assert_allclose(others.weight, [0.25, 0.25, 0])

    (outputs,) = tensors([[2], [2], [2]])
    loss = BatchLoss(SQUARES, 1).in_training([own, others], outputs, {})
    assert float(loss) == pytest.approx(1.5 * 1 + 0.75 * 9 + 0.25 * 9 + 0.5 * 1)


def test_smoothed_targets_of_classes():
    """With a share of 0.3 over three classes the right one has 0.8, the others 0.1 each."""
    objective = Objective("sparse_categorical_crossentropy", "accuracy")
    y, weight = tensors([[2]], [1])
    probabilities = np.array([[0.2, 0.3, 0.5]])
    (outputs,) = tensors(probabilities)
    loss = BatchLoss(objective, 3)
    targets = Targets(y, weight, weight)
    plain = loss.in_training([targets], outputs, {})
    smooth = loss.in_training([targets], outputs, {"label_smoothing": tf.constant(0.3)})
    assert float(plain) == pytest.approx(-np.log(0.5), rel=1e-5)
    expected = -(np.log(probabilities) @ [0.1, 0.1, 0.8]).item()
    assert float(smooth) == pytest.approx(expected, rel=1e-5)
