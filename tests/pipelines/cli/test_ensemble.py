from __future__ import annotations

import re

import pytest

from pipelines.tracking import load_pipeline

GRID = """\
fixed: {hidden_layer_sizes: [[8]], epochs: [3]}
grids:
  - activation: [relu, silu]
"""


@pytest.mark.slow
def test_it_is_kept_beside_the_winner(bare_folder, run_command):
    (bare_folder / "grid.yaml").write_text(GRID)
    options = {"dataset": "iris", "grid": "grid.yaml", "presets": "", "ensemble": "3"}
    arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
    code, out, err = run_command("grid", *arguments, "--baselines", "none")
    assert code == 0, err
    told = " ".join(out.split())
    assert re.search(r"The mean of 3 networks of (the best 2 configurations|the winner's)", told)
    address = re.search(r"The ensemble is kept too, as (models:/\S+?)\.\s", out).group(1)
    run_id = re.search(r"Recorded as run (\w+)", out).group(1)
    assert load_pipeline(address)[-1].n_members == 3
    assert load_pipeline(f"runs:/{run_id}/iris-ensemble")[-1].n_members == 3
    assert load_pipeline(f"runs:/{run_id}/iris")[-1].n_members == 1
    assert load_pipeline(run_id)[-1].n_members == 1


@pytest.mark.slow
def test_it_is_registered_where_it_is_shown_to_be_better(bare_folder, run_command):
    (bare_folder / "grid.yaml").write_text(
        "fixed: {hidden_layer_sizes: [[4]], epochs: [10], learning_rate: [0.01]}\n"
        "grids: [{activation: [relu]}]\n"
    )
    options = {"dataset": "digits", "grid": "grid.yaml", "presets": "", "ensemble": "8"}
    arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
    code, out, err = run_command("grid", *arguments, "--baselines", "none", "--register", "true")
    assert code == 0, err
    assert "The ensemble is shown to be better" in " ".join(out.split()), out
    assert load_pipeline("digits@champion")[-1].n_members == 8
