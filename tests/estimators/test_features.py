"""Categories: from a table's columns to codes, and through an estimator."""

from __future__ import annotations

import pickle
import re

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from estimators import KerasMLPClassifier, KerasMLPRegressor
from estimators.engine.cache import PROGRAMS
from estimators.features import FeatureEncoder, FeatureSchema

COLORS = ["red", "green", "blue", None, "red", "green"]


def frame():
    return pd.DataFrame(
        {
            "size": [1.5, 2.0, 2.5, 3.0, 3.5, 4.0],
            "color": pd.Categorical(COLORS, categories=["red", "violet", "green", "blue"]),
            "shape": ["round", "flat", "round", "flat", "round", "flat"],
        }
    )


def codes(encoder, X, column=1):
    return np.asarray(encoder.transform(X))[:, column].astype(float).tolist()


class TestEncoder:
    def test_a_dtype_keeps_its_levels_and_their_order(self):
        encoder = FeatureEncoder().fit(frame())
        assert list(encoder.categories_) == [1]
        assert encoder.categories_[1].tolist() == ["red", "violet", "green", "blue"]
        assert codes(encoder, frame()) == [1, 3, 4, 0, 1, 3]

    def test_a_level_that_no_row_had_is_unseen(self):
        encoder = FeatureEncoder().fit(frame())
        other = frame().assign(color=["violet", "pink", "red", np.nan, "blue", "green"])
        assert codes(encoder, other) == [0, 0, 1, 0, 4, 3]
        other["color"] = pd.Categorical(other["color"])  # with an order of its own
        assert codes(encoder, other) == [0, 0, 1, 0, 4, 3]

    @pytest.mark.parametrize("columns", [["shape"], [2], [False, False, True], np.array([2])])
    def test_columns_by_name_index_or_mask(self, columns):
        encoder = FeatureEncoder(columns).fit(frame())
        assert list(encoder.categories_) == [2]
        assert encoder.categories_[2].tolist() == ["flat", "round"]
        assert codes(encoder, frame(), 2) == [2, 1, 2, 1, 2, 1]

    @pytest.mark.parametrize("kind", ["object", "str", "string", "category"])
    def test_texts_of_any_dtype(self, kind):
        X = frame().astype({"color": object}).astype({"color": kind})
        encoder = FeatureEncoder(["color"]).fit(X)
        assert codes(encoder, X) == [3, 2, 1, 0, 3, 2]

    @pytest.mark.parametrize(
        "X",
        [
            np.array([[0.5, 7.0], [1.5, np.nan], [2.5, 3.0]]),
            np.array([[0.5, "7"], [1.5, None], [2.5, "3"]], dtype=object),
            [[0.5, "b"], [1.5, None], [2.5, "a"]],
        ],
        ids=["numbers", "objects", "lists"],
    )
    def test_arrays(self, X):
        encoder = FeatureEncoder([1]).fit(X)
        assert codes(encoder, X) == [2, 0, 1]
        assert codes(encoder, X, 0) == [0.5, 1.5, 2.5]

    def test_small_integers_have_room_for_the_codes(self):
        X = np.arange(256, dtype="uint8").reshape(-1, 1)
        assert codes(FeatureEncoder([0]).fit(X), X, 0) == list(range(1, 257))

    def test_levels_of_several_kinds(self):
        X = np.array([["a"], [1], ["b"], [0]], dtype=object)
        assert codes(FeatureEncoder([0]).fit(X), X, 0) == [3, 2, 4, 1]

    def test_nothing_is_copied_without_categories(self):
        X = np.zeros((3, 2))
        assert FeatureEncoder().fit(X).transform(X) is X

    def test_the_input_stays_as_it_is(self):
        X, array = frame(), np.array([[5.0], [6.0]])
        FeatureEncoder().fit(X).transform(X)
        FeatureEncoder([0]).fit(array).transform(array)
        pd.testing.assert_frame_equal(X, frame())
        assert array.tolist() == [[5], [6]]

    @pytest.mark.parametrize(
        ("columns", "X", "message"),
        [
            (
                ["colour"],
                frame(),
                "must be names of columns of X, ['size', 'color', 'shape']. Got 'c",
            ),
            (["color"], np.zeros((2, 2)), "['color'] are names, but X has none: pass a DataFrame"),
            ([3], frame(), "as indices must be between 0 and 2, the last column of X. Got 3."),
            ([True], frame(), "as a mask must have one bool a column of X, 3. Got 1."),
        ],
    )
    def test_columns_that_are_not_there(self, columns, X, message):
        with pytest.raises(ValueError, match=re.escape(message)):
            FeatureEncoder(columns).fit(X)

    def test_schema(self):
        encoder = FeatureEncoder().fit(frame())
        X = np.array([[1, 3, 0], [2, 4, 1], [3, 0, 1]], "float32")
        schema = encoder.describe(X, embeds_numbers=True)
        assert schema == FeatureSchema(
            numbers=(0, 2), embedded=(0,), categories=(1,), n_levels=(4,)
        )
        assert encoder.numbers(X).tolist() == [[1, 0], [2, 1], [3, 1]]
        assert encoder.describe(X, embeds_numbers=False).embedded == ()

    def test_plain_numbers_need_no_schema(self):
        X = np.array([[0.0, 1], [1, 2], [0, 4]])
        encoder = FeatureEncoder().fit(X)
        assert encoder.describe(X, embeds_numbers=False) is None
        assert encoder.describe(X[:, :1], embeds_numbers=True) is None
        assert encoder.describe(X, embeds_numbers=True) == FeatureSchema((0, 1), embedded=(1,))

    def test_categories_without_levels(self):
        X = np.array([[np.nan], [np.nan]])
        encoder = FeatureEncoder([0]).fit(X)
        with pytest.raises(ValueError, match="holds categories without any level"):
            encoder.describe(encoder.transform(X), embeds_numbers=False)


