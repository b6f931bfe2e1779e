"""TensorFlow, imported quietly and set to one thread a computation.

One, because the sums in a matrix product depend on how many threads share it: with one a core, a
fit would give other weights in a worker of joblib, or on another machine. Networks of the usual
width gain next to nothing from a second thread, and searches use all cores by fitting several
networks at once (``n_jobs``), which one thread each lets them do at full speed
(``benchmarks/results.md``). The environment variable TF_NUM_INTRAOP_THREADS sets another number,
for large batches of wide layers.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import warnings
from collections.abc import Iterator

from estimators._compile_cache import use_compile_cache

__all__: list[str] = []

_THREADS = 1


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Hold back what C++ writes to standard error, unless it ends in an exception."""
    try:
        standard_error = os.dup(2)
    except OSError:  # a daemon has none
        yield
        return
    if sys.stderr is not None:
        sys.stderr.flush()
    with tempfile.TemporaryFile() as said:
        os.dup2(said.fileno(), 2)
        try:
            yield
        except BaseException:
            said.seek(0)
            os.write(standard_error, said.read())
            raise
        finally:
            os.dup2(standard_error, 2)
            os.close(standard_error)


def _import_tensorflow() -> None:
    # Level 3, for a program from the cache is greeted with an error that is none: the compiler's
    # preferences ("prefer-no-gather") are not features of the machine.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    use_compile_cache()
    with _quiet():
        import tensorflow as tf

        for gpu in tf.config.list_physical_devices("GPU"):  # asking is what makes it complain
            tf.config.experimental.set_memory_growth(gpu, True)


def _set_threads() -> None:
    import tensorflow as tf

    unset = tf.config.threading.get_intra_op_parallelism_threads() == 0
    if unset and "TF_NUM_INTRAOP_THREADS" not in os.environ:
        try:
            tf.config.threading.set_intra_op_parallelism_threads(_THREADS)
        except RuntimeError:
            warnings.warn(
                "TensorFlow was at work before estimators was imported and keeps a thread a core, "
                "so weights may differ in their last digits from those of other processes: import "
                "estimators first, or set TF_NUM_INTRAOP_THREADS=1.",
                RuntimeWarning,
                stacklevel=2,
            )


if "tensorflow" not in sys.modules:
    _import_tensorflow()
_set_threads()
