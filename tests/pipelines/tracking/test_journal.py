"""Journals: where they are, whether they grow, and what is known of their runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.errors import InputError
from pipelines.processes import this_process
from pipelines.tracking.journal import Journal


def created(folder):
    journal = Journal.below(folder)
    journal.make_folder()
    return journal


@pytest.fixture
def journal(tmp_path):
    journal = created(tmp_path / "searches")
    journal.records.append({"call": "open_parent_run", "process": this_process()})
    return journal


def test_journals_are_found_until_they_are_removed(tmp_path, journal):
    folder = tmp_path / "searches"
    other = created(folder)
    assert [found.folder for found in Journal.all_in(folder)] == [journal.folder]
    other.records.append({"call": "open_parent_run"})
    assert {found.folder for found in Journal.all_in(folder)} == {journal.folder, other.folder}
    journal.remove()
    assert [found.folder for found in Journal.all_in(folder)] == [other.folder]
    other.remove()
    assert not folder.exists()
    assert journal.all_records() == []


def test_the_parent_run_is_known_once_it_is_noted(journal):
    assert journal.parent_run() is None
    note = {"run_id": "a", "experiment_id": "0", "origin": {}}
    journal.notes.append(note)
    journal.notes.append({"run_id": "b"})
    assert Journal(journal.folder).parent_run() == note


def test_a_parent_run_that_was_refused_is_not_there(journal):
    journal.notes.append({"error": "MLflow cannot be used."})
    assert journal.parent_run() is None


def test_a_journal_may_grow_until_its_search_ends(journal):
    assert journal.may_grow()
    journal.records.append({"call": "end_search"})
    assert not journal.may_grow()


@pytest.mark.parametrize("change", [{"pid": 999999999}, {"started": 1.0}, {"host": "elsewhere"}])
def test_a_journal_of_a_process_that_is_gone_or_elsewhere_does_not_grow(tmp_path, change):
    journal = created(tmp_path)
    journal.records.append({"call": "open_parent_run", "process": {**this_process(), **change}})
    assert not journal.may_grow()


def test_the_folder_above_may_be_removed_meanwhile(tmp_path, monkeypatch):
    mkdir, removed = Path.mkdir, []

    def mkdir_after_another_search_has_ended(self, *args, **how):
        if not removed:
            removed.append(self)
            raise FileNotFoundError(2, "No such file or directory", str(self))
        mkdir(self, *args, **how)

    journal = Journal.below(tmp_path / "searches")
    monkeypatch.setattr(Path, "mkdir", mkdir_after_another_search_has_ended)
    journal.make_folder()
    assert journal.folder.is_dir()
    assert removed == [journal.folder]


def test_a_folder_that_cannot_be_written_to_is_one_sentence(tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(InputError, match=r"taken, by way .* cannot be written to \(Not a dir"):
        created(tmp_path / "taken")
