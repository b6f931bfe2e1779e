from __future__ import annotations

import math

import numpy as np
import pytest

from pipelines.comparison import (
    RecordedSearch,
    compare_searches,
    comparison_lines,
    comparison_page,
    corrected_resampled_t_test,
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


def test_the_corrected_test_by_hand():
    differences = np.array([0.02, 0.03, 0.04])
    # t = 0.03 / sqrt((1/3 + 1/2) 0.0001) = 3.286 with 2 degrees of freedom.
    t = 0.03 / math.sqrt((1 / 3 + 1 / 2) * 0.0001)
    by_hand = 1 - t / math.sqrt(2 + t**2)  # the distribution of t with 2 degrees of freedom
    assert corrected_resampled_t_test(differences, 3) == pytest.approx(by_hand)
    assert corrected_resampled_t_test(np.zeros(3), 3) == 1
    assert corrected_resampled_t_test(np.ones(3), 3) == 0


def test_the_corrected_test_holds_its_level():
    """Means of folds that share two thirds of what decides them differ by chance in 5 %."""
    rng = np.random.default_rng(0)
    found = []
    for _ in range(2000):
        rows = rng.normal(size=(10, 30))
        own, rest = rows.mean(axis=1), (rows.sum() - rows.sum(axis=1)) / 270
        found.append(corrected_resampled_t_test(own - rest, 10) < 0.05)
    assert np.mean(found) < 0.06


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
