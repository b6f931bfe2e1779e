"""The one folder for data sets that do not come with a package."""

from __future__ import annotations

import os
from pathlib import Path

from pipelines.errors import InputError

__all__ = ["DataHome", "data_folder"]

DataHome = str | os.PathLike[str] | None


def data_folder(data_home: DataHome = None) -> Path:
    """Return scikit-learn's data home, made where it is not there yet.

    Parameters
    ----------
    data_home : path-like, default=None
        The folder; None takes the environment variable ``SCIKIT_LEARN_DATA``, else
        ``~/scikit_learn_data``.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    InputError
        If it cannot be made.
    """
    from sklearn.datasets import get_data_home  # which takes a second

    try:
        return Path(get_data_home(data_home))
    except OSError as error:
        raise InputError(
            f"The data folder {error.filename} cannot be made ({error.strerror}); name another "
            "one as data_home or in SCIKIT_LEARN_DATA."
        ) from error
