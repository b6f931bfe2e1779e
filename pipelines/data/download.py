"""Files from their publishers: found in a folder or downloaded into it, and always checked."""

from __future__ import annotations

import gzip
import hashlib
import logging
import tempfile
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pooch
import requests

from pipelines.errors import InputError

__all__ = ["PublishedFile", "read_published"]

logger = logging.getLogger(__name__)

GZIP_MAGIC = b"\x1f\x8b"
TIMEOUT_SECONDS = 30


@dataclass(frozen=True)
class PublishedFile:
    """A file as its publisher offers it.

    Attributes
    ----------
    name : str
        Its name without ``.gz``.
    addresses : tuple of str
        Where to download it, in the order in which they are tried. Of an archive (``.zip``) the
        file of this name in it is taken.
    sha256 : str
        Sum of the uncompressed content: distributors compress it differently.
    """

    name: str
    addresses: tuple[str, ...]
    sha256: str


def read_published(title: str, files: Sequence[PublishedFile], folder: Path) -> list[bytes]:
    """Read files from a folder, after downloading those that are not there.

    A download is written under a temporary name, checked and only then renamed.

    Parameters
    ----------
    title : str
        What messages call the files together.
    files : sequence of PublishedFile
        What to read.
    folder : Path
        Where the files are, with or without ``.gz`` at the end of their names.

    Returns
    -------
    list of bytes
        The uncompressed contents, each with the SHA-256 that its record states.

    Raises
    ------
    InputError
        If a file in the folder is not the published one, or if one that is missing cannot be
        downloaded or saved.
    """
    contents = []
    for file in files:
        found = [path for path in _places(file, folder) if path.is_file()]
        if found:
            contents.append(_read(file, found[0]))
            continue
        content, failures = _download(file, folder)
        if content is None:
            missing = [f.name for f in files if not any(p.is_file() for p in _places(f, folder))]
            raise InputError(
                f"{title} is not complete in {folder}, and {file.name} could not be downloaded "
                f"({'; '.join(failures)}); run again with a network connection, or put "
                f"{', '.join(missing)} there (.gz or not)."
            )
        contents.append(content)
    return contents


def _places(file: PublishedFile, folder: Path) -> tuple[Path, Path]:
    return folder / f"{file.name}.gz", folder / file.name


def _read(file: PublishedFile, path: Path) -> bytes:
    try:
        content = _uncompressed(path)
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); check the file.") from error
    if content is None or hashlib.sha256(content).hexdigest() != file.sha256:
        raise InputError(
            f"{path} is not the published {file.name} (its SHA-256 differs); delete that file "
            "and run again."
        )
    return content


def _uncompressed(path: Path) -> bytes | None:
    """Return the content, or None where its compression is damaged."""
    content = path.read_bytes()
    if not content.startswith(GZIP_MAGIC):
        return content
    try:
        return gzip.decompress(content)
    except (gzip.BadGzipFile, EOFError, zlib.error):
        return None


def _member(file: PublishedFile, path: Path) -> bytes | None:
    """Return the content of a file in an archive, in whichever folder; None where there is none."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if Path(name).name == file.name]
            return archive.read(names[0]) if names else None
    except (zipfile.BadZipFile, EOFError, zlib.error):
        return None


def _download(file: PublishedFile, folder: Path) -> tuple[bytes | None, list[str]]:
    """Return the content from the first address that has it, and what the others answered."""
    failures = []
    fetch = pooch.HTTPDownloader(timeout=TIMEOUT_SECONDS)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".download-") as temporary:
            part = Path(temporary) / file.name
            for address in file.addresses:
                logger.info("Downloading %s to %s", address, folder)
                try:
                    fetch(address, str(part), None)
                except requests.RequestException as error:
                    failures.append(f"{address}: {_reason(error)}")
                    continue
                content = _member(file, part) if address.endswith(".zip") else _uncompressed(part)
                if content is None or hashlib.sha256(content).hexdigest() != file.sha256:
                    failures.append(f"{address}: the content has another SHA-256")
                    continue
                if address.endswith(".zip"):
                    part.write_bytes(content)
                compressed, plain = _places(file, folder)
                is_plain = part.stat().st_size == len(content)
                part.replace(plain if is_plain else compressed)
                return content, failures
    except OSError as error:
        raise InputError(
            f"{file.name} cannot be saved in {folder} ({error.strerror}); make room there or "
            "name another data_home."
        ) from error
    return None, failures


def _reason(error: requests.RequestException) -> str:
    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"HTTP status {error.response.status_code}"
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the connection broke off"
    if isinstance(error, requests.ConnectionError):
        return "no connection"
    return type(error).__name__
