"""Input to predict: plain arrays go a short way, and are refused for what any input is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow
import pytest

from estimators import KerasMLPClassifier, KerasMLPRegressor, KerasRNNRegressor

X = np.random.default_rng(0).normal(size=(40, 3))


def make(data):
    return KerasMLPRegressor((4,), epochs=1, random_state=0).fit(data, X[:, 0])


@pytest.fixture(scope="module")
def fitted():
    return make(X)


@pytest.mark.parametrize(
    "same",
    [
        X.astype("float32"),
        np.asfortranarray(X),
        np.asfortranarray(X.astype("float32")),
        X.tolist(),
        X.astype(object),
        np.repeat(X, 2, axis=0)[::2],
    ],
    ids=["float32", "columns", "float32 columns", "lists", "objects", "strides"],
)
def test_the_form_does_not_matter(fitted, same):
    np.testing.assert_array_equal(fitted.predict(same), fitted.predict(X))


@pytest.mark.parametrize(
    ("value", "message"),
    [(np.nan, "Input X contains NaN"), (np.inf, "infinity"), (1e300, "infinity")],
)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.filterwarnings("ignore:overflow")
def test_numbers_that_are_none_are_refused(fitted, value, message, dtype):
    wrong = X.copy()
    wrong[7, 1] = value
    with pytest.raises(ValueError, match=message):
        fitted.predict(wrong.astype(dtype))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (X[:, :2], "X has 2 features, but KerasMLPRegressor is expecting 3 features"),
        (X[:0], "0 sample"),
        (X[0], "Expected 2D array, got 1D array"),
        (X[None], "dim 3"),
    ],
)
def test_shapes_are_checked(fitted, wrong, message):
    with pytest.raises(ValueError, match=message):
        fitted.predict(wrong)


def test_names_are_missed():
    named = make(pd.DataFrame(X, columns=list("abc")))
    with pytest.warns(UserWarning, match="X does not have valid feature names"):
        named.predict(X)


def test_categories_are_encoded():
    codes = np.column_stack([X, np.arange(len(X)) % 3])
    model = KerasMLPRegressor((4,), epochs=1, random_state=0, categorical_features=[3])
    model.fit(codes, X[:, 0])
    unseen = codes.copy()
    unseen[:, 3] = 9
    assert not np.array_equal(model.predict(codes), model.predict(unseen))


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (
            X[:, 0].astype(str),
            r"^A regressor needs numbers in y\. Got text such as '0\.\d+': convert it,",
        ),
        (
            pd.Series(pd.date_range("2024-01-01", periods=40)),
            "Got dates or times such as '2024-01-01",
        ),
        (
            np.arange(40).astype("m8[s]"),
            "Got dates or times such as '0 seconds': convert them, for ex",
        ),
    ],
    ids=["text", "dates", "times"],
)
def test_targets_that_are_no_numbers_are_refused(y, message):
    with pytest.raises(ValueError, match=message):
        KerasMLPRegressor((4,), epochs=1).fit(X, y)


@pytest.mark.parametrize("class_weight", [None, "balanced"])
@pytest.mark.parametrize(
    ("labels", "some"), [(["a", 1, "b", None], "'b' and 1"), ([1, None, 2, 1], "1 and None")]
)
def test_labels_of_several_kinds_are_refused(labels, some, class_weight):
    classifier = KerasMLPClassifier((4,), epochs=1, class_weight=class_weight)
    message = (
        rf"labels of one kind in y, all text or all numbers, and none missing\. Got {some}: conv"
    )
    with pytest.raises(ValueError, match=message):
        classifier.fit(X, np.array(labels * 10, dtype=object))


NUMBERS = pd.DataFrame(X, columns=["a", "b", "c"])


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (NUMBERS.assign(b=["1"] * 39 + ["red"]), "Got 'red' in the column 'b'"),
        (NUMBERS.assign(c="red").to_numpy(), "Got 'red' in the column 2"),
        (NUMBERS.assign(b="red").to_numpy().tolist(), "Got 'red' in the column 1"),
        (pyarrow.Table.from_pandas(NUMBERS.assign(a="red")), "Got 'red' in the column 'a'"),
        (NUMBERS.assign(c=pd.Timestamp("2024-01-31")), r"Got Timestamp\(.* in the column 'c'"),
    ],
    ids=["frame", "objects", "lists", "arrow", "dates"],
)
def test_text_and_dates_are_refused_by_their_column(wrong, sentence):
    sentence = f"^KerasMLPRegressor needs numbers or categories in X. {sentence}: .* category"
    with pytest.raises(ValueError, match=sentence):
        make(wrong)
    names = isinstance(wrong, pd.DataFrame | pyarrow.Table)
    with pytest.raises(ValueError, match=sentence):
        make(NUMBERS if names else X).predict(wrong)


def test_what_else_is_wrong_is_told_beside_text():
    with pytest.raises(ValueError, match="feature names should match"):
        make(NUMBERS).predict(NUMBERS.assign(d="red"))
    with pytest.raises(ValueError, match=r"needs numbers in X. Got 'red' in the column 0: encode"):
        KerasRNNRegressor((4,), n_steps=3).fit(NUMBERS.assign(a="red").to_numpy(), X[:, 0])