def rng():
    return np.random.default_rng(0)


N = 120
SETTINGS = {
    "hidden_layer_sizes": (16,),
    "learning_rate": 0.02,
    "epochs": 15,
    "batch_size": 16,
    "random_state": 0,
}


def table():
    """A category of 12 levels decides, one of 3 and one of 2 a little; a number does nothing."""
    many, three = rng().integers(0, 12, N), rng().integers(0, 3, N)
    X = pd.DataFrame(
        {
            "number": rng().normal(size=N),
            "many": pd.Categorical.from_codes(many, [f"level {n}" for n in range(12)]),
            "three": pd.Categorical.from_codes(three, list("abc")),
            "two": pd.Categorical(np.where(many % 2, "yes", "no")),
        }
    )
    return X, np.where(many < 6, 2.0, -2.0) + three


def test_the_network_learns_from_categories():
    X, y = table()
    model = KerasMLPRegressor(**SETTINGS).fit(X, y)
    assert model.score(X, y) > 0.9
    assert model.feature_names_in_.tolist() == list(X)
    assert model.n_features_in_ == 4
    without = KerasMLPRegressor(**SETTINGS, categorical_features=None).fit(X[["number"]], y)
    assert without.score(X[["number"]], y) < 0.5


@pytest.mark.parametrize("embedding", [None, "piecewise_linear", "periodic"])
def test_many_predictions_are_the_same_to_the_bit(embedding):
    """Those of a graph in which the weights are frozen, after a number of calls, too."""
    X, y = table()
    settings = {**SETTINGS, "epochs": 1, "numeric_embedding": embedding}
    model = KerasMLPRegressor(**settings).fit(X, y)
    first = model.predict(X)
    for _ in range(40):
        np.testing.assert_array_equal(model.predict(X[:3]), first[:3])
    np.testing.assert_array_equal(model.predict(X), first)


def test_an_array_with_indices_is_the_same_as_a_frame():
    X, y = table()
    X["many"] = X["many"].cat.codes.astype("category")
    X["three"] = X["three"].cat.codes.astype("category")
    X["two"] = X["two"].cat.codes.astype("category")
    of_frame = KerasMLPRegressor(**SETTINGS).fit(X, y)
    of_array = KerasMLPRegressor(**SETTINGS, categorical_features=[1, 2, 3])
    array = X.to_numpy(dtype=float)
    np.testing.assert_array_equal(of_array.fit(array, y).predict(array), of_frame.predict(X))


