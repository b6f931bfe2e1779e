from __future__ import annotations

from dataclasses import replace

import pytest

from pipelines import make_pipeline
from pipelines.techniques import make_plan, table_for

BOTH = ("as described", "as run")


@pytest.fixture
def plan(diabetes):
    def make(**changes):
        values = {"variants": BOTH, "seeds": [3, 4], "overrides": {}}
        housing = table_for(replace(diabetes, name="california_housing"))
        return make_plan(housing, make_pipeline(diabetes), **{**values, **changes})

    return make


def test_lines(plan):
    lines = plan().lines
    assert [(line.row.name, line.variants) for line in lines] == [
        ("glorot_linear", ("as described",)),
        ("glorot_linear", ("as run",)),
        ("glorot_relu", ("as described",)),
        ("glorot_relu", ("as run",)),
        ("he_normal_relu", BOTH),
        ("leaky_relu", ("as described",)),
        ("leaky_relu", ("as run",)),
        ("randomized_leaky_relu", ("as described",)),
        ("randomized_leaky_relu", ("as run",)),
        ("selu", BOTH),
        ("batch_norm", ("as described",)),
        ("batch_norm", ("as run",)),
    ]
    assert [line.number for line in lines] == list(range(12))
    assert len({line.name for line in lines}) == 12
    assert lines[1].name == "glorot, no activation (as run)"
    assert {frozenset(line.hyperparameters) for line in lines} == {
        frozenset(lines[0].hyperparameters)
    }


def test_lines_with_the_same_hyperparameters_share_their_fits(plan):
    made = plan()
    by_name = dict(zip([line.name for line in made.lines], made.unit_numbers, strict=True))
    shared = by_name["he normal, relu"]
    assert by_name["he normal, leaky relu (as run)"] == shared
    assert by_name["he normal, randomized leaky relu (as run)"] == shared
    assert by_name["glorot, no activation (as run)"] == by_name["glorot, relu"]
    assert by_name["he normal, leaky relu"] != shared
    assert len(made.units) == 2 * 9
    numbers = {unit.number for unit in made.units}
    assert numbers == {number for units in made.unit_numbers for number in units}
    assert numbers.isdisjoint({line.number for line in made.lines})


def test_all_rows_are_run_with_one_seed_before_the_next_which_begins_elsewhere(plan):
    units = plan().units
    assert [unit.hyperparameters["random_state"] for unit in units] == [3] * 9 + [4] * 9
    first, second = (
        [unit.name.rsplit(",", 1)[0] for unit in part] for part in (units[:9], units[9:])
    )
    assert second == [*first[1:], first[0]]


def test_units_have_everything_that_the_pipeline_needs(plan, diabetes):
    made = plan(overrides={"epochs": 7})
    for line, numbers in zip(made.lines, made.unit_numbers, strict=True):
        for unit in made.units:
            if unit.number in numbers:
                pipeline = make_pipeline(diabetes).set_params(**unit.params)
                model = pipeline["model"]
                assert model.random_state == unit.hyperparameters["random_state"]
                assert model.epochs == 7
                assert model.standardize_target is False
                assert model.activation == line.hyperparameters["activation"]


def test_scaling_reaches_the_preprocessing(plan, diabetes):
    batch_norm = plan().lines[-1]
    assert batch_norm.hyperparameters["scaling"] == "none"
    unit = next(unit for unit in plan().units if unit.number == plan().unit_numbers[-1][0])
    assert unit.params["preprocessing__numeric__scaling__method"] == "none"


def test_one_variant(plan):
    made = plan(variants=["as run"])
    assert len(made.lines) == 7
    assert made.lines[0].hyperparameters["activation"] == "relu"


def test_numbers_go_on_from_those_of_another_plan(plan):
    first = plan()
    second = plan(first_number=first.next_number)
    used = {line.number for line in first.lines} | {unit.number for unit in first.units}
    assert first.next_number == max(used) + 1
    assert min(line.number for line in second.lines) == first.next_number
    assert used.isdisjoint({unit.number for unit in second.units})


def test_each_fit_belongs_to_the_first_line_that_needs_it(plan):
    made = plan()
    he = next(line for line in made.lines if line.row.name == "he_normal_relu")
    assert {made.parents[number] for number in made.unit_numbers[he.number]} == {he.number}
    leaky_as_run = next(line for line in made.lines if line.name.endswith("leaky relu (as run)"))
    assert leaky_as_run.number not in made.parents.values()
