from __future__ import annotations

import keras
import numpy as np
import pytest

from estimators.layers import BatchEnsembleDense, MemberDense, MemberScale

ROWS = np.array([[1.0, 2.0], [3.0, 4.0]], dtype="float32")
OF_MEMBERS = np.array([[[1.0, 2.0], [3.0, 4.0]]], dtype="float32")  # one row, two members


def weights_of(layer, width):
    layer.build((None, width))
    return np.asarray(layer.get_weights()[0])


class TestMemberScale:
    def test_by_hand(self):
        layer = MemberScale(2)
        layer.build((None, 2))
        layer.set_weights([np.array([[1.0, -1.0], [0.5, 2.0]])])
        expected = [[[1, -2], [0.5, 4]], [[3, -4], [1.5, 8]]]
        np.testing.assert_allclose(layer(ROWS), expected)

    def test_signs(self):
        scale = weights_of(MemberScale(100, seed=0), 20)
        assert scale.shape == (100, 20)
        assert set(np.unique(scale)) == {-1.0, 1.0}
        assert scale.mean() == pytest.approx(0, abs=0.1)

    def test_normal(self):
        scale = weights_of(MemberScale(100, "normal", seed=0), 20)
        assert scale.mean() == pytest.approx(0, abs=0.1)
        assert scale.std() == pytest.approx(1, abs=0.1)

    def test_inputs_of_a_group_begin_with_one_draw(self):
        scale = weights_of(MemberScale(3, "normal", groups=[4, 7, 4, 4], seed=0), 4)
        np.testing.assert_array_equal(scale[:, [2, 3]], scale[:, [0, 0]])
        assert len(np.unique(scale[:, :2])) == 6

    def test_the_seed_decides(self):
        first, same, other = (weights_of(MemberScale(3, "normal", seed=s), 4) for s in (0, 0, 1))
        np.testing.assert_array_equal(first, same)
        assert not np.array_equal(first, other)


class TestBatchEnsembleDense:
    # Scales of the inputs, kernel, scales of the products, biases.
    WEIGHTS = (
        np.array([[1.0, 1.0], [2.0, -1.0]]),
        np.array([[1.0], [10.0]]),
        np.array([[1.0], [3.0]]),
        np.array([[0.5], [-1.0]]),
    )

    def test_by_hand(self):
        """The second member: (3 * 2 * 1 - 4 * 10) * 3 - 1."""
        layer = BatchEnsembleDense(1, 2)
        layer.build((None, 2, 2))
        layer.set_weights(self.WEIGHTS)
        np.testing.assert_allclose(layer(OF_MEMBERS), [[[21 + 0.5], [-34 * 3 - 1]]])

    def test_in_neural_tangent_parametrization(self):
        layer = BatchEnsembleDense(1, 2, neural_tangent=True, activation="relu")
        layer.build((None, 2, 2))
        layer.set_weights(self.WEIGHTS)
        np.testing.assert_allclose(layer(OF_MEMBERS), [[[21 / np.sqrt(2) + 0.5], [0]]], rtol=1e-6)

    def test_first_scales_and_biases(self):
        layer = BatchEnsembleDense(3, 2, bias_initializer="ones")
        layer.build((None, 2, 4))
        scale, kernel, output_scale, bias = layer.get_weights()
        assert [each.shape for each in (scale, kernel, output_scale, bias)] == [
            *((2, 4), (4, 3), (2, 3), (2, 3))
        ]
        assert (scale == 1).all()
        assert (output_scale == 1).all()
        assert (bias == 1).all()

    def test_without_scales_of_inputs_and_bias(self):
        layer = BatchEnsembleDense(3, 2, scale_inputs=False, use_bias=False)
        layer.build((None, 2, 4))
        assert [each.name for each in layer.weights] == ["kernel", "output_scale"]


class TestMemberDense:
    def test_by_hand(self):
        layer = MemberDense(1, 2)
        layer.build((None, 2, 2))
        layer.set_weights([np.array([[[1.0], [1.0]], [[2.0], [-1.0]]]), np.array([[0.0], [5.0]])])
        np.testing.assert_allclose(layer(OF_MEMBERS), [[[3], [2 + 5]]])

    def test_in_neural_tangent_parametrization(self):
        layer = MemberDense(1, 2, neural_tangent=True)
        layer.build((None, 2, 2))
        layer.set_weights([np.ones((2, 2, 1)), np.array([[0.0], [5.0]])])
        root = np.sqrt(2)
        np.testing.assert_allclose(layer(OF_MEMBERS), [[[3 / root], [7 / root + 5]]], rtol=1e-6)

    def test_softmax_is_over_the_outputs_of_a_member(self):
        outputs = np.asarray(MemberDense(3, 2, activation="softmax", seed=0)(OF_MEMBERS))
        np.testing.assert_allclose(outputs.sum(axis=2), 1, rtol=1e-6)

    def test_first_kernels(self):
        """As Glorot's of 30 inputs and 20 outputs, whatever the number of members."""
        kernel = weights_of(MemberDense(20, 50, seed=0), 30)
        assert kernel.shape == (50, 30, 20)
        assert np.abs(kernel).max() == pytest.approx(np.sqrt(6 / 50), rel=1e-3)
        assert weights_of(MemberDense(20, 50, neural_tangent=True, seed=0), 30).std() == (
            pytest.approx(1, rel=0.02)
        )
        assert not np.array_equal(kernel[0], kernel[1])


def test_saved_and_loaded_safely(tmp_path):
    layers = [
        MemberScale(2, "normal", groups=[0, 0], seed=3),
        BatchEnsembleDense(3, 2, scale_inputs=False, activation="relu", neural_tangent=True),
        BatchEnsembleDense(3, 2, use_bias=False, kernel_initializer="he_normal"),
        MemberDense(1, 2, activation="sigmoid", seed=1),
    ]
    network = keras.Sequential([keras.Input((2,)), *layers])
    assert network.output_shape == (None, 2, 1)
    network.save(tmp_path / "network.keras")
    loaded = keras.saving.load_model(tmp_path / "network.keras", safe_mode=True)
    assert [each.get_config() for each in loaded.layers] == [
        each.get_config() for each in network.layers
    ]
    np.testing.assert_array_equal(np.asarray(loaded(ROWS)), np.asarray(network(ROWS)))