def test_missing_and_unseen_levels_are_one_and_the_same():
    X, y = table()
    model = KerasMLPRegressor(**SETTINGS).fit(X, y)
    missing, unseen = X.astype(object), X.astype(object)
    missing["many"] = None
    unseen["many"] = "level 99"
    np.testing.assert_array_equal(model.predict(missing), model.predict(unseen))
    assert not np.array_equal(model.predict(missing), model.predict(X))


def test_levels_are_those_of_the_first_fit():
    X, y = table()
    few = X["many"].isin([f"level {n}" for n in range(6)])
    first = X[few].assign(many=X["many"][few].cat.remove_unused_categories())
    model = KerasMLPRegressor(**SETTINGS, warm_start=True).fit(first, y[few])
    before = model.model_.get_layer("features").get_config()
    model.fit(X, y, X_val=X, y_val=y).partial_fit(X, y)
    assert model.model_.get_layer("features").get_config() == before
    assert model.n_iter_ == 31
    other = X.assign(many="level 11")
    missing = X.assign(many=None)
    np.testing.assert_array_equal(model.predict(other), model.predict(missing))


def test_saved_and_loaded():
    X, y = table()
    model = KerasMLPRegressor(**SETTINGS, numeric_embedding="both").fit(X, y)
    loaded = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
    for each in (model, loaded):
        each.partial_fit(X, y)
    np.testing.assert_equal(loaded.model_.get_weights(), model.model_.get_weights())
    again = clone(model).set_params(epochs=16).fit(X, y)
    np.testing.assert_equal(again.model_.get_weights(), model.model_.get_weights())


def test_folds_share_a_program():
    """Levels and numbers of a fold are those of the table, though its rows lack some."""
    X, y = table()
    X["many"] = X["many"].cat.add_categories(["none has it"])
    PROGRAMS.clear()
    for fold in (slice(0, 100), slice(20, 120)):
        model = KerasMLPRegressor(
            **{**SETTINGS, "epochs": 1}, numeric_embedding="piecewise_linear", engine="uncompiled"
        )
        model.fit(X.iloc[fold].iloc[5:], y[fold][5:])
    assert len(PROGRAMS) == 1


def test_rules_judge_the_numbers_alone(recwarn):
    """Codes are no numbers: they may be as large as there are levels."""
    X, y = table()
    X["many"] = pd.Categorical(np.arange(N))
    KerasMLPRegressor(**{**SETTINGS, "epochs": 1}).fit(X[["number", "many"]], y)
    KerasMLPRegressor(**{**SETTINGS, "epochs": 1}, activation="selu").fit(X[["many"]], y)
    assert [warning for warning in recwarn if "scale" in str(warning.message)] == []
    assert [warning for warning in recwarn if "selu" in str(warning.message)] == []


def test_early_stopping_weights_and_classes():
    X, y = table()
    model = KerasMLPClassifier(
        **{**SETTINGS, "epochs": 60},
        early_stopping=True,
        validation_fraction=0.3,
        class_weight="balanced",
    )
    model.fit(X, np.where(y > 0, "up", "down"), sample_weight=rng().integers(0, 5, N))
    assert model.score(X, np.where(y > 0, "up", "down")) > 0.85


@pytest.mark.parametrize("missing", [np.nan, None])
def test_numbers_may_not_be_missing(missing):
    X, y = table()
    X.loc[3, "number"] = missing
    with pytest.raises(ValueError, match="Input X contains NaN"):
        KerasMLPRegressor(**SETTINGS).fit(X, y)


def test_other_columns_at_prediction():
    X, y = table()
    model = KerasMLPRegressor(**{**SETTINGS, "epochs": 1}).fit(X, y)
    with pytest.raises(ValueError, match="feature names should match"):
        model.predict(X[list(X)[::-1]])
    with pytest.raises(ValueError, match="feature names should match"):
        model.predict(X[["number", "many"]])
