"""The files around the code agree with it and with each other."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import EntryPoint
from pathlib import Path

import click
import pytest
import yaml

from pipelines.cli import cli, main

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
MLPROJECT = yaml.safe_load((ROOT / "MLproject").read_text("utf-8"))
LOCK = (ROOT / "requirements.lock").read_text("utf-8")
README = (ROOT / "README.md").read_text("utf-8")
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")

# `mlflow run` has an option of its own for these.
NOT_IN_MLPROJECT = {"experiment"}

# They have no run of their own to make.
NOT_AN_ENTRY_POINT = {"hyperparameters", "mlproject", "space", "ui", "upload"}

PINNED = dict(re.findall(r"^([\w.-]+)==(\S+)", LOCK, re.MULTILINE))


def normalized(requirement):
    """Name of a distribution as package indexes compare it."""
    name = re.match(r"[\w.-]+", requirement)[0]
    return re.sub(r"[-_.]+", "-", name).lower()


class TestLockFile:
    def test_it_names_no_index(self):
        assert "://" not in LOCK
        assert re.search(r"index-url|find-links|trusted-host", LOCK) is None
        options = {word for word in LOCK.split() if word.startswith("--")}
        assert {option.split("=")[0] for option in options} == {"--hash"}

    @pytest.mark.parametrize(
        "requirement",
        [
            *PROJECT["dependencies"],
            *(
                requirement
                for extra in ("dev", "dask", "postgresql", "study")
                for requirement in PROJECT["optional-dependencies"][extra]
            ),
        ],
        ids=normalized,
    )
    def test_every_dependency_is_pinned(self, requirement):
        assert normalized(requirement) in {normalized(name) for name in PINNED}

    def test_every_pin_has_a_hash(self):
        requirements = re.split(r"\n(?=\S)", LOCK.strip())
        assert len(requirements) >= len(PINNED) > 50
        for requirement in requirements:
            assert re.match(r"[\w.-]+==\S+", requirement), requirement
            assert "--hash=sha256:" in requirement, requirement


class TestCondaFile:
    def test_its_pins_are_those_of_the_lock_file(self):
        assert MLPROJECT["conda_env"] == "conda.yaml"
        conda = yaml.safe_load((ROOT / "conda.yaml").read_text("utf-8"))
        *packages, pip = conda["dependencies"]
        assert pip == {"pip": ["-r requirements.lock"]}
        python = next(package for package in packages if package.startswith("python="))
        minor = int(python.removeprefix("python=3."))
        lowest, beyond = (int(n) for n in re.findall(r"3\.(\d+)", PROJECT["requires-python"]))
        assert lowest <= minor < beyond
        assert {normalized(package) for package in packages} == {"python", "pip"}

    def test_names(self):
        conda = yaml.safe_load((ROOT / "conda.yaml").read_text("utf-8"))
        assert conda["name"] == MLPROJECT["name"] == PROJECT["name"]


def options_of(command):
    """Options of a command by their names on the command line."""
    return {
        option.opts[0].removeprefix("--").replace("-", "_"): option
        for option in command.params
        if isinstance(option, click.Option)
    }


@pytest.mark.parametrize("name", MLPROJECT["entry_points"])
class TestEntryPoint:
    @pytest.fixture
    def entry(self, name):
        return MLPROJECT["entry_points"][name]

    @pytest.fixture
    def options(self, name):
        return options_of(cli.commands[name])

    def test_parameters_are_the_options_of_the_command(self, entry, options):
        assert set(entry["parameters"]) == set(options) - NOT_IN_MLPROJECT
        assert list(entry["parameters"]) == [o for o in options if o not in NOT_IN_MLPROJECT]

    def test_defaults_are_equal(self, entry, options):
        defaults = {parameter: told["default"] for parameter, told in entry["parameters"].items()}
        assert defaults == {parameter: options[parameter].default for parameter in defaults}

    def test_the_command_passes_every_parameter_on(self, name, entry):
        words = entry["command"].split()
        assert words[:4] == ["python", "-m", "pipelines", name]
        passed = dict(zip(words[4::2], words[5::2], strict=True))
        assert passed == {
            f"--{parameter.replace('_', '-')}": f"{{{parameter}}}"
            for parameter in entry["parameters"]
        }

    def test_every_option_says_what_it_is_for(self, entry, options):
        obvious = {"folds", "seed"}
        assert {name for name, option in options.items() if not option.help} <= obvious

    def test_it_is_documented(self, name, entry):
        assert f"-e {name}" in README
        assert f"-e {name}" in MAKEFILE
        told = set(re.findall(r"`(\w+)`", README))
        assert set(entry["parameters"]) <= told


def test_every_command_is_an_entry_point():
    assert set(cli.commands) - NOT_AN_ENTRY_POINT == set(MLPROJECT["entry_points"])
    for name in NOT_AN_ENTRY_POINT:
        assert f"python -m pipelines {name}" in README


def test_the_console_script_is_the_command_line():
    for name, place in PROJECT["scripts"].items():
        assert EntryPoint(name, place, "console_scripts").load() is main
    assert f"`{name}` is then short for `python -m pipelines`" in README


def test_every_target_of_make_is_listed_and_declared():
    targets = re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE)
    assert set(targets) >= {"env", "grid", "ui", "test", "bench", "lint", "lock"}
    assert re.findall(r"^([a-z-]+):.*## \S", MAKEFILE, re.MULTILINE) == targets
    assert re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)[1].split() == targets


@pytest.fixture(scope="module")
def names_in_wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d"]
    subprocess.run([*command, str(folder)], cwd=ROOT, check=True, capture_output=True)
    (path,) = folder.iterdir()
    with zipfile.ZipFile(path) as wheel:
        return set(wheel.namelist())


class TestWheel:
    @pytest.mark.parametrize("package", ["estimators", "pipelines"])
    def test_it_has_every_file_of_a_package(self, names_in_wheel, package):
        files = (path.relative_to(ROOT) for path in (ROOT / package).rglob("*") if path.is_file())
        expected = {path.as_posix() for path in files if "__pycache__" not in path.parts}
        assert {name for name in names_in_wheel if name.startswith(f"{package}/")} == expected

    def test_it_has_nothing_else_but_what_is_said_of_it(self, names_in_wheel):
        folders = {name.split("/")[0] for name in names_in_wheel}
        assert folders == {
            "estimators",
            "pipelines",
            f"mlp_techniques-{PROJECT['version']}.dist-info",
        }
