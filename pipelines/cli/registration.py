"""Registering the best model of a search, and promoting it where it is shown to be better."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

    from pipelines.data import Dataset
    from pipelines.tracker import Tracker

__all__ = ["register_best"]


def register_best(
    pipeline: Pipeline,
    model: str,
    card: str,
    development: Dataset,
    test: Dataset,
    metric: str,
    tracker: Tracker,
) -> str:
    """Register a model under the data set's name, and say whether it is the champion.

    It becomes the champion where there is none, or where it is shown to be better than the present
    one on the rows held out.

    Parameters
    ----------
    pipeline : sklearn.pipeline.Pipeline
        Fitted on the rows to develop on.
    model : str
        Its address.
    card : str
        Markdown.
    development, test : Dataset
    metric : str
        The scorer that decides.
    tracker : Tracker

    Returns
    -------
    str
        A sentence.
    """
    from pipelines.challenge import challenge

    label, becomes, why, shown = "the champion", False, "", "not shown to be better"
    try:
        present = tracker.find_champion(development.name)
        if present is None:
            label, becomes, why = "", True, "there was none"
        else:
            label = present.name
            result = challenge(
                pipeline, present.pipeline, test.X, test.y, metric, groups=test.groups
            )
            shown = "shown to be worse" if result.shown_worse else shown
            becomes, why = result.shown_better, f"{result}, on the same {len(test.X):,} rows"
            if present.digest != development.digest:
                why += f"; some of them may be ones that {label} was trained on"
    except (KeyError, ValueError) as error:  # it was trained on other columns or classes
        why = f"{label} cannot predict these rows ({error})"
    tags = {"development_digest": development.digest, "test_digest": test.digest, "judged": why}
    name = tracker.register_model(model, development.name, card=card, tags=tags, champion=becomes)
    if name is None:
        return "The model could not be registered."
    if becomes:
        return (
            f"Registered as {name}, the champion{f' in place of {label}' if label else ''}: {why}."
        )
    return f"Registered as {name}, which is {shown} than {label}: {why}."
