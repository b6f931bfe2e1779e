"""What a search begins with: its settings, and the record of them and of the data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipelines.cli.options import RunOptions, ValidationOptions
from pipelines.data import Dataset
from pipelines.search.base_search import BaseSearch
from pipelines.tracking import MLflowTracker

__all__ = ["record_beginning", "search_settings"]


def search_settings(
    search: BaseSearch,
    development: Dataset,
    test: Dataset,
    validation: ValidationOptions,
    run: RunOptions,
    **own: Any,
) -> dict[str, Any]:
    """List the settings of a search by name, those that only its kind has among them.

    Parameters
    ----------
    search : BaseSearch
    development, test : Dataset
        What is searched on, and what is held out.
    validation : ValidationOptions
    run : RunOptions
    **own
        Settings of this kind of search.

    Returns
    -------
    dict of str to object
    """
    return {
        "dataset": development.name,
        "task": development.task,
        "n_rows": len(development.X),
        "n_test_rows": len(test.X),
        "scaling": validation.scaling,
        "splitter": type(search.cv).__name__,
        "folds": validation.folds,
        "repeats": validation.repeats,
        "metrics": ", ".join(search.scoring),
        **own,
        "n_jobs": run.n_jobs,
        "seed": run.seed,
    }


def record_beginning(
    tracker: MLflowTracker, development: Dataset, test: Dataset, settings: Mapping[str, Any]
) -> None:
    """Record what is searched, and how."""
    tracker.log_settings(settings)
    tracker.log_dataset(development)
    tracker.log_dataset(test, context="test")
