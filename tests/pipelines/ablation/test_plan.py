from __future__ import annotations

import numpy as np
import pytest

from pipelines import InputError
from pipelines.preset import load_preset


def test_every_network_between_the_ends_is_there_once(make_plan):
    plan = make_plan()
    assert plan.names == ("activation", "dropout", "minibatches")
    assert {one.name: sorted(one.techniques) for one in plan.networks} == {
        "plain": [],
        "best": ["activation", "dropout", "minibatches"],
        "activation added to plain": ["activation"],
        "dropout added to plain": ["dropout"],
        "minibatches added to plain": ["minibatches"],
        "activation left out of best": ["dropout", "minibatches"],
        "dropout left out of best": ["activation", "minibatches"],
        "minibatches left out of best": ["activation", "dropout"],  # and of the path
    }
    assert plan.n_fits == 8 * 2 * 2


def test_the_path_of_more_techniques_has_networks_of_its_own(make_plan):
    best = {"activation": "selu", "dropout": 0.1, "epochs": 3, "weight_decay": 0.1}
    plan = make_plan(best)
    (one,) = (each for each in plan.networks if each.name.endswith("and all before it"))
    assert one.name == "dropout and all before it"
    assert plan.names[:2] == ("activation", "dropout")
    assert one.techniques == {"activation", "dropout"}


def test_a_network_has_the_values_of_its_techniques(make_plan):
    (network,) = (each for each in make_plan().networks if each.name == "dropout added to plain")
    assert network.hyperparameters == {
        "activation": "relu",
        "parametric_activation": False,
        "dropout": 0.1,
        "epochs": 100,
    }


def test_each_seed_has_folds_of_its_own_and_begins_with_another_network(make_plan):
    plan = make_plan()
    assert plan.folds_differ
    first, second = (plan.candidates[seed] for seed in plan.seeds)
    assert [one.name for one in first[:2]] == ["plain, seed 0", "best, seed 0"]
    assert [second[0].name, second[-1].name] == ["best, seed 1", "plain, seed 1"]
    assert {one.params["model__random_state"] for one in second} == {1}
    numbers = [one.number for one in (*plan.groups, *first, *second)]
    assert sorted(numbers) == [*range(3 * 8)]
    best = next(group for group in plan.groups if group.name == "best")
    assert best.members == (first[1].number, second[0].number)


def test_rows_held_out_are_in_no_fold(make_plan):
    plan = make_plan()
    X, y = plan.rows
    held_out = plan.held_out["test"]
    assert len(X) == len(y) == 178
    assert X.iloc[held_out].equals(plan.test.X)
    for splits in plan.splits.values():
        for train, validation in splits:
            assert not np.intersect1d([*train, *validation], held_out).size


def test_techniques_that_are_impossible_alone_are_one(make_plan, wine):
    plan = make_plan(load_preset("tabm", wine[0]).hyperparameters)
    assert "ensemble with member sharing" in plan.names
    assert not {"ensemble", "member sharing"} & {*plan.names}


def test_techniques_of_which_one_alone_breaks_a_rule_are_one(make_plan):
    fast = {"parametrization": "neural_tangent", "learning_rate": 0.2, "batch_size": 64}
    assert make_plan(fast).names == ("parametrization with optimizer", "minibatches")
    slow = make_plan({**fast, "learning_rate": 0.02}).names
    assert slow == ("parametrization", "optimizer", "minibatches")


def test_what_has_no_effect_alone_stays_apart(make_plan):
    plan = make_plan({"early_stopping": True, "calibration": "temperature"})
    assert plan.names == ("early stopping", "calibration")


def test_techniques_that_are_to_count_as_one(make_plan):
    plan = make_plan(together=[["dropout", "activation"]])
    assert plan.names == ("activation with dropout", "minibatches")
    assert len(plan.networks) == 4


def test_the_scaling_of_both_ends_may_be_told(make_plan, wine):
    preset = load_preset("fast", wine[0]).hyperparameters
    assert "scaling" in make_plan(preset).names
    assert "scaling" not in make_plan(preset, scaling="minmax").names


@pytest.mark.parametrize(
    ("best", "changes", "message"),
    [
        ({}, {}, "There is nothing to explain: best is the plain network; name another one with"),
        ({"dropout": 2.0}, {}, "The best network has an impossible value: The 'dropout' parameter"),
        ({"dropout": 0.1}, {"seeds": ()}, "seeds must be 1 or more"),
        ({"dropout": 0.1}, {"metrics": ("r3",)}, "There is no metric 'r3'"),
        (
            {"dropout": 0.1, "epochs": 3},
            {"together": [["dropout", "epoch"]]},
            "There is no technique 'epoch'; choose one of dropout, minibatches.",
        ),
    ],
)
def test_what_is_impossible_is_said_before_anything_is_trained(make_plan, best, changes, message):
    with pytest.raises(InputError, match=message):
        make_plan(best, **changes)
