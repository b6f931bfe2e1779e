"""What ends a run, and how it is then recorded."""

import os
import signal
import threading

import pytest

from pipelines.signals import signal_handled
from pipelines.tracking.run_status import exit_on_signal, run_status


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (None, "FINISHED"),
        (SystemExit(0), "FINISHED"),
        (SystemExit(None), "FINISHED"),
        (SystemExit(2), "FAILED"),
        (SystemExit("a message"), "FAILED"),
        (ValueError("no"), "FAILED"),
        (SystemExit(143), "KILLED"),
        (KeyboardInterrupt(), "KILLED"),
    ],
)
def test_the_status_says_what_ended_the_run(error, status):
    assert run_status(error) == status


def test_sigterm_unwinds_the_stack_with_its_exit_code():
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit) as raised, signal_handled(signal.SIGTERM, exit_on_signal):
        os.kill(os.getpid(), signal.SIGTERM)
    assert raised.value.code == 143
    assert signal.getsignal(signal.SIGTERM) is before


def test_outside_the_main_thread_signals_are_left_alone():
    before = signal.getsignal(signal.SIGTERM)
    seen = []

    def body():
        with signal_handled(signal.SIGTERM, exit_on_signal):
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=body)
    thread.start()
    thread.join()
    assert seen == [before]
