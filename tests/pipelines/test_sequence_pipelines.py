"""Data sets of sequences on their way through pipeline, searches, records and predictions."""

from __future__ import annotations

import shutil
from importlib import resources

import numpy as np
import pandas as pd
import pytest
import yaml
from mlflow import MlflowClient
from sklearn.base import clone

from estimators import KerasRNNClassifier, KerasRNNRegressor
from pipelines import GridSearch, InputError, OptunaSearch, load_dataset, make_pipeline
from pipelines.grid import default_grid, parse_grid
from pipelines.input_statistics import input_statistics, read_statistics, write_statistics
from pipelines.pipeline import hyperparameter_paths
from pipelines.prediction import predict_file
from pipelines.preset import SEQUENCE_PRESETS, load_preset, load_variants
from pipelines.report import inspect_model, printed_metric
from pipelines.search.baselines import evaluate_baseline
from pipelines.search.space_candidates import SpaceCandidates
from pipelines.space import default_space, parse_space
from pipelines.space.domains import Choice
from pipelines.tracking import load_pipeline, log_pipeline

SMALL = {"hidden_layer_sizes": (4,), "epochs": 2, "random_state": 0}


def long_table(n_sequences=60, *, regression=False):
    """Sequences of 4 to 8 steps; the answer is in the first channel."""
    generator = np.random.default_rng(0)
    tables = []
    for number in range(n_sequences):
        n_steps = int(generator.integers(4, 9))
        x = generator.normal(loc=number % 2, size=n_steps)
        tables.append(
            pd.DataFrame(
                {
                    "id": f"s{number:02d}",
                    "step": np.arange(n_steps),
                    "x": x,
                    "noise": generator.normal(50, 9, n_steps),
                    "y": x.mean() if regression else "ab"[number % 2],
                }
            )
        )
    return pd.concat(tables)


@pytest.fixture(params=["classification", "regression"])
def task(request):
    return request.param


@pytest.fixture
def path(task, tmp_path):
    long_table(regression=task == "regression").to_csv(tmp_path / "long.csv", index=False)
    return tmp_path / "long.csv"


@pytest.fixture
def dataset(path):
    return load_dataset(path, target="y", sequence_id="id", sequence_time="step")


def test_the_pipeline_is_one_of_a_recurrent_network(dataset):
    pipeline = make_pipeline(dataset, **SMALL)
    kind = {"classification": KerasRNNClassifier, "regression": KerasRNNRegressor}[dataset.task]
    assert type(pipeline["model"]) is kind
    assert pipeline["model"].n_steps == 8
    assert pipeline["model"].cell == load_preset("fast", dataset).hyperparameters["cell"]
    inputs = pipeline[:-1].fit_transform(dataset.X)
    sequences = np.asarray(inputs).reshape(len(dataset.X), 8, 2)
    assert np.nanmean(sequences, axis=(0, 1)) == pytest.approx([0, 0], abs=1e-5)
    assert np.nanstd(sequences, axis=(0, 1)) == pytest.approx([1, 1], abs=1e-5)
    np.testing.assert_array_equal(np.isnan(sequences), np.isnan(dataset.sequences))


def test_it_learns(dataset):
    pipeline = make_pipeline(
        dataset, preset="plain", epochs=40, learning_rate=0.009, random_state=0
    )
    assert pipeline.fit(dataset.X, dataset.y).score(dataset.X, dataset.y) > 0.8


@pytest.mark.parametrize("name", SEQUENCE_PRESETS)
def test_each_preset_trains(dataset, name):
    pipeline = make_pipeline(dataset, preset=name, **SMALL)
    values = load_preset(name, dataset).hyperparameters
    paths, params = hyperparameter_paths(pipeline), pipeline.get_params()
    own = {key: value for key, value in values.items() if key not in SMALL | {"scaling": "auto"}}
    assert {key: params[paths[key]] for key in own} == own
    assert len(pipeline.fit(dataset.X, dataset.y).predict(dataset.X[:3])) == 3


def test_every_file_of_presets_is_known():
    folder = resources.files("pipelines").joinpath("presets", "sequences")
    names = {file.name for file in folder.iterdir()}
    assert names == {f"{name}.yaml" for name in (*SEQUENCE_PRESETS, "variants")}


@pytest.mark.parametrize("name", ["realmlp", "tabm"])
def test_presets_of_tables_are_refused(dataset, name):
    with pytest.raises(InputError, match=f"{name} is one for tables, .* plain, fast, strong"):
        make_pipeline(dataset, preset=name)


