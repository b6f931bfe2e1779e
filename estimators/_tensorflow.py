"""TensorFlow, imported quietly and set to two threads a computation.

Always two, because the sums in a matrix product depend on how many threads share it: with one a
core, a fit would give other weights in a worker of joblib, or on another machine. Small networks
never use the second thread, wide ones lose little when several fits share the cores, and searches
use all cores by fitting several networks at once (``n_jobs``). The environment variable
TF_NUM_INTRAOP_THREADS sets another number, for large batches of wide layers.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator

__all__: list[str] = []

_THREADS = 2


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Hold back what C++ writes to standard error, unless it ends in an exception."""
    sys.stderr.flush()
    standard_error = os.dup(2)
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
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    with _quiet():
        import tensorflow as tf

        for gpu in tf.config.list_physical_devices("GPU"):  # asking is what makes it complain
            tf.config.experimental.set_memory_growth(gpu, True)


def _set_threads() -> None:
    import tensorflow as tf

    unset = tf.config.threading.get_intra_op_parallelism_threads() == 0
    if unset and "TF_NUM_INTRAOP_THREADS" not in os.environ:
        with contextlib.suppress(RuntimeError):  # TensorFlow is at work already
            tf.config.threading.set_intra_op_parallelism_threads(_THREADS)


if "tensorflow" not in sys.modules:
    _import_tensorflow()
_set_threads()
