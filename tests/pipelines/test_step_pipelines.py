"""Targets in each step of sequences on their way through pipeline, search, page and predictions."""

from __future__ import annotations

import shutil
from dataclasses import replace

import mlflow.pyfunc
import numpy as np
import pandas as pd
import pytest
from mlflow import MlflowClient

from pipelines import GridSearch, InputError, load_dataset, make_pipeline
from pipelines.challenge import challenge
from pipelines.model_card import model_card
from pipelines.prediction import predict_file
from pipelines.report import inspect_model, printed_metric
from pipelines.search import check_metrics, score
from pipelines.tracking import load_pipeline, log_pipeline
from pipelines.tracking.dataset import dataset_input, describe_dataset

pytestmark = pytest.mark.filterwarnings("ignore:.*differs within:UserWarning")

KEYS = {"target": "y", "sequence_id": "id", "sequence_time": "step"}
METRICS = {"classification": "accuracy", "regression": "r2"}


@pytest.fixture(scope="module", params=[*METRICS])
def task(request):
    return request.param


@pytest.fixture(scope="module")
def path(task, tmp_path_factory):
    """Sequences of 4 to 8 steps; the answer in each is the sum of a channel so far, or its sign."""
    generator = np.random.default_rng(0)
    tables = []
    for number in range(40):
        x = generator.normal(size=int(generator.integers(4, 9)))
        y = np.cumsum(x)
        table = {"id": f"s{number:02d}", "step": np.arange(len(x)), "x": x}
        table["noise"] = generator.normal(50, 9, len(x))
        table["y"] = np.where(y > 0, "up", "down") if task == "classification" else y
        tables.append(pd.DataFrame(table))
    shuffled = pd.concat(tables).sample(frac=1, random_state=0)
    file = tmp_path_factory.mktemp("steps") / "long.csv"
    shuffled.to_csv(file, index=False)
    return file


@pytest.fixture(scope="module")
def dataset(path):
    return load_dataset(path, **KEYS)


@pytest.fixture(scope="module")
def metric(task, dataset):
    return printed_metric(METRICS[task], dataset.targets)


def small(dataset, **params):
    values = {"hidden_layer_sizes": 8, "cell": "gru", "learning_rate": 0.02, "batch_size": 8}
    values |= {"global_clipnorm": 1.0, "random_state": 0}
    return make_pipeline(dataset, preset="plain", **{**values, **params})


@pytest.fixture(scope="module")
def fitted(dataset):
    return small(dataset, epochs=30).fit(dataset.X, dataset.y)


def test_the_network_answers_in_each_step(dataset, fitted, metric):
    assert fitted["model"].return_sequences
    assert fitted.predict(dataset.X).shape == dataset.y.shape == (40, 8)
    found = score(fitted, dataset.X, dataset.y, [metric.scorer])[metric.scorer]
    assert found == pytest.approx(fitted.score(dataset.X, dataset.y))
    assert found > 0.85


def test_what_stands_in_padding_changes_nothing(dataset, metric):
    """Neither the folds' scores nor the curves of the validation rows."""
    search = GridSearch(
        small(dataset, epochs=2), {"cell": ["simple"]}, scoring=metric.scorer, cv=2, refit=False
    )
    n_real = dataset.X.notna().to_numpy().reshape(40, 8, 2)[:, :, 0].sum(axis=1)
    other = dataset.y.copy()
    for row, n in enumerate(n_real):
        other.iloc[row, n:] = dataset.y.iloc[0, 0]
    assert not other.equals(dataset.y)
    one = search.fit(dataset.X, dataset.y).evaluations_[0]
    two = search.fit(dataset.X, other).evaluations_[0]
    assert (
        one.scores(metric.scorer, "validation").tolist()
        == two.scores(metric.scorer, "validation").tolist()
    )
    assert one.curves == two.curves


def test_a_class_that_a_fold_lacks_is_refused(dataset, task):
    if task == "regression":
        pytest.skip("there are no classes")
    y = dataset.y.copy()
    y.iloc[0, 0] = "once"
    search = GridSearch(small(dataset, epochs=1), {"cell": ["simple"]}, scoring="accuracy", cv=2)
    with pytest.raises(InputError, match="validates the class 'once', of which its training rows"):
        search.fit(dataset.X, y)


def test_metrics_are_checked_against_all_targets(dataset, task):
    wrong = {"classification": "r2", "regression": "accuracy"}[task]
    assert check_metrics([METRICS[task]], task, dataset.targets) == (METRICS[task],)
    with pytest.raises(InputError, match=f"The metric '{wrong}' does not suit this target"):
        check_metrics([wrong], task, dataset.targets)


def test_the_page_sees_each_real_step_once(dataset, fitted, metric, task):
    y = dataset.y.copy()
    y.iloc[3, 2] = {"up": "down", "down": "up"}[y.iloc[3, 2]] if task == "classification" else 99.0
    dataset = replace(dataset, y=y)
    found = inspect_model(fitted, dataset, metric)
    n_steps = len(dataset.targets)
    assert (found.answered, found.n_sequences, found.target) == ("step", 40, "y")
    assert len(found.actual) == len(found.predicted) == n_steps
    assert found.actual.tolist() == dataset.targets.tolist()
    assert [*found.importances] == ["x", "noise"]
    assert found.importances["x"].low > found.importances["noise"].high
    assert found.why_no_importances == ""
    worst = found.wrong[0]
    x, noise = dataset.sequences[3, 2]
    assert worst.label == f"{dataset.X.index[3]}, step 2"
    assert worst.values == {"x": f"{x:.4g}", "noise": f"{noise:.4g}"}
    if task == "classification":
        assert found.confusion.sum() == n_steps
        assert worst.actual == y.iloc[3, 2] != worst.predicted
    else:
        assert np.isfinite(found.predicted).all()
        assert worst.actual == "99"


