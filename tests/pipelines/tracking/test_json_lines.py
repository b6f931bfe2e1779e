"""Values on disk: as they were, in order, and whole."""

from __future__ import annotations

import resource
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.tracking.json_lines import JsonLines

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
values = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=9
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "values.jsonl"


@given(st.lists(values, min_size=1, max_size=5))
def test_values_come_back_as_they_were(written):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "values.jsonl")
        assert JsonLines(path).append(*written)
        assert list(JsonLines(path).read()) == written
        assert len(path.read_bytes().splitlines()) == len(written)


def test_what_is_appended_is_read_once_and_in_order(path):
    writing, reading = JsonLines(path), JsonLines(path)
    assert list(reading.read()) == []
    writing.append(0, 1)
    writing.append(2)
    assert list(reading.read()) == [0, 1, 2]
    writing.append(3)
    assert list(reading.read()) == [3]
    assert list(reading.read()) == []
    assert writing.n_appended == 4


def test_half_a_line_of_a_killed_process_is_left_out(path):
    JsonLines(path).append("whole")
    with path.open("a") as file:
        file.write('{"call": "log_te')
    reading = JsonLines(path)
    assert list(reading.read()) == ["whole"]
    JsonLines(path).append("next")
    assert list(reading.read()) == ["next"]
    assert list(JsonLines(path).read()) == ["whole", "next"]


def test_a_line_that_lacks_its_end_only_counts_once_there_is_another(path):
    path.write_text('"whole"')
    reading = JsonLines(path)
    assert list(reading.read()) == []
    JsonLines(path).append("next")
    assert list(reading.read()) == ["whole", "next"]


def test_a_full_disk_keeps_values_in_memory_until_there_is_room(path):
    lines = JsonLines(path)
    assert lines.append("first")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    # Files may grow to 20 bytes: half of the next line fits in.
    resource.setrlimit(resource.RLIMIT_FSIZE, (20, limits[1]))
    try:
        assert not lines.append("a text of more than 20 bytes")
        assert not lines.append()
        assert path.stat().st_size == 20
        assert list(JsonLines(path).read()) == ["first"]
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert lines.append("last")
    assert list(JsonLines(path).read()) == ["first", "a text of more than 20 bytes", "last"]


def test_where_the_folder_is_missing_nothing_is_written(tmp_path):
    path = tmp_path / "elsewhere" / "values.jsonl"
    assert not JsonLines(path).append("lost")
    assert list(JsonLines(path).read()) == []
    assert not path.parent.exists()
