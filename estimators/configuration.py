"""How TensorFlow is set up in a process: threads, compiled programs on disk, messages.

Importing :mod:`estimators` changes nothing. :func:`configure` sets a process up explicitly, as the
command line and its workers do; a fit in a process that was not set up does it first, as far as
TensorFlow still allows.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import warnings
from collections.abc import Iterator

from estimators.collector import collector_paused
from estimators.compile_cache import use_compile_cache

__all__ = ["configure", "n_threads", "prepare"]

_THREADS_VARIABLE = "TF_NUM_INTRAOP_THREADS"
_is_prepared = False
_at_work_in: int | None = None  # the process


def configure(*, threads: int = 1, compile_cache: bool = True, quiet: bool = True) -> None:
    """Set up this process for training; call it before TensorFlow has done anything.

    Parameters
    ----------
    threads : int, default=1
        Threads that a computation of TensorFlow uses. The sums in a matrix product depend on how
        many share it: with one a fit gives the same weights in a worker of joblib and on any
        machine. Narrow networks gain next to nothing from a second thread, and searches use all
        cores by fitting several networks at once (``n_jobs``). The environment variable
        TF_NUM_INTRAOP_THREADS takes precedence.
    compile_cache : bool, default=True
        Whether to keep compiled programs on disk for the next process; see
        :mod:`estimators.compile_cache`. TensorFlow and Keras may have been imported before, but
        not have made a tensor, an optimizer or a list of devices.
    quiet : bool, default=True
        Whether to hold back what TensorFlow's C++ code writes to standard error as it is imported
        and compiles, unless the environment variable TF_CPP_MIN_LOG_LEVEL says otherwise. The
        estimators' classes import it, so this has to come before ``from estimators import`` one.

    Warns
    -----
    RuntimeWarning
        Where TensorFlow has been at work before, and keeps its number of threads, or compiles
        everything anew.

    Examples
    --------
    >>> import estimators
    >>> estimators.configure(threads=1)
    """
    if compile_cache and not use_compile_cache():
        warnings.warn(
            "TensorFlow was at work before estimators.configure() was called, so this process "
            "cannot use the compiled programs that earlier ones have kept: call "
            "estimators.configure() before the first tensor, optimizer or list of devices, or "
            "with compile_cache=False.",
            RuntimeWarning,
            stacklevel=2,
        )
    _set_up(threads, quiet=quiet)


def _set_up(threads: int, *, quiet: bool) -> None:
    global _is_prepared
    _is_prepared = True
    os.environ.setdefault(_THREADS_VARIABLE, str(threads))
    if quiet:
        # Level 3, for a program from the cache is greeted with an error that is none: the
        # compiler's preferences ("prefer-no-gather") are not features of the machine.
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    is_new = "tensorflow" not in sys.modules
    with _silent() if quiet and is_new else contextlib.nullcontext():
        with collector_paused():
            import tensorflow as tf

        for gpu in tf.config.list_physical_devices("GPU"):  # asking is what makes it complain
            with contextlib.suppress(RuntimeError):  # at work already
                tf.config.experimental.set_memory_growth(gpu, True)
    _set_threads(n_threads())


def prepare() -> None:
    """Set up this process, unless that has been done, without touching what it prints.

    Raises
    ------
    RuntimeError
        In a process that was forked from one in which TensorFlow was at work: it would wait there
        for threads that a fork does not take along.
    """
    global _at_work_in
    if _at_work_in not in (None, os.getpid()):
        raise RuntimeError(
            "This process was forked from one in which TensorFlow had been at work, and would hang: "
            "use joblib's backend 'loky', which is the default, or the start method 'spawn' or "
            "'forkserver' of multiprocessing."
        )
    if not _is_prepared:
        use_compile_cache()  # where it is too late, nobody has asked for it
        _set_up(1, quiet=False)
    _at_work_in = os.getpid()


def n_threads() -> int:
    """Return how many threads a computation uses."""
    return int(os.environ.get(_THREADS_VARIABLE, "1"))


def _set_threads(threads: int) -> None:
    import tensorflow as tf

    if tf.config.threading.get_intra_op_parallelism_threads() == threads:
        return
    try:
        tf.config.threading.set_intra_op_parallelism_threads(threads)
    except RuntimeError:
        warnings.warn(
            "TensorFlow was at work before estimators.configure() was called or a network was "
            "fitted, and keeps its number of threads, so weights may differ in their last digits "
            "from those of other processes: call estimators.configure() first, or set "
            f"{_THREADS_VARIABLE}={threads}.",
            RuntimeWarning,
            stacklevel=4,
        )


@contextlib.contextmanager
def _silent() -> Iterator[None]:
    """Hold back what C++ writes to standard error, unless it ends in an exception."""
    try:
        standard_error = os.dup(2)
    except OSError:  # a daemon has none
        yield
        return
    if sys.stderr is not None:
        sys.stderr.flush()
    with tempfile.TemporaryFile() as written:
        os.dup2(written.fileno(), 2)
        try:
            yield
        except BaseException:
            written.seek(0)
            os.write(standard_error, written.read())
            raise
        finally:
            os.dup2(standard_error, 2)
            os.close(standard_error)
