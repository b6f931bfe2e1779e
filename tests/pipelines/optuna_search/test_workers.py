from __future__ import annotations

import os
import subprocess
import sys

import psutil
import pytest

from pipelines.optuna_search.workers import is_dead, working


@pytest.fixture
def sleeper():
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    yield process
    process.kill()
    process.communicate()


def test_a_worker_of_this_process_is_dead_when_it_has_stopped():
    with working() as one, working() as other:
        assert one["name"] != other["name"]
        assert one["pid"] == other["pid"] == os.getpid()
        assert not is_dead(one)
        assert not is_dead(other)
    assert is_dead(one)
    assert is_dead(other)


def test_another_process(sleeper):
    with working() as mine:
        started = psutil.Process(sleeper.pid).create_time()
        identity = {**mine, "pid": sleeper.pid, "started": started}
        assert not is_dead(identity)
        assert is_dead({**identity, "started": started - 100})  # the number was given out again
        sleeper.kill()
        sleeper.wait()
        assert is_dead(identity)


def test_of_another_machine_it_is_not_known():
    with working() as mine:
        pass
    assert is_dead(mine)
    assert not is_dead({**mine, "host": "elsewhere"})


@pytest.mark.parametrize("identity", [None, {}])
def test_of_nobody_it_is_not_known(identity):
    assert not is_dead(identity)
