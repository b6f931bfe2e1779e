from __future__ import annotations

import re

import numpy as np
import pytest

from pipelines.errors import InputError
from pipelines.pipeline import make_pipeline
from pipelines.search import SearchObserver, fingerprinted
from pipelines.transfer import ARMS, plan_transfer, run_transfer

QUICK = {"shares": [0.1, 0.5], "repeats": 2, "epochs": 2}


@pytest.fixture(scope="module")
def plan(tables, source):
    return plan_transfer(tables("second half"), source, source_name="the first half", **QUICK)


@pytest.fixture(scope="module")
def result(plan):
    return run_transfer(plan)


def test_a_network_for_each_number_of_rows_seed_and_arm(plan):
    assert plan.n_runs == 2 * 2 * len(ARMS)
    names = {run.candidate.name for run in plan.runs}
    assert "frozen, 12 rows, seed 0" in names
    assert len(names) == plan.n_runs
    assert [run.candidate.number for run in plan.runs] == list(range(plan.n_runs))


def test_fewer_rows_get_more_epochs(plan, tables, source):
    assert plan.epochs == {12: 10, 60: 2}
    few = plan_transfer(tables("second half"), source, shares=[0.02, 1], repeats=1, epochs=1)
    assert few.epochs == {2: 10, 120: 1}  # not beyond ten times as many


def test_all_arms_of_a_seed_have_the_same_rows_and_small_ones_are_within_large_ones(plan):
    by_place = {}
    for run in plan.runs:
        by_place.setdefault((run.seed, run.n_rows), set()).add(tuple(run.rows))
    assert all(len(rows) == 1 for rows in by_place.values())
    for seed in plan.seeds:
        (few,), (many,) = by_place[seed, 12], by_place[seed, 60]
        assert many[:12] == few
        assert not set(many) & set(plan.test_rows.tolist())
    assert by_place[0, 60] != by_place[1, 60]


def test_networks_are_configured_as_the_source(plan, source):
    told = {run.arm: run.candidate for run in plan.runs if run.n_rows == 60 and run.seed == 1}
    for candidate in told.values():
        assert candidate.params["model__hidden_layer_sizes"] == (12, 6)
        assert candidate.params["model__activation"] == "elu"
        assert candidate.params["model__random_state"] == 1
    assert "model__init_from" not in told["scratch"].params
    assert told["frozen"].params["model__init_from"] is source
    assert told["frozen"].params["model__frozen_layers"] == 2
    assert told["thawed"].params["model__unfreeze_at"] == 1
    assert told["discriminative"].params["model__layer_learning_rates"] == 1 / 2.6
    assert told["fine-tuned"].hyperparameters["init_from"] == "the first half"


def test_each_network_is_scored_and_compared(result):
    assert [size.n_rows for size in result.sizes] == [12, 60]
    table = result.table()
    assert len(table) == 2 * len(ARMS)
    assert table["mean squared error"].notna().all()
    assert table.loc[table["arm"] != "scratch", "verdict"].notna().all()
    assert result.transferred[0]["how"] == "3 of 3 inputs by position"
    for size in result.sizes:
        n_reached, epochs, _ = size.reach("scratch")
        assert n_reached == 2
        assert 1 <= epochs.mean <= size.epochs


def test_what_was_learned_of_a_like_table_helps(result):
    few = result.sizes[0]
    fine_tuned, scratch = few.arms["fine-tuned"], few.scratch
    assert fine_tuned.values("validation").mean() < scratch.values("validation").mean()


def test_a_killed_comparison_goes_on(plan, result):
    """What has a fingerprint is not trained again, and a single missing run is."""
    known = {
        evaluation.candidate.fingerprint: evaluation
        for size in result.sizes
        for arm in size.arms.values()
        for evaluation in arm.runs
    }
    assert None not in known
    lost = next(iter(known))
    del known[lost]
    trained = []

    class Observer(SearchObserver):
        def on_candidate_begin(self, candidate):
            trained.append(candidate.fingerprint)

    again = run_transfer(
        plan,
        observers=[Observer()],
        resume=lambda wanted: {print_: known[print_] for print_ in wanted if print_ in known},
    )
    assert trained == [lost]
    np.testing.assert_array_equal(
        again.table()["mean squared error"], result.table()["mean squared error"]
    )


def test_another_source_is_another_run(plan, tables):
    def prints(of):
        how = {"splits": [(of.runs[0].rows, of.test_rows)], "metrics": (of.metric.scorer,)}
        candidates = [run.candidate for run in of.runs if (run.n_rows, run.seed) == (12, 0)]
        found = fingerprinted(candidates, of.pipeline, of.target.X, of.target.y, **how)
        arms = [run.arm for run in of.runs if (run.n_rows, run.seed) == (12, 0)]
        return dict(zip(arms, [one.fingerprint for one in found], strict=True))

    settings = {"hidden_layer_sizes": (12, 6), "batch_size": 16, "activation": "elu", "epochs": 1}
    learned = tables("first half", seed=1)
    other = make_pipeline(learned, preset="plain", random_state=0, **settings)
    other.fit(learned.X, learned.y)
    ours = prints(plan)
    theirs = prints(plan_transfer(tables("second half"), other, **QUICK))
    assert ours["scratch"] == theirs["scratch"]
    assert all(ours[name] != theirs[name] for name in ours if name != "scratch")


def test_from_numbers_to_classes_and_to_other_columns(tables, source):
    target = tables("classes", columns="cad", classes=True)
    plan = plan_transfer(target, source, arms=["fine-tuned"], **QUICK)
    assert "fitted anew on the target's rows, for they have no column 'b'." in plan.preprocessing
    assert plan.transferred[0]["how"] == "2 of 3 inputs by name; new: numeric__d"
    result = run_transfer(plan)
    assert result.metric.name == "accuracy"
    assert [*result.sizes[0].arms] == ["scratch", "fine-tuned"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"arms": ["frosen"]}, "There is no arm 'frosen' (did you mean 'frozen'?); choose one of"),
        ({"shares": [0, 1]}, "shares must lie above 0 and be at most 1, but they are [0, 1];"),
        ({"shares": []}, "shares must lie above 0 and be at most 1, but they are [];"),
        ({"repeats": 0}, "repeats must be 1 or more, but it is 0."),
        ({"epochs": 0}, "epochs must be 1 or more, but it is 0."),
        ({"preprocessing": "old"}, "There is no preprocessing 'old'"),
    ],
)
def test_refused(tables, source, changes, sentence):
    with pytest.raises(InputError, match=re.escape(sentence)):
        plan_transfer(tables("second half"), source, **{**QUICK, **changes})


def test_a_source_must_be_a_network_that_is_fitted(tables):
    target = tables("second half")
    with pytest.raises(InputError, match="init_from is a KerasMLPRegressor that is not fitted"):
        plan_transfer(target, make_pipeline(target, preset="plain"), **QUICK)
