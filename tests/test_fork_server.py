"""A forked process is what the interpreter would have started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CODE = """
import atexit, os, sys
atexit.register(print, "at the end")
print(sys.argv, os.getcwd(), os.environ["NAME"], "HOME" in os.environ, __name__, sys.path[0] in ("", os.getcwd()))
print(os.getsid(0) == os.getpid(), sorted(os.listdir("/proc/self/fd"))[:3])
print(sys.stdin.read(), file=sys.stderr)
sys.exit(3)
"""


@pytest.fixture
def new_forks(forks):
    """With a server of their own, which has nothing to import."""
    starter = type(forks)(modules=())
    yield starter
    starter.close()


@pytest.mark.parametrize("code", [["-c", CODE], ["-m", "own", "-x"]], ids=["-c", "-m"])
def test_it_is_what_the_interpreter_would_start(forks, tmp_path, code):
    (tmp_path / "own.py").write_text(CODE)
    how = {"cwd": tmp_path, "env": {"NAME": "it", "PYTHONPATH": ROOT}, "start_new_session": True}
    pipes = dict.fromkeys(["stdin", "stdout", "stderr"], subprocess.PIPE)
    ended = []
    for start in (subprocess.Popen, forks.start):
        process = start([sys.executable, *code, "a", "b"], **how, **pipes, text=True)
        process.stdin.write("said")
        process.stdin.close()
        ended.append((process.stdout.read(), process.stderr.read(), process.wait(timeout=60)))
    assert ended[0] == ended[1]
    assert ended[0][1:] == ("said\n", 3)


def test_it_ends_by_a_signal_and_is_waited_for(forks):
    code = "import time; print('there', flush=True); time.sleep(60)"
    process = forks.start([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "there\n"
    assert process.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(timeout=0.01)
    with pytest.raises(subprocess.TimeoutExpired):
        process.communicate(timeout=0.01)
    process.kill()
    assert process.communicate(timeout=60) == ("", None)
    assert process.poll() == process.returncode == -signal.SIGKILL


def test_one_does_not_wait_for_another(forks):
    """Whose pipes it has not taken along."""
    wait = [sys.executable, "-c", "input()"]
    first, second = (forks.start(wait, stdin=subprocess.PIPE, text=True) for _ in range(2))
    first.stdin.close()
    assert first.wait(timeout=60) == 1
    assert second.poll() is None
    second.communicate(timeout=60)  # which ends its input
    assert second.returncode == 1


def test_its_end_is_told_of_though_no_more_are_forked(new_forks):
    code = "import time; print('there', flush=True); time.sleep(0.5); raise SystemExit(5)"
    process = new_forks.start([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "there\n"
    new_forks.close()
    assert process.wait(timeout=60) == 5


def test_what_an_error_says(forks):
    done = forks.run([sys.executable, "-c", "raise KeyError('this')"])
    assert done.returncode == 1
    assert done.stderr.endswith("KeyError: 'this'\n")


@pytest.mark.parametrize("forks_writer", [True, False])
def test_what_writes_to_mlflow_is_forked_as_well(forks, forks_writer):
    """From the same process, which has imported MLflow, and whoever started it has been killed."""
    code = """
import os, subprocess, sys
from pipelines.tracking import writer_process
code = "import os, sys; print(os.getppid(), 'mlflow' in sys.modules, input(), flush=True)"
how = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
writer = writer_process.Popen([sys.executable, "-c", code], start_new_session=True, **how)
writer.stdin.write("it\\n")
writer.stdin.close()
print(os.getpid(), os.getppid(), writer.stdout.read(), writer.wait(), flush=True)
left = writer_process.Popen([sys.executable, "-c", "input()"], **how)
os.kill(os.getpid(), 9)
"""
    process = forks.start(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": ROOT},
        forks_writer=forks_writer,
    )
    pid, server, parent, *said = process.communicate(timeout=60)[0].split()
    assert parent == (server if forks_writer else pid)
    assert said == [str(forks_writer), "it", "0"]
    assert process.returncode == -signal.SIGKILL
    assert forks.run([sys.executable, "-c", "print('there')"]).stdout == "there\n"
