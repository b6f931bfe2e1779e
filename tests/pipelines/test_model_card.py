from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.pipeline import Pipeline

from pipelines.data import Dataset, Finding
from pipelines.model_card import model_card, subgroup_scores
from pipelines.preprocessing import make_preprocessor

RNG = np.random.default_rng(0)
X = pd.DataFrame(
    {
        "age": RNG.normal(40, 10, 400),
        "town": RNG.choice(["A", "B", "C"], 400, p=[0.6, 0.35, 0.05]),
        "street": [f"s{n % 30}" for n in range(400)],
    }
)
LABELS = pd.Series(np.where(X["age"] + 10 * (X["town"] == "B") > 42, "yes", "no"), name="bought")


def fitted(task):
    y = LABELS if task == "classification" else X["age"].rename("price") * 2
    finding = Finding("imbalance", (), "much is so", "look")
    dataset = Dataset("shop", X, y, task, "table", "shop.csv", findings=(finding,))
    development, test = dataset.split(0.5)
    model = LogisticRegression() if task == "classification" else LinearRegression()
    pipeline = Pipeline([("preprocessing", make_preprocessor(development)), ("model", model)])
    return pipeline.fit(development.X, development.y), development, test


def test_scores_of_subgroups():
    pipeline, _, test = fitted("classification")
    table = subgroup_scores(pipeline, test, "accuracy")
    # Too few rows are in C, and there are too many streets.
    assert table["column"].tolist() == ["town", "town"]
    assert table["category"].tolist() == ["A", "B"]
    for _, row in table.iterrows():
        rows = test.X["town"] == row["category"]
        assert row["rows"] == rows.sum()
        expected = accuracy_score(test.y[rows], pipeline.predict(test.X[rows]))
        assert row["accuracy"] == pytest.approx(expected)


@pytest.mark.parametrize(("task", "metric"), [("classification", "accuracy"), ("regression", "r2")])
def test_a_card_says_what_there_is_to_say(task, metric):
    pipeline, development, test = fitted(task)
    card = model_card(
        pipeline,
        development,
        test,
        metrics=[metric],
        test_scores={metric: 0.8765},
        hyperparameters={"activation": "selu"},
        address="run 123",
    )
    titles = [line.lstrip("# ") for line in card.splitlines() if line.startswith("#")]
    by_class = ["By class"] if task == "classification" else []
    assert titles == [
        *("Model description", "Intended uses and limits", "Chosen hyperparameters"),
        *("Data", "What was found in it", "Evaluation", *by_class, f"{metric} by subgroup"),
    ]
    for text in ("'selu'", "0.8765", "run 123", "shop.csv", development.digest, "much is so"):
        assert text in card
    assert "drawn at random" in card


def test_a_caveat_comes_first_among_the_limits():
    pipeline, development, test = fitted("regression")
    arguments = {"metrics": ["r2"], "test_scores": {}, "hyperparameters": {}}
    card = model_card(pipeline, development, test, caveats=["It is poor."], **arguments)
    limits = card.partition("Intended uses and limits")[2]
    assert limits.strip().startswith("- It is poor.\n- It is for rows like the")


def test_how_rows_were_held_out():
    pipeline, development, test = fitted("regression")
    arguments = {"metrics": ["r2"], "test_scores": {}, "hyperparameters": {}}
    series = pd.Series(0, index=development.X.index)
    later = model_card(pipeline, replace(development, times=series), test, **arguments)
    assert "later than those trained on" in later
    grouped = model_card(pipeline, replace(development, groups=series), test, **arguments)
    assert "of groups that were not trained on" in grouped
