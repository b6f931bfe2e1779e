"""How a process is set up, each in a process of its own.

Where TensorFlow may have been imported before, the process is forked from one that has done so.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

VARIABLES = ("TF_", "MLP_", "XLA_")
FIT = (
    "X, y = [[0.0], [1.0]] * 8, [0, 1] * 8\n"
    "model = estimators.KerasMLPClassifier((4,), epochs=1, random_state=0).fit(X, y)\n"
)
THREADS = "tf.config.threading.get_intra_op_parallelism_threads()"


def environment(**variables):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(VARIABLES)}
    return {**kept, **variables}


def run(code, **variables):
    """Run code in a process in which nothing has been imported."""
    return subprocess.run(
        [sys.executable, "-W", "error::RuntimeWarning", "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=environment(**variables),
    )


@pytest.fixture
def fork(forks):
    """A function that runs code in a process that has imported TensorFlow."""
    strictly = "import warnings; warnings.simplefilter('error', RuntimeWarning)\n"

    def start(code, **variables):
        command = [sys.executable, "-c", strictly + code]
        return forks.run(command, env=environment(**variables), check=True)

    return start


def test_import_changes_nothing():
    code = (
        "import os, sys, warnings, logging\n"
        "before = dict(os.environ), [*warnings.filters], logging.root.level, os.fstat(2)\n"
        "import estimators\n"
        "assert before == (dict(os.environ), warnings.filters, logging.root.level, os.fstat(2))\n"
        "loaded = {name.partition('.')[0] for name in sys.modules}\n"
        "assert not loaded & {'tensorflow', 'keras', 'sklearn', 'scikeras'}, loaded\n"
        "assert 'KerasMLPClassifier' in dir(estimators)\n"
        "estimators.DivergenceError\n"
        "assert 'tensorflow' not in sys.modules\n"
    )
    assert run(code).stderr == ""


@pytest.mark.slow
def test_a_class_that_is_not_fitted_changes_nothing(tmp_path, fork):
    code = (
        "import os\n"
        "import estimators\n"
        "before = dict(os.environ)\n"
        "estimators.KerasMLPClassifier().get_params()\n"
        "import tensorflow as tf\n"
        "os.environ.pop('TF2_BEHAVIOR', None)\n"  # TensorFlow's own
        "changed = {n for n, v in os.environ.items() if before.get(n) != v}\n"
        "assert not {n for n in changed if n.startswith('TF_')}, changed\n"
        f"assert {THREADS} == 0\n"
    )
    fork(code, XDG_CACHE_HOME=str(tmp_path))
    assert not (tmp_path / "mlp-techniques").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "threads", "is_cached", "level"),
    [("", 1, True, "3"), ("threads=2, compile_cache=False, quiet=False", 2, False, None)],
)
def test_configure(arguments, threads, is_cached, level, tmp_path, fork):
    code = (
        "import os\n"
        "import estimators\n"
        f"estimators.configure({arguments})\n"
        "import tensorflow as tf\n"
        f"print({THREADS}, 'cache' in os.environ.get('TF_XLA_FLAGS', ''),"
        " os.environ.get('TF_CPP_MIN_LOG_LEVEL'))\n"
    )
    start = fork if arguments else run
    assert start(code, XDG_CACHE_HOME=str(tmp_path)).stdout.split() == [
        str(threads),
        str(is_cached),
        str(level),
    ]
    assert bool([*tmp_path.rglob("compiled")]) is is_cached


@pytest.mark.slow
def test_the_environment_takes_precedence(fork):
    code = (
        "import os, estimators\n"
        "estimators.configure(threads=2)\n"
        "import tensorflow as tf\n"
        f"print({THREADS}, os.environ['TF_CPP_MIN_LOG_LEVEL'])\n"
    )
    done = fork(code, TF_NUM_INTRAOP_THREADS="3", TF_CPP_MIN_LOG_LEVEL="1", MLP_COMPILE_CACHE="off")
    assert done.stdout.split() == ["3", "1"]


@pytest.mark.slow
def test_a_first_fit_sets_threads_and_cache_but_not_the_messages(tmp_path, fork):
    code = (
        "import os\n"
        "import estimators\n"
        f"{FIT}"
        "import tensorflow as tf\n"
        f"print({THREADS}, 'cache' in os.environ['TF_XLA_FLAGS'],"
        " os.environ.get('TF_CPP_MIN_LOG_LEVEL'))\n"
    )
    done = fork(code, XDG_CACHE_HOME=str(tmp_path))
    assert done.stdout.split() == ["1", "True", "None"]
    assert [*tmp_path.rglob("compiled")]


@pytest.mark.slow
def test_a_fit_does_not_undo_what_was_configured(fork):
    code = (
        "import os, estimators\n"
        "estimators.configure(threads=2, compile_cache=False)\n"
        f"{FIT}"
        "import tensorflow as tf\n"
        f"print({THREADS}, 'TF_XLA_FLAGS' in os.environ)\n"
    )
    assert fork(code).stdout.split() == ["2", "False"]


@pytest.mark.slow
def test_configured_quiet_nothing_is_said():
    """Neither TensorFlow's greetings nor its complaints of programs traced again; others are heard."""
    code = (
        "import estimators, sys\n"
        "estimators.configure()\n"
        "X, y = [[0.0], [1.0]] * 8, [0, 1] * 8\n"
        "for seed in range(8):\n"
        "    model = estimators.KerasMLPClassifier((4, seed + 1), epochs=2, random_state=seed)\n"
        "    model.fit(X, y).predict(X[:seed + 1])\n"
        "print('heard', file=sys.stderr)\n"
    )
    done = run(code)
    assert (done.stdout, done.stderr) == ("", "heard\n")


@pytest.mark.slow
def test_without_standard_error():
    command = f"{sys.executable} -c 'import estimators; estimators.configure(); print(1)' 2>&-"
    done = subprocess.run(["sh", "-c", command], stdout=subprocess.PIPE, text=True, check=True)
    assert done.stdout == "1\n"


@pytest.mark.slow
@pytest.mark.parametrize("first", ["estimators.configure()\n", FIT], ids=["configure", "fit"])
def test_threads_that_cannot_be_set_are_told_of(first, forks):
    code = f"import tensorflow as tf; tf.constant(1.0) + 1; import estimators\n{first}"
    done = forks.run([sys.executable, "-c", code], check=True, env=environment())
    assert "TensorFlow was at work before estimators.configure() was called" in done.stderr
    assert "keeps its number of threads" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("task", ["model.fit(X, y)", "model.predict(X)"])
def test_a_fork_is_told_instead_of_hanging(task, fork):
    code = (
        "import estimators, os\n"
        f"{FIT}"
        "child = os.fork()\n"
        "if not child:\n"
        f"    try: {task}\n"
        "    except RuntimeError as error: print(error, flush=True)\n"
        "    os._exit(0)\n"
        "os.waitpid(child, 0)\n"
        f"{task}; print('done')\n"
    )
    told, done = fork(code).stdout.splitlines()
    assert told.startswith("This process was forked from one in which TensorFlow had been at work")
    assert "use joblib's backend 'loky'" in told
    assert done == "done"


@pytest.mark.slow
def test_a_fork_from_a_process_without_a_fit_trains():
    code = (
        "import estimators, os\n"
        "child = os.fork()\n"
        "if not child:\n"
        "    exec('''" + FIT.replace("\n", "\\n") + "''')\n"
        "    print('trained', flush=True)\n"
        "    os._exit(0)\n"
        "os.waitpid(child, 0)\n"
    )
    assert run(code).stdout.split() == ["trained"]
