from __future__ import annotations

import math

import numpy as np
import pytest

from pipelines.comparison import (
    RecordedSearch,
    compare_searches,
    comparison_lines,
    comparison_page,
)
from pipelines.errors import InputError
from pipelines.search import Candidate, Evaluation, FoldResult

FOLD = (0.1, 0.1, 0.1, 1.0, 10, 5)


def search(scores, name="grid", digest="abc", metrics="r2, neg_mean_absolute_error", **settings):
    folds = tuple(
        FoldResult({}, dict.fromkeys(metrics.split(", "), score), *FOLD, {}) for score in scores
    )
    best = Evaluation(Candidate(0, {}, {}, "relu"), "complete", None, folds, 0.0, 1.0)
    settings = {"splitter": "KFold", "folds": str(len(scores)), "seed": "0", **settings}
    settings |= {"metrics": metrics, "dataset": "houses", "n_rows": "80"}
    return RecordedSearch("0123456789", name, settings, best, {"r2": 0.5}, {"development": digest})


BASE = search([0.50, 0.52, 0.54, 0.51, 0.53])


def verdicts(*others):
    return compare_searches([BASE, *others])["verdict"].tolist()[1:]


def test_searches_with_the_same_folds():
    better = search([0.60, 0.61, 0.65, 0.61, 0.64], name="optuna")
    same = search([0.55, 0.50, 0.53, 0.54, 0.49])
    assert verdicts(better, same) == ["better", "no difference shown"]
    assert compare_searches([better, BASE])["verdict"].tolist() == ["the first", "worse"]
    table = compare_searches([BASE, better])
    assert table["search"].tolist() == ["grid (01234567)", "optuna (01234567)"]
    assert table.loc[1, "difference"] == pytest.approx(0.102)
    assert table.loc[1, "r2"] == pytest.approx(0.622)
    assert table.loc[1, "test"] == 0.5
    assert math.isnan(table.loc[0, "difference"])


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (search([0.9] * 5, digest="def"), "not compared: other rows or columns"),
        (search([0.9] * 3), "not compared: other folds (folds)"),
        (search([0.9] * 5, seed="1"), "not compared: other folds (seed)"),
        (search([0.9] * 5, splitter="TimeSeriesSplit"), "not compared: other folds (splitter)"),
    ],
)
def test_searches_that_cannot_be_compared(other, why):
    assert verdicts(other) == [why]
    assert math.isnan(compare_searches([BASE, other])["p"][1])


def test_other_columns_on_the_same_folds():
    scores = [0.60, 0.61, 0.65, 0.61, 0.64]
    base = search([0.50, 0.52, 0.54, 0.51, 0.53], folds_digest="f")
    others = [
        search(scores, digest="def", folds_digest="f"),
        search(scores, digest="def", folds_digest="g"),
        search(scores, digest="def", folds_digest="g", seed="1"),
        search(scores, folds_digest="g", seed="1"),
        search(scores, digest="def"),  # recorded before folds had a digest
    ]
    assert compare_searches([base, *others])["verdict"].tolist()[1:] == [
        "better, with other columns",
        "not compared: other rows",
        "not compared: other folds (seed)",
        "not compared: other folds (seed)",
        "not compared: other rows or columns",
    ]


def test_one_fold_is_not_enough():
    table = compare_searches([search([0.5], folds="3"), search([0.9], folds="3")])
    assert table["verdict"][1] == "not compared: one fold says nothing of the spread"


def test_the_metric():
    other = search([0.9] * 5, metrics="neg_mean_absolute_error")
    assert "neg_mean_absolute_error" in compare_searches([BASE, other])
    with pytest.raises(
        InputError, match="The metric 'r2' is not one that all searches have; these"
    ):
        compare_searches([BASE, other], "r2")
    with pytest.raises(
        InputError, match=r"no metric in common: grid has r2, .*; grid has accuracy"
    ):
        compare_searches([BASE, search([0.9] * 5, metrics="accuracy")])
    with pytest.raises(InputError, match="of two searches or more, but there is 1"):
        compare_searches([BASE])


