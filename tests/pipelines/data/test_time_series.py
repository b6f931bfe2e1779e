"""The real files from a server on loopback, where the data home has them."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest

from pipelines.data import load_dataset, time_series
from pipelines.data.download import PublishedFile
from pipelines.data.time_series import FILES, TIME_SERIES, load_time_series
from pipelines.errors import InputError

SHAPES = {
    "italy_power_demand": (67, 1029, 24, 1, 2),
    "japanese_vowels": (270, 370, 29, 12, 9),
    "basic_motions": (40, 40, 100, 6, 4),
}


@pytest.fixture
def archive(publisher, monkeypatch, real_data_home):
    """Publish the archive of a set as its publisher does, and the single files."""

    def publish(name):
        title = TIME_SERIES[name]
        folder = real_data_home(f"time_series/{title}_TRAIN.ts") / "time_series"
        names = [file.name for file in FILES[name]]
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as packed:
            packed.writestr(f"{title}.txt", "about it")
            for one in names:
                packed.write(folder / one, one)
        publisher.contents = {f"/{title}.zip": content.getvalue()}
        publisher.contents |= {f"/{one}": (folder / one).read_bytes() for one in names}
        files = tuple(
            PublishedFile(
                file.name,
                (f"{publisher.address}/{title}.zip", f"{publisher.address}/{file.name}"),
                file.sha256,
            )
            for file in FILES[name]
        )
        monkeypatch.setattr(time_series, "FILES", {**FILES, name: files})
        return publisher

    return publish


@pytest.mark.parametrize("name", SHAPES)
def test_downloaded_once_then_read_from_the_data_home(archive, tmp_path, name):
    server = archive(name)
    dataset = load_dataset(name, data_home=tmp_path)
    n_train, n_test, n_steps, n_channels, n_classes = SHAPES[name]
    assert dataset.sequences.shape == (n_train + n_test, n_steps, n_channels)
    assert (dataset.name, dataset.y.nunique(), dataset.findings) == (name, n_classes, ())
    development, test = dataset.split()
    assert (len(development.X), len(test.X)) == (n_train, n_test)
    asked = len(server.requests)
    assert sorted(path.name for path in (tmp_path / "time_series").iterdir()) == sorted(
        file.name for file in FILES[name]
    )
    assert load_dataset(name, data_home=tmp_path).digest == dataset.digest
    assert len(server.requests) == asked


def test_where_the_archive_has_changed_the_single_files_are_taken(archive, tmp_path):
    server = archive("basic_motions")
    changed = io.BytesIO()
    with zipfile.ZipFile(changed, "w") as packed:
        packed.writestr("BasicMotions_TRAIN.ts", "@data")
    server.contents["/BasicMotions.zip"] = changed.getvalue()
    assert len(load_time_series("basic_motions", tmp_path).X) == 80


@pytest.mark.parametrize("content", [None, b"no archive"])
def test_offline(archive, tmp_path, content):
    server = archive("basic_motions")
    server.contents = {} if content is None else {"/BasicMotions.zip": content}
    why = "HTTP status 404" if content is None else "the content has another SHA-256"
    with pytest.raises(
        InputError,
        match=f"BasicMotions is not complete in .*BasicMotions_TRAIN.ts could not .*{why}.*"
        "or put BasicMotions_TRAIN.ts, BasicMotions_TEST.ts there",
    ):
        load_time_series("basic_motions", tmp_path)


def test_sequences_of_unequal_length_end_in_nan(real_data_home):
    folder = real_data_home("time_series/JapaneseVowels_TRAIN.ts")
    steps = (~np.isnan(load_dataset("japanese_vowels", data_home=folder).sequences)).all(axis=2)
    lengths = steps.sum(axis=1)
    assert (lengths.min(), lengths.max()) == (7, 29)
    assert (steps == (np.arange(29) < lengths[:, None])).all()


def test_the_addresses_and_sums():
    for name, title in TIME_SERIES.items():
        for file in FILES[name]:
            first, second = file.addresses
            assert first == f"https://www.timeseriesclassification.com/aeon-toolkit/{title}.zip"
            assert second.endswith(f"/aeon/datasets/data/{title}/{file.name}")
            assert len(bytes.fromhex(file.sha256)) == 32
