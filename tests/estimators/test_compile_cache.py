"""What XLA compiled is found again by the next process."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from estimators.compile_cache import cache_folder, prune

ROOT = Path(__file__).parents[2]
FIT = """
import sys
{before}
import numpy as np
import estimators
{configure}
X = np.random.default_rng(0).normal(size=(64, 4))
for activation in sys.argv[1:]:
    model = estimators.KerasMLPRegressor(
        (5,), activation, batch_norm="before_dense", epochs=2, engine="compiled", random_state=0
    ).fit(X, X[:, 0])
print(model.predict(X).tolist())
"""


# Before the class, which imports TensorFlow, whose greeting it holds back.
CONFIGURE = "estimators.configure()"


def fitting(folder, *activations, before="", configure=CONFIGURE):
    """Command and environment of a process that fits networks."""
    code = FIT.format(before=before, configure=configure)
    variables = {name: value for name, value in os.environ.items() if name != "TF_XLA_FLAGS"}
    return [sys.executable, "-c", code, *activations], {
        **variables,
        "MLP_COMPILE_CACHE": str(folder),
    }


def run(*what, **how):
    """Fit networks in a process of its own."""
    command, variables = fitting(*what, **how)
    return subprocess.run(
        command,
        cwd=ROOT,
        env={**variables, "PYTHONWARNINGS": "ignore"},
        capture_output=True,
        text=True,
        check=True,
    )


@pytest.fixture(scope="module")
def fork(forks):
    """As `run`, in a process that has imported TensorFlow, which is one of the ways below."""

    def start(*what, **how):
        command, variables = fitting(*what, **how)
        return forks.run(command, cwd=ROOT, env=variables, check=True)

    return start


@pytest.fixture(scope="module")
def fit(fork):
    """A function that fits networks in a process of its own, and returns what the last predicts."""

    def start(folder, *activations):
        done = fork(folder, *activations)
        assert done.stderr == ""
        return done.stdout

    return start


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    """A folder with the program of one network, and what this predicts."""
    folder = tmp_path_factory.mktemp("compiled")
    done = run(folder, "relu")
    assert done.stderr == ""
    return folder, done.stdout


@pytest.fixture
def kept(compiled, tmp_path):
    """A copy of the folder, and what the network predicts."""
    folder, first = compiled
    shutil.copytree(folder, tmp_path / "kept")
    return tmp_path / "kept", first


def programs(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*.pb")}


@pytest.mark.slow
def test_a_program_is_compiled_once_on_a_machine(kept, fit):
    folder, first = kept
    before = programs(folder)
    assert before
    # The name of nothing depends on what else the process has compiled.
    assert fit(folder, "elu", "relu") == first
    now = programs(folder)
    assert len(now) == 2 * len(before)
    assert {path: now[path] for path in before} == before
    assert fit("off", "relu") == first


@pytest.mark.slow
@pytest.mark.parametrize(
    ("before", "configure"),
    [
        ("import keras; keras.layers.Dense(2)", CONFIGURE),
        ("import keras; keras.layers.Dense(2)", ""),
        ("import tensorflow", ""),
    ],
)
def test_keras_and_tensorflow_may_be_imported_first(kept, before, configure):
    folder, first = kept
    there = programs(folder)
    assert run(folder, "relu", before=before, configure=configure).stdout == first
    assert programs(folder) == there


@pytest.mark.slow
def test_at_work_before_it_is_told_once_that_nothing_is_kept(tmp_path, fork):
    at_work = "import warnings; warnings.simplefilter('always', RuntimeWarning)\nimport keras; keras.optimizers.Adam()"
    done = fork(tmp_path, "relu", before=at_work)
    told = (
        "RuntimeWarning: TensorFlow was at work before estimators.configure() was called, so this"
    )
    assert done.stderr.count(told) == 1
    assert "cannot use the compiled programs that earlier ones have kept" in done.stderr
    assert not programs(tmp_path)
    quiet = "estimators.configure(compile_cache=False)"
    assert "so this process" not in fork(tmp_path, "relu", before=at_work, configure=quiet).stderr


@pytest.mark.slow
def test_a_damaged_file_is_compiled_anew(kept, fit):
    folder, first = kept
    for path in programs(folder):
        path.write_bytes(path.read_bytes()[:1000])
    assert fit(folder, "relu") == first


def test_the_oldest_files_go(tmp_path):
    now = time.time()
    for age, name in enumerate(["new", "old", "older"]):
        path = tmp_path / "0123456789abcdef" / f"xla_compile_cache__{name}.pb"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(bytes(100))
        os.utime(path, (now - 1000 * age, now - 1000 * age))
    prune(tmp_path, largest=250)
    assert sorted(path.stem[19:] for path in programs(tmp_path)) == ["new", "old"]


@pytest.mark.parametrize(
    ("chosen", "folder"),
    [
        ("off", None),
        ("/somewhere", Path("/somewhere")),
        ("", Path("/caches/mlp-techniques/compiled")),
    ],
)
def test_the_folder_is_chosen(chosen, folder, monkeypatch):
    monkeypatch.setenv("MLP_COMPILE_CACHE", chosen)
    monkeypatch.setenv("XDG_CACHE_HOME", "/caches")
    assert cache_folder() == folder


def test_other_peoples_files_stay(tmp_path):
    other = tmp_path / "my_model" / "saved_model.pb"
    other.parent.mkdir()
    other.write_bytes(bytes(100))
    prune(tmp_path, largest=10)
    assert other.exists()


@pytest.mark.slow
def test_a_folder_with_a_space(tmp_path, compiled, fit):
    _, first = compiled
    assert fit(tmp_path / "a b", "relu") == first
    there = programs(tmp_path / "a b")
    assert there
    assert programs(tmp_path) == there
    for path in there:
        path.write_bytes(path.read_bytes()[:1000])
    assert fit(tmp_path / "a b", "relu") == first
