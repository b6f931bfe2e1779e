from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
import pandas as pd
import psutil
import pytest

from pipelines import load_dataset
from pipelines.data import Dataset
from pipelines.search import (
    BASELINES,
    evaluate_baseline,
    evaluated_baselines,
    make_splitter,
    worth_a_process,
)


@pytest.fixture(scope="module")
def people():
    """Two halves of a table with text, booleans and holes; the target follows two columns."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "age": rng.normal(40, 10, 400),
            "town": rng.choice([f"town {n}" for n in range(300)], 400),
            "smoker": rng.random(400) > 0.5,
        }
    )
    y = pd.Series(table["age"] * 2 + 30 * table["smoker"], name="cost")
    table.loc[::7, "age"] = np.nan
    table.loc[::9, "town"] = None
    dataset = Dataset("people", table, y, "regression", "table", "here")
    return dataset.split(0.25)


def evaluated(name, development, test, metrics, **how):
    splits = [*make_splitter(development, n_splits=2).split(development.X, development.y)]
    return evaluate_baseline(name, development, test, splits=splits, metrics=metrics, **how)


def test_a_table_with_text_and_holes(people):
    results = {name: evaluated(name, *people, ["r2"]) for name in BASELINES}
    assert all(result.reason is None for result in results.values())
    scores = {name: result.validation["r2"] for name, result in results.items()}
    assert all(len(one) == 2 for one in scores.values())
    assert scores["constant prediction"].max() <= 0
    assert scores["linear model"].min() > 0.3
    assert scores["gradient boosting"].min() > 0.5
    assert results["gradient boosting"].test["r2"] > 0.5


def test_classes():
    development, test = load_dataset("iris").split()
    metrics = ("accuracy", "neg_log_loss")
    results = {name: evaluated(name, development, test, metrics) for name in BASELINES}
    assert results["constant prediction"].test["accuracy"] == pytest.approx(1 / 3)
    assert results["linear model"].validation["accuracy"].min() > 0.85
    assert results["gradient boosting"].validation["neg_log_loss"].min() > -1
    assert results["linear model"].seconds > 0


def test_the_same_again_with_the_same_seed(people):
    one, other = (
        evaluated("gradient boosting", *people, ["r2"], random_state=3).validation["r2"]
        for _ in range(2)
    )
    assert one.tolist() == other.tolist()


def test_what_would_take_long_is_left_out_unless_it_is_asked_for(people):
    development, test = people
    wide = pd.DataFrame(np.zeros((300, 70_000), dtype=np.uint8)).rename(columns=str)
    large = replace(development, X=wide, y=development.y.reset_index(drop=True))
    result = evaluated("gradient boosting", large, test, ["r2"])
    assert result.reason.startswith("not fitted: 300 rows of 70,000 columns would take it longer")
    assert (result.validation, result.test) == ({}, {})
    small = evaluated("constant prediction", *people, ["r2"], at_any_size=True)
    assert small.reason is None


def test_what_cannot_be_fitted_has_a_reason(people):
    development, test = people
    endless = replace(
        development, y=development.y.where(development.y.index != development.y.index[0], np.inf)
    )
    result = evaluated("linear model", endless, test, ["r2"])
    assert result.reason.startswith("not fitted: ")
    assert "infinity" in result.reason


class TestBeside:
    """Evaluated in another process."""

    @pytest.fixture
    def how(self, people):
        development, _ = people
        splits = make_splitter(development, n_splits=2).split(development.X, development.y)
        return {"splits": [*splits], "metrics": ["r2"]}

    @pytest.mark.parametrize("beside", [False, True])
    def test_the_same_results_in_the_order_of_the_names(self, people, how, beside):
        names = ["linear model", "constant prediction"]
        with evaluated_baselines(names, *people, beside=beside, **how) as results:
            found = [*results]
        assert [one.name for one in found] == names
        for one in found:
            here = evaluate_baseline(one.name, *people, **how)
            np.testing.assert_allclose(one.validation["r2"], here.validation["r2"])
            assert one.test == pytest.approx(here.test)

    @pytest.mark.skipif(not hasattr(os, "nice"), reason="the system has no priorities")
    def test_their_processes_stand_back(self, people, how):
        with evaluated_baselines(["constant prediction"], *people, beside=True, **how) as results:
            assert len([*results]) == 1
            workers = [
                one
                for one in psutil.Process().children(recursive=True)
                if "popen_loky" in " ".join(one.cmdline())
            ]
            expected = min(os.nice(0) + 10, 19)
            assert {one.nice() for one in workers} == {expected}

    @pytest.mark.parametrize(
        ("name", "n_folds", "expected"),
        [("iris", 5, False), ("iris", 100, True), ("diabetes", 5, False), ("digits", 2, True)],
    )
    def test_a_small_table_deserves_none(self, name, n_folds, expected):
        """Of 120 · 4 numbers times 3 classes, 353 · 10, and 1,437 · 64 times 10."""
        development, _ = load_dataset(name).split()
        assert worth_a_process(development, n_folds) is expected

    def test_none(self, people, how):
        with evaluated_baselines([], *people, beside=True, **how) as results:
            assert [*results] == []

    def test_what_nobody_waits_for_is_cancelled_without_a_word(self, people, how, recwarn):
        names = [*BASELINES]
        with (
            pytest.raises(KeyboardInterrupt),
            evaluated_baselines(names, *people, beside=True, **how),
        ):
            raise KeyboardInterrupt
        assert not [one for one in recwarn if "cancelled" in str(one.message)]

    def test_where_the_process_dies_they_are_evaluated_here(self, people, how):
        with evaluated_baselines(["constant prediction"], *people, beside=True, **how) as results:
            for worker in psutil.Process().children(recursive=True):
                if "loky" in " ".join(worker.cmdline()) and "resource" not in " ".join(
                    worker.cmdline()
                ):
                    worker.kill()
            (found,) = results
        assert found.reason is None
        assert len(found.validation["r2"]) == 2
