from __future__ import annotations

import re

import pytest

from pipelines.errors import InputError
from pipelines.study.report import report_study, write_report


def test_files(study, tmp_path):
    report = report_study(study, figures_path="made_up")
    page = write_report(study, report, tmp_path / "docs")
    assert page.read_text("utf-8") == report.html
    for figure in re.findall(r"\]\(([^)]+)\)", (page.parent / "made_up.md").read_text("utf-8")):
        assert (page.parent / figure).read_bytes().startswith(b"\x89PNG")
    assert (page.parent / "made_up.csv").read_text("utf-8").startswith("row,arm,variant")


def test_a_folder_that_cannot_be_written_to(study, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"cannot be written to .*file: Not a directory; give"):
        write_report(study, report_study(study), tmp_path / "file")
