"""A made-up study, and data sets to run one on."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipelines.data import Dataset, load_dataset
from pipelines.techniques import StudyResult
from tests.pipelines.made_up_study import make_study


@pytest.fixture
def study() -> StudyResult:
    return make_study()


@pytest.fixture(scope="session")
def iris() -> Dataset:
    return load_dataset("iris")


@pytest.fixture(scope="session")
def diabetes() -> Dataset:
    return load_dataset("diabetes")


@pytest.fixture(scope="session")
def real():
    """Return a real data set, or skip if it is not in the data home."""

    def load(name: str, file: str) -> Dataset:
        home = Path(os.environ.get("SCIKIT_LEARN_DATA", "~/scikit_learn_data")).expanduser()
        if not list(home.glob(f"{file}*")):
            pytest.skip(f"{file} is not in scikit-learn's data home")
        return load_dataset(name)

    return load


@pytest.fixture(scope="session")
def housing(real) -> Dataset:
    return real("california_housing", "cal_housing_py3.pkz")


@pytest.fixture(scope="session")
def fashion(real) -> Dataset:
    return real("fashion_mnist", "fashion_mnist/train-images-idx3-ubyte")
