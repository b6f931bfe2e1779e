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
import numpy as np
import estimators
estimators.configure()  # before the class, which imports TensorFlow, whose greeting it holds back
X = np.random.default_rng(0).normal(size=(64, 4))
for activation in sys.argv[1:]:
    model = estimators.KerasMLPRegressor(
        (5,), activation, batch_norm="before_dense", epochs=2, engine="compiled", random_state=0
    ).fit(X, X[:, 0])
print(model.predict(X).tolist())
"""


def fit(folder, *activations):
    """Fit networks in a process of its own; return what the last one predicts."""
    variables = {name: value for name, value in os.environ.items() if name != "TF_XLA_FLAGS"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FIT, *activations],
        cwd=ROOT,
        env={**variables, "MLP_COMPILE_CACHE": str(folder)},
        capture_output=True,
        text=True,
        check=True,
    )
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
