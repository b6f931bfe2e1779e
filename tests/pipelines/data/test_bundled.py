from __future__ import annotations

import http.client
import urllib.error

import numpy as np
import pytest
import sklearn.datasets._base

from pipelines.data.bundled import load_bundled_table, load_california_housing, load_digits
from pipelines.errors import InputError


@pytest.mark.parametrize(
    ("name", "shape", "labels"),
    [
        ("iris", (150, 4), ["setosa", "versicolor", "virginica"]),
        ("wine", (178, 13), ["class_0", "class_1", "class_2"]),
        ("breast_cancer", (569, 30), ["malignant", "benign"]),
    ],
)
def test_bundled_classification(name, shape, labels):
    dataset = load_bundled_table(name)
    assert dataset.name == name
    assert dataset.X.shape == shape
    assert dataset.task == "classification"
    assert (dataset.kind, dataset.source) == ("table", "scikit-learn")
    assert set(dataset.y) == set(labels)
    assert dataset.y.name == "target"


def test_column_names_and_labels_are_scikit_learns():
    iris = load_bundled_table("iris")
    assert iris.X.columns[0] == "sepal length (cm)"
    assert iris.y.iloc[[0, 50, 149]].tolist() == ["setosa", "versicolor", "virginica"]


def test_diabetes_is_regression():
    dataset = load_bundled_table("diabetes")
    assert dataset.X.shape == (442, 10)
    assert dataset.task == "regression"
    assert dataset.y.dtype == np.float64


def test_digits_are_images():
    dataset = load_digits()
    assert dataset.kind == "image"
    assert (dataset.image_shape, dataset.pixel_max) == ((8, 8), 16)
    assert set(dataset.X.dtypes) == {np.dtype("uint8")}
    assert dataset.X.max(axis=None) == 16
    assert sorted(dataset.y.unique()) == list(range(10))
    assert dataset.X.columns[:2].tolist() == ["pixel_0_0", "pixel_0_1"]


def test_california_housing(real_data_home):
    folder = real_data_home("cal_housing_py3.pkz")
    dataset = load_california_housing(folder)
    assert dataset.X.shape == (20640, 8)
    assert dataset.task == "regression"
    assert dataset.y.name == "MedHouseVal"
    assert dataset.y.between(0.1, 5.1).all()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (urllib.error.URLError("no route to host"), "no route to host"),
        (TimeoutError("timed out"), "timed out"),
        (http.client.IncompleteRead(b"", 9), r"IncompleteRead\(0 bytes read, 9 more expected\)"),
    ],
)
def test_california_housing_offline(tmp_path, monkeypatch, fault, reason):
    def refuse(*args, **kwargs):
        raise fault

    monkeypatch.setattr(sklearn.datasets._base, "urlretrieve", refuse)
    with pytest.raises(
        InputError,
        match=rf"California housing is not in .* and could not be downloaded \({reason}\); run "
        "again with a network connection, or copy cal_housing_py3.pkz there from the "
        "scikit_learn_data folder of a machine on which scikit-learn's "
        "fetch_california_housing has run.",
    ):
        load_california_housing(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"not a pickle"])
def test_a_damaged_cache_of_california_housing(tmp_path, content):
    (tmp_path / "cal_housing_py3.pkz").write_bytes(content)
    with pytest.raises(
        InputError,
        match=r"California housing cannot be read from .*cal_housing_py3.pkz \(\w+\); delete "
        "that file and run again.",
    ):
        load_california_housing(tmp_path)
