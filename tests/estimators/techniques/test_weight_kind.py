from __future__ import annotations

import pytest

from estimators.network import build_network
from estimators.techniques.weight_kind import WEIGHT_KINDS, is_bias, weight_kind


@pytest.mark.parametrize(
    ("path", "kind", "of_bias"),
    [
        ("mlp/dense_0/kernel", "kernel", False),
        ("output/bias", "bias", True),
        ("batch_norm_0/gamma", "kernel", False),
        ("batch_norm_0/beta", "bias", True),
        ("activation_1/alpha", "activation", False),
        ("activation_1/slope", "activation", False),
        ("feature_scale/scale", "scale", False),
        ("mlp/feature_scale_0/bias", "scale", True),
        ("features/numeric_frequencies", "embedding", False),
        ("features/numeric_bias", "embedding", True),
        ("features/category_kernel", "kernel", False),
        ("dense_0/numeric_kernel", "kernel", False),
        ("kernel", "kernel", False),
    ],
)
def test_kinds(path, kind, of_bias):
    assert weight_kind(path) == kind
    assert kind in WEIGHT_KINDS
    assert is_bias(path) is of_bias


def test_variables_of_a_network():
    network = build_network(
        3, 1, hidden_layer_sizes=(4,), activation="prelu", batch_norm="after_activation", seed=0
    )
    assert [weight_kind(each.path) for each in network.trainable_variables] == [
        *("kernel", "bias", "activation", "kernel", "bias", "kernel", "bias")
    ]