def test_whole_sequences_are_drawn_in_a_challenge(dataset, fitted, metric):
    poor = small(dataset, epochs=1).fit(dataset.X, dataset.y)
    one = challenge(fitted, poor, dataset.X, dataset.y, metric.scorer)
    assert one.shown_better
    assert one.challenger == pytest.approx(fitted.score(dataset.X, dataset.y))
    groups = pd.Series(np.arange(40), index=dataset.X.index)
    assert challenge(fitted, poor, dataset.X, dataset.y, metric.scorer, groups=groups) == one


def test_the_card_counts_steps(dataset, fitted, metric, task):
    card = model_card(
        fitted, dataset, dataset, metrics=[metric.scorer], test_scores={}, hyperparameters={}
    )
    what = {"classification": "class", "regression": "value"}[task]
    assert f"Predicts the {what} in each step of `y` from 2 channels of sequences" in card
    if task == "classification":
        assert "steps" in card.partition("By class")[2].partition("\n\n\n")[0]


def test_the_record_counts_targets(dataset):
    recorded = dataset_input(describe_dataset(dataset, "test")).dataset
    assert recorded.digest == dataset.digest
    assert f'"num_elements": {40 * (16 + 8)}' in recorded.profile
    assert '"y_7"' in recorded.schema


def test_it_comes_back_from_a_store(
    dataset, fitted, task, bare_folder, fresh_database, monkeypatch
):
    shutil.copy(fresh_database, "mlflow.db")
    uri = f"sqlite:///{bare_folder / 'mlflow.db'}"
    client = MlflowClient(tracking_uri=uri)
    run_id = client.create_run(client.create_experiment("steps")).info.run_id
    address = log_pipeline(client, run_id, fitted, dataset.X)
    expected = fitted.predict(dataset.X)
    np.testing.assert_array_equal(load_pipeline(run_id).predict(dataset.X), expected)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    loaded = mlflow.pyfunc.load_model(address)
    np.testing.assert_array_equal(loaded.predict(dataset.X), expected)
    if task == "classification":
        probabilities = loaded.predict(dataset.X, params={"predict_method": "predict_proba"})
        assert probabilities.shape == (40, 8, 2)


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_row_of_predictions_for_each_step_of_a_file(dataset, fitted, path, tmp_path, suffix):
    new = pd.read_csv(path).drop(columns="y").assign(mark=lambda table: np.arange(len(table)))
    new.to_csv(tmp_path / "new.csv", index=False)
    output = tmp_path / f"out{suffix}"
    done = predict_file(
        fitted,
        tmp_path / "new.csv",
        output,
        keep=["mark", "step"],
        sequence_id="id",
        sequence_time="step",
    )
    found = pd.read_csv(output) if suffix == ".csv" else pd.read_parquet(output)
    assert done.n_rows == len(found) == len(dataset.targets)
    assert found.columns[:4].tolist() == ["id", "step", "mark", "prediction"]
    assert found["mark"].tolist() == new["mark"].tolist()  # in the order of the file
    rows = dataset.X.index.get_indexer(found["id"])
    expected = fitted.predict(dataset.X)[rows, found["step"]]
    if dataset.task == "classification":
        assert found["prediction"].tolist() == expected.tolist()
        probabilities = fitted.predict_proba(dataset.X)[rows, found["step"]]
        columns = ["probability_down", "probability_up"]
        np.testing.assert_allclose(found[columns], probabilities, rtol=1e-5)
    else:
        np.testing.assert_allclose(found["prediction"], expected, rtol=1e-4, atol=1e-5)
        assert found.columns.tolist()[4:] == []


def test_a_step_without_values_has_a_row_and_no_prediction(fitted, tmp_path):
    rows = [("a", 0, 1.0, 50.0), ("a", 1, 2.0, 51.0), ("a", 2, None, None), ("b", 0, 1.0, 50.0)]
    new = pd.DataFrame(rows, columns=["id", "step", "x", "noise"])
    new.to_csv(tmp_path / "new.csv", index=False)
    how = {"sequence_id": "id", "sequence_time": "step"}
    predict_file(fitted, tmp_path / "new.csv", tmp_path / "out.csv", **how)
    found = pd.read_csv(tmp_path / "out.csv")
    assert found["prediction"].isna().tolist() == [False, False, True, False]
    assert found["prediction"][0] == found["prediction"][3]
    with pytest.raises(InputError, match=r"no column 'nois' to keep \(did you mean 'noise'\?\)"):
        predict_file(fitted, tmp_path / "new.csv", tmp_path / "out.csv", keep=["nois"], **how)


def test_steps_of_an_array_are_numbered(dataset, fitted, tmp_path):
    sequences = dataset.sequences[:2, :4].astype("float64")
    sequences[1, 3] = np.nan
    np.save(tmp_path / "new.npy", sequences)
    predict_file(fitted, tmp_path / "new.npy", tmp_path / "out.csv")
    found = pd.read_csv(tmp_path / "out.csv")
    assert found["sequence"].tolist() == [0, 0, 0, 0, 1, 1, 1]
    assert found["step"].tolist() == [0, 1, 2, 3, 0, 1, 2]
    with pytest.raises(InputError, match="no columns to keep"):
        predict_file(fitted, tmp_path / "new.npy", tmp_path / "out.csv", keep=["id"])


def test_steps_are_those_of_the_target_not_of_other_data(dataset):
    """A data set of one answer a sequence has a network of one answer."""
    whole = replace(dataset, y=dataset.y[0].rename("y"))
    assert not make_pipeline(whole)["model"].return_sequences
    assert make_pipeline(dataset)["model"].return_sequences
