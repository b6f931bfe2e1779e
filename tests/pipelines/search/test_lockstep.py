from __future__ import annotations

import contextvars
import threading

import pytest

from pipelines.search.lockstep import SteppedCall


@pytest.fixture(autouse=True)
def no_thread_is_left():
    before = threading.active_count()
    yield
    assert threading.active_count() == before


def counting(name, log, n=3):
    """A call that writes down its name and how far it is, and pauses after each."""

    def call(pause):
        for number in range(n):
            log.append((name, number))
            pause()
        return name * n

    return SteppedCall(call)


def test_calls_take_turns():
    log = []
    first, second = counting("a", log), counting("b", log, n=2)
    assert [first.advance(), second.advance()] == [True, True]
    assert log == [("a", 0), ("b", 0)]
    assert [first.advance(), second.advance()] == [True, True]
    assert [first.advance(), second.advance()] == [True, False]
    assert log == [("a", 0), ("b", 0), ("a", 1), ("b", 1), ("a", 2)]
    assert not first.advance()
    assert (first.result, second.result) == ("aaa", "bb")


def test_a_call_does_not_run_before_its_turn():
    log = []
    call = counting("a", log)
    assert log == []
    call.cancel()
    assert log == []


def test_cancelling_unwinds():
    log = []

    def work(pause):
        try:
            pause()
        except Exception:
            log.append("swallowed")
        finally:
            log.append("unwound")

    call = SteppedCall(work)
    call.advance()
    call.cancel()
    assert log == ["unwound"]


def test_cancelling_what_has_ended_does_nothing():
    call = SteppedCall(lambda pause: 7)
    assert not call.advance()
    call.cancel()
    assert call.result == 7


@pytest.mark.parametrize("error", [ValueError, SystemExit])
def test_an_error_is_raised_where_the_call_is_advanced(error):
    def fail(pause):
        pause()
        raise error("no")

    call = SteppedCall(fail)
    assert call.advance()
    with pytest.raises(error, match="no"):
        call.advance()


def test_a_call_sees_the_context_of_its_maker():
    word = contextvars.ContextVar("word")
    word.set("said")
    call = SteppedCall(lambda pause: word.get())
    call.advance()
    assert call.result == "said"
