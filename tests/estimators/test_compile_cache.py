"""What XLA compiled is found again by the next process."""

from __future__ import annotations

import os
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


def run(folder, *activations, before="", configure=CONFIGURE):
    """Fit networks in a process of its own."""
    variables = {name: value for name, value in os.environ.items() if name != "TF_XLA_FLAGS"}
    return subprocess.run(
        [sys.executable, "-c", FIT.format(before=before, configure=configure), *activations],
        cwd=ROOT,
        env={**variables, "MLP_COMPILE_CACHE": str(folder), "PYTHONWARNINGS": "ignore"},
        capture_output=True,
        text=True,
        check=True,
    )


def fit(folder, *activations):
    """Fit networks in a process of its own; return what the last one predicts."""
    done = run(folder, *activations)
    assert done.stderr == ""
    return done.stdout


def programs(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*.pb")}


@pytest.mark.slow
def test_a_program_is_compiled_once_on_a_machine(tmp_path):
    first = fit(tmp_path, "relu")
    kept = programs(tmp_path)
    assert kept
    # The name of nothing depends on what else the process has compiled.
    assert fit(tmp_path, "elu", "relu") == first
    now = programs(tmp_path)
    assert len(now) == 2 * len(kept)
    assert {path: now[path] for path in kept} == kept
    assert fit("off", "relu") == first


@pytest.mark.slow
@pytest.mark.parametrize("before", ["import keras; keras.layers.Dense(2)", "import tensorflow"])
@pytest.mark.parametrize("configure", [CONFIGURE, ""], ids=["configured", "not configured"])
def test_keras_and_tensorflow_may_be_imported_first(tmp_path, before, configure):
    first = fit(tmp_path, "relu")
    kept = programs(tmp_path)
    assert run(tmp_path, "relu", before=before, configure=configure).stdout == first
    assert programs(tmp_path) == kept


@pytest.mark.slow
def test_at_work_before_it_is_told_once_that_nothing_is_kept(tmp_path):
    at_work = "import warnings; warnings.simplefilter('always', RuntimeWarning)\nimport keras; keras.optimizers.Adam()"
    done = run(tmp_path, "relu", before=at_work)
    told = (
        "RuntimeWarning: TensorFlow was at work before estimators.configure() was called, so this"
    )
    assert done.stderr.count(told) == 1
    assert "cannot use the compiled programs that earlier ones have kept" in done.stderr
    assert not programs(tmp_path)
    quiet = "estimators.configure(compile_cache=False)"
    assert "so this process" not in run(tmp_path, "relu", before=at_work, configure=quiet).stderr


@pytest.mark.slow
def test_a_damaged_file_is_compiled_anew(tmp_path):
    first = fit(tmp_path, "relu")
    for path in programs(tmp_path):
        path.write_bytes(path.read_bytes()[:1000])
    assert fit(tmp_path, "relu") == first


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
def test_a_folder_with_a_space(tmp_path):
    first = fit(tmp_path / "a b", "relu")
    kept = programs(tmp_path / "a b")
    assert kept
    assert programs(tmp_path) == kept
    for path in kept:
        path.write_bytes(path.read_bytes()[:1000])
    assert fit(tmp_path / "a b", "relu") == first
