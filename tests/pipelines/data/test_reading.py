from __future__ import annotations

import bz2
import errno
import gzip
from pathlib import Path

import pandas as pd
import pyarrow
import pyarrow.parquet
import pytest

from pipelines.data.reading import MAX_COLUMNS, column_names, read_chunks, read_table, suffix_of
from pipelines.data.text_format import TextFormat
from pipelines.errors import InputError

TEXT = "age,city\n31,Bern\n,Ulm\n"
TABLE = pd.DataFrame({"age": [31.0, None], "city": ["Bern", "Ulm"]})


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.csv", ".csv"),
        ("a.csv.gz", ".csv.gz"),
        ("A.TSV", ".tsv"),
        ("a.b.parquet", ".parquet"),
        ("a.pq", ".pq"),
        ("a.gz", None),
        ("a.xlsx", None),
        ("digits", None),
    ],
)
def test_suffix_of(name, expected):
    assert suffix_of(Path("folder", name)) == expected


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("people.csv", TEXT.encode()),
        ("people.csv", TEXT.encode("utf-8-sig")),
        ("people.CSV", TEXT.replace("\n", "\r\n").encode()),
        ("people.csv.gz", gzip.compress(TEXT.encode(), mtime=0)),
        ("people.tsv", TEXT.replace(",", "\t").encode()),
        ("people.tsv.gz", gzip.compress(TEXT.replace(",", "\t").encode(), mtime=0)),
    ],
)
def test_read_text(write, name, content):
    pd.testing.assert_frame_equal(read_table(write(content, name)), TABLE)


@pytest.mark.parametrize("name", ["people.parquet", "people.pq"])
def test_read_parquet_throws_the_index_away(tmp_path, name):
    TABLE.set_axis([7, 9]).to_parquet(tmp_path / name)
    pd.testing.assert_frame_equal(read_table(tmp_path / name), TABLE)


def test_names_that_are_numbers_become_text(tmp_path):
    pd.DataFrame({0: [1], 1: [2]}).to_parquet(tmp_path / "a.parquet")
    assert read_table(tmp_path / "a.parquet").columns.tolist() == ["0", "1"]


def test_numbers_are_read_to_the_last_digit(write):
    assert read_table(write("a,b\n0.1234567890123456789,8.5e-320\n")).iloc[0].tolist() == [
        0.1234567890123456789,
        8.5e-320,
    ]


@pytest.mark.parametrize("name", ["missing.csv", "missing.parquet", "missing"])
def test_a_missing_file(tmp_path, name):
    with pytest.raises(
        InputError,
        match=f"There is no file .*{name}; check the path, or the folder it starts from.",
    ):
        read_table(tmp_path / name)


@pytest.mark.parametrize("name", ["folder", "folder.parquet"])
def test_a_folder(tmp_path, name):
    (tmp_path / name).mkdir()
    with pytest.raises(
        InputError, match=f"{name} is a folder, not a table; give the path of one file in it."
    ):
        read_table(tmp_path / name)


def test_an_unknown_format(write):
    with pytest.raises(
        InputError,
        match=r"The format of .*people.xlsx cannot be told from its name; save it as one of "
        r".csv, .csv.gz, .tsv, .tsv.gz, .parquet, .pq.",
    ):
        read_table(write(TEXT, "people.xlsx"))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("people.csv", b""),
        ("people.csv", b"\n \n"),
        ("people.csv.gz", gzip.compress(b"", mtime=0)),
        ("people.parquet", b""),
    ],
)
def test_an_empty_file(write, name, content):
    with pytest.raises(
        InputError,
        match=f"{name} is empty; a table needs the names of its columns and rows below them.",
    ):
        read_table(write(content, name))


def test_no_rows(write, tmp_path):
    message = "people.* names columns but has no rows; a table needs some."
    with pytest.raises(InputError, match=message):
        read_table(write("age,city\n"))
    TABLE.head(0).to_parquet(tmp_path / "people.parquet")
    with pytest.raises(InputError, match=message):
        read_table(tmp_path / "people.parquet")


def test_another_encoding(write):
    with pytest.raises(
        InputError,
        match=r"people.csv is not utf-8 text \(byte \d+ of what was read cannot be decoded\); "
        "give its encoding, leave encoding out to have it found, or save it as UTF-8.",
    ):
        read_table(write("city\nKöln\n".encode("latin-1")), TextFormat("utf-8"))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("age,city\n31,Bern\n32,Ulm,x\n", "Expected 2 fields in line 3, saw 3"),
        ('age,city\n31,"Bern\n', "EOF inside string starting at row 1"),
        ("age,city\n31,Bern,x\n32,Ulm,x\n", "Length of header or names does not match length.*"),
    ],
)
def test_a_ragged_file(write, content, reason):
    with pytest.raises(
        InputError,
        match=rf"people.csv cannot be parsed \({reason}\); give every row as many fields as the "
        "first line names, and put quotes around separators inside a field.",
    ):
        read_table(write(content))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("people.parquet", b"not parquet at all"),
        ("people.parquet", b"PAR1 and then no more PAR1"),
        ("people.csv.gz", TEXT.encode()),
        ("people.csv.gz", gzip.compress(TEXT.encode() * 99, mtime=0)[:-20]),
        ("people.csv.gz", bz2.compress(TEXT.encode())),
    ],
)
def test_a_broken_file(write, name, content):
    suffix = name.removeprefix("people")
    with pytest.raises(
        InputError,
        match=rf"{name} cannot be read as {suffix} \(.+\); check the file and its ending.",
    ) as caught:
        read_table(write(content, name))
    assert "\n" not in str(caught.value)


