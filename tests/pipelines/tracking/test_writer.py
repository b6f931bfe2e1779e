"""The queue between search and store."""

import threading
import time

from pipelines.tracking.writer import BackgroundWriter


def test_records_are_applied_in_order_in_another_thread():
    applied = []
    writer = BackgroundWriter(lambda record: applied.append((record, threading.get_ident())))
    for number in range(100):
        writer.submit(number)
    assert writer.close(patience=5)
    assert [record for record, _ in applied] == list(range(100))
    assert threading.get_ident() not in {thread for _, thread in applied}


def test_submitting_does_not_wait_for_the_store():
    release = threading.Event()
    writer = BackgroundWriter(lambda record: release.wait(10))
    started = time.monotonic()
    for number in range(1000):
        writer.submit(number)
    assert time.monotonic() - started < 1
    release.set()
    assert writer.close(patience=5)


def test_a_record_that_fails_is_counted_and_the_next_ones_are_applied():
    applied = []

    def apply(record):
        if record % 2:
            raise OSError(f"no {record}")
        applied.append(record)

    writer = BackgroundWriter(apply)
    for number in range(6):
        writer.submit(number)
    assert writer.drain(patience=5)
    assert applied == [0, 2, 4]
    assert (writer.n_submitted, writer.n_done, writer.n_failed) == (6, 6, 3)
    assert str(writer.first_error) == "no 1"
    writer.close(patience=5)


def test_draining_gives_up_when_nothing_moves():
    release = threading.Event()
    writer = BackgroundWriter(lambda record: release.wait(10))
    writer.submit(0)
    assert not writer.drain(patience=0.1)
    assert writer.n_done == 0
    release.set()
    assert writer.close(patience=5)


def test_draining_is_patient_while_something_moves():
    writer = BackgroundWriter(lambda record: time.sleep(0.1))
    for number in range(8):
        writer.submit(number)
    assert writer.drain(patience=0.6)
    writer.close(patience=5)


def test_closing_ends_the_thread():
    writer = BackgroundWriter(lambda record: None)
    writer.submit(0)
    assert writer.close(patience=5)
    writer._thread.join(timeout=5)
    assert not writer._thread.is_alive()
