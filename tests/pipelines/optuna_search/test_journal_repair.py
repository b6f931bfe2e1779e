from __future__ import annotations

import warnings

import optuna
import pytest

from pipelines.optuna_search.storages import open_storage


def study_of(path):
    return optuna.create_study(
        storage=open_storage(str(path)), study_name="one", load_if_exists=True
    )


@pytest.fixture
def journal(tmp_path):
    """A journal with one trial that has ended."""
    path = tmp_path / "a.journal"
    study = study_of(path)
    study.tell(study.ask(), 1.0)
    return path


@pytest.mark.parametrize(
    "damage", [b'{"op_code":4,"wor', b"\xff\x00\n", b'{"op_code":4,"wor' + b'{"op_code":4}\n']
)
def test_the_study_goes_on_with_what_is_sound(journal, damage):
    sound = journal.read_bytes()
    journal.write_bytes(sound + damage)
    with pytest.warns(UserWarning, match=f"was damaged after {len(sound):,} bytes"):
        study = study_of(journal)
    assert [trial.value for trial in study.trials] == [1.0]
    study.tell(study.ask(), 2.0)
    assert [trial.value for trial in study_of(journal).trials] == [1.0, 2.0]
    kept = journal.with_name("a.journal.damaged")
    assert kept.read_bytes() == sound + damage


def test_a_sound_journal_is_left_as_it_is(journal):
    before = journal.read_bytes()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        open_storage(str(journal))
    assert journal.read_bytes() == before
    assert [path.name for path in journal.parent.iterdir()] == ["a.journal"]
