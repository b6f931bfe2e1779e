"""Records on disk: as they were, in order, and whole."""

from __future__ import annotations

import builtins
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.tracking.journal import Journal, new_journal, undelivered_journals
from pipelines.tracking.records import (
    BestChosen,
    RunEnded,
    RunLogged,
    RunStarted,
    TableLogged,
    TextLogged,
    dump_record,
    load_record,
)

text = st.text(max_size=20)
texts = st.dictionaries(text, text, max_size=3)
times = st.floats(0, 2e9)
metrics = st.lists(st.tuples(text, st.floats(allow_nan=False), st.integers(0, 99)).map(list))
numbers = st.integers(0, 999)
records = st.one_of(
    st.builds(RunStarted, numbers, text, texts, texts, times),
    st.builds(RunLogged, st.none() | numbers, times, texts, texts, metrics),
    st.builds(RunEnded, st.none() | numbers, st.sampled_from(["FINISHED", "KILLED"]), times),
    st.builds(BestChosen, numbers, text, metrics, times),
    st.builds(TextLogged, st.none() | numbers, text, text),
    st.builds(TableLogged, text, st.dictionaries(text, st.lists(st.none() | text, max_size=3))),
)


@given(records)
def test_a_record_is_one_line_and_comes_back_as_it_was(record):
    line = dump_record(record)
    assert len(line.splitlines()) == 1
    assert load_record(line) == record


def test_what_is_appended_is_read_once_and_in_order(tmp_path):
    writing, reading = Journal(tmp_path / "j"), Journal(tmp_path / "j")
    assert list(reading.unread()) == []
    for number in range(3):
        writing.append(RunEnded(number, "FINISHED", 1.0))
    assert [record.candidate for record in reading.unread()] == [0, 1, 2]
    writing.append(RunEnded(3, "FINISHED", 1.0))
    assert [record.candidate for record in reading.unread()] == [3]
    assert list(reading.unread()) == []


def test_half_a_line_of_a_killed_process_is_not_read(tmp_path):
    writing = Journal(tmp_path)
    writing.append(RunEnded(0, "FINISHED", 1.0))
    with (tmp_path / "records.jsonl").open("a") as file:
        file.write('{"record": "RunEn')
    reading = Journal(tmp_path)
    assert [record.candidate for record in reading.unread()] == [0]
    assert list(reading.unread()) == []


def test_a_full_disk_keeps_records_in_memory_until_there_is_room(tmp_path, monkeypatch):
    class FullDisk(io.BytesIO):
        def write(self, content):
            raise OSError(28, "No space left on device")

    journal = Journal(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", lambda *args, **kwargs: FullDisk())
        journal.append(RunEnded(0, "FINISHED", 1.0))
        with pytest.raises(OSError, match="No space left"):
            journal.flush()
    assert builtins.list(journal.unread()) == []
    journal.append(RunEnded(1, "FINISHED", 1.0))
    assert [record.candidate for record in journal.unread()] == [0, 1]


def test_what_was_delivered_is_known_to_the_next_writer(tmp_path):
    journal = Journal(tmp_path)
    journal.note_delivered({0: "a"})
    journal.note_delivered({}, refused="too long")
    journal.note_delivered({7: "b"})
    state = Journal(tmp_path).delivered()
    assert state.n_records == 3
    assert state.run_ids == {0: "a", 7: "b"}
    assert state.refused == ["too long"]


def test_journals_are_found_until_they_are_removed(tmp_path):
    folder = tmp_path / "searches"
    first, second = new_journal(folder), new_journal(folder)
    assert undelivered_journals(folder) == []
    first.parent = {"run_id": "a"}
    second.parent = {"run_id": "b"}
    assert {journal.parent["run_id"] for journal in undelivered_journals(folder)} == {"a", "b"}
    first.remove()
    assert [journal.parent["run_id"] for journal in undelivered_journals(folder)] == ["b"]
    second.remove()
    assert not folder.exists()
