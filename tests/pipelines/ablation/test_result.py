from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pipelines.ablation import Ablation
from pipelines.data import load_dataset
from pipelines.search import make_splitter
from pipelines.statistics import compare


def test_differences_by_hand(judged, scores):
    worths = {worth.change.name: worth for worth in judged(scores).worths}
    dropout = worths["dropout"]
    assert dropout.alone.difference.mean == pytest.approx(0.852 - 0.6015)
    assert dropout.in_best.difference.mean == pytest.approx(0.9015 - 0.652)
    # The path is activation, dropout, minibatches: before is activation alone, after all but the last.
    assert dropout.on_path.difference.mean == pytest.approx(0.30)
    assert dropout.on_path.n_pairs == 4
    assert (dropout.alone.verdict, dropout.in_best.verdict) == ("better", "better")
    assert worths["activation"].in_best.verdict == "no difference shown"


def test_the_test_is_corrected_for_shared_rows_and_for_the_number_of_techniques(judged, scores):
    """The same figures out of the statistics themselves."""
    ablation = judged(scores)
    plain = np.ravel(scores["plain"])
    arms = {
        name: np.ravel(scores[f"{name} added to plain"]) - plain for name in ablation.plan.names
    }
    expected = compare(arms, np.zeros(4), greater_is_better=True, test_ratio=1.0)  # two folds
    for worth in ablation.worths:
        assert worth.alone.p == pytest.approx(expected[worth.change.name].p)
        assert worth.alone.p_adjusted == pytest.approx(expected[worth.change.name].p_adjusted)
    smallest = min(worth.alone.p for worth in ablation.worths)
    assert min(worth.alone.p_adjusted for worth in ablation.worths) == pytest.approx(3 * smallest)


def test_the_ends(judged, scores):
    ablation = judged(scores)
    assert ablation.plain.score.mean == pytest.approx(0.6015)
    assert ablation.best.held_out.mean == pytest.approx(0.8915)
    assert ablation.gain.verdict == "better"
    assert ablation.ranked[0].network.name == "activation left out of best"
    assert ablation.best.training_seconds == 6.0
    assert ablation.plain.training_seconds == 3.0


def test_where_all_seeds_have_the_same_folds_a_pair_is_a_fold(judged, scores, wine):
    same = {"splitter": lambda seed: make_splitter(wine[0], n_splits=2, random_state=0)}
    ablation = judged(scores, **same)
    assert not ablation.plan.folds_differ
    assert ablation.gain.n_pairs == 2
    assert ablation.plain.values == pytest.approx([0.6005, 0.6025])


def test_of_an_error_less_is_better(judged, scores):
    ablation = judged(scores, metrics=("neg_log_loss",))
    dropout = {worth.change.name: worth for worth in ablation.worths}["dropout"]
    assert dropout.in_best.difference.mean == pytest.approx(0.25, abs=0.01)
    assert dropout.in_best.verdict == "worse"
    assert ablation.ranked[0] is ablation.plain or ablation.ranked[0].score.mean < 0.61


def test_what_cannot_be_trained_fails(judged, scores):
    ablation = judged({**scores, "dropout left out of best": None})
    dropout = {worth.change.name: worth for worth in ablation.worths}["dropout"]
    assert (dropout.in_best.verdict, dropout.in_best.n_baseline_failed) == ("better", 4)
    assert dropout.in_best.n_failed == 0
    assert dropout.carries
    assert dropout.without.reason == "Training diverged."
    assert np.isnan(dropout.without.score.mean)
    others = [worth for worth in ablation.worths if worth is not dropout]
    assert {worth.in_best.verdict for worth in others} == {"no difference shown"}
    assert ablation.ranked[-1] is dropout.without


ENDS_FAIL = {"plain": None, "best": None}


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({}, "better"),
        ({"minibatches left out of best": "dropout left out of best"}, "better"),
        ({"minibatches added to plain": "plain"}, "no difference shown"),
        ({"minibatches left out of best": None}, "better"),  # it prevents a failure
        ({"minibatches added to plain": None}, "fails"),
        ({"plain": None}, "better"),
        ({"best": None}, "fails"),
        ({"best": None, "minibatches left out of best": None}, "better"),
        ({"plain": None, "minibatches added to plain": None}, "no difference shown"),
        (
            {**ENDS_FAIL, "minibatches added to plain": None, "minibatches left out of best": None},
            "no verdict",
        ),
    ],
)
def test_the_verdict_on_a_technique(judged, scores, changes, verdict):
    own = {name: other and scores[other] for name, other in changes.items()}
    worth = judged({**scores, **own}).worths[-1]
    assert worth.change.name == "minibatches"
    assert worth.verdict == verdict


def test_failures_of_some_seeds_are_those_of_their_side(judged, scores):
    ablation = judged({**scores, "minibatches left out of best": scores["best"]})
    evaluations = {one.candidate.number: one for one in ablation.evaluations}
    failed = ablation.worths[-1].without.evaluations[0]
    evaluations[failed.candidate.number] = replace(failed, folds=(), reason="Training diverged.")
    minibatches = Ablation.of(ablation.plan, evaluations).worths[-1].in_best
    assert (minibatches.n_pairs, minibatches.n_baseline_failed) == (2, 2)
    assert minibatches.verdict == "better"


def test_of_one_seed_and_fold_there_is_no_verdict(judged, scores):
    development, _ = load_dataset("wine").split()
    one = {name: [values[0][:1]] for name, values in scores.items()}
    ablation = judged(
        one, seeds=(0,), splitter=lambda seed: make_splitter(development, "holdout", n_splits=2)
    )
    assert ablation.gain.verdict == "no verdict"
    assert {worth.in_best.verdict for worth in ablation.worths} == {"no verdict"}
