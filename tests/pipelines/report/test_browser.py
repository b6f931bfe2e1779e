"""The page in a real browser: it fits a phone, and its script meets no error."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import Pipeline

from pipelines.data import Dataset
from pipelines.report import NextSteps, inspect_model, printed_metric, render_page, worth_of


@pytest.fixture(scope="module")
def page(judged, complete, failed, baselines):
    """A page with all that one can have, and long names."""
    long = "relu, he_normal, batch_norm after_dense, layers 200-100-50-25-10, scaling robust"
    evaluations = [complete(n, f"#{n} {long}", 0.8 - n / 100) for n in range(20)]
    evaluations += [failed(30 + n, f"#{n} {long}", "Late.", status="pruned") for n in range(30)]
    rng = np.random.default_rng(0)
    X = pd.DataFrame({f"a column with a long name {n}": rng.normal(size=300) for n in range(12)})
    y = pd.Series(X.sum(axis=1) + rng.normal(size=300), name="a target with a long name")
    test = Dataset("made up", X, y, "regression", "table", "here")
    pipeline = Pipeline([("model", LinearRegression())]).fit(X, y)
    verdict = judged(evaluations, baselines=baselines, n_first=5)
    return render_page(
        evaluations,
        verdict,
        worth_of(evaluations, verdict.metric, test_ratio=0.5),
        title="Optuna search on a_data_set_with_a_long_name",
        facts={"dataset": "made up", "storage": "postgresql://" + "long" * 40},
        inspection=inspect_model(pipeline, test, printed_metric("r2")),
        steps=NextSteps(("Train longer.",), "grids:\n- epochs: [20, 40]\n" + "# long" * 60),
        command="mlflow run . -e grid " + "-P option=value " * 20,
        run_address=lambda number: f"http://127.0.0.1:5000/#/runs/{number}",
    )


@pytest.fixture(scope="module", params=[390, 1440])
def seen(request, page, look_at):
    """What the browser made of the page at a width, and what it complained of."""
    return look_at(page, request.param)


def test_nothing_is_wider_than_the_page(seen):
    assert seen[0]["overflow"] == 0
    assert seen[0]["cut"] == 0
    assert min(seen[0]["filled"]) > 0.75


def test_no_error_on_the_console(seen):
    assert "CONSOLE" not in seen[1]


def test_a_click_sorts(seen):
    assert seen[0]["before"].startswith("#0 ")
    assert seen[0]["after"].startswith("#0 ")  # ascending by name


def test_a_mark_tells_what_it_is(seen):
    assert seen[0]["tip"] == seen[0]["expected"]


def test_it_is_light(page):
    assert len(page) < 500_000
