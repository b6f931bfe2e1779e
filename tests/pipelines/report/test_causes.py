"""Why some configurations of a search are poor, in sentences."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from rich.console import Console

from estimators import Finding
from pipelines.report import print_verdict, render_page, results_table, worth_of
from pipelines.report.causes import cause_sentences
from pipelines.report.ranking import ranking_rows
from pipelines.search import BaselineResult

VANISHING = Finding("vanishing gradients", "the first is 0.001 of the last", "Use relu.")


@pytest.fixture(scope="module")
def searched(of_folds, failed, judged):
    """A good one, one that is worse, one that is tied, and one that has diverged."""
    evaluations = [
        of_folds(0, "relu", [0.80, 0.82, 0.81]),
        replace(of_folds(1, "sigmoid", [0.20, 0.22, 0.20]), findings=(VANISHING,)),
        replace(of_folds(2, "elu", [0.79, 0.82, 0.80]), findings=(VANISHING,)),
        replace(
            failed(3, "selu", "Training diverged.", status="diverged"),
            findings=(Finding("learning rate too high", "steps of 22", "Lower it."),),
        ),
    ]
    return evaluations, judged(evaluations)


def test_the_poor_ones_are_explained(searched):
    _, verdict = searched
    assert cause_sentences(verdict) == [
        "selu (diverged): learning rate too high; steps of 22. Lower it.",
        "sigmoid (20.67 % ± 0.94): vanishing gradients; the first is 0.001 of the last. Use relu.",
    ]


def test_several_of_a_cause_share_a_sentence(of_folds, judged):
    evaluations = [
        of_folds(0, "relu", [0.80, 0.82, 0.81]),
        *(
            replace(of_folds(n, name, [0.2, 0.23, 0.19 + n / 100]), findings=(VANISHING,))
            for n, name in enumerate(["sigmoid", "tanh"], start=1)
        ),
    ]
    (sentence,) = cause_sentences(judged(evaluations))
    assert sentence.startswith("sigmoid (")
    assert sentence.endswith("Use relu. So too in tanh.")


def test_far_behind_is_poor_where_folds_are_too_few_for_a_test(of_folds, judged):
    evaluations = [
        of_folds(0, "relu", [0.80, 0.90]),
        replace(of_folds(1, "sigmoid", [0.60, 0.40]), findings=(VANISHING,)),
        replace(of_folds(2, "elu", [0.79, 0.72]), findings=(VANISHING,)),
    ]
    verdict = judged(evaluations)
    assert verdict.is_tied(evaluations[1])
    (sentence,) = cause_sentences(verdict)
    assert sentence.startswith("sigmoid (50.00 %")
    assert "So too" not in sentence


def test_what_reads_like_the_winner_is_not_poor(of_folds, judged):
    """A winner that is right everywhere has no deviation to be behind by."""
    evaluations = [
        of_folds(0, "relu", [1.0, 1.0, 1.0]),
        replace(of_folds(1, "elu", [1.0, 1.0, 0.99997]), findings=(VANISHING,)),
        replace(of_folds(2, "tanh", [1.0, 1.0, 0.97]), findings=(VANISHING,)),
    ]
    (sentence,) = cause_sentences(judged(evaluations))
    assert sentence.startswith("tanh (99.00 %")
    assert "So too" not in sentence


def test_no_better_than_a_constant_is_poor_without_a_test(of_folds, judged, baselines):
    evaluations = [
        of_folds(0, "relu", [0.4]),
        replace(of_folds(1, "sigmoid", [0.2]), findings=(VANISHING,)),
    ]
    assert cause_sentences(judged(evaluations)) == []
    assert len(cause_sentences(judged(evaluations, baselines=baselines))) == 1


def test_one_that_was_drawn_twice_is_told_once(of_folds, judged):
    twice = [
        replace(of_folds(number, "sigmoid", [0.2, 0.22, 0.2]), findings=(VANISHING,))
        for number in (1, 2)
    ]
    (sentence,) = cause_sentences(judged([of_folds(0, "relu", [0.80, 0.82, 0.81]), *twice]))
    assert "So too" not in sentence


def linear_model(*scores):
    values = {"accuracy": np.array(scores), "f1_macro": np.ones(len(scores))}
    return BaselineResult("linear model", values, {"accuracy": 0.9, "f1_macro": 1.0}, 0.1)


def test_all_are_poor_where_a_linear_model_is_better(of_folds, judged):
    weak = [
        replace(of_folds(0, "relu", [0.30, 0.32, 0.31]), findings=(VANISHING,)),
        replace(of_folds(1, "elu", [0.29, 0.31, 0.31]), findings=(VANISHING,)),
    ]
    (sentence,) = cause_sentences(judged(weak, baselines=[linear_model(0.9, 0.91, 0.92)]))
    assert sentence.endswith("So too in relu.")
    assert cause_sentences(judged(weak, baselines=[linear_model(0.31, 0.30, 0.32)])) == []
    assert cause_sentences(judged(weak)) == []


def test_far_behind_the_linear_model_is_poor(of_folds, judged):
    """Though the test shows nothing with two folds."""
    weak = [replace(of_folds(0, "relu", [0.3, 0.5]), findings=(VANISHING,))]
    verdict = judged(weak, baselines=[linear_model(0.9, 0.92)])
    assert verdict.rivals["linear model"].verdict == "no difference shown"
    assert len(cause_sentences(verdict)) == 1


def test_a_winner_below_a_constant_is_poor(of_regression, judged_by_r2):
    poor = replace(of_regression(0, "relu", [-0.3, 0.1]), findings=(VANISHING,))
    (sentence,) = cause_sentences(judged_by_r2([poor]))
    assert sentence.startswith("relu (-0.1000 ± 0.2000): vanishing gradients;")


def test_on_page_terminal_and_in_the_tables(searched):
    evaluations, verdict = searched
    table = results_table(evaluations, ["accuracy", "f1_macro"])
    assert table.set_index("configuration")["diagnosis"].to_dict() == {
        "relu": "",
        "sigmoid": "vanishing gradients",
        "elu": "vanishing gradients",
        "selu": "learning rate too high",
    }
    console = Console(file=io.StringIO(), width=200)
    print_verdict(verdict, table, console)
    assert "Why some are poor\n- selu (diverged): learning rate" in console.file.getvalue()
    worth = worth_of(evaluations, verdict.metric, test_ratio=0.5)
    page = render_page(evaluations, verdict, worth, title="it", facts={})
    assert "<li>sigmoid (20.67 % ± 0.94): vanishing gradients" in page
    assert '<a href="#causes">' in page
    assert page.count(">vanishing gradients</small></td>") == 2
    rows = {row.name: row for row in ranking_rows(verdict, lambda number: None)}
    assert rows["sigmoid"].diagnosis == "vanishing gradients"
    assert rows["sigmoid"].diagnosis_evidence == str(VANISHING)


def test_nothing_is_said_where_nothing_was_found(evaluations, judged):
    verdict = judged(evaluations)
    worth = worth_of(evaluations, verdict.metric, test_ratio=0.5)
    page = render_page(evaluations, verdict, worth, title="it", facts={})
    assert "<small" not in page
    assert "Why some are poor" not in page
