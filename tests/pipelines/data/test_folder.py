from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.data.folder import data_folder
from pipelines.errors import InputError


def test_an_argument_wins_over_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(tmp_path / "environment"))
    assert data_folder(tmp_path / "argument") == tmp_path / "argument"
    assert data_folder() == tmp_path / "environment"


def test_the_default_is_scikit_learns(tmp_path, monkeypatch):
    monkeypatch.delenv("SCIKIT_LEARN_DATA", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert data_folder() == Path(tmp_path, "scikit_learn_data")


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(
        InputError,
        match=r"The data folder .*file.* cannot be made \(.+\); name another one as data_home or "
        "in SCIKIT_LEARN_DATA.",
    ):
        data_folder(tmp_path / "file" / "below")
