"""Remedies are kept where they are shown to help, and only there."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pipelines import make_pipeline
from pipelines.data import Dataset
from pipelines.repair import Trial, repair
from pipelines.statistics import compare


@pytest.fixture(scope="module")
def dataset():
    random = np.random.default_rng(0)
    X = pd.DataFrame(random.normal(size=(240, 3)), columns=["a", "b", "c"])
    y = X["a"] - X["b"] + 0.1 * random.normal(size=240)
    return Dataset("made up", X, y.rename("y"), "regression", "table", "here")


def repaired(dataset, **params):
    small = {"hidden_layer_sizes": (8,), "epochs": 15, "learning_rate": 0.01, "random_state": 0}
    pipeline = make_pipeline(dataset, preset="plain", **{**small, **params})
    X, y = dataset.X, dataset.y
    rows = X[:160], y[:160], X[160:], y[160:]
    return repair(pipeline, *rows, metric="r2", n_seeds=3)


def test_a_remedy_that_helps_is_kept(dataset):
    done = repaired(dataset, learning_rate=1e-6)
    assert done.kept["learning_rate"] > 1e-5
    assert done.pipeline["model"].learning_rate == done.kept["learning_rate"]
    assert done.trials[0].cause == "learning rate too low"
    kept = [trial for trial in done.trials if trial.is_kept]
    assert all(trial.comparison.p_adjusted < 0.05 for trial in kept)
    assert all((trial.after > trial.before).all() for trial in kept)
    assert "kept." in kept[-1].sentence
    assert not hasattr(done.pipeline["model"], "model_")


def test_of_a_healthy_one_nothing_is_tried(dataset):
    done = repaired(dataset, epochs=40)
    assert (done.trials, done.kept, done.findings) == ((), {}, ())


@pytest.mark.filterwarnings("ignore::estimators.RuleWarning")
def test_what_is_not_shown_to_help_is_not_kept(dataset):
    noise = pd.Series(np.random.default_rng(1).normal(size=240), name="y")
    done = repaired(
        Dataset("noise", dataset.X, noise, "regression", "table", "here"),
        kernel_initializer="ones",
        epochs=2,
    )
    assert [trial.cause for trial in done.trials] == ["symmetric units"]
    assert done.kept == {}
    assert done.pipeline["model"].kernel_initializer == "ones"
    assert [finding.cause for finding in done.findings] == ["symmetric units"]
    assert "not kept" in done.trials[0].sentence


def test_a_trial_names_the_metric():
    before, after = np.array([-3.0, -2.0, -2.5]), np.array([-1.0, -0.5, -0.9])
    comparison = compare({"it": after}, before, greater_is_better=True)["it"]
    metric = "neg_root_mean_squared_error"
    trial = Trial("dead units", {"activation": "elu"}, metric, before, after, comparison, True)
    assert trial.sentence.startswith(
        "Against dead units: activation='elu': validation neg_root_mean_squared_error -2.5000 to "
        "-0.8000 over 3 seeds, p = "
    )


def test_one_that_diverges_counts_as_a_constant(dataset):
    done = repaired(dataset, optimizer="sgd", learning_rate=1e5)
    assert done.trials[0].before == pytest.approx(done.trials[0].before[0])
    assert abs(done.trials[0].before[0]) < 0.2


def test_the_pipeline_scales_what_is_not_scaled(dataset):
    raw = Dataset("raw", 1000 * dataset.X, dataset.y, "regression", "table", "here")
    with pytest.warns(UserWarning, match="input of one scale"):
        make_pipeline(raw, preset="plain", scaling=None, epochs=1).fit(raw.X, raw.y)
    done = repaired(raw, scaling=None, epochs=30)
    assert done.trials[0].remedy == {"scaling": "standard"}
    assert done.trials[0].cause == "input not scaled"


def test_two_seeds_are_too_few(dataset):
    X, y = dataset.X, dataset.y
    pipeline = make_pipeline(dataset, preset="plain")
    with pytest.raises(ValueError, match="takes 3 or more"):
        repair(pipeline, X, y, X, y, metric="r2", n_seeds=2)
