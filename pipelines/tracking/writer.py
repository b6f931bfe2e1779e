"""The process that delivers the journal of a running search to MLflow.

``python -m pipelines.tracking.writer FOLDER`` is started by the searching process and outlives it:
what a search had recorded before it was killed is delivered, and its runs end as KILLED. Standard
input is a pipe from the search, whose end says that the search is gone; everything else that the
two have to say to each other is in the journal.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

from pipelines.tracking.journal import Journal

__all__ = ["main"]


def main() -> None:
    """Import MLflow, which takes seconds, and record the search; end at once if there is none."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # meant for the search
    journal = Journal(Path(sys.argv[1]))
    imported = threading.Event()

    def read() -> None:
        sys.stdin.buffer.read()
        if not imported.is_set() and not journal.all_records():
            os._exit(0)  # the input was wrong, and nothing has been begun here

    search = threading.Thread(target=read, daemon=True)
    search.start()  # and alive for as long as the search
    from pipelines.tracking.recording import record

    imported.set()
    record(journal, search)


if __name__ == "__main__":
    main()
    # Everything is written and closed, and the search may wait: the interpreter's own ending, which
    # takes MLflow apart, would take most of a second.
    os._exit(0)
