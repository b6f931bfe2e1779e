"""The delivery of journals that a search left behind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import filelock

from pipelines.errors import InputError
from pipelines.passwords import hide_password
from pipelines.tracking.address import default_tracking_uri
from pipelines.tracking.connection import connect
from pipelines.tracking.delivery import Delivery, UndeliveredError
from pipelines.tracking.journal import Delivered, undelivered_journals
from pipelines.tracking.store import reopened_store

__all__ = ["upload_journals"]

_PATIENCE = 60.0


def upload_journals(
    folder: Path, tracking_uri: str | None = None
) -> Iterator[tuple[Path, Delivered]]:
    """Deliver the journals below a folder to the store, and remove them.

    Those of searches that still run are left alone.

    Parameters
    ----------
    folder : Path
    tracking_uri : str, optional
        By default ``MLFLOW_TRACKING_URI``, else the file ``mlflow.db`` in the current folder.

    Yields
    ------
    Path, Delivered
        A journal's folder and what became of its records.

    Raises
    ------
    InputError
        If the store does not answer, goes away, or does not have a journal's parent run.
    """
    journals = undelivered_journals(folder)
    address = tracking_uri or default_tracking_uri()
    if not journals:
        return
    client = connect(address)
    for journal in journals:
        try:
            with filelock.FileLock(journal.lock_path, timeout=0):
                delivery = Delivery(
                    journal,
                    reopened_store(client, journal),
                    is_over=lambda seconds: seconds > _PATIENCE,
                )
                delivery.deliver_to_the_end()
        except filelock.Timeout:
            continue
        except UndeliveredError as error:
            raise InputError(
                f"MLflow at {hide_password(address)} does not take the rest of {journal.folder} "
                f"({error}); try again later."
            ) from error
        journal.remove()
        yield journal.folder, delivery.state
