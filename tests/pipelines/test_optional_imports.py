from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from pipelines.optional_imports import ARRAY_PACKAGES, left_out

ROOT = Path(__file__).parents[2]


@pytest.fixture
def package(tmp_path, monkeypatch):
    """The name of a package that has not been imported."""
    (tmp_path / "optional_one").mkdir()
    (tmp_path / "optional_one" / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    yield "optional_one"
    sys.modules.pop("optional_one", None)


def test_it_is_left_out_and_then_there(package):
    with left_out(package), pytest.raises(ModuleNotFoundError, match="optional_one is left out"):
        __import__(package)
    __import__(package)
    with left_out(package):
        __import__(package)  # as it is imported


def test_another_thread_imports_it(package):
    with left_out(package):
        thread = threading.Thread(target=__import__, args=[package])
        thread.start()
        thread.join()
        assert package in sys.modules


def test_a_pipeline_is_saved_without_the_packages_that_skops_would_import(tmp_path):
    """They are empty here, and installed or not."""
    for name in ARRAY_PACKAGES:
        (tmp_path / f"{name}.py").touch()
    code = (
        "import sys\n"
        "import pipelines.model_card, pipelines.tracking.pipeline_file\n"
        f"print([name for name in {ARRAY_PACKAGES} if name in sys.modules])\n"
    )
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "[]\n"
