from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from pipelines import make_pipeline
from pipelines.errors import InputError
from pipelines.search import SearchObserver
from pipelines.study import VARIANTS, design_for, make_experiment, run_experiments, split_dataset


@pytest.fixture
def plan(diabetes):
    """Plans the published experiment of California housing for other data."""

    def make(variants=VARIANTS, **changes):
        values = {"seeds": [3, 4], "split": split_dataset(diabetes), **changes}
        design = design_for(replace(diabetes, name="california_housing"))
        return make_experiment(diabetes, design.select(variants=variants), **values)

    return make


def members(experiment):
    return {group.name: group.members for group in experiment.groups}


def test_arms(plan):
    arms = plan().arms
    assert [(arm.name, arm.variants) for arm in arms] == [
        ("glorot_linear", ("as described",)),
        ("glorot_linear", ("as run",)),
        ("glorot_relu", ("as described",)),
        ("glorot_relu", ("as run",)),
        ("he_normal_relu", VARIANTS),
        ("leaky_relu", ("as described",)),
        ("leaky_relu", ("as run",)),
        ("randomized_leaky_relu", ("as described",)),
        ("randomized_leaky_relu", ("as run",)),
        ("selu", VARIANTS),
        ("batch_norm", ("as described",)),
        ("batch_norm", ("as run",)),
    ]
    assert arms[1].label == "glorot, no activation (as run)"
    assert len({frozenset(arm.hyperparameters) for arm in arms}) == 1


def test_groups_are_the_arms(plan):
    groups = plan().groups
    assert [group.number for group in groups] == list(range(12))
    assert [group.name for group in groups] == [arm.label for arm in plan().arms]
    assert groups[0].hyperparameters["activation"] == "linear"


def test_arms_with_the_same_hyperparameters_share_their_runs(plan):
    made = plan()
    by_name = members(made)
    shared = by_name["he normal, relu"]
    assert by_name["he normal, leaky relu (as run)"] == shared
    assert by_name["he normal, randomized leaky relu (as run)"] == shared
    assert by_name["glorot, no activation (as run)"] == by_name["glorot, relu"]
    assert by_name["he normal, leaky relu"] != shared
    assert len(made.runs) == 2 * 9
    numbers = {run.number for run in made.runs}
    assert numbers == {number for own in by_name.values() for number in own}
    assert numbers.isdisjoint({group.number for group in made.groups})


def test_all_arms_are_run_with_one_seed_before_the_next_which_begins_elsewhere(plan):
    runs = plan().runs
    assert [run.hyperparameters["random_state"] for run in runs] == [3] * 9 + [4] * 9
    first, second = ([run.name.rsplit(",", 1)[0] for run in part] for part in (runs[:9], runs[9:]))
    assert second == [*first[1:], first[0]]


def test_runs_have_everything_that_the_pipeline_needs(plan, diabetes):
    made = plan(overrides={"epochs": 7})
    runs = {run.number: run for run in made.runs}
    for group in made.groups:
        for number, seed in zip(group.members, made.seeds, strict=True):
            model = make_pipeline(diabetes, preset="plain").set_params(**runs[number].params)[
                "model"
            ]
            assert model.random_state == seed
            assert model.epochs == 7
            assert model.standardize_target is False
            assert model.activation == group.hyperparameters["activation"]


def test_scaling_reaches_the_preprocessing(plan):
    made = plan()
    assert made.arms[-1].hyperparameters["scaling"] == "none"
    run = next(run for run in made.runs if run.number == made.groups[-1].members[0])
    assert run.params["preprocessing__numeric__scaling__method"] == "none"


def test_one_variant(plan):
    made = plan(variants=["as run"])
    assert len(made.arms) == 7
    assert made.arms[0].hyperparameters["activation"] == "relu"


def test_numbers_are_those_that_are_given(plan):
    numbers = itertools.count()
    first, second = plan(numbers=numbers), plan(numbers=numbers, prefix="again: ")
    used = [[one.number for one in (*made.groups, *made.runs)] for made in (first, second)]
    assert sorted(used[0] + used[1]) == list(range(len(used[0]) + len(used[1])))
    assert second.groups[0].name == "again: glorot, no activation"
    assert second.runs[0].name == "again: glorot, no activation, seed 3"


def test_an_impossible_hyperparameter(plan):
    with pytest.raises(InputError, match="The study has an impossible value: The 'epochs'"):
        plan(overrides={"epochs": 0})


def test_only_a_standardized_target_has_its_loss_brought_back(plan, diabetes):
    assert plan().metric.curve_factor == 1.0
    made = plan(overrides={"standardize_target": True})
    assert made.metric.curve_factor == diabetes.y.iloc[made.split.train].var(ddof=0)


class Told(SearchObserver):
    def __init__(self):
        self.events = []

    def on_search_begin(self, n_candidates, n_splits):
        self.events.append(("search begins", n_candidates))

    def on_group_begin(self, group):
        self.events.append(("arm begins", group.name))

    def on_candidate_end(self, evaluation):
        self.events.append(("run ends", evaluation.candidate.name))

    def on_group_end(self, group, evaluations):
        names = [evaluation.candidate.name for evaluation in evaluations]
        self.events.append(("arm ends", group.name, *names))

    def on_search_end(self):
        self.events.append(("search ends",))


def test_two_experiments_are_one_search_of_arms_with_their_seeds(iris):
    told, numbers = Told(), itertools.count()
    design = design_for(iris).select(["glorot_relu"])
    how = {"split": split_dataset(iris), "overrides": {"epochs": 1, "hidden_layer_sizes": (4,)}}
    experiments = [
        make_experiment(iris, design, seeds=[0, 1], numbers=numbers, **how),
        make_experiment(iris, design, seeds=[2], numbers=numbers, prefix="again: ", **how),
    ]
    (first,), (second,) = run_experiments(experiments, observers=[told])
    assert (len(first.runs), len(second.runs)) == (2, 1)
    assert told.events == [
        ("search begins", 3),
        ("arm begins", "glorot, relu"),
        ("run ends", "glorot, relu, seed 0"),
        ("run ends", "glorot, relu, seed 1"),
        ("arm ends", "glorot, relu", "glorot, relu, seed 0", "glorot, relu, seed 1"),
        ("arm begins", "again: glorot, relu"),
        ("run ends", "again: glorot, relu, seed 2"),
        ("arm ends", "again: glorot, relu", "again: glorot, relu, seed 2"),
        ("search ends",),
    ]
