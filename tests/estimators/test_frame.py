"""Tables of polars and Arrow: the network that pandas' table gives, without a copy of its numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow
import pytest

from estimators import KerasMLPClassifier
from estimators.frame import pandas_frame

LEVELS = ["blue", "green", "red"]


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(0)
    size, color = rng.normal(size=60), rng.choice(LEVELS[:2], 60)
    return {"size": size, "count": rng.integers(0, 5, 60), "color": color}


def polars_enum(rows):
    polars = pytest.importorskip("polars")
    return polars.DataFrame(rows, schema_overrides={"color": polars.Enum(LEVELS)})


def polars_categorical(rows):
    """Its levels are those of the rows alone, whatever others the process knows."""
    polars = pytest.importorskip("polars")
    polars.Series(["zzz", "aaa"], dtype=polars.Categorical)
    return polars.DataFrame(rows, schema_overrides={"color": polars.Categorical})


def arrow(rows):
    codes = [LEVELS.index(one) for one in rows["color"]]
    colors = pyarrow.DictionaryArray.from_arrays(codes, LEVELS)
    return pyarrow.table({**rows, "color": colors})


def arrow_in_chunks(rows):
    """Chunks may have dictionaries of their own."""
    table = pyarrow.table(rows)
    color = table["color"]
    chunks = [color.slice(0, 20), color.slice(20)]
    encoded = [chunk.combine_chunks().dictionary_encode() for chunk in chunks]
    return table.set_column(2, "color", pyarrow.chunked_array(encoded))


@pytest.mark.parametrize("make", [polars_enum, polars_categorical, arrow, arrow_in_chunks])
def test_it_holds_what_the_table_holds(make, rows):
    frame = pandas_frame(make(rows))
    assert frame.columns.tolist() == ["size", "count", "color"]
    assert isinstance(frame["color"].dtype, pd.CategoricalDtype)
    assert frame["color"].tolist() == rows["color"].tolist()
    np.testing.assert_array_equal(frame["size"], rows["size"])
    np.testing.assert_array_equal(frame["count"], rows["count"])


@pytest.mark.parametrize(
    ("make", "levels"),
    [(polars_enum, LEVELS), (polars_categorical, LEVELS[:2]), (arrow, LEVELS)],
)
def test_declared_levels_are_kept(make, levels, rows):
    assert pandas_frame(make(rows))["color"].cat.categories.tolist() == levels


def test_missing_values(rows):
    color = pyarrow.array(["red", None, "blue"]).dictionary_encode()
    frame = pandas_frame(pyarrow.table({"color": color, "n": pyarrow.array([1, None, 3])}))
    assert frame["color"].isna().tolist() == frame["n"].isna().tolist() == [False, True, False]


@pytest.mark.parametrize("make", [polars_enum, arrow])
def test_numbers_are_not_copied(make, rows):
    table = make(rows)
    frame = pandas_frame(table)
    assert np.shares_memory(frame["size"].to_numpy(), table["size"].to_numpy())


@pytest.mark.parametrize("other", [np.zeros((2, 2)), [[1, 2]], pd.Series([1]), None])
def test_anything_else_is_none(other):
    assert pandas_frame(other) is None


@pytest.mark.parametrize("make", [polars_enum, arrow])
def test_the_network_is_that_of_pandas_table(make, rows):
    """With names to check columns by, and either kind of table to predict from."""
    y = (rows["size"] > 0) ^ (rows["color"] == "blue")
    colors = pd.Categorical(rows["color"], categories=LEVELS)
    pandas = pd.DataFrame({**rows, "color": colors})
    expected = KerasMLPClassifier((4,), epochs=2, random_state=0).fit(pandas, y)
    model = KerasMLPClassifier((4,), epochs=2, random_state=0).fit(make(rows), y)
    assert model.feature_names_in_.tolist() == ["size", "count", "color"]
    probabilities = expected.predict_proba(pandas)
    np.testing.assert_array_equal(model.predict_proba(make(rows)), probabilities)
    np.testing.assert_array_equal(model.predict_proba(pandas), probabilities)


def test_categories_by_name(rows):
    """Columns of text may be named instead of having a dtype."""
    y = rows["color"] == "blue"
    table = pyarrow.table(rows)
    model = KerasMLPClassifier((4,), epochs=2, categorical_features=["color"], random_state=0)
    probabilities = model.fit(table, y).predict_proba(table)
    pandas = pd.DataFrame(rows)
    np.testing.assert_array_equal(model.fit(pandas, y).predict_proba(pandas), probabilities)


def test_columns_in_another_order_are_refused(rows):
    y = rows["color"] == "blue"
    table = arrow(rows)
    model = KerasMLPClassifier((4,), epochs=1, random_state=0).fit(table, y)
    with pytest.raises(ValueError, match="must be in the same order"):
        model.predict(table.select(["count", "size", "color"]))


def test_a_table_of_pandas_is_left_as_it_is():
    assert pandas_frame(pd.DataFrame({0: [1.0, 2.0]}, index=[5, 7])) is None