def p_of(differences, **settings):
    base = search([0.5] * len(differences), **settings)
    return compare_searches([base, search(0.5 + np.array(differences), **settings)])["p"][1]


def test_the_corrected_test_by_hand():
    # t = 0.03 / sqrt((1/3 + 1/2) 0.0001) = 3.286 with 2 degrees of freedom.
    t = 0.03 / math.sqrt((1 / 3 + 1 / 2) * 0.0001)
    by_hand = 1 - t / math.sqrt(2 + t**2)  # the distribution of t with 2 degrees of freedom
    assert p_of([0.02, 0.03, 0.04]) == pytest.approx(by_hand)


@pytest.mark.parametrize("step", [0.25, 0.1])  # the second leaves some rounding
def test_of_equal_differences_only_the_signs_are_tested(step):
    base = search([0.5, 0.6, 0.7])
    other = search([0.5 + step, 0.6 + step, 0.7 + step])
    table = compare_searches([base, other])
    assert table["p"][1] == 0.25
    assert table["verdict"][1] == "no difference shown"
    assert p_of([0.0, 0.0, 0.0]) == 1


def test_the_test_is_corrected_for_the_rows_that_folds_share():
    """Blocks in the order of time are tested on as many rows each, and trained on ever more."""

    def by_hand(ratio):
        t = 0.03 / math.sqrt((1 / 3 + ratio) * 0.0001)
        return 1 - t / math.sqrt(2 + t**2)

    found = p_of([0.02, 0.03, 0.04], splitter="TimeSeriesSplit")
    assert found == pytest.approx(by_hand((1 + 1 / 2 + 1 / 3) / 3))
    recorded = p_of([0.02, 0.03, 0.04], splitter="TimeSeriesSplit", folds_test_ratio="0.7")
    assert recorded == pytest.approx(by_hand(0.7))


def test_comparisons_are_corrected_for_their_number():
    others = [
        search([0.50, 0.55, 0.54, 0.55, 0.53]),
        search([0.52, 0.525, 0.575, 0.54, 0.55]),
        search([0.9] * 5, digest="def"),  # not compared, and so not counted
    ]
    alone = [compare_searches([BASE, one])["p"][1] for one in others[:2]]
    together = compare_searches([BASE, *others])["p"].tolist()[1:]
    assert together[:2] == pytest.approx([max(alone), 2 * min(alone)])
    assert compare_searches([BASE, others[1]])["verdict"][1] == "better"
    assert verdicts(*others)[1] == "no difference shown"


def test_a_score_that_is_not_known():
    unknown = search([0.9, math.nan, 0.9, 0.9, 0.9])
    assert verdicts(unknown) == ["not compared: r2 is not known of each fold"]
    backwards = compare_searches([unknown, BASE])
    assert backwards["verdict"][1] == "not compared: r2 is not known of each fold"


def test_the_lines():
    better = search([0.60, 0.61, 0.65, 0.61, 0.64], name="optuna")
    first, second, third = comparison_lines(
        compare_searches([BASE, better, search([0.9] * 5, digest="def")])
    )
    assert first == (
        "grid (01234567), relu, 80 rows of houses: r2 0.5200 ± 0.0141 over the folds, 0.5000 on the "
        "rows held out; the first."
    )
    assert (
        "0.6220 ± 0.0194 over the folds, 0.5000 on the rows held out; better (+0.1020, p = 0.0"
        in (second)
    )
    assert third.endswith("; not compared: other rows or columns (+0.3800).")


def test_the_page():
    page = comparison_page(compare_searches([BASE, search([0.9] * 5, name="<b>")]))
    assert "<td>&lt;b&gt; (01234567)</td>" in page
    assert "r2 of the best configuration" in page
