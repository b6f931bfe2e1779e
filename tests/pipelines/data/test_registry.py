from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow
import pytest

from pipelines.data import DATASETS, load_dataset
from pipelines.errors import InputError


def test_names():
    assert list(DATASETS) == [
        "digits",
        "iris",
        "wine",
        "breast_cancer",
        "diabetes",
        "california_housing",
        "fashion_mnist",
        "fashion_mnist_rows",
        "italy_power_demand",
        "japanese_vowels",
        "basic_motions",
        "adding_50",
        "adding_100",
        "adding_200",
        "adding_400",
    ]


@pytest.mark.parametrize("name", ["digits", "iris", "wine", "breast_cancer", "diabetes"])
def test_every_bundled_set_loads_under_its_name(name):
    assert load_dataset(name).name == name


def test_data_home_reaches_the_loader(tmp_path):
    (tmp_path / "fashion_mnist").mkdir()
    (tmp_path / "fashion_mnist" / "train-images-idx3-ubyte").write_bytes(b"other")
    with pytest.raises(InputError, match="fashion_mnist/train-images-idx3-ubyte is not the publis"):
        load_dataset("fashion_mnist", data_home=tmp_path)
    (tmp_path / "cal_housing_py3.pkz").write_bytes(b"other")
    with pytest.raises(InputError, match="California housing cannot be read"):
        load_dataset("california_housing", data_home=str(tmp_path))


@pytest.mark.parametrize("as_path", [str, lambda path: path])
def test_a_path_loads_the_users_table(write, as_path):
    path = write("a,g,id,y\n1,1,x,2\n3,2,y,4\n5,2,z,6\n")
    dataset = load_dataset(as_path(path), target="y", drop=["id"], groups="g", task="regression")
    assert dataset.X.columns.tolist() == ["a"]
    assert dataset.groups.tolist() == [1, 2, 2]


def test_a_tilde_is_the_users_home(write, monkeypatch, tmp_path):
    write("a,y\n1,2\n3,4\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert load_dataset("~/people.csv", target="y").X.shape == (2, 1)


def test_a_name_wins_over_a_folder_of_that_name(tmp_path, monkeypatch):
    (tmp_path / "digits").mkdir()
    monkeypatch.chdir(tmp_path)
    assert load_dataset("digits").kind == "image"


def test_the_task_of_a_named_set_can_be_overridden():
    dataset = load_dataset("digits", task="regression")
    assert dataset.task == "regression"
    assert dataset.y.dtype == "float64"
    assert load_dataset("digits", task="classification").digest == load_dataset("digits").digest
    with pytest.raises(InputError, match="Regression needs a target of numbers"):
        load_dataset("iris", task="regression")


@pytest.mark.parametrize("task", ["clasification", ""])
def test_an_unknown_task(task):
    with pytest.raises(InputError, match=f"There is no task '{task}'"):
        load_dataset("iris", task=task)


@pytest.mark.parametrize(
    ("name", "suggestion"), [("digts", r" \(did you mean 'digits'\?\)"), ("zebra", "")]
)
def test_an_unknown_name(name, suggestion):
    with pytest.raises(
        InputError,
        match=f"There is no data set '{name}'{suggestion}; choose one of digits, iris, wine, "
        "breast_cancer, diabetes, california_housing, fashion_mnist, .*, or give the path of a file "
        "that ends in .csv, .csv.gz, .tsv, .tsv.gz, .parquet, .pq, .ts, .npz, .npy.",
    ):
        load_dataset(name)


def test_files_that_exist_or_could(tmp_path):
    with pytest.raises(InputError, match=r"There is no file .*peple.csv"):
        load_dataset(tmp_path / "peple.csv", target="y")
    with pytest.raises(InputError, match="is a folder, not a table"):
        load_dataset(tmp_path, target="y")
    (tmp_path / "notes").touch()
    with pytest.raises(InputError, match=r"The format of .*notes cannot be told"):
        load_dataset(tmp_path / "notes", target="y")


@pytest.mark.parametrize(
    "option",
    [{"target": "y"}, {"drop": ["a"]}, {"groups": "g"}, {"time": "t"}, {"sequence_id": "i"}],
)
def test_options_of_tables_with_a_named_set(option):
    with pytest.raises(
        InputError,
        match=r"target, drop, groups, time, sequence_id, sequence_time, encoding and separator are "
        r"for tables of your own, but iris has its target already; leave them out.",
    ):
        load_dataset("iris", **option)


def test_a_file_that_is_called_like_a_data_set_is_not_that(tmp_path):
    path = tmp_path / "california_housing.csv"
    path.write_text("age,price\n" + "".join(f"{n},{n}.5\n" for n in range(20)))
    assert load_dataset(path, target="price").name == "california_housing.csv"


@pytest.mark.parametrize("address", ["https://ann:secret@host/a.csv", "s3://bucket/a.parquet"])
def test_an_address(address):
    shown = address.replace("ann:secret", r"\*\*\*")
    with pytest.raises(InputError, match=f"^{shown} is an address, but .* is read from a file"):
        load_dataset(address, target="y")


PEOPLE = pd.DataFrame(
    {
        "age": np.random.default_rng(0).normal(50, 10, 60),
        "town": ["Aachen", "Bonn", "Celle"] * 20,
        "when": pd.date_range("2024-01-01", periods=60),
        "price": np.random.default_rng(1).normal(size=60),
    }
)


@pytest.mark.filterwarnings("ignore::pipelines.data.DataWarning")
class TestTablesInMemory:
    @pytest.mark.parametrize("kind", ["pandas", "arrow", "polars"])
    def test_they_are_as_files_are(self, tmp_path, kind):
        PEOPLE.to_parquet(tmp_path / "people.parquet")
        table = PEOPLE.set_axis(range(100, 160))
        if kind == "arrow":
            table = pyarrow.Table.from_pandas(PEOPLE)
        if kind == "polars":
            table = pytest.importorskip("polars").from_pandas(PEOPLE)
        roles = {"target": "price", "time": "when", "drop": ["town"]}
        ours, theirs = (
            load_dataset(table, **roles),
            load_dataset(tmp_path / "people.parquet", **roles),
        )
        assert (ours.name, ours.source) == ("table", "the table")
        assert (ours.digest, ours.task, ours.dates) == (theirs.digest, theirs.task, theirs.dates)
        assert ours.findings == theirs.findings

    def test_they_are_not_changed(self):
        table = PEOPLE.copy()
        load_dataset(table, target="price", drop=["age"])
        pd.testing.assert_frame_equal(table, PEOPLE)

    @pytest.mark.parametrize(
        ("table", "options", "message"),
        [
            (
                PEOPLE,
                {"target": "prize"},
                r"the table has no column 'prize' to take as target \(did",
            ),
            (PEOPLE, {}, "A target is needed to learn from the table; name the column to predict"),
            (
                PEOPLE,
                {"target": "price", "separator": ";"},
                "separator are of files, but a table was",
            ),
            (PEOPLE.head(0), {"target": "price"}, "The table has no rows"),
            (
                PEOPLE[["age", "age"]],
                {"target": "age"},
                "Every column of the table needs a name of",
            ),
            (
                [[1, 2]],
                {"target": "a"},
                "the path of a file or a table, but a list was given; give a",
            ),
        ],
    )
    def test_what_cannot_be_used_is_refused(self, table, options, message):
        with pytest.raises(InputError, match=message):
            load_dataset(table, **options)