def test_a_parquet_file_that_breaks_off(tmp_path):
    path = tmp_path / "people.parquet"
    TABLE.to_parquet(path)
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(InputError, match=r"people.parquet cannot be read as .parquet"):
        read_table(path)


def test_a_file_that_may_not_be_read(write, monkeypatch):
    def refuse(*args, **kwargs):
        raise PermissionError(errno.EACCES, "Permission denied", "people.csv")

    monkeypatch.setattr(pd, "read_csv", refuse)
    with pytest.raises(
        InputError, match=r"people.csv cannot be read as .csv \(Permission denied\); check the file"
    ):
        read_table(write(TEXT))


def test_repeated_names(write, tmp_path):
    message = (
        "Every column of .*people.* needs a name of its own, but 'age' stands there more than "
        "once; rename or remove the others."
    )
    with pytest.raises(InputError, match=message):
        read_table(write("age,city,age\n1,Bern,2\n"))
    columns = [pyarrow.array([1]), pyarrow.array([2])]
    pyarrow.parquet.write_table(
        pyarrow.table(columns, names=["age", "age"]), tmp_path / "people.parquet"
    )
    with pytest.raises(InputError, match=message):
        read_table(tmp_path / "people.parquet")


def test_columns_without_a_name_are_no_repetition(write):
    assert read_table(write(",,age\n1,2,3\n")).shape == (1, 3)


def test_more_columns_than_can_be_learned_from(write):
    header = ",".join(map(str, range(MAX_COLUMNS + 1)))
    with pytest.raises(
        InputError,
        match=r"people.csv names 100,001 columns or more, but 100,000 can be learned from; see that",
    ):
        read_table(write(f"{header}\n1\n"))


@pytest.mark.parametrize("name", ["people.csv", "people.csv.gz", "people.tsv", "people.parquet"])
def test_chunks_are_the_table(tmp_path, name):
    path = tmp_path / name
    table = pd.DataFrame({"a": range(7), "b": [1.5, None] * 3 + [2.5], "c": list("uvwxyzu")})
    if name.endswith("parquet"):
        table.to_parquet(path)
    else:
        table.to_csv(path, index=False, sep="\t" if "tsv" in name else ",")
    chunks = [*read_chunks(path, 3)]
    assert [len(chunk) for chunk in chunks] == [3, 3, 1]
    pd.testing.assert_frame_equal(pd.concat(chunks), read_table(path))
    assert column_names(path) == ["a", "b", "c"]
    some = pd.concat(read_chunks(path, 3, columns=["c", "a"]))
    assert some.columns.tolist() == ["a", "c"]


def test_chunks_with_columns_of_text(write):
    chunks = [*read_chunks(write("code,n\n007,1\n08,2\nx,3\n"), 2, text=["code", "other"])]
    assert pd.concat(chunks)["code"].tolist() == ["007", "08", "x"]


def test_what_is_wrong_is_said_with_its_chunk(write):
    chunks = read_chunks(write("a,b\n1,2\n3,4,5\n"), 1)
    with pytest.raises(InputError, match=r"people.csv cannot be parsed \("):
        list(chunks)
    with pytest.raises(InputError, match="names columns but has no rows"):
        list(read_chunks(write("a,b\n"), 1))


class TestMoreColumnsThanCanBeLearnedFrom:
    MESSAGE = "names 6 columns or more, but 5 can be learned from; see that each row is a line"

    @pytest.fixture(autouse=True)
    def five_at_most(self, monkeypatch):
        monkeypatch.setattr("pipelines.data.reading.MAX_COLUMNS", 5)

    @pytest.mark.parametrize("name", ["wide.csv", "wide.csv.gz"])
    def test_a_text_is_refused_before_it_is_parsed(self, tmp_path, monkeypatch, name):
        """To parse a line of millions of fields takes minutes."""
        path = tmp_path / name
        pd.DataFrame([range(6)], columns=list("abcdef")).to_csv(path, index=False)
        monkeypatch.setattr("pandas.read_csv", None)
        with pytest.raises(InputError, match=self.MESSAGE):
            read_table(path, TextFormat("utf-8", ",", "."))

    def test_parquet(self, tmp_path):
        path = tmp_path / "wide.parquet"
        pd.DataFrame([range(6)], columns=list("abcdef")).to_parquet(path)
        with pytest.raises(InputError, match=self.MESSAGE):
            read_table(path)

    def test_as_many_as_can_be(self, tmp_path):
        path = tmp_path / "wide.csv"
        pd.DataFrame([range(5)], columns=list("abcde")).to_csv(path, index=False)
        assert read_table(path).shape == (1, 5)
