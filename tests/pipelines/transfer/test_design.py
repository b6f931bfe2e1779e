from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pipelines.data import load_dataset
from pipelines.data.fashion_mnist import CLASSES
from pipelines.data.registry import DATASETS
from pipelines.errors import InputError
from pipelines.transfer.design import RowRule, SourceDesign, design_names, read_design


@pytest.mark.parametrize("name", design_names())
def test_designs_are_complete(name):
    design = read_design(name)
    assert design.dataset in DATASETS
    assert design.source.name
    assert design.target.name
    assert design.hyperparameters["hidden_layer_sizes"] == (100, 50)
    assert all(0 < share <= 1 for share in design.shares)


def test_an_unknown_one():
    sentence = "There is no design 'california' (did you mean 'california_north_south'?)"
    with pytest.raises(InputError, match=re.escape(sentence)):
        read_design("california")


def test_rows_of_classes_with_their_share_of_an_official_test_set():
    iris = replace(load_dataset("iris"), test_rows=np.array([0, 60, 149]))
    labels = sorted(iris.y.unique())
    taken = RowRule("two", classes=tuple(labels[1:])).take(iris)
    assert taken.name == "iris, two"
    assert sorted(taken.y.unique()) == labels[1:]
    assert len(taken.X) == 100
    pd.testing.assert_series_equal(
        taken.X.iloc[taken.test_rows[0]], iris.X.iloc[60], check_names=False
    )
    assert len(taken.test_rows) == 2


def test_rows_on_one_side_of_a_value():
    iris = load_dataset("iris")
    column = iris.X.columns[0]
    low = RowRule("short", column=column, high=5.8).take(iris)
    high = RowRule("long", column=column, low=5.8).take(iris)
    assert low.X[column].max() < 5.8 <= high.X[column].min()
    assert len(low.X) + len(high.X) == 150
    assert low.X.index.tolist() == list(range(len(low.X)))


@pytest.mark.parametrize("kept", ["groups", "times"])
def test_groups_and_times_go_with_their_rows(kept):
    """What is held out of the target's rows is of other groups, or later."""
    iris = load_dataset("iris")
    marks = pd.Series(np.arange(150) // 5, index=iris.X.index)
    rule = RowRule("long", column=iris.X.columns[0], low=5.8)
    development, test = rule.take(replace(iris, **{kept: marks})).split()
    ours, theirs = set(getattr(development, kept)), set(getattr(test, kept))
    assert not ours & theirs
    assert kept == "groups" or max(ours) < min(theirs)
    chosen = (iris.X.iloc[:, 0] >= 5.8).to_numpy()
    assert ours | theirs == set(marks[chosen])


def test_rows_with_some_values_of_a_column():
    iris = load_dataset("iris")
    marked = replace(iris, X=iris.X.assign(garden=np.repeat(["north", "east", "west"], 50)))
    taken = RowRule("two gardens", column="garden", values=("north", "west")).take(marked)
    assert taken.X["garden"].value_counts().to_dict() == {"north": 50, "west": 50}
    with pytest.raises(InputError, match=r"garden of iris has no numbers.*give 'values'"):
        RowRule("some", column="garden", low=1).take(marked)


def test_a_column_that_is_not_there():
    with pytest.raises(InputError, match="no column 'petal'; choose"):
        RowRule("some", column="petal", low=1).take(load_dataset("iris"))


SIDES = "source: {name: a, column: c, values: x}\ntarget: {name: b, column: c, high: 2}\n"


def test_a_file(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(SIDES + "fixed: {hidden_layer_sizes: [4, 2]}\nshares: 0.5\n")
    assert read_design(str(path)) == SourceDesign(
        None,
        RowRule("a", column="c", values=("x",)),
        RowRule("b", column="c", high=2),
        {"hidden_layer_sizes": (4, 2)},
        shares=(0.5,),
        epochs=20,
    )


@pytest.mark.parametrize(
    "text",
    ["source", "source: {name: a}", SIDES + "epoch: 1", SIDES.replace("high", "hi"), "[]"],
    ids=["no mapping", "no target", "an unknown key", "an unknown key of rows", "a list"],
)
def test_a_file_that_is_no_design(tmp_path, text):
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=r"The design file .*mine\.yaml is not a design: it must"):
        read_design(str(path))


def test_a_file_that_is_not_there():
    with pytest.raises(InputError, match=r"The design file none\.yaml cannot be read"):
        read_design("none.yaml")


def test_the_source_learns_its_own_rows():
    iris = load_dataset("iris")
    labels = sorted(iris.y.unique())
    design = SourceDesign(
        "iris",
        RowRule("two", classes=tuple(labels[:2])),
        RowRule("third", classes=(labels[2],)),
        {"hidden_layer_sizes": (5,), "epochs": 1},
        (1.0,),
        1,
    )
    assert sorted(design.fit_source(iris).classes_) == labels[:2]


def test_rows_that_are_not_there():
    sentence = "None of the rows of iris are roses; correct classes, column, values, low"
    with pytest.raises(InputError, match=sentence):
        RowRule("roses", classes=("rose",)).take(load_dataset("iris"))


def test_classes_of_the_images_are_their_names():
    for name in design_names():
        design = read_design(name)
        classes = {*design.source.classes, *design.target.classes}
        assert classes in (set(), set(CLASSES))
        assert not {*design.source.classes} & {*design.target.classes}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (SIDES + "shares: [0.1, all]", "'all' as shares"),
        (SIDES + "epochs: many", "'many' as epochs"),
        (SIDES + "epochs: true", "True as epochs"),
        (SIDES.replace("high: ", "high: about "), "'about .*' as high"),
    ],
)
def test_what_must_be_a_number(tmp_path, text, named):
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=rf"mine\.yaml has {named}, which must be a number"):
        read_design(str(path))
