from __future__ import annotations

import numpy as np
import pytest

from pipelines import load_dataset, make_pipeline
from pipelines.techniques import ClaimsStudy
from pipelines.techniques.claims import read_claims


@pytest.fixture(scope="module")
def tried(iris):
    return {result.claim.name: result for result in ClaimsStudy(repeats=2, epochs=2).run(iris)}


def test_every_claim_of_the_text_is_tried():
    _, claims = read_claims()
    told = {(claim.quantity, claim.expect) for claim in claims}
    assert len(claims) == len({claim.name for claim in claims}) == 16
    assert told == {
        ("score", "chance"),
        ("score", "greater"),
        ("score", "equal"),
        ("dead", "less"),
        ("gap", "less"),
        ("seconds", "greater"),
        ("drift", "greater"),
        ("epochs", "less"),
        ("failed", "less"),
    }


def test_arms_are_known_and_all_are_used():
    declared, claims = read_claims()
    used = {arm for claim in claims for arm in (*claim.arms, claim.reference) if arm}
    assert used == set(declared["arms"])
    for claim in claims:
        assert (claim.reference is None) == (claim.expect == "chance")
        assert claim.reference not in claim.arms


@pytest.mark.parametrize("name", ["iris", "diabetes"])
def test_the_plan_can_be_run(name, request):
    dataset = request.getfixturevalue(name)
    plan = ClaimsStudy(repeats=1).plan(dataset)
    for unit in plan.units:
        pipeline = make_pipeline(dataset).set_params(**unit.params)
        pipeline["model"]._validate_params()
        assert "$" not in repr(unit.hyperparameters)


def test_times_on_images_are_those_of_compiled_training():
    plan = ClaimsStudy(repeats=1).plan(load_dataset("digits"))
    assert {unit.params["model__engine"] for unit in plan.units} == {"compiled"}


def test_arms_that_are_the_same_are_fitted_once(iris):
    plan = ClaimsStudy(repeats=1).plan(iris)
    settings = [
        tuple(sorted((key, str(value)) for key, value in unit.params.items()))
        for unit in plan.units
    ]
    assert len(set(settings)) == len(settings) <= len(plan.lines)


def test_all_have_a_verdict(tried):
    _, claims = read_claims()
    assert list(tried) == [claim.name for claim in claims]
    assert {result.judgement.verdict for result in tried.values()} <= {
        "supported",
        "contradicted",
        "not shown",
    }


def test_layers_are_looked_at(tried):
    for line in tried["selu_wants_lecun"].lines.values():
        assert np.isfinite(line.layer_summary("drift")).all()
        layers = line.evaluations[0].folds[0].layers
        assert {name: len(values) for name, values in layers.items()} == {
            "mean": 5,
            "deviation": 5,
            "dead": 5,
        }


def test_zero_weights_kill_every_unit(tried):
    """With zeros for weights and biases every layer gives out zeros."""
    zeros = tried["constant_weights"].lines["zeros"]
    assert zeros.layer_summary("dead").tolist() == [1.0, 1.0]
    assert tried["constant_weights"].judgement.by_arm["zeros"] == "supported"


def test_dead_units_are_counted_where_relu_is_zero(tried):
    leaky = tried["dying_units"].lines["leaky_high"]
    known = leaky.layer_summary("dead")
    assert (known[np.isfinite(known)] == 0).all()
