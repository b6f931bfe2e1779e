from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pipelines import load_dataset, make_pipeline
from pipelines.study import plan_claims, plan_study, read_claims, run_study


@pytest.fixture(scope="module")
def tried(iris):
    return {result.claim.name: result for result in plan_claims(iris, repeats=2, epochs=2).run()}


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


def test_declared_arms_are_used_and_claims_make_sense():
    declared, claims = read_claims()
    used = {arm for claim in claims for arm in claim.all_arms}
    assert set(declared["arms"]) <= used
    for claim in claims:
        assert (claim.reference is None) == (claim.expect == "chance")
        assert claim.reference not in claim.arms


def test_arms_are_the_techniques_own_or_changed(iris):
    arms = {arm.name: arm for arm in plan_claims(iris, repeats=1).experiment.arms}
    assert arms["he_normal_relu"].label == "he normal, relu"
    assert arms["elu"].hyperparameters["kernel_initializer"] == "he_normal"
    high = arms["leaky_high"]
    assert (high.label, high.hyperparameters["activation"]) == (
        "leaky relu, high rate",
        "leaky_relu",
    )
    assert high.hyperparameters["learning_rate"] == 0.3
    assert high.hyperparameters["global_clipnorm"] == 1.0
    assert arms["selu_raw"].hyperparameters["scaling"] == "minmax"


@pytest.mark.parametrize("name", ["iris", "diabetes"])
def test_it_can_be_run(name, request):
    dataset = request.getfixturevalue(name)
    for run in plan_claims(dataset, repeats=1).experiment.runs:
        pipeline = make_pipeline(dataset, preset="plain").set_params(**run.params)
        pipeline["model"]._validate_params()
        assert "$" not in repr(run.hyperparameters)


def test_times_on_images_are_those_of_compiled_training():
    experiment = plan_claims(load_dataset("digits"), repeats=1).experiment
    assert {run.params["model__engine"] for run in experiment.runs} == {"compiled"}


def test_arms_that_are_the_same_are_run_once(iris):
    experiment = plan_claims(iris, repeats=1).experiment
    settings = [
        tuple(sorted((key, str(value)) for key, value in run.params.items()))
        for run in experiment.runs
    ]
    assert len(set(settings)) == len(settings) < len(experiment.arms)


def test_all_have_a_verdict(tried):
    _, claims = read_claims()
    assert list(tried) == [claim.name for claim in claims]
    assert {result.verdict.support for result in tried.values()} <= {
        "supported",
        "contradicted",
        "not shown",
    }


def test_hidden_activations_are_looked_at(tried):
    for arm in tried["selu_wants_lecun"].arms.values():
        assert np.isfinite(arm.activation_drift()).all()
        activations = arm.measured[0].activations
        assert {name: len(values) for name, values in activations.items()} == {
            "mean": 5,
            "deviation": 5,
            "dead": 5,
        }


def test_zero_weights_kill_every_unit(tried):
    """With zeros for weights and biases the outputs of every layer are zeros."""
    result = tried["constant_weights"]
    zeros = result.arms["zeros"]
    assert zeros.dead_units().tolist() == [1.0, 1.0]
    assert result.verdict.by_arm[zeros.label] == "supported"


def test_dead_units_are_counted_where_relu_is_zero(tried):
    known = tried["dying_units"].arms["leaky_high"].dead_units()
    assert (known[np.isfinite(known)] == 0).all()


class TestBesideAStudy:
    """What the study's table compares is judged once, there."""

    @pytest.fixture
    def judged(self, iris):
        def judge(**changes):
            how = {"repeats": 2, "hyperparameters": {"epochs": 1}, **changes}
            study = run_study(plan_study(iris, **how))
            claims = plan_claims(iris, repeats=1, epochs=1)
            claims = replace(claims, claims=claims.claims[:2])
            needed = {name for claim in claims.claims for name in claim.all_arms}
            arms = [arm for arm in study.arms if arm.arm.name in needed]
            return study, claims.results(arms, study)

        return judge

    def test_the_verdict_is_the_studys(self, judged):
        study, (constant, he) = judged(arms=["zeros", "ones", "he_normal_relu"])
        assert (constant.is_of_study, he.is_of_study) == (False, True)
        comparison = study.comparisons["he normal, relu"]
        assert he.verdict.p == {"he normal, relu": comparison.p_adjusted}
        expected = {"better": "supported", "worse": "contradicted"}
        assert he.verdict.support == expected.get(comparison.verdict, "not shown")
        assert he.arms["glorot_relu"] is study.baseline

    def test_an_arm_that_is_something_else_there_is_judged_on_its_own(self, judged):
        _, (_, he) = judged(
            arms=["zeros", "ones", "he_normal_relu"],
            hyperparameters={"epochs": 1, "kernel_initializer": "he_uniform"},
        )
        assert not he.is_of_study
