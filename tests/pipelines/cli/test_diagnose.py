"""The command ``diagnose``."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from pipelines import InputError
from pipelines.cli.diagnose import diagnose


@pytest.fixture
def grid(tmp_path):
    """A function that writes a grid file."""

    def write(text):
        path = tmp_path / "grid.yaml"
        path.write_text(text, "utf-8")
        return str(path)

    return write


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("epochs: [1, 2]", [], "has 2 configurations, but a diagnosis is of one"),
        ("epoch: 1", [], "names 'epoch', which is no hyperparameter (did you mean 'epochs'?)"),
        ("epochs: 0", [], "The grid has an impossible value"),
        ("preset: fasst", [], "There is no preset 'fasst'"),
        ("epochs: 1", ["--run=abc"], "give one of the two"),
        ("epochs: 1", ["--output=a.pdf"], "The format of a.pdf cannot be told"),
    ],
)
def test_what_is_wrong_is_said(grid, text, options, message):
    given = ["--dataset=iris", f"--grid={grid(text)}", *options]
    error = CliRunner().invoke(diagnose, given).exception
    assert isinstance(error, InputError)
    assert message in str(error)


def test_findings_are_printed_and_written(grid, tmp_path):
    path = grid("{activation: sigmoid, hidden_layer_sizes: [[16, 16, 16, 16, 16, 16]], epochs: 3}")
    page = tmp_path / "pages" / "it.html"
    done = CliRunner().invoke(
        diagnose,
        ["--dataset=diabetes", f"--grid={path}", f"--output={page}"],
        catch_exceptions=False,
    )
    assert done.exit_code == 0
    assert "- Vanishing gradients: before training" in done.output
    assert f"Also written to {page}." in done.output
    text = page.read_text("utf-8")
    assert "<strong>Vanishing gradients</strong>" in text
    assert "<dt>activation</dt><dd>sigmoid</dd>" in text


def test_a_grid_may_name_the_preset(grid, tmp_path):
    path = grid("{preset: fast, epochs: 1, n_members: 1, hidden_layer_sizes: [[4]]}")
    page = tmp_path / "it.html"
    given = ["--dataset=iris", f"--grid={path}", f"--output={page}"]
    done = CliRunner().invoke(diagnose, given, catch_exceptions=False)
    assert done.exit_code == 0
    assert "<dt>preset</dt><dd>fast</dd>" in page.read_text("utf-8")


@pytest.mark.parametrize("dataset", ["iris", "wine"])
def test_a_run_is_diagnosed_on_its_own_data_set(monkeypatch, tmp_path, dataset):
    read = {"epochs": 1}, {"dataset": "wine", "preset": "plain", "scaling": "robust"}
    monkeypatch.setattr("pipelines.tracking.read_configuration", lambda run: read)
    page = tmp_path / "it.html"
    given = [f"--dataset={dataset}", "--run=0123", f"--output={page}"]
    done = CliRunner().invoke(diagnose, given)
    if dataset == "wine":
        assert done.exit_code == 0
        assert "<dt>scaling</dt><dd>robust</dd>" in page.read_text("utf-8")
    else:
        assert str(done.exception).startswith(
            "The run '0123' is one of the data set wine, but it would be diagnosed on iris: name"
        )


@pytest.mark.filterwarnings("ignore::estimators.RuleWarning")
def test_repair_on_request(grid, tmp_path):
    path = grid("{kernel_initializer: ones, epochs: 3, hidden_layer_sizes: 8}")
    page = tmp_path / "it.html"
    options = ["--repair=true", "--seeds=3", f"--output={page}"]
    done = CliRunner().invoke(
        diagnose, ["--dataset=diabetes", f"--grid={path}", *options], catch_exceptions=False
    )
    assert "- Against symmetric units: kernel_initializer='auto'" in done.output
    assert "What was tried" in page.read_text("utf-8")
