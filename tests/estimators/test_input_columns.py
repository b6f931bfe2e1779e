from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from estimators import KerasMLPRegressor
from estimators.input_columns import InputColumns, matched_places

RNG = np.random.default_rng(0)
TABLE = pd.DataFrame({"age": RNG.normal(size=30), "size": RNG.normal(size=30)}).assign(
    smokes=pd.Categorical(RNG.choice(["no", "yes"], 30)),
    place=pd.Categorical(RNG.choice(["north", "south", "west"], 30)),
    street=pd.Categorical([f"street {n % 10}" for n in range(30)]),
)


def inputs(**params):
    model = KerasMLPRegressor((4,), random_state=0, **params).initialize(TABLE, TABLE["age"])
    return InputColumns([*TABLE], model.feature_encoder_, model.model_)


def test_each_input_of_the_first_dense_layer_stands_for_something():
    keys, axis = inputs(category_embedding_dim=2).keys("dense_0/kernel")
    assert axis == -2
    assert keys == [
        *[("age", "number", 0), ("size", "number", 0), ("smokes", "binary", "no", "yes")],
        *[("place", "level", level) for level in ("north", "south", "west")],
        *[("street", "embedding", part) for part in range(2)],
    ]


def test_embedded_numbers_have_parts():
    keys, _ = inputs(numeric_embedding="periodic", category_embedding_dim=1).keys("dense_0/kernel")
    assert [key for key in keys if key[0] == "age"] == [("age", "number", n) for n in range(4)]


@pytest.mark.parametrize(
    ("weight", "axis"),
    [
        *[("bin_edges", 0), ("numeric_bin_kernel", 0), ("numeric_bin_bias", 0)],
        *[("numeric_frequency_kernel", 0), ("numeric_wave_kernel", 0), ("numeric_wave_bias", 0)],
    ],
)
def test_weights_of_embedded_numbers_are_by_column(weight, axis):
    columns = inputs(numeric_embedding="both")
    keys, place = columns.keys(f"features/{weight}")
    assert keys == ["age", "size"]
    shape = getattr(columns.network.get_layer("features"), weight).shape
    assert shape[place] == 2
    assert place % len(shape) == axis


def test_learned_vectors_are_by_level():
    keys, axis = inputs().keys("features/category_embedding")
    assert axis == -2
    assert keys == [("street", f"street {n}") for n in range(10)]


def test_what_scales_the_input_is_by_column_too():
    scaled = inputs(feature_scale=True, batch_norm="before_dense")
    for weight in ("feature_scale/scale", "batch_norm_0/moving_mean"):
        keys, axis = scaled.keys(weight)
        assert axis == -1
        assert keys == scaled.keys("dense_0/kernel")[0]
    assert inputs(batch_norm="after_dense").keys("batch_norm_0/gamma") is None
    assert scaled.keys("dense_0/bias") is None


def test_nothing_is_matched_with_nothing():
    places, others = matched_places([], ["a"])
    assert places.tolist() == others.tolist() == []
