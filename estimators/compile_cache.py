"""What XLA compiled, kept on disk for the next process.

A program is known again by a fingerprint of all of its operations, and each machine, version of
TensorFlow and set of flags has a folder of its own. Files are written under a temporary name and
renamed, so that processes may share them. The environment variable MLP_COMPILE_CACHE names
another folder, or switches the cache off ("off").
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import shlex
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

__all__ = ["SWITCH", "cache_folder", "forget", "prune", "use_compile_cache"]

SWITCH = "MLP_COMPILE_CACHE"
_FLAGS = "TF_XLA_FLAGS"
_SETTING = "--tf_xla_persistent_cache_directory"
_PROGRAMS = f"{'[0-9a-f]' * 16}/xla_compile_cache__*.pb"
_LARGEST = 256 * 2**20  # bytes; a program has half a million or a million


def use_compile_cache() -> bool:
    """Tell TensorFlow to keep what it compiles; return whether it is in time, if it is to be told.

    TensorFlow reads its flags once, as it looks for devices, and nothing has it read them again.
    So it may have been imported, but must not have been at work.
    """
    flags = os.environ.get(_FLAGS, "")
    if _SETTING in flags:
        return True
    root = cache_folder()
    if root is None:
        return True
    if "tensorflow" in sys.modules:
        from estimators._tensorflow import has_read_flags

        if has_read_flags():
            return False
    folder = root / _machine()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        prune(root)
    except OSError:  # read-only, say: compile anew then
        return True
    os.environ[_FLAGS] = f'{flags} {_SETTING}="{folder}"'.strip()
    return True


def cache_folder() -> Path | None:
    """Where compiled programs are kept; None if nowhere."""
    chosen = os.environ.get(SWITCH)
    if chosen == "off":
        return None
    if chosen:
        return Path(chosen).expanduser().absolute()
    try:
        caches = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    except RuntimeError:  # nobody's home
        return None
    return Path(caches, "mlp-techniques", "compiled")


def prune(root: Path, largest: int = _LARGEST) -> None:
    """Delete the files that were used longest ago, until ``largest`` bytes are left."""
    files = []
    for path in root.glob(_PROGRAMS):  # the folder may hold other people's files too
        with contextlib.suppress(OSError):  # another process has deleted it
            status = path.stat()
            files.append((max(status.st_atime, status.st_mtime), status.st_size, path))
    total = sum(size for _, size, _ in files)
    for _, size, path in sorted(files):
        if total <= largest:
            break
        path.unlink(missing_ok=True)
        total -= size


def forget() -> bool:
    """Delete what this process may load; return whether there was anything."""
    paths = [
        path for folder in _folders_in_use() for path in folder.glob("xla_compile_cache__*.pb")
    ]
    for path in paths:
        path.unlink(missing_ok=True)
    return bool(paths)


def _folders_in_use() -> Iterator[Path]:
    for flag in shlex.split(os.environ.get(_FLAGS, "")):
        name, _, folder = flag.partition("=")
        if name == _SETTING:
            yield Path(folder)


def _machine() -> str:
    """Name all that compiled code depends on, but for the program."""
    parts = [version("tensorflow"), platform.system(), platform.machine(), platform.processor()]
    parts += [os.environ.get(name, "") for name in ("XLA_FLAGS", _FLAGS, "TF_NUM_INTRAOP_THREADS")]
    with contextlib.suppress(OSError):
        about = Path("/proc/cpuinfo").read_text().split("\n\n")[0].splitlines()
        parts += [line for line in about if line.startswith(("model name", "flags"))]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
