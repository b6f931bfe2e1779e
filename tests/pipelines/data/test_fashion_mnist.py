from __future__ import annotations

import gzip
import hashlib

import numpy as np
import pytest

from pipelines.data import fashion_mnist
from pipelines.data.download import PublishedFile
from pipelines.data.fashion_mnist import (
    CLASSES,
    FILES,
    load_fashion_mnist,
    load_fashion_mnist_rows,
)
from pipelines.errors import InputError


def idx(values):
    """Pack an array of bytes as an IDX file."""
    header = bytes([0, 0, 8, values.ndim]) + np.array(values.shape, ">u4").tobytes()
    return header + values.astype(np.uint8).tobytes()


IMAGES = np.arange(5 * 28 * 28).reshape(5, 28, 28) % 256
LABELS = np.array([9, 0, 3, 1, 8])
SMALL = dict(
    zip(
        [file.name for file in FILES],
        [idx(IMAGES[:3]), idx(LABELS[:3]), idx(IMAGES[3:]), idx(LABELS[3:])],
        strict=True,
    )
)


@pytest.fixture
def small_files(publisher, monkeypatch):
    """Publish five images under the names of the real files."""
    publisher.contents = {f"/{name}.gz": gzip.compress(SMALL[name]) for name in SMALL}
    monkeypatch.setattr(
        fashion_mnist,
        "FILES",
        tuple(
            PublishedFile(
                name, (f"{publisher.address}/{name}.gz",), hashlib.sha256(content).hexdigest()
            )
            for name, content in SMALL.items()
        ),
    )
    return publisher


def test_downloaded_once_then_read_from_the_data_home(small_files, tmp_path):
    downloaded = load_fashion_mnist(tmp_path)
    assert len(small_files.requests) == 4
    assert sorted(path.name for path in (tmp_path / "fashion_mnist").iterdir()) == sorted(
        f"{name}.gz" for name in SMALL
    )
    assert load_fashion_mnist(tmp_path).digest == downloaded.digest
    assert len(small_files.requests) == 4


def test_the_small_set_by_hand(small_files, tmp_path):
    dataset = load_fashion_mnist(tmp_path)
    assert dataset.y.tolist() == ["Ankle boot", "T-shirt/top", "Dress", "Trouser", "Bag"]
    np.testing.assert_array_equal(dataset.X.to_numpy(), IMAGES.reshape(5, 784))
    assert dataset.test_rows.tolist() == [3, 4]
    assert set(dataset.X.dtypes) == {np.dtype("uint8")}
    assert dataset.X.columns[[0, 783]].tolist() == ["pixel_0", "pixel_783"]
    assert (dataset.kind, dataset.image_shape, dataset.pixel_max) == ("image", (28, 28), 255)


def test_offline(small_files, tmp_path):
    small_files.contents = {}
    with pytest.raises(
        InputError,
        match=r"Fashion-MNIST is not complete in .*fashion_mnist, .*, or put "
        "train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte, "
        "t10k-labels-idx1-ubyte there",
    ):
        load_fashion_mnist(tmp_path)


def test_every_file_has_two_addresses_and_a_sum():
    for file in FILES:
        first, second = file.addresses
        assert first == (
            "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/"
            f"{file.name}.gz"
        )
        assert second == (
            f"http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/{file.name}.gz"
        )
        assert len(bytes.fromhex(file.sha256)) == 32


def test_the_real_set(real_data_home):
    folder = real_data_home("fashion_mnist/train-images-idx3-ubyte.gz")
    dataset = load_fashion_mnist(folder)
    assert dataset.X.shape == (70_000, 784)
    assert dataset.y.value_counts().to_dict() == dict.fromkeys(CLASSES, 7_000)
    development, test = dataset.split()
    assert test.X.index.tolist() == list(range(60_000, 70_000))
    assert development.y.iloc[0] == "Ankle boot"
    assert dataset.X.iloc[0].sum() == 76_247


def test_row_by_row(small_files, tmp_path):
    """A step is a row of an image, from the top."""
    dataset = load_fashion_mnist_rows(tmp_path)
    np.testing.assert_array_equal(dataset.sequences, IMAGES)
    assert (dataset.kind, dataset.channels[:2]) == ("sequence", ("column_0", "column_1"))
    assert dataset.X.columns[[0, 28, 783]].tolist() == ["column_0_0", "column_0_1", "column_27_27"]
    assert dataset.test_rows.tolist() == [3, 4]
