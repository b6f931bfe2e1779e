from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipelines.errors import InputError
from pipelines.output import check_output_file, check_output_folder, table_page


@pytest.mark.parametrize("name", ["a.csv", "new/folder/a.CSV"])
def test_files_that_can_be_written(tmp_path, name):
    check_output_file(tmp_path / name, [".csv"])
    assert list(tmp_path.iterdir()) == []


def test_files_that_cannot(tmp_path):
    with pytest.raises(InputError, match="is a folder, but a file is to be written"):
        check_output_file(tmp_path, [".csv"])
    with pytest.raises(
        InputError, match=r"a.xls cannot be told from its name; .* one of .csv, .pq"
    ):
        check_output_file(tmp_path / "a.xls", [".csv", ".pq"])


def test_a_folder_below_a_file(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match=r"cannot be a folder to write to, for '.*file' is a file"):
        check_output_folder(tmp_path / "file" / "below")


def test_what_may_not_be_written_to(tmp_path, monkeypatch):
    (tmp_path / "a.csv").touch()
    monkeypatch.setattr(os, "access", lambda path, mode: path == tmp_path)
    with pytest.raises(InputError, match=r"a.csv is there and may not be written to; give another"):
        check_output_file(tmp_path / "a.csv", [".csv"])
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(InputError, match=r"Nothing may be written to .*; give another path than"):
        check_output_folder(tmp_path / "new")


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a file system without room")
def test_where_an_administrator_has_rights_but_nothing_is_taken(monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: True)
    with pytest.raises(InputError, match=r"Nothing can be written to /proc \(.+\); give another"):
        check_output_folder(Path("/proc/report"))


def test_a_page_is_text_in_a_browsers_width_and_colours():
    page = table_page("<Drift>", "a & b", "<table><tr><td>1</td></tr></table>")
    assert "<h1>&lt;Drift&gt;</h1>" in page
    assert "<p>a &amp; b</p>" in page
    assert '<meta name="viewport" content="width=device-width' in page
    assert "color-scheme: light dark" in page
