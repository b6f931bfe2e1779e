from __future__ import annotations

import threading
import warnings

import pytest

from pipelines.search.capture_warnings import capture_warnings


def warn(word):
    warnings.warn(word, UserWarning, stacklevel=1)


def test_all_are_heard_and_none_is_shown(recwarn):
    with capture_warnings() as heard:
        for _ in range(2):
            warn("again")
        warnings.warn("old", DeprecationWarning, stacklevel=1)
    assert heard == ["again", "again", "old"]
    assert len(recwarn) == 0


def test_afterwards_they_are_shown_as_before():
    with capture_warnings() as heard:
        pass
    with pytest.warns(UserWarning, match="later"):
        warn("later")
    assert heard == []


def test_two_threads_that_overlap_hear_their_own():
    """The first to begin is the first to end, which catch_warnings does not survive."""
    both_began, first_ended = threading.Barrier(2), threading.Event()
    results, filters = {}, list(warnings.filters)
    shows = warnings.showwarning

    def first():
        with capture_warnings() as heard:
            both_began.wait()
            warn("first")
        first_ended.set()
        results["first"] = heard

    def second():
        with capture_warnings() as heard:
            both_began.wait()
            first_ended.wait()
            warn("second")
        results["second"] = heard

    threads = [threading.Thread(target=first), threading.Thread(target=second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {"first": ["first"], "second": ["second"]}
    assert warnings.filters == filters
    assert warnings.showwarning is shows


def test_who_does_not_listen_is_shown_the_warning():
    began, may_end = threading.Event(), threading.Event()
    heard_there = []

    def listen():
        with capture_warnings() as heard:
            began.set()
            may_end.wait()
        heard_there.extend(heard)

    thread = threading.Thread(target=listen)
    shown = []
    with warnings.catch_warnings():
        warnings.showwarning = lambda message, *where, **how: shown.append(str(message))
        thread.start()
        began.wait()
        warn("mine")
        may_end.set()
        thread.join()
    assert (shown, heard_there) == (["mine"], [])
