"""Fashion-MNIST: photographs of ten kinds of clothing."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pandas as pd

from pipelines.data.dataset import Dataset
from pipelines.data.download import PublishedFile, read_published
from pipelines.data.folder import DataHome, data_folder
from pipelines.data.sequences import step_columns

__all__ = ["CLASSES", "FILES", "load_fashion_mnist", "load_fashion_mnist_rows"]

CLASSES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)

SOURCE = "https://github.com/zalandoresearch/fashion-mnist"
PUBLISHERS = (
    f"{SOURCE}/raw/master/data/fashion",
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
)

SHA256 = MappingProxyType(
    {
        "train-images-idx3-ubyte": (
            "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888"
        ),
        "train-labels-idx1-ubyte": (
            "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"
        ),
        "t10k-images-idx3-ubyte": (
            "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b"
        ),
        "t10k-labels-idx1-ubyte": (
            "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"
        ),
    }
)

# Images and labels to train on, then images and labels to test on.
FILES = tuple(
    PublishedFile(name, tuple(f"{publisher}/{name}.gz" for publisher in PUBLISHERS), sha256)
    for name, sha256 in SHA256.items()
)

# An IDX file starts with a magic number and the length of each dimension, 4 bytes each.
IMAGES_HEADER = 16
LABELS_HEADER = 8
SIDE = 28


def load_fashion_mnist(data_home: DataHome = None) -> Dataset:
    """Load Fashion-MNIST, whole: 60,000 images to develop on and 10,000 to test on.

    Parameters
    ----------
    data_home : path-like, default=None
        scikit-learn's data home. The four IDX files are read from its folder
        ``fashion_mnist``, else downloaded there from their publishers. Every file is checked
        against a SHA-256.

    Returns
    -------
    Dataset
        784 pixels of an image of 28 x 28, between 0 and 255; the labels are the names of the
        classes.

    Raises
    ------
    InputError
        If the files are neither there nor can be downloaded, or if one is not the published
        one.

    References
    ----------
    .. [1] H. Xiao, K. Rasul and R. Vollgraf, "Fashion-MNIST: a Novel Image Dataset for
       Benchmarking Machine Learning Algorithms", 2017. https://arxiv.org/abs/1708.07747
    """
    contents = read_published("Fashion-MNIST", FILES, data_folder(data_home) / "fashion_mnist")
    images = [
        np.frombuffer(content, np.uint8, offset=IMAGES_HEADER).reshape(-1, SIDE * SIDE)
        for content in contents[0::2]
    ]
    labels = [np.frombuffer(content, np.uint8, offset=LABELS_HEADER) for content in contents[1::2]]
    names = np.array(CLASSES, dtype=object)[np.concatenate(labels)]
    n_train = len(labels[0])
    return Dataset(
        name="fashion_mnist",
        X=pd.DataFrame(np.concatenate(images)).add_prefix("pixel_"),
        y=pd.Series(names, name="label", dtype="str"),
        task="classification",
        kind="image",
        source=SOURCE,
        test_rows=np.arange(n_train, n_train + len(labels[1])),
        image_shape=(SIDE, SIDE),
        pixel_max=255,
    )


def load_fashion_mnist_rows(data_home: DataHome = None) -> Dataset:
    """Load Fashion-MNIST as sequences: 28 rows of an image, from the top, as steps of 28 channels.

    Parameters
    ----------
    data_home : path-like, default=None
        As for :func:`load_fashion_mnist`.

    Returns
    -------
    Dataset
        The same images and test set, of the kind "sequence".

    Raises
    ------
    InputError
        As :func:`load_fashion_mnist`.
    """
    images = load_fashion_mnist(data_home)
    channels = tuple(f"column_{column}" for column in range(SIDE))
    return replace(
        images,
        name="fashion_mnist_rows",
        X=images.X.set_axis(step_columns(channels, SIDE), axis="columns"),
        kind="sequence",
        image_shape=None,
        pixel_max=None,
        channels=channels,
    )
