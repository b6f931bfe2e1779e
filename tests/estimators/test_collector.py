from __future__ import annotations

import gc

import pytest

from estimators.collector import collector_paused


@pytest.fixture(autouse=True)
def enabled():
    gc.enable()
    yield
    gc.enable()


def test_it_is_paused_within():
    with collector_paused():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_one_that_was_off_stays_off():
    gc.disable()
    with collector_paused():
        pass
    assert not gc.isenabled()


def test_it_goes_on_after_an_error():
    with pytest.raises(ImportError), collector_paused():
        raise ImportError
    assert gc.isenabled()
