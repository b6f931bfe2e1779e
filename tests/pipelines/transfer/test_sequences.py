"""Recurrent networks are compared as those of tables are."""

from __future__ import annotations

import re

import pytest
from sklearn.frozen import FrozenEstimator

from pipelines.errors import InputError
from pipelines.transfer import ARMS, plan_transfer, run_transfer

QUICK = {"shares": [0.2], "repeats": 3, "epochs": 2}


@pytest.fixture(scope="module")
def plan(sequences, recurrent_source):
    return plan_transfer(sequences("second half"), recurrent_source, **QUICK)


def model_params(run):
    return {
        path.removeprefix("model__"): value
        for path, value in run.candidate.params.items()
        if path.startswith("model__")
    }


def test_what_was_learned_of_like_sequences_helps(plan):
    """With so few epochs a new network is near guessing."""
    result = run_transfer(plan)
    few = result.sizes[0].arms
    assert [*few] == [*ARMS]
    scores = {name: arm.values("validation").mean() for name, arm in few.items()}
    assert scores["fine-tuned"] > scores["scratch"]
    assert scores["discriminative"] > scores["scratch"]


def test_the_network_is_the_source_s(plan, recurrent_source):
    assert recurrent_source["model"].cell == "gru"
    for run in plan.runs:
        assert model_params(run)["cell"] == "gru"
        assert model_params(run)["hidden_layer_sizes"] == (12, 6)
    frozen = next(run for run in plan.runs if run.arm == "frozen")
    assert model_params(frozen)["frozen_layers"] == 2
    assert isinstance(frozen.candidate.params["preprocessing"], FrozenEstimator)


def test_shorter_sequences_are_no_other_network(sequences, recurrent_source):
    target = sequences("short", n_steps=9)
    plan = plan_transfer(target, recurrent_source, arms=["fine-tuned"], **QUICK)
    assert plan.preprocessing == (
        "Preprocessing is fitted anew on the target's rows, which have other channels or another "
        "number of steps than the source's."
    )
    taken = {record["taken"] for record in plan.transferred if "output" not in str(record)}
    assert taken == {1.0}
    result = run_transfer(plan)
    assert result.sizes[0].arms["fine-tuned"].n_failed == 0
    assert result.sizes[0].scratch.n_failed == 0


def test_channels_are_matched_by_name(sequences, recurrent_source):
    target = sequences("other channels", channels=("b", "new", "a"))
    plan = plan_transfer(target, recurrent_source, arms=["fine-tuned"], **QUICK)
    told = plan.transferred[0]["how"]
    assert told.startswith("2 of 3 inputs by name; new: ")
    assert "new" in told.partition("new: ")[2]


def test_preprocessing_of_other_sequences_cannot_be_taken(sequences, recurrent_source):
    sentence = "preprocessing=source needs sequences as the source's, but those of short have"
    with pytest.raises(InputError, match=re.escape(sentence)):
        plan_transfer(
            sequences("short", n_steps=9), recurrent_source, preprocessing="source", **QUICK
        )


def test_networks_of_the_other_kind_are_refused(sequences, tables, source, recurrent_source):
    sentence = "The source is a network of rows without steps, but second half is sequences; choose"
    with pytest.raises(InputError, match=sentence):
        plan_transfer(sequences("second half"), source, **QUICK)
    sentence = "The source is a recurrent network, but wide is a data set of the kind 'table';"
    with pytest.raises(InputError, match=sentence):
        plan_transfer(tables("wide"), recurrent_source, **QUICK)
