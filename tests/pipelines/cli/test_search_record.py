from __future__ import annotations

import shlex

import pytest

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


@pytest.mark.slow
def test_a_champion_that_has_learned_nothing_says_so_on_its_card(bare_folder, run_command):
    (bare_folder / "grid.yaml").write_text(
        "fixed: {hidden_layer_sizes: [[4]], epochs: [1], learning_rate: [1.0e-9]}\n"
        "grids: [{activation: [relu]}]\n"
    )
    options = ["--dataset=diabetes", "--grid=grid.yaml", "--presets=", "--ensemble=1", "--folds=2"]
    code, out, err = run_command("grid", *options, "--baselines=none", "--register=true")
    assert code == 0, err
    told = " ".join(out.split())
    assert "- It is no better than a constant prediction: before anything is made of it" in told
    assert "it was the only configuration." in told
    (card,) = bare_folder.glob("mlruns/*/*/artifacts/model_card.md")
    assert "- It is no better than a constant prediction: before" in card.read_text("utf-8")
    (page,) = bare_folder.glob("mlruns/*/*/artifacts/search.html")
    assert "-P grid=next.yaml -P folds=2 -P baselines=none -P presets=" in page.read_text("utf-8")
