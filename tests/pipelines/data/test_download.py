from __future__ import annotations

import errno
import gzip
import hashlib
import socket
import stat
from pathlib import Path

import pooch
import pytest

from pipelines.data import download
from pipelines.data.download import PublishedFile, read_published
from pipelines.errors import InputError

CONTENT = bytes(range(256)) * 64
PACKED = gzip.compress(CONTENT, mtime=0)


def published(*addresses, name="train", content=CONTENT):
    return PublishedFile(name, addresses, hashlib.sha256(content).hexdigest())


def files_in(folder):
    return sorted(path.name for path in folder.rglob("*"))


@pytest.mark.parametrize(("name", "stored"), [("train.gz", PACKED), ("train", CONTENT)])
def test_a_local_file_is_read_with_no_download(tmp_path, name, stored):
    (tmp_path / name).write_bytes(stored)
    assert read_published("Set", [published()], tmp_path) == [CONTENT]


def test_any_gzip_wrapper_will_do(tmp_path):
    (tmp_path / "train.gz").write_bytes(gzip.compress(CONTENT, compresslevel=1, mtime=5))
    assert read_published("Set", [published()], tmp_path) == [CONTENT]


@pytest.mark.parametrize(
    "stored",
    [b"other", gzip.compress(b"other", mtime=0), PACKED[:-9], PACKED[:3], b"", b"\x1f\x8b junk"],
)
def test_a_local_file_with_a_wrong_sum(tmp_path, stored):
    (tmp_path / "train.gz").write_bytes(stored)
    with pytest.raises(
        InputError,
        match=r"train.gz is not the published train \(its SHA-256 differs\); delete that file "
        "and run again.",
    ):
        read_published("Set", [published()], tmp_path)


def test_a_local_file_that_may_not_be_read(tmp_path, monkeypatch):
    def refuse(self):
        raise PermissionError(errno.EACCES, "Permission denied", str(self))

    (tmp_path / "train").touch()
    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(
        InputError, match=r"train cannot be read \(Permission denied\); check the file."
    ):
        read_published("Set", [published()], tmp_path)


def test_a_good_download_is_kept(tmp_path, publisher):
    publisher.contents = {"/train.gz": PACKED, "/test.gz": gzip.compress(b"test")}
    files = [
        published(f"{publisher.address}/train.gz"),
        published(f"{publisher.address}/test.gz", name="test", content=b"test"),
    ]
    folder = tmp_path / "new" / "set"
    for _ in range(2):
        assert read_published("Set", files, folder) == [CONTENT, b"test"]
    assert publisher.requests == ["/train.gz", "/test.gz"]
    assert files_in(folder) == ["test.gz", "train.gz"]
    assert (folder / "train.gz").read_bytes() == PACKED


def test_what_was_served_uncompressed_gets_the_plain_name(tmp_path, publisher):
    publisher.contents = {"/train.gz": CONTENT}
    file = published(f"{publisher.address}/train.gz")
    assert read_published("Set", [file], tmp_path) == [CONTENT]
    assert files_in(tmp_path) == ["train"]


@pytest.mark.parametrize("first", ["/missing", "/corrupted", "/cut_off"])
def test_the_second_address_is_tried(tmp_path, publisher, first):
    publisher.contents = {"/corrupted": b"other", "/cut_off": PACKED, "/good": PACKED}
    publisher.cut_off = {"/cut_off"}
    file = published(publisher.address + first, f"{publisher.address}/good")
    assert read_published("Set", [file], tmp_path) == [CONTENT]
    assert publisher.requests == [first, "/good"]
    assert files_in(tmp_path) == ["train.gz"]


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/missing", "HTTP status 404"),
        ("/corrupted", "the content has another SHA-256"),
        ("/cut_off", "the connection broke off"),
    ],
)
def test_a_failed_download_leaves_nothing_and_says_what_to_do(tmp_path, publisher, path, reason):
    publisher.contents = {"/corrupted": gzip.compress(b"other"), "/cut_off": PACKED}
    publisher.cut_off = {"/cut_off"}
    address = publisher.address + path
    files = [published(address), published(address, name="test")]
    with pytest.raises(
        InputError,
        match=rf"Set is not complete in .*, and train could not be downloaded \({address}: "
        rf"{reason}\); run again with a network connection, or put train, test there "
        r"\(.gz or not\).",
    ):
        read_published("Set", files, tmp_path)
    assert files_in(tmp_path) == []


def test_offline_names_every_address_and_only_the_missing_files(tmp_path, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]  # nobody answers there once it is closed
    (tmp_path / "train").write_bytes(CONTENT)
    first, second = (f"http://127.0.0.1:{port}/{number}" for number in (1, 2))
    with pytest.raises(
        InputError,
        match=rf"\({first}: no connection; {second}: no connection\); run again with a network "
        "connection, or put test there",
    ):
        read_published("Set", [published(), published(first, second, name="test")], tmp_path)
    assert files_in(tmp_path) == ["train"]


def test_a_publisher_that_does_not_answer_in_time(tmp_path, monkeypatch):
    monkeypatch.setattr(download, "TIMEOUT_SECONDS", 0.1)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/train"
        with pytest.raises(InputError, match="no answer in time"):
            read_published("Set", [published(address)], tmp_path)


def test_an_interrupted_download_leaves_no_half_file(tmp_path, monkeypatch):
    def interrupt(self, url, output_file, pooch):
        Path(output_file).write_bytes(PACKED[:99])
        raise KeyboardInterrupt

    monkeypatch.setattr(pooch.HTTPDownloader, "__call__", interrupt)
    with pytest.raises(KeyboardInterrupt):
        read_published("Set", [published("http://127.0.0.1/train")], tmp_path)
    assert files_in(tmp_path) == []


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "set").touch()
    with pytest.raises(
        InputError,
        match=r"train cannot be saved in .*set \(.+\); make room there or name another data_home.",
    ):
        read_published("Set", [published("http://127.0.0.1/train")], tmp_path / "set")


def test_a_download_keeps_the_rights_of_the_users_files(tmp_path, publisher):
    publisher.contents = {"/train.gz": PACKED}
    (tmp_path / "own").touch()
    read_published("Set", [published(f"{publisher.address}/train.gz")], tmp_path)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert len(modes) == 1
