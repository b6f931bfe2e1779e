from __future__ import annotations

import shlex

from pipelines.cli.options import DataOptions, ValidationOptions
from pipelines.cli.search_record import command_for
from pipelines.cli.types import Names


def command(seed=0, presets=None, **changes):
    data = {"target": None, "drop": (), "groups": None, "task": None, "data_home": None}
    validation = {
        "scaling": "auto",
        "metrics": (),
        "splitter": "auto",
        "folds": 5,
        "repeats": 1,
        "test_size": 0.2,
        "baselines": "auto",
    }
    own = {name: value for name, value in changes.items() if name in data}
    others = {name: value for name, value in changes.items() if name in validation}
    options = DataOptions("my data.csv", **{**data, **own})
    return command_for(options, ValidationOptions(**{**validation, **others}), seed, presets)


def test_what_is_as_by_default_is_left_out():
    assert command() == (
        "mlflow run . -e grid --env-manager local -P dataset='my data.csv' -P grid=next.yaml"
    )


def test_what_was_chosen_is_told_again():
    told = shlex.split(command(seed=7, target="price", folds=3, metrics=("r2",), test_size=0.3))
    options = dict(one.split("=", 1) for one in told if "=" in one)
    assert options == {
        "dataset": "my data.csv",
        "target": "price",
        "grid": "next.yaml",
        "metrics": "r2",
        "folds": "3",
        "test_size": "0.3",
        "seed": "7",
    }


def test_the_presets_that_were_chosen_are_kept():
    assert command(presets=("fast",)) == command()
    assert command(presets=()).endswith(" -P grid=next.yaml -P presets=")
    assert command(presets=("fast", "strong")).endswith(" -P presets=fast,strong")


def test_baselines_that_were_chosen_are_kept():
    assert command(baselines="none").endswith(" -P baselines=none")


def test_a_name_with_a_comma_comes_back():
    told = shlex.split(command(drop=("sold at, day", "id")))
    (drop,) = [one.split("=", 1)[1] for one in told if one.startswith("drop=")]
    assert Names().convert(drop, None, None) == ("sold at, day", "id")
