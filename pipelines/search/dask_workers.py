"""Workers of a Dask cluster, as a backend of joblib.

The only module that touches what is private in joblib: its Dask backend is public by name only,
``parallel_config(backend="dask")``, which cannot be changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any

import joblib
from distributed import Client, KilledWorker
from joblib._dask import DaskDistributedBackend

from pipelines.errors import InputError

__all__ = ["dask_workers"]

_SECONDS_TO_ANSWER = 10


class _DaskBackend(DaskDistributedBackend):
    """joblib's backend, which also reports a task that fails, and keeps tasks with the workers.

    The one in joblib 1.6 leaves the error in a future that a generator of results never looks at,
    so that a worker's death would be waited for for ever. And where the cluster has a single core,
    maybe only until a worker has come up again, joblib makes the calls in this process.
    """

    def effective_n_jobs(self, n_jobs: int) -> int:
        return max(2, super().effective_n_jobs(n_jobs))

    def submit(self, func: Any, callback: Any = None) -> Any:
        future = super().submit(func, callback)
        future.add_done_callback(lambda done: self._report(done.exception(), callback))
        return future

    @staticmethod
    def _report(error: BaseException | None, callback: Any) -> None:
        if isinstance(error, KilledWorker):
            error = BrokenProcessPool(str(error))
        if error is not None:
            callback(error)


@contextmanager
def dask_workers(scheduler: str, *, prepare: Callable[[], None] | None = None) -> Iterator[None]:
    """Have joblib use the workers of a Dask cluster for a while.

    Parameters
    ----------
    scheduler : str
        Address, such as ``tcp://host:8786``.
    prepare : callable, default=None
        Called once in each worker, to set its process up.

    Raises
    ------
    InputError
        If no scheduler answers there, it has no workers, or these lack this project's packages.
    """
    try:
        client = Client(scheduler, timeout=_SECONDS_TO_ANSWER, set_as_default=False)
    except (OSError, ValueError) as error:
        raise InputError(
            f"No Dask scheduler answers at {scheduler}: start one with `dask scheduler`, or give "
            "its address with scheduler."
        ) from error
    with client:
        if not client.ncores():
            raise InputError(
                f"The Dask scheduler at {scheduler} has no workers: start some with "
                f"`dask worker {scheduler}` where this project is installed."
            )
        try:
            client.run(_import_project)
            if prepare is not None:
                client.run(prepare)
        except ImportError as error:
            raise InputError(
                f"A Dask worker of {scheduler} cannot import this project ({error}): start it in "
                "an environment that has it."
            ) from error
        with joblib.parallel_config(backend=_DaskBackend(client=client)):
            yield


def _import_project() -> None:
    import pipelines.search.cross_validation  # noqa: F401
