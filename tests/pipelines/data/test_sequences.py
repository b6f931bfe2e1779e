from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pipelines.data import DataWarning
from pipelines.data.sequences import flat_table, make_sequences, pad, step_columns
from pipelines.errors import InputError

NAN = np.nan


def make(sequences, y=None, **more):
    array = np.asarray(sequences, dtype="float64")
    y = pd.Series(np.arange(len(array), dtype="float64") if y is None else y, name="y")
    return make_sequences(array, y, name="some", source="some.npz", task="regression", **more)


def test_columns_are_steps_with_their_channels_side_by_side():
    dataset = make([[[1, 2], [3, 4], [5, 6]], [[7, 8], [9, 10], [NAN, NAN]]], channels=["u", "v"])
    assert dataset.X.columns.tolist() == ["u_0", "v_0", "u_1", "v_1", "u_2", "v_2"]
    assert dataset.X.iloc[0].tolist() == [1, 2, 3, 4, 5, 6]
    assert (dataset.kind, dataset.channels, set(dataset.X.dtypes)) == (
        "sequence",
        ("u", "v"),
        {np.dtype("float32")},
    )
    np.testing.assert_array_equal(
        dataset.sequences[1], np.array([[7, 8], [9, 10], [NAN, NAN]], "float32")
    )


def test_columns_of_channels_that_end_in_numbers_are_different_ones():
    names = step_columns(["a", "a_1"], 12)
    assert len(set(names)) == 24


def test_steps_that_no_sequence_has_are_cut():
    dataset = make([[[1.0], [NAN], [NAN]], [[2.0], [3.0], [NAN]]])
    assert dataset.sequences.shape == (2, 2, 1)


def test_whole_numbers_stay_what_they_are():
    assert set(flat_table(np.zeros((1, 2, 1), "uint8"), ["p"]).dtypes) == {np.dtype("uint8")}


def test_padding():
    padded = pad([np.array([[1.0, 2.0]]), np.array([[3.0, 4.0], [5.0, 6.0]])])
    np.testing.assert_array_equal(padded, [[[1, 2], [NAN, NAN]], [[3, 4], [5, 6]]])


def test_channels_that_say_nothing_are_left_out():
    array = np.zeros((3, 2, 3))
    array[:, :, 0] = [[1, 2], [3, 4], [5, 6]]
    array[:, :, 2] = NAN
    with pytest.warns(DataWarning) as told:
        dataset = make(array, channels=["a", "b", "c"])
    assert dataset.channels == ("a",)
    assert sorted(str(one.message) for one in told) == [
        "In some.npz, 'b' has the same value in every step and is left out: nothing needs to be "
        "done, unless values should be there.",
        "In some.npz, 'c' has no value in every step and is left out: nothing needs to be done, "
        "unless values should be there.",
    ]


def test_equal_sequences_stay_on_one_side_of_a_split():
    generator = np.random.default_rng(0)
    array = generator.normal(size=(30, 4, 1))
    array[20:] = array[:10]
    with pytest.warns(DataWarning, match="10 of 30 rows stand in the table before"):
        dataset = make(array, y=np.tile(np.arange(10.0), 3))
    development, test = dataset.split(0.3)
    seen = {tuple(row) for row in development.X.to_numpy()}
    assert not seen & {tuple(row) for row in test.X.to_numpy()}


@pytest.mark.parametrize(
    ("sequences", "message"),
    [
        (
            [[[1.0]], [[NAN]]],
            r"Every sequence of some.npz needs a step, but 1 of 2 \(row 2\) has none",
        ),
        ([[[1.0]], [[1e39]]], r"beyond the range of float32, where 1 of 2 \(row 2\) has such"),
        (np.ones((2, 3, 1)), "No channel of some.npz says anything"),
        (
            np.arange(200_002.0).reshape(2, -1, 1),
            "has 100,001 numbers, but 100,000 can be learned from",
        ),
    ],
)
def test_refused(sequences, message):
    with pytest.raises(InputError, match=message):
        make(sequences)
