"""The examples of README run as printed."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
EXAMPLES = [
    code for code in re.findall(r"```python\n(.*?)```", README, re.DOTALL) if "<run id>" not in code
]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "printed"),
    zip(
        EXAMPLES,
        ["0.9", "activation", "activation", "cell", "20 of 30 inputs by name", "activation"],
        strict=True,
    ),
    ids=["preset", "GridSearchCV", "GridSearch", "sequences", "transfer", "OptunaSearch"],
)
def test_examples_run_as_printed(code, printed, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert printed in done.stdout


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
