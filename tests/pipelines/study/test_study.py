"""Studies that are really run."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pipelines.errors import InputError
from pipelines.search import SearchObserver
from pipelines.study import plan_study, run_study, split_dataset

QUICK = {"epochs": 2, "hidden_layer_sizes": (8, 4)}


def plan(dataset, **changes):
    return plan_study(dataset, **{"repeats": 2, "hyperparameters": QUICK, **changes})


def test_bundled_classes(iris):
    result = run_study(plan(iris, arms=["zeros", "selu"]))
    assert [arm.label for arm in result.arms] == [
        "zeros, relu",
        "glorot, relu",
        "lecun normal, selu",
    ]
    assert result.seeds == (0, 1)
    for arm in result.arms:
        for quantity in ("train", "validation", "test"):
            values = arm.values(quantity)
            assert ((values >= 0) & (values <= 1)).all()
        assert arm.curves("validation").shape == (2, 2)
        assert arm.curves("validation")[:, -1] == pytest.approx(arm.values("validation"))
    assert result.facts["rows to train, validate and test on"] == "96 / 24 / 30"


def test_bundled_numbers_have_curves_in_the_targets_unit(diabetes):
    """The network learns a standardized target; its loss is brought back."""
    result = run_study(plan(diabetes, arms=["glorot_relu"]))
    (arm,) = result.arms
    assert arm.curves("validation")[:, -1] == pytest.approx(arm.values("validation"), rel=1e-4)
    assert arm.values("validation").min() > 1000


def test_seeds_decide_and_nothing_else(iris):
    first, again = (run_study(plan(iris, arms=["selu"], repeats=3)) for _ in range(2))
    for one, other in zip(first.arms, again.arms, strict=True):
        assert np.array_equal(one.curves("train"), other.curves("train"))
        assert len(np.unique(one.curves("train")[:, -1])) > 1


def test_fits_at_once_change_nothing(iris):
    alone, together = (run_study(plan(iris, arms=["selu"]), n_jobs=n) for n in (1, 2))
    for one, other in zip(alone.arms, together.arms, strict=True):
        assert np.array_equal(one.values("validation"), other.values("validation"))


class Begun(SearchObserver):
    def __init__(self):
        self.names = []

    def on_candidate_begin(self, candidate):
        self.names.append(candidate.name)


def test_what_is_known_is_not_run_again(iris):
    first = run_study(plan(iris, arms=["selu"]))
    known = {
        evaluation.candidate.fingerprint: evaluation
        for arm in first.arms
        for evaluation in arm.runs
    }
    assert len(known) == 4

    def find(fingerprints):
        return {name: known[name] for name in fingerprints if name in known}

    begun = Begun()
    second = run_study(plan(iris, arms=["selu", "leaky_relu"]), observers=[begun], resume=find)
    assert begun.names == [
        "he normal, leaky relu, seed 0",
        "he normal, leaky relu, seed 1",
    ]
    for row in ("selu", "glorot_relu"):
        mine, theirs = (one.arm(row, "as run").values("validation") for one in (first, second))
        assert np.array_equal(mine, theirs)


def test_test_rows_are_scored(iris):
    (arm,) = run_study(plan(iris, arms=["glorot_relu"])).arms
    hits = len(split_dataset(iris).test) * arm.values("test")
    assert hits == pytest.approx(np.round(hits))


def test_a_row_that_diverges_fails_and_the_others_go_on(diabetes):
    # Standardizing nothing, a large rate diverges.
    raw = replace(diabetes, X=diabetes.X * 1e6)
    result = run_study(
        plan(
            raw,
            arms=["batch_norm"],
            hyperparameters={**QUICK, "learning_rate": 1e4, "scaling": "none"},
        )
    )
    assert all(arm.n_failed == 2 for arm in result.arms)
    assert result.comparisons["he normal, batch norm, relu"].verdict == "fails"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"arms": ["sellu"]}, r"no row 'sellu' \(did you mean 'selu'\?\)"),
        ({"repeats": 0}, "repeats must be 1 or more, but it is 0"),
        ({"hyperparameters": {"epochs": 0}}, "The study has an impossible value: The 'epochs'"),
        ({"test_size": 1.5}, "test_size must lie between 0 and 1"),
    ],
)
def test_bad_input(iris, changes, message):
    with pytest.raises(InputError, match=message):
        plan(iris, **changes)


def test_california_housing(housing):
    """Two rows, two seeds, an epoch: as described and as run."""
    result = run_study(
        plan_study(housing, arms=["batch_norm"], repeats=2, hyperparameters={"epochs": 1})
    )
    assert [arm.label for arm in result.arms] == [
        "glorot, relu",
        "glorot, relu (as run)",
        "he normal, batch norm, relu",
        "he normal, batch norm, relu (as run)",
    ]
    assert result.n_far == 3
    for arm in result.arms:
        values = [arm.values(name) for name in ("validation", "in_range")]
        assert (values[1] > 0.2).all()
        assert not np.array_equal(*values)
        assert arm.curves("validation")[:, -1] == pytest.approx(values[0], rel=1e-3)


@pytest.mark.slow
def test_fashion_mnist(fashion):
    result = run_study(
        plan_study(
            fashion, arms=["zeros"], repeats=1, variants=["as run"], hyperparameters={"epochs": 1}
        )
    )
    zeros = result.arm("zeros", "as run")
    # Every image is taken for one class; the published figures to the digit.
    assert round(100 * zeros.values("validation")[0], 2) == 9.25
    assert round(100 * zeros.values("train")[0], 2) == 10.08
    assert result.baseline.values("validation")[0] > 0.4
