"""TensorFlow, imported without the lines that its C++ side writes before it can be told not to."""

from __future__ import annotations

import os
import sys
import tempfile

__all__: list[str] = []


def _import_quietly() -> None:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    sys.stderr.flush()
    standard_error = os.dup(2)
    with tempfile.TemporaryFile() as said:
        os.dup2(said.fileno(), 2)
        try:
            import tensorflow as tf

            tf.config.list_physical_devices("GPU")  # complains too, where there is no driver
        except BaseException:
            said.seek(0)
            os.write(standard_error, said.read())
            raise
        finally:
            os.dup2(standard_error, 2)
            os.close(standard_error)


if "tensorflow" not in sys.modules:
    _import_quietly()
