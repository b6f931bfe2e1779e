"""Studies that are really run."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pipelines.errors import InputError
from pipelines.search import SearchObserver
from pipelines.techniques import TechniquesStudy, split_rows

QUICK = {"epochs": 2, "hidden_layer_sizes": (8, 4)}


def quick(**changes):
    return TechniquesStudy(**{"repeats": 2, "hyperparameters": QUICK, **changes})


def test_bundled_classes(iris):
    result = quick(rows=["zeros", "selu"]).run(iris)
    assert [line.name for line in result.lines] == [
        "zeros, relu",
        "glorot, relu",
        "lecun normal, selu",
    ]
    assert result.seeds == (0, 1)
    for line in result.lines:
        for quantity in ("train", "validation", "test"):
            values = line.values(quantity)
            assert ((values >= 0) & (values <= 1)).all()
        assert line.curves("validation").shape == (2, 2)
        assert line.curves("validation")[:, -1] == pytest.approx(line.values("validation"))
    assert result.facts["rows to train, validate and test on"] == "96 / 24 / 30"


def test_bundled_numbers_have_curves_in_the_targets_unit(diabetes):
    """The network learns a standardized target; its loss is brought back."""
    result = quick(rows=["glorot_relu"]).run(diabetes)
    (line,) = result.lines
    assert line.curves("validation")[:, -1] == pytest.approx(line.values("validation"), rel=1e-4)
    assert line.values("validation").min() > 1000


def test_seeds_decide_and_nothing_else(iris):
    first, again = (quick(rows=["selu"], repeats=3).run(iris) for _ in range(2))
    for one, other in zip(first.lines, again.lines, strict=True):
        assert np.array_equal(one.curves("train"), other.curves("train"))
        assert len(np.unique(one.curves("train")[:, -1])) > 1


def test_fits_at_once_change_nothing(iris):
    alone, together = (quick(rows=["selu"], n_jobs=n).run(iris) for n in (1, 2))
    for one, other in zip(alone.lines, together.lines, strict=True):
        assert np.array_equal(one.values("validation"), other.values("validation"))


class Begun(SearchObserver):
    def __init__(self):
        self.names = []

    def on_candidate_begin(self, candidate):
        self.names.append(candidate.name)


def test_what_is_known_is_not_run_again(iris):
    first = quick(rows=["selu"]).run(iris)
    known = {
        evaluation.candidate.fingerprint: evaluation
        for line in first.lines
        for evaluation in line.evaluations
    }
    assert len(known) == 4

    def find(fingerprints):
        return {name: known[name] for name in fingerprints if name in known}

    begun = Begun()
    second = quick(rows=["selu", "leaky_relu"], observers=[begun], resume=find).run(iris)
    assert begun.names == [
        "he normal, leaky relu 0.01, seed 0",
        "he normal, leaky relu 0.01, seed 1",
    ]
    for row in ("selu", "glorot_relu"):
        mine, theirs = (one.line(row, "as run").values("validation") for one in (first, second))
        assert np.array_equal(mine, theirs)


def test_test_rows_are_scored(iris):
    (line,) = quick(rows=["glorot_relu"]).run(iris).lines
    hits = len(split_rows(iris).test) * line.values("test")
    assert hits == pytest.approx(np.round(hits))


def test_a_row_that_diverges_fails_and_the_others_go_on(diabetes):
    # Standardizing nothing, a large rate diverges.
    raw = replace(diabetes, X=diabetes.X * 1e6)
    result = quick(
        rows=["batch_norm"], hyperparameters={**QUICK, "learning_rate": 1e4, "scaling": "none"}
    ).run(raw)
    assert all(line.n_failed == 2 for line in result.lines)
    assert result.comparisons["he normal, batch norm, relu"].verdict == "fails"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"rows": ["sellu"]}, r"no row 'sellu' \(did you mean 'selu'\?\)"),
        ({"repeats": 0}, "repeats must be 1 or more, but it is 0"),
        ({"hyperparameters": {"epochs": 0}}, "The study has an impossible value: The 'epochs'"),
        ({"test_size": 1.5}, "test_size must lie between 0 and 1"),
    ],
)
def test_bad_input(iris, changes, message):
    with pytest.raises(InputError, match=message):
        quick(**changes).run(iris)


def test_california_housing(housing):
    """Two rows, two seeds, an epoch: as described and as run."""
    result = TechniquesStudy(rows=["batch_norm"], repeats=2, hyperparameters={"epochs": 1}).run(
        housing
    )
    assert [line.name for line in result.lines] == [
        "glorot, relu",
        "glorot, relu (as run)",
        "he normal, batch norm, relu",
        "he normal, batch norm, relu (as run)",
    ]
    assert result.n_far == 3
    for line in result.lines:
        values = [line.values(name) for name in ("validation", "usual")]
        assert (values[1] > 0.2).all()
        assert not np.array_equal(*values)
        assert line.curves("validation")[:, -1] == pytest.approx(values[0], rel=1e-3)


@pytest.mark.slow
def test_fashion_mnist(fashion):
    result = TechniquesStudy(
        rows=["zeros"], repeats=1, variants=["as run"], hyperparameters={"epochs": 1}
    ).run(fashion)
    zeros = result.line("zeros", "as run")
    # Every image is taken for one class; the published figures to the digit.
    assert round(100 * zeros.values("validation")[0], 2) == 9.25
    assert round(100 * zeros.values("train")[0], 2) == 10.08
    assert result.baseline.values("validation")[0] > 0.4
