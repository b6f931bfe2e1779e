"""What the compose file starts exists: the commands and their options, the files, the variables."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from pipelines.cli import cli

FOLDER = Path(__file__).parents[2] / "docs" / "how_to" / "compose"
TEXT = (FOLDER / "compose.yaml").read_text("utf-8")
COMPOSE = yaml.safe_load(TEXT)


def options_of(command):
    return dict(one.removeprefix("--").split("=", 1) for one in command)


def test_the_worker_runs_a_command_with_options_that_it_has():
    program, name, *words = COMPOSE["services"]["worker"]["command"]
    assert program == "mlp"
    known = {option.opts[0].removeprefix("--") for option in cli.commands[name].params}
    assert set(options_of(words)) <= known


def test_the_server_runs_with_options_that_it_has():
    from mlflow.cli import server

    program, name, *words = COMPOSE["services"]["server"]["command"]
    assert (program, name) == ("mlflow", "server")
    known = {spelling.removeprefix("--") for option in server.params for spelling in option.opts}
    assert set(options_of(words)) <= known


def test_each_service_waits_for_one_that_tells_its_health():
    services = COMPOSE["services"]
    for service in services.values():
        for name, how in service.get("depends_on", {}).items():
            assert how == {"condition": "service_healthy"}
            assert services[name]["healthcheck"]["test"]


def test_the_database_is_asked_by_the_address_that_others_use():
    """On its socket it answers too early, while its image creates the databases."""
    assert {"pg_isready", "--host"} <= set(COMPOSE["services"]["database"]["healthcheck"]["test"])


def test_addresses_name_services():
    """Beside the machine itself, which is asked for its health and published alone."""
    hosts = set(re.findall(r"(?:@|://)([a-z]+)(?=[:/\d])", TEXT))
    assert hosts - {"localhost"} == {"database", "server"}
    assert COMPOSE["services"]["server"]["ports"] == ["127.0.0.1:5000:5000"]


@pytest.mark.parametrize("service", ["server", "worker"])
def test_the_image_is_built_from_files_that_are_there(service):
    build = COMPOSE["services"][service]["build"]
    context = (FOLDER / build["context"]).resolve()
    dockerfile = (context / build["dockerfile"]).read_text("utf-8")
    ignored = (context / f"{build['dockerfile']}.dockerignore").read_text("utf-8").splitlines()
    kept = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    assert {"requirements.lock", "pyproject.toml", "README.md", "LICENSE"} <= kept
    assert [name for name in kept if not (context / name).exists()] == []
    assert "COPY requirements.lock" in dockerfile


def test_named_volumes_and_configs_are_declared():
    services = COMPOSE["services"].values()
    named = {
        volume.split(":")[0]
        for service in services
        for volume in service.get("volumes", [])
        if re.match(r"\w+:", volume)
    }
    assert named == set(COMPOSE["volumes"])
    configs = {one["source"] for service in services for one in service.get("configs", [])}
    assert configs == set(COMPOSE["configs"])
