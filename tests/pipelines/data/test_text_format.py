from __future__ import annotations

import gzip

import pytest

from pipelines.data.reading import column_names, read_chunks, read_table, text_format
from pipelines.data.text_format import TextFormat, find_text_format
from pipelines.errors import InputError

POLISH = "imię;wzrost;płeć\nŁukasz;1,75;m\nŻaneta;1,62;k\nPaweł;1,81;m\nŚwiatłość;1,70;k\n"
FRENCH = "nom,ville\nJosé,Besançon\nÈve,Orléans\n"
RUSSIAN = "имя,город\nИван,Москва\nОльга,Казань\nПётр,Тула\n"
JAPANESE = "名前,都市\n山田,東京\n鈴木,大阪\n佐藤,札幌\n"


@pytest.fixture
def found(tmp_path):
    """Write bytes to a file and find how they are written."""

    def find(content, name="table.csv", **given):
        path = tmp_path / name
        path.write_bytes(content)
        return find_text_format(path, name[name.index(".") :], **given)

    return find


@pytest.mark.parametrize(
    ("text", "written", "encoding"),
    [
        (FRENCH, "utf-8", "utf-8"),
        (FRENCH, "utf-8-sig", "utf-8-sig"),
        (FRENCH, "utf-16", "utf-16"),
        (FRENCH, "utf-32", "utf-32"),
        (RUSSIAN, "utf-16-le", "utf-16-le"),
        (RUSSIAN, "utf-16-be", "utf-16-be"),
        (FRENCH, "cp1252", "cp1252"),
        (POLISH, "cp1250", "cp1250"),
        (RUSSIAN, "cp1251", "cp1251"),
        (JAPANESE, "cp932", "cp932"),
        ("price\n5 £\n6 £\n", "cp1252", "cp1252"),  # in cp1250 it would be Ł
    ],
)
def test_the_encoding_is_found(found, text, written, encoding):
    assert found(text.encode(written)).encoding == encoding


def test_a_byte_that_is_not_utf8_is_seen_wherever_it_is(found):
    """Far behind what is sampled."""
    content = b"a,b\n" + b"1,2\n" * 600_000 + b"3,caf\xe9\n"
    assert found(content).encoding == "cp1252"


def test_a_letter_of_several_bytes_may_lie_on_both_sides_of_a_block(found):
    assert found(b"a\n" + b"x" * ((1 << 20) - 3) + "é\n".encode()).encoding == "utf-8"


def test_a_text_that_ends_within_a_letter_is_not_utf8(found):
    assert found(b"a\ncaf\xc3").encoding == "cp1252"


@pytest.mark.parametrize(
    ("text", "separator"),
    [
        ("a,b\n1,2\n", ","),
        ("a;b\n1;2\n", ";"),
        ("a\tb\n1\t2\n", "\t"),
        ("a|b\n1|2\n", "|"),
        ("a;b\n1,5;2,5\n", ";"),
        ('a;b\n"1;2";3\n', ";"),
        ("text\nhello; you\nand; you\n", ","),  # one column, of sentences
        ("text;n\nhello, you;1\nyou, too;2\n", ";"),
        ("a,b\n1,2\n3\n", ","),  # is at fault whatever it is, and told so
    ],
)
def test_the_separator_is_found(found, text, separator):
    assert found(text.encode()).separator == separator


def test_the_ending_decides_where_it_can(found):
    assert found(b"a;1\tb;2\n1;2\t3;4\n", "table.tsv").separator == "\t"
    assert found(b"a,b\n1,2\n", "table.tsv").separator == ","


@pytest.mark.parametrize(
    ("text", "decimal"),
    [
        ("a;b\n0,5;x\n", ","),
        ("a;b\n0.5;1,5\n", "."),  # not both
        ("a;b\n1,000;x\n12,000;y\n", "."),  # thousands
        ("a;b\n1,000;x\n12,5;y\n", ","),
        ("a;b\n1;2\n", "."),
        ("a,b\n1,2\n", "."),
    ],
)
def test_the_decimal_sign_is_found(found, text, decimal):
    assert found(text.encode()).decimal == decimal


def test_what_is_given_is_taken(found):
    given = found(POLISH.encode("cp1250"), encoding="windows-1250", separator="semicolon")
    assert given == TextFormat("cp1250", ";", ",")
    assert found(b"a;b\n1;2\n", separator=",").separator == ","
    assert found(b"a\tb\n", separator="\\t").separator == "\t"


def test_what_cannot_be_is_refused(found, tmp_path):
    with pytest.raises(InputError, match="There is no text encoding 'utf8000'; give one such as"):
        found(b"a,b\n", encoding="utf8000")
    with pytest.raises(InputError, match=r"A separator is one character, .* but got '::'"):
        found(b"a,b\n", separator="::")
    path = tmp_path / "table.parquet"
    path.write_bytes(b"x")
    with pytest.raises(InputError, match=r"of text, but .*table\.parquet is a Parquet file"):
        text_format(path, encoding="utf-8")


@pytest.mark.parametrize("name", ["people.csv", "people.csv.gz"])
def test_a_file_is_read_as_it_is_written(tmp_path, name):
    path = tmp_path / name
    content = POLISH.encode("cp1250")
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    assert column_names(path) == ["imię", "wzrost", "płeć"]
    table = read_table(path)
    assert table["wzrost"].tolist() == [1.75, 1.62, 1.81, 1.70]
    assert table["imię"].tolist() == ["Łukasz", "Żaneta", "Paweł", "Światłość"]
    chunks = list(read_chunks(path, 3, columns=["wzrost"]))
    assert [len(chunk) for chunk in chunks] == [3, 1]
    assert chunks[1]["wzrost"].tolist() == [1.70]


def test_utf16_is_read_too(tmp_path):
    path = tmp_path / "people.csv"
    path.write_bytes(RUSSIAN.replace(",", "\t").encode("utf-16"))
    assert read_table(path)["город"].tolist() == ["Москва", "Казань", "Тула"]
