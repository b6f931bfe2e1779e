"""A model card: what a model is, what it was made from, how good it is and for whom."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd
from sklearn.base import is_classifier
from sklearn.metrics import classification_report
from sklearn.pipeline import Pipeline

from pipelines.data import Dataset, findings_table
from pipelines.optional_imports import ARRAY_PACKAGES, left_out
from pipelines.search import as_rows, score

with left_out(*ARRAY_PACKAGES):
    from skops.card import Card

__all__ = ["model_card", "subgroup_scores"]

_FEWEST_ROWS = 20
_MOST_LEVELS = 10
_MOST_COLUMNS = 8


def model_card(
    pipeline: Pipeline,
    development: Dataset,
    test: Dataset,
    *,
    metrics: Sequence[str],
    test_scores: Mapping[str, float],
    hyperparameters: Mapping[str, Any],
    caveats: Sequence[str] = (),
    address: str = "",
) -> str:
    """Write the card of a fitted pipeline, in the form of skops.

    Parameters
    ----------
    pipeline : sklearn.pipeline.Pipeline
    development, test : Dataset
        The rows that it was fitted on, and those that were held out.
    metrics : sequence of str
        Names of scikit-learn scorers; the first is computed for subgroups.
    test_scores : mapping of str to float
        On the rows held out, by metric.
    hyperparameters : mapping of str to object
        What the search has chosen.
    caveats : sequence of str, default=()
        What speaks against using it, a sentence each.
    address : str, default=""
        Where the record of the search is.

    Returns
    -------
    str
        Markdown.

    References
    ----------
    .. [1] M. Mitchell et al., "Model Cards for Model Reporting", FAT*, 2019.
       https://arxiv.org/abs/1810.03993
    """
    card = Card(pipeline, model_diagram=False, template=None)
    target = development.target
    answer = "the class" if development.task == "classification" else "the value"
    if development.by_step:
        answer += " in each step"
    names, kind, network = development.X.columns, "columns", "multilayer perceptron"
    if development.kind == "sequence":
        names, kind, network = development.channels, "channels of sequences", "recurrent network"
    card.add(
        **{
            "Model description": f"Predicts {answer} of `{target}` from {len(names)} {kind} with a "
            f"{network}, chosen by cross-validation."
            + (f" The record of the search: {address}." if address else ""),
            "Model description/Intended uses and limits": _limits(development, test, caveats),
        }
    )
    if hyperparameters:
        chosen = [(name, repr(value)) for name, value in hyperparameters.items()]
        table = pd.DataFrame(chosen, columns=["hyperparameter", "value"])
        _add_table(card, "Model description/Chosen hyperparameters", table)
    card.add(
        Data=f"{development.name}, from {development.source}: {len(development.X):,} rows to develop "
        f"on (digest {development.digest}) and {len(test.X):,} held out (digest {test.digest}).\n\n"
        f"{kind.partition(' ')[0].capitalize()}: {', '.join(f'`{name}`' for name in names)}."
    )
    if development.findings:
        _add_table(card, "Data/What was found in it", findings_table(development.findings))
    scores = pd.DataFrame(test_scores.items(), columns=["metric", "on the rows held out"])
    card.add_table(Evaluation=scores.round(4))
    if is_classifier(pipeline):
        _add_table(card, "Evaluation/By class", _by_class(pipeline, test))
    groups = subgroup_scores(pipeline, test, metrics[0])
    if len(groups):
        _add_table(card, f"Evaluation/{metrics[0]} by subgroup", groups.round(4))
    return card.render()


def _add_table(card: Card, section: str, table: pd.DataFrame) -> None:
    card.add_table(**{section: table})
    card.select(section).title = section.rpartition("/")[2]  # skops leaves the whole path there


def subgroup_scores(pipeline: Pipeline, test: Dataset, metric: str) -> pd.DataFrame:
    """Score a pipeline on the rows of each category of the columns that have few.

    Parameters
    ----------
    pipeline : sklearn.pipeline.Pipeline
    test : Dataset
        Rows held out.
    metric : str

    Returns
    -------
    DataFrame of shape (n_subgroups, 4)
        Columns "column", "category", "rows" and the metric. Columns with at most 10 categories
        are taken, 8 of them, and categories with at least 20 rows.
    """
    rows = list(_subgroup_rows(pipeline, test, metric))
    return pd.DataFrame(rows, columns=["column", "category", "rows", metric])


def _subgroup_rows(
    pipeline: Pipeline, test: Dataset, metric: str
) -> Iterator[tuple[str, str, int, float]]:
    few = [name for name in test.categorical_columns if 1 < test.X[name].nunique() <= _MOST_LEVELS]
    for name in few[:_MOST_COLUMNS]:
        for level, rows in test.X.groupby(name, observed=True).groups.items():
            if len(rows) >= _FEWEST_ROWS:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # of a class that a subgroup lacks
                    value = score(pipeline, test.X.loc[rows], test.y.loc[rows], [metric])[metric]
                if not math.isnan(value):
                    yield name, str(level), len(rows), value


def _by_class(pipeline: Pipeline, test: Dataset) -> pd.DataFrame:
    model, y = as_rows(pipeline, test.X, test.y)
    report = classification_report(y, model.predict(test.X), output_dict=True, zero_division=0.0)
    rows = {
        label: values
        for label, values in report.items()
        if isinstance(values, dict) and not label.endswith(" avg")
    }
    table = pd.DataFrame(rows).T.astype({"support": int}).round(4)
    return table.reset_index(names="class").rename(
        columns={"support": "steps" if test.by_step else "rows"}
    )


def _limits(development: Dataset, test: Dataset, caveats: Sequence[str]) -> str:
    lines = [
        *caveats,
        f"It is for rows like the {len(development.X):,} that it was trained on. How far others are "
        "from these is told when they are predicted.",
        f"The scores are those of {len(test.X):,} rows, "
        + (
            "later than those trained on."
            if development.times is not None
            else "of groups that were not trained on."
            if development.groups is not None
            else "drawn at random: rows of another time or place may be harder."
        ),
        "An association that it has learned need not be a cause.",
    ]
    return "\n".join(f"- {line}" for line in lines)