def test_pixels_are_no_scaling_of_sequences(dataset):
    with pytest.raises(InputError, match="'pixels' is for images, but long is no image"):
        make_pipeline(dataset, scaling="pixels")


def test_the_default_grid_compares_cells_and_breaks_no_rule(dataset):
    grids = parse_grid(default_grid(dataset.task, dataset.kind))
    search = GridSearch(make_pipeline(dataset, preset="plain", random_state=0), grids)
    candidates = search.candidates()
    tried = {candidate.hyperparameters["cell"] for candidate in candidates}
    assert tried == {"simple", "lstm", "gru"}
    assert any("gru, tanh" in candidate.name for candidate in candidates)


def test_the_default_space_is_that_of_the_recurrent_techniques(task):
    space = yaml.safe_load(default_space("sequence", task))
    assert {"cell", "bidirectional", "recurrent_dropout", "layer_norm", "clipping"} <= set(space)
    assert not {"numeric_embedding", "parametrization", "batch_norm"} & set(space)
    assert "batch_norm" not in yaml.safe_dump(space)
    parsed = parse_space("extends: sequence", kind="table", task=task)
    assert set(parsed.names) == set(
        parse_space("extends: default", kind="sequence", task=task).names
    )


def test_the_variants_lie_in_the_space(dataset):
    space = parse_space(default_space("sequence", dataset.task), kind="sequence", task=dataset.task)
    candidates = SpaceCandidates(make_pipeline(dataset, random_state=0), space)
    variants = load_variants("sequence")
    found = [one for one in variants if candidates.suggestions_for(one) is not None]
    assert len(found) >= 7


def test_the_clipping_that_is_drawn_replaces_the_presets(dataset):
    pipeline = make_pipeline(dataset, random_state=0)
    assert pipeline["model"].global_clipnorm == 1.0
    space = parse_space(default_space("sequence", dataset.task), kind="sequence", task=dataset.task)
    candidates = SpaceCandidates(pipeline, space)
    kinds = ("clipnorm", "clipvalue", "global_clipnorm")
    for kind in ("none", *kinds):

        def suggest(key, domain, kind=kind):
            if key == "clipping":
                return kind
            return domain.labels[0] if isinstance(domain, Choice) else domain.low

        params = candidates.candidate(0, space.draw(suggest)).params
        model = clone(pipeline).set_params(**params)["model"]
        assert [name for name in kinds if getattr(model, name)] == [*{kind} & {*kinds}]


