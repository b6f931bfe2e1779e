"""Epochs between a worker and MLflow, each once."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from pipelines.tracking.epochs import Curves, EpochFile
from pipelines.tracking.json_lines import JsonLines


@pytest.fixture
def path(tmp_path):
    return tmp_path / "epochs-0.jsonl"


def steps(curves):
    """Name, value and step of what is to be logged, which is then taken as logged."""
    found = [(name, value, step) for name, value, _, step in curves.unsent]
    curves.unsent.clear()
    return found


def test_epochs_are_logged_as_the_worker_writes_them(path):
    write = pickle.loads(pickle.dumps(EpochFile(path)))
    curves = Curves(path)
    curves.read()
    assert steps(curves) == []
    write(1, {"loss": np.float32(0.5), "val_loss": 1})
    write(2, {"loss": 0.25})
    curves.read()
    assert steps(curves) == [
        ("curves/loss", 0.5, 1),
        ("curves/val_loss", 1.0, 1),
        ("curves/loss", 0.25, 2),
    ]
    write(3, {"loss": 0.125})
    curves.read()
    assert steps(curves) == [("curves/loss", 0.125, 3)]


def test_the_time_of_an_epoch_is_the_workers(path):
    JsonLines(path).append({"epoch": 1, "at": 12.5, "logs": {"loss": 1.0}})
    for _ in range(2):  # a process that is killed, and the next one
        curves = Curves(path)
        curves.read()
        assert curves.unsent == [("curves/loss", 1.0, 12500, 1)]


def test_only_the_rest_of_a_curve_is_added(path):
    curves = Curves(path)
    EpochFile(path)(1, {"loss": 3.0, "accuracy": float("nan")})
    curves.read()
    assert steps(curves) == [("curves/loss", 3.0, 1)]
    curves.add([("curves/loss", 3.0, 9000, 1), ("curves/loss", 2.0, 9000, 2)])
    curves.add([("curves/accuracy", 0.5, 9000, 1)])
    assert steps(curves) == [("curves/loss", 2.0, 2), ("curves/accuracy", 0.5, 1)]


def test_a_second_attempt_does_not_log_the_first_ones_epochs_again(path):
    for _ in range(2):
        for epoch in (1, 2):
            EpochFile(path)(epoch, {"loss": 1 / epoch})
    EpochFile(path)(3, {"loss": 0.25})
    curves = Curves(path)
    curves.read()
    assert [step for _, _, step in steps(curves)] == [1, 2, 3]


def test_on_another_machine_nothing_is_written(tmp_path):
    EpochFile(tmp_path / "elsewhere" / "epochs-0.jsonl")(1, {"loss": 1.0})
    assert not (tmp_path / "elsewhere").exists()
