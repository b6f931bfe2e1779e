from __future__ import annotations

import os
import subprocess
import sys

import pytest


def run(code, **variables):
    environment = {name: value for name, value in os.environ.items() if name[:3] != "TF_"}
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**environment, **variables},
    )


@pytest.mark.slow
def test_import_and_fit_say_nothing():
    """Neither TensorFlow's greetings nor its complaints of programs traced again."""
    code = (
        "from estimators import KerasMLPClassifier\n"
        "X, y = [[0.0], [1.0]] * 8, [0, 1] * 8\n"
        "for seed in range(8):\n"
        "    model = KerasMLPClassifier((4, seed + 1), epochs=2, random_state=seed).fit(X, y)\n"
        "    model.predict(X[:seed + 1])\n"
    )
    done = run(code)
    assert (done.stdout, done.stderr) == ("", "")


@pytest.mark.slow
def test_import_leaves_standard_error_open():
    done = run("import estimators, sys; print('heard', file=sys.stderr)")
    assert done.stderr == "heard\n"


@pytest.mark.slow
def test_import_without_standard_error():
    command = f"{sys.executable} -c 'import estimators; print(1)' 2>&-"
    done = subprocess.run(["sh", "-c", command], stdout=subprocess.PIPE, text=True, check=True)
    assert done.stdout == "1\n"


@pytest.mark.slow
def test_threads_that_cannot_be_set_are_told_of():
    code = "import tensorflow as tf; tf.constant(1.0) + 1; import estimators"
    done = run(code, TF_CPP_MIN_LOG_LEVEL="3")
    assert "TensorFlow was at work before estimators was imported" in done.stderr
