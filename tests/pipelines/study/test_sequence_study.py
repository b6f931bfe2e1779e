"""The study of recurrent networks, a small one of it."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from pipelines import make_pipeline
from pipelines.data import Dataset
from pipelines.data.sequences import flat_table
from pipelines.study import (
    design_for,
    factorial_arms,
    plan_claims,
    plan_study,
    read_claims,
    run_study,
)
from pipelines.study.report import claim_rows, report_study

CELLS = ("lstm", "gru", "simple")
CLIPPINGS = ("clipvalue", "clipnorm", "global_clipnorm")


@pytest.fixture(scope="module", params=["classification", "regression"])
def sequences(request):
    generator = np.random.default_rng(0)
    X = generator.normal(size=(60, 5, 2))
    total = X[:, :, 0].sum(axis=1)
    y = pd.Series(np.where(total > 0, "up", "down") if request.param == "classification" else total)
    table = flat_table(X, ["u", "v"])
    return Dataset("some", table, y, request.param, "sequence", "", channels=("u", "v"))


def test_every_combination_is_an_arm(sequences):
    design = design_for(sequences)
    arms = {arm.name: arm.hyperparameters for arm in design.arms}
    assert len(arms) == 3 * 4 * 3 * 2
    assert arms["lstm"] == {"cell": "lstm"}
    assert arms["gru_clipvalue_batch_norm_glorot"] == {
        "cell": "gru",
        "clipvalue": 0.1,
        "batch_norm": True,
        "recurrent_initializer": "glorot_uniform",
    }
    assert {name.split("_")[0] for name in arms} == set(CELLS)
    assert design.baseline == "lstm"
    assert design.title == "some"
    pipeline = make_pipeline(sequences, preset="plain")
    for values in arms.values():
        pipeline["model"].set_params(**values)


def test_the_first_level_goes_without_saying_where_it_sets_nothing():
    factors = {"a": {"x": {"p": 1}, "y_z": {}}, "b": {"none": {}, "q": {"r": 2}}}
    assert [(arm.name, arm.label, arm.hyperparameters) for arm in factorial_arms(factors)] == [
        ("x", "x", {"p": 1}),
        ("x_q", "x, q", {"p": 1, "r": 2}),
        ("y_z", "y z", {}),
        ("y_z_q", "y z, q", {"r": 2}),
    ]


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("fashion_mnist_rows", "Fashion-MNIST, row by row"),
        ("adding_100", "the adding problem, 100 steps"),
    ],
)
def test_the_declared_designs(sequences, name, title):
    task = "classification" if name.startswith("fashion") else "regression"
    design = design_for(SimpleNamespace(name=name, kind="sequence", task=task))
    assert design.title == title
    assert set(design.most_rows) == {"train", "validation", "test"}


def test_as_many_rows_as_the_design_says(sequences):
    study = plan_study(sequences, arms=["gru"], repeats=1)
    assert max(map(len, study.split)) <= 60
    small = replace(study.design, most_rows={"train": 10, "test": 5})
    split = study.split.at_most(small.most_rows)
    assert [len(part) for part in split] == [10, len(study.split.validation), 5]


def some_of(planned, names):
    """What is planned, for claims of these names alone."""
    claims = tuple(one for one in planned.claims if one.name in names)
    used = {name for claim in claims for name in claim.all_arms}
    whole = planned.experiment
    places = [place for place, arm in enumerate(whole.arms) if arm.name in used]
    groups = tuple(whole.groups[place] for place in places)
    members = {number for group in groups for number in group.members}
    experiment = replace(
        whole,
        arms=tuple(whole.arms[place] for place in places),
        groups=groups,
        runs=tuple(run for run in whole.runs if run.number in members),
    )
    return replace(planned, claims=claims, experiment=experiment)


@pytest.fixture(scope="module")
def reported(sequences):
    study = run_study(plan_study(sequences, arms=["gru"], repeats=2, hyperparameters={"epochs": 1}))
    planned = plan_claims(sequences, repeats=2, epochs=1)
    claims = some_of(planned, ["gates", "batch_norm_no_gain"]).run()
    return study, claims, report_study(study, claims=claims, dataset=sequences)


def test_a_small_study_is_run_and_reported(reported, sequences):
    study, claims, report = reported
    assert [arm.label for arm in study.arms] == ["lstm", "gru"]
    assert [drawing.name for drawing in report.drawings] == [
        "differences",
        "curves",
        "times",
        "gradients",
    ]
    for text in (report.html, report.markdown):
        assert "What cell, clipping, normalization and initializer do on some" in text
        assert "Gated cells score better than simple ones." in text
        assert "activation functions" not in text
    assert [row.text for row in claim_rows(claims)] == [result.claim.text for result in claims]


def test_claims_make_sense(sequences):
    declared, claims = read_claims("sequence")
    arms = {arm.name for arm in design_for(sequences).arms}
    used = {name for claim in claims for name in claim.all_arms}
    assert used <= arms | set(declared["arms"])
    assert set(declared["arms"]) <= used
    assert {"no gain", "less", "greater"} == {claim.expect for claim in claims}
    planned = {arm.name: arm for arm in plan_claims(sequences, repeats=1).experiment.arms}
    assert set(planned) == used
    for kind in CLIPPINGS:
        clipped = planned[f"reckless_{kind}"].hyperparameters
        plain = planned["reckless"].hyperparameters
        assert {name for name, value in clipped.items() if value != plain.get(name)} == {kind}
    assert planned["lstm_selu"].label == "lstm, selu"
    assert planned["lstm_selu"].hyperparameters["activation"] == "selu"