def test_a_search_finds_the_space_by_itself(dataset, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pipeline = make_pipeline(dataset, **SMALL)
    space = "extends: default\nhidden_layer_sizes: [[4]]\nepochs: 1\nbatch_size: 32\n"
    space += "clipping: [global_clipnorm]"
    search = OptunaSearch(pipeline, space, n_trials=2, random_state=0)
    search.fit(dataset.X, dataset.y)
    assert {"cell", "recurrent_initializer"} <= set(search.best_params_)


@pytest.mark.parametrize("name", ["linear model", "gradient boosting"])
def test_baselines_take_the_steps_as_columns(dataset, name):
    rows = np.random.default_rng(0).permutation(len(dataset.X))
    metric = "accuracy" if dataset.task == "classification" else "r2"
    result = evaluate_baseline(
        name, dataset, dataset, splits=[(rows[::2], rows[1::2])], metrics=[metric]
    )
    assert result.reason is None
    assert np.isfinite(result.test[metric])


@pytest.fixture
def fitted(dataset):
    pipeline = make_pipeline(
        dataset,
        preset="plain",
        epochs=20,
        learning_rate=0.009,
        hidden_layer_sizes=8,
        random_state=0,
    )
    return pipeline.fit(dataset.X, dataset.y)


def test_importances_are_of_whole_channels(dataset, fitted):
    metric = printed_metric("accuracy" if dataset.task == "classification" else "r2", dataset.y)
    found = inspect_model(fitted, dataset, metric)
    assert [*found.importances] == ["x", "noise"]
    assert found.importances["x"].low > found.importances["noise"].high
    assert found.unit == "channel"


def test_it_comes_back_from_a_store(dataset, fitted, bare_folder, fresh_database):
    shutil.copy(fresh_database, "mlflow.db")
    client = MlflowClient(tracking_uri=f"sqlite:///{bare_folder / 'mlflow.db'}")
    run_id = client.create_run(client.create_experiment("sequences")).info.run_id
    log_pipeline(client, run_id, fitted, dataset.X)
    np.testing.assert_array_equal(
        load_pipeline(run_id).predict(dataset.X), fitted.predict(dataset.X)
    )


def test_sequences_of_a_file_are_predicted(dataset, fitted, path, tmp_path):
    expected = fitted.predict(dataset.X)
    shuffled = pd.read_csv(path).drop(columns="y").sample(frac=1, random_state=0)
    shuffled.to_csv(tmp_path / "new.csv", index=False)
    done = predict_file(
        fitted,
        tmp_path / "new.csv",
        tmp_path / "out.csv",
        statistics=input_statistics(dataset),
        sequence_id="id",
        sequence_time="step",
    )
    predicted = pd.read_csv(tmp_path / "out.csv").set_index("id")["prediction"]
    assert done.n_rows == len(dataset.X)
    assert done.drift.sentence() is None or "shift" not in (done.drift.sentence() or "")
    if dataset.task == "classification":
        assert predicted.loc[dataset.X.index].tolist() == expected.tolist()
    else:
        np.testing.assert_allclose(predicted.loc[dataset.X.index], expected, rtol=1e-5)


def test_steps_are_ordered_as_in_training_though_nothing_is_said(dataset, fitted, path, tmp_path):
    table = pd.read_csv(path).drop(columns="y")
    table.sort_values("step", ascending=False).to_csv(tmp_path / "new.csv", index=False)
    known = read_statistics(write_statistics(input_statistics(dataset)))
    predicted = []
    for how in ({}, {"sequence_time": "step"}):
        output = tmp_path / "out.csv"
        predict_file(
            fitted, tmp_path / "new.csv", output, statistics=known, sequence_id="id", **how
        )
        predicted.append(pd.read_csv(output))
    pd.testing.assert_frame_equal(*predicted)
    table.drop(columns="step").to_csv(tmp_path / "new.csv", index=False)
    with pytest.raises(InputError, match="has no column 'step' to order steps by"):
        predict_file(fitted, tmp_path / "new.csv", output, statistics=known, sequence_id="id")


@pytest.mark.parametrize("suffix", [".ts", ".npy", ".npz"])
def test_shorter_sequences_of_other_files_are_predicted(dataset, fitted, tmp_path, suffix):
    new = dataset.sequences[:2, :4]  # every sequence has four steps
    path = tmp_path / f"new{suffix}"
    if suffix == ".ts":
        lines = [":".join(",".join(map(str, channel)) for channel in one.T) for one in new]
        path.write_text("@classLabel false\n@data\n" + "\n".join(lines))
    elif suffix == ".npy":
        np.save(path, new)
    else:
        np.savez(path, anything=new)
    predict_file(fitted, path, tmp_path / "out.csv")
    padded = dataset.X.iloc[:2].copy()
    padded.iloc[:, 8:] = np.nan
    predicted = pd.read_csv(tmp_path / "out.csv")["prediction"]
    if dataset.task == "classification":
        assert predicted.tolist() == fitted.predict(padded).tolist()
    else:
        np.testing.assert_allclose(predicted, fitted.predict(padded), rtol=1e-5)


def test_sequences_that_do_not_fit_are_refused(fitted, tmp_path):
    np.save(tmp_path / "new.npy", np.zeros((1, 9, 2)))
    with pytest.raises(
        InputError, match=r"up to 9 steps of 2 channels, but .* at most 8 steps of 2"
    ):
        predict_file(fitted, tmp_path / "new.npy", tmp_path / "out.csv")
    with pytest.raises(InputError, match="no columns to keep"):
        predict_file(fitted, tmp_path / "new.npy", tmp_path / "out.csv", keep=["id"])


def test_a_table_of_steps_needs_to_say_whose_they_are(fitted, path, tmp_path):
    with pytest.raises(
        InputError, match=r"to which sequence a row belongs; name that column in sequ"
    ):
        predict_file(fitted, path, tmp_path / "out.csv")


def test_an_identifier_has_another_name_than_predictions(fitted, path, tmp_path):
    pd.read_csv(path).rename(columns={"id": "prediction"}).to_csv(tmp_path / "new.csv", index=False)
    with pytest.raises(InputError, match="have a column 'prediction' of their own beside that of"):
        predict_file(fitted, tmp_path / "new.csv", tmp_path / "out.csv", sequence_id="prediction")


def test_a_model_of_rows_takes_no_sequences(tmp_path):
    iris = load_dataset("iris")
    pipeline = make_pipeline(iris, preset="plain", **SMALL).fit(iris.X, iris.y)
    np.save(tmp_path / "new.npy", np.zeros((1, 9, 2)))
    with pytest.raises(InputError, match="the model was trained on single rows"):
        predict_file(pipeline, tmp_path / "new.npy", tmp_path / "out.csv")
