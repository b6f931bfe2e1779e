"""Input of recurrent networks: shapes, padding and what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

from estimators import KerasRNNRegressor

RNG = np.random.default_rng(0)
X = RNG.normal(size=(20, 6, 2)).astype("float32")
X[::3, 4:] = np.nan
Y = np.nansum(X[:, :, 0], axis=1)


def make(**params):
    return KerasRNNRegressor((3,), "simple", epochs=2, random_state=0, **params)


@pytest.fixture(scope="module")
def fitted():
    return make().fit(X, Y)


def test_flat_and_not_are_one(fitted):
    flat = make(n_steps=6).fit(X.reshape(20, -1), Y)
    frame = make(n_steps=6).fit(pd.DataFrame(X.reshape(20, -1)), Y)
    for model in (flat, frame):
        assert (model.n_steps_, model.n_channels_, model.n_features_in_) == (6, 2, 12)
        np.testing.assert_array_equal(model.predict(X.reshape(20, -1)), fitted.predict(X))
    assert (fitted.n_steps_, fitted.n_channels_, fitted.n_features_in_) == (6, 2, 12)
    np.testing.assert_array_equal(fitted.predict(X.reshape(20, -1)), fitted.predict(X))
    np.testing.assert_array_equal(fitted.predict(X.tolist()), fitted.predict(X))


def test_without_n_steps_each_column_is_a_step():
    model = make().fit(X[:, :4, 0], Y)
    assert (model.n_steps_, model.n_channels_) == (4, 1)


def test_what_stands_behind_the_end_does_not_matter(fitted):
    """The network itself, which is given nan there; numbers would be steps."""
    short = X[::3]
    np.testing.assert_array_equal(fitted.predict(short[:, :4]), fitted.predict(short))
    zeros = np.nan_to_num(short)
    assert (fitted.predict(zeros) != fitted.predict(short)).all()


def test_shorter_sequences_are_filled_up(fitted):
    padded = X.copy()
    padded[:, 3:] = np.nan
    np.testing.assert_array_equal(fitted.predict(X[:, :3]), fitted.predict(padded))


def test_rows_without_weight_are_left_out():
    bad = X.copy()
    bad[0] = np.inf
    weight = np.r_[0.0, np.ones(19)]
    model = make().fit(bad, Y, sample_weight=weight)
    expected = make().fit(X[1:], Y[1:], sample_weight=weight[1:])
    np.testing.assert_array_equal(model.predict(X), expected.predict(X))


def with_nan(where):
    array = X.copy()
    array[1] = 0.0
    array[1][where] = np.nan
    return array


@pytest.mark.parametrize(
    "where",
    [np.s_[2:4], np.s_[:, 0], np.s_[:], np.s_[0], np.s_[5, 1]],
    ids=["gap", "channel", "all", "first", "part of the last"],
)
def test_nan_that_is_no_padding(where, fitted):
    with pytest.raises(ValueError, match=r"NaN that is no padding, first in row 1: .*imputer"):
        fitted.predict(with_nan(where))
    with pytest.raises(ValueError, match=r"NaN that is no padding, first in row 1"):
        make().fit(with_nan(where), Y)


@pytest.mark.parametrize(
    ("array", "sentence"),
    [
        (RNG.normal(size=(4, 7, 2)), "X has 7 steps of 2 channels, but .* expecting 6 steps"),
        (RNG.normal(size=(4, 6, 3)), "X has 6 steps of 3 channels.* of 2, as in fit"),
        (RNG.normal(size=(4, 11)), "11 features, but KerasRNNRegressor is expecting 12"),
        (np.full((4, 6, 2), np.inf), "infinity"),
        (csr_array((4, 12)), "[Ss]parse"),
    ],
    ids=["longer", "channels", "columns", "infinite", "sparse"],
)
def test_input_unlike_that_of_the_fit(array, sentence, fitted):
    with pytest.raises((ValueError, TypeError), match=sentence):
        fitted.predict(array)


def test_no_rows(fitted):
    with pytest.raises(ValueError, match=r"^Found array with 0 sample\(s\)"):
        fitted.predict(X[:0])


def as_objects(sequences):
    return np.array([*sequences, None], dtype=object)[:-1]


@pytest.mark.parametrize("kind", [list, as_objects, pd.Series])
def test_a_sequence_of_arrays(kind, fitted):
    np.testing.assert_array_equal(fitted.predict(kind(list(X))), fitted.predict(X))
    shorter = [row[: 3 + at % 2] for at, row in enumerate(X)]
    with pytest.raises(ValueError, match=r"sequences of different shapes: .* nan fills up shorter"):
        fitted.predict(kind(shorter))


def test_n_steps_must_fit_the_input():
    with pytest.raises(ValueError, match=r"X has 6 steps, but n_steps=5: leave n_steps at None"):
        make(n_steps=5).fit(X, Y)
    with pytest.raises(ValueError, match=r"X has 12 columns.*n_steps=5: .* divisor of 12"):
        make(n_steps=5).fit(X.reshape(20, -1), Y)


@pytest.mark.parametrize("kind", [np.asarray, np.ndarray.tolist])
def test_more_than_three_axes(kind):
    frames = np.zeros((20, 6, 2, 2))
    with pytest.raises(ValueError, match=r"X has 4 axes, but sequences have three, of rows, steps"):
        make().fit(kind(frames), Y)
