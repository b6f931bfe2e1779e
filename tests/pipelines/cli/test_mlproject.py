from __future__ import annotations

from pathlib import Path

import click
import yaml

from pipelines.cli.command_line import ENTRY_POINTS, mlproject
from pipelines.cli.mlproject import mlproject_text

ROOT = Path(__file__).parents[3]


def test_the_file_is_what_the_options_make(capsys):
    mlproject.main([], standalone_mode=False)
    made = capsys.readouterr().out
    assert (ROOT / "MLproject").read_text("utf-8") == made, (
        "run python -m pipelines mlproject > MLproject"
    )


def test_every_command_that_makes_a_run_is_in_it():
    told = yaml.safe_load(mlproject_text({one.name: one for one in ENTRY_POINTS}))
    assert set(told["entry_points"]) == {command.name for command in ENTRY_POINTS}


def test_worked_example():
    @click.command()
    @click.option("--some-rows", default=3)
    @click.option("--is-quick", type=bool, default=False)
    @click.option("--rate", default=1e-3)
    @click.option("--name", default="")
    @click.option("--list", default="a, b")
    @click.option("--experiment", default="it")
    def command():
        pass

    told = yaml.safe_load(mlproject_text({"one": command}))["entry_points"]["one"]
    assert told["parameters"] == {
        "some_rows": {"type": "string", "default": 3},
        "is_quick": {"type": "string", "default": False},
        "rate": {"type": "string", "default": 0.001},
        "name": {"type": "string", "default": ""},
        "list": {"type": "string", "default": "a, b"},
    }
    assert told["command"] == (
        "python -m pipelines one --some-rows {some_rows} --is-quick {is_quick} --rate {rate} "
        "--name {name} --list {list}"
    )
