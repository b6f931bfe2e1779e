"""The examples of README run as printed."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
EXAMPLES = [
    code for code in re.findall(r"```python\n(.*?)```", README, re.DOTALL) if "<run id>" not in code
]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "printed"),
    list(
        zip(
            EXAMPLES,
            [
                "0.9",
                "activation",
                "activation",
                "1.0",
                "cell",
                "20 of 30 inputs by name",
                "activation",
            ],
            strict=True,
        )
    ),
    ids=[
        "preset",
        "GridSearchCV",
        "GridSearch",
        "sequences",
        "recurrent",
        "transfer",
        "OptunaSearch",
    ],
)
def test_examples_run_as_printed(code, printed, tmp_path, monkeypatch, forks):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    done = forks.run([sys.executable, "-c", code], cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert printed in done.stdout


@pytest.fixture
def checkout(tmp_path):
    """A fresh folder with the project, and this environment as the one that make would make."""
    missing = [tool for tool in ("make", "bash", "curl") if shutil.which(tool) is None]
    if missing or not Path(sys.prefix, "bin", "activate").exists():
        pytest.skip(f"needs {missing[0] if missing else 'a virtual environment'}")
    for name in ("estimators", "pipelines"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for name in ("MLproject", "Makefile", "conda.yaml", "pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / ".venv").mkdir()
    for name in ("bin", "lib", "pyvenv.cfg"):
        (tmp_path / ".venv" / name).symlink_to(Path(sys.prefix, name))
    (tmp_path / ".venv" / ".ready").touch()
    return tmp_path


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_way_from_a_search_to_a_service(checkout):
    """As printed, but for the port, which may be taken, where no environment is active yet."""
    section = README.partition("## From a search to a service")[2]
    commands = re.search(r"```console\n(.*?)```", section, re.DOTALL)[1]
    assert len(commands.splitlines()) <= 10
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    script = re.sub(r"^\$ ", "", commands, flags=re.MULTILINE).replace("5001", port)
    unset = ("MLFLOW_TRACKING_URI", "PYTHONPATH", "VIRTUAL_ENV")
    own = Path(sys.prefix, "bin")
    folders = [one for one in os.environ["PATH"].split(os.pathsep) if Path(one) != own]
    done = subprocess.run(
        ["bash", "-c", f"set -em\n{script}"],
        cwd=checkout,
        env={name: value for name, value in os.environ.items() if name not in unset}
        | {"PATH": os.pathsep.join(folders)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    predictions = pd.read_csv(checkout / "predictions.csv")
    assert len(predictions) == len(pd.read_csv(checkout / "new.csv")) == 150
    answer = json.loads(re.search(r'{"predictions": .*}', done.stdout)[0])
    ((*_, best),) = [sorted(row.items(), key=lambda pair: pair[1]) for row in answer["predictions"]]
    row = predictions.iloc[0]
    assert best[0] == str(row["prediction"])
    assert best[1] == pytest.approx(row[f"probability_{best[0]}"], abs=1e-5)


def test_the_grid_of_the_readme_is_valid():
    from pipelines import GridSearch, load_dataset, make_pipeline
    from pipelines.grid import parse_grid

    text, _ = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    search = GridSearch(make_pipeline(load_dataset("iris"), preset="plain"), parse_grid(text))
    assert len(search.candidates()) == 6


def test_the_space_of_the_readme_is_valid():
    from pipelines import OptunaSearch, load_dataset, make_pipeline

    _, text = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    OptunaSearch(make_pipeline(load_dataset("iris"), preset="plain"), text).check()


def test_pictures_and_links_exist():
    targets = re.findall(r"\]\((?!http)([^)#]+)\)", README)
    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_the_table_of_hyperparameters_is_made_from_the_techniques():
    from estimators.documentation import hyperparameter_table
    from estimators.techniques import RECURRENT_TECHNIQUES, TECHNIQUES
    from pipelines.preprocessing import Scaling

    table = hyperparameter_table([*TECHNIQUES, *RECURRENT_TECHNIQUES, Scaling()])
    assert table in README, "paste what `python -m pipelines hyperparameters` prints"
