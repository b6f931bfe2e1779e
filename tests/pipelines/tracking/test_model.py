"""A fitted pipeline on its way into a store and back."""

import json
import math
import os
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import skops.io
from mlflow.models import Model
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from sklearn.base import clone
from sklearn.dummy import DummyClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from estimators.source_network import source_of
from pipelines import make_pipeline
from pipelines.data import Dataset
from pipelines.data.sequences import flat_table
from pipelines.errors import InputError
from pipelines.input_statistics import input_statistics
from pipelines.preprocessing import DateParts, RobustClipScaler
from pipelines.tracker import Measured
from pipelines.tracking import MLflowTracker, load_model, load_pipeline, log_pipeline
from pipelines.tracking.pipeline_file import TRUSTED_TYPES, dump_pipeline, read_pipeline


@pytest.fixture(params=["classifier", "regressor"])
def fitted(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def run_id(client):
    return client.create_run(client.create_experiment("houses")).info.run_id


def files_of(client, model):
    """The model's folder."""
    return Path(client.get_logged_model(model.removeprefix("models:/")).artifact_location)


def test_the_pipeline_comes_back_from_its_run(client, run_id, fitted):
    dataset, pipeline = fitted
    model = log_pipeline(client, run_id, pipeline, dataset.X)
    expected = pipeline.predict(dataset.X)
    for address in (run_id, model):
        again = load_pipeline(address)
        assert isinstance(again, Pipeline)
        np.testing.assert_array_equal(again.predict(dataset.X), expected)


def test_each_address_of_a_model(client, run_id, classifier):
    dataset, pipeline = classifier
    statistics = input_statistics(dataset)
    address = log_pipeline(client, run_id, pipeline, dataset.X, statistics)
    client.create_registered_model("houses")
    version = client.create_model_version("houses", address, run_id)
    client.set_registered_model_alias("houses", "champion", version.version)
    folder = str(files_of(client, address))
    runs = [run_id, f"runs:/{run_id}/model", f"runs:/{run_id}"]
    registered = ["houses@champion", "models:/houses@champion", "houses/1", "models:/houses/1"]
    for model in [*runs, *registered, folder, f"{folder}/artifacts"]:
        loaded = load_model(model)
        np.testing.assert_array_equal(
            loaded.pipeline.predict(dataset.X), pipeline.predict(dataset.X)
        )
        assert loaded.statistics == statistics


def test_a_model_without_statistics(client, run_id, classifier):
    dataset, pipeline = classifier
    assert load_model(log_pipeline(client, run_id, pipeline, dataset.X)).statistics is None


def test_a_folder_without_a_model(tmp_path):
    with pytest.raises(InputError, match=f"There is no model in the folder {tmp_path}; give the"):
        load_model(str(tmp_path))


def test_a_run_or_model_that_is_not_there_is_one_sentence(client, run_id):
    for unknown in ("0123", "models:/m-0123", "runs:/0123/model", "houses@champion", "houses/3"):
        with pytest.raises(InputError, match=f"There is no run or model '{unknown}' at sqlite"):
            load_pipeline(unknown)
    with pytest.raises(InputError, match=f"The run '{run_id}' has no model"):
        load_pipeline(run_id)


def test_the_tracker_gives_the_model_to_the_parent_run(client, classifier, recwarn, capfd):
    dataset, pipeline = classifier
    with MLflowTracker(experiment="houses") as tracker:
        tracker.log_model(pipeline, dataset.X)
        model = tracker.kept_model()
    (output,) = client.get_run(tracker.run_id).outputs.model_outputs
    logged = client.get_logged_model(output.model_id)
    assert model == f"models:/{output.model_id}"
    assert (logged.name, logged.status, logged.model_type) == ("model", "READY", "classifier")
    assert logged.source_run_id == tracker.run_id
    ours = [w for w in recwarn if not issubclass(w.category, DeprecationWarning)]
    assert [str(warning.message) for warning in ours] == []
    assert capfd.readouterr() == ("", "")


def test_a_model_has_its_own_name_parameters_and_scores_by_data_set(client, classifier):
    dataset, pipeline = classifier
    development, test = dataset.split()
    with MLflowTracker(experiment="houses") as tracker:
        for part in (development, test):
            tracker.log_dataset(part)
        tracker.log_model(
            pipeline,
            dataset.X,
            name="houses: 2024/25",
            hyperparameters={"activation": "selu", "dropout": None},
            measured=[
                Measured(development.name, development.digest, {"validation_accuracy": 0.7}),
                Measured(test.name, test.digest, {"test_accuracy": 0.75, "test_r2": math.nan}),
            ],
        )
    (output,) = client.get_run(tracker.run_id).outputs.model_outputs
    logged = client.get_logged_model(output.model_id)
    assert logged.name == "houses- 2024-25"
    assert logged.params == {"activation": "selu", "dropout": "none"}
    assert {(one.key, one.value, one.dataset_digest) for one in logged.metrics} == {
        ("validation_accuracy", 0.7, development.digest),
        ("test_accuracy", 0.75, test.digest),
    }
    assert load_pipeline(f"runs:/{tracker.run_id}/houses- 2024-25").steps[0][0] == "preprocessing"


def test_the_signature_names_the_columns_and_an_example_shows_them(client, run_id, classifier):
    dataset, pipeline = classifier
    folder = files_of(client, log_pipeline(client, run_id, pipeline, dataset.X))
    model = Model.load(folder)
    assert [str(column) for column in model.signature.inputs] == [
        "'length': double (required)",
        "'rooms': Any (required)",
        "'town': string (required)",
        "'garden': Any (required)",
    ]
    assert model.signature.params.to_dict()[0]["name"] == "predict_method"
    example = json.loads((folder / "input_example.json").read_text())
    assert example["columns"] == list(dataset.X.columns)
    assert len(example["data"]) == 5
    assert all(value is not None for row in example["data"] for value in row)


def test_the_requirements_are_pinned_to_what_is_installed(client, run_id, classifier):
    dataset, pipeline = classifier
    folder = files_of(client, log_pipeline(client, run_id, pipeline, dataset.X))
    lines = (folder / "requirements.txt").read_text().split()
    assert f"tensorflow=={metadata.version('tensorflow')}" in lines
    assert all("==" in line for line in lines)


def test_no_file_of_the_model_is_a_pickle(client, run_id, fitted):
    dataset, pipeline = fitted
    folder = files_of(client, log_pipeline(client, run_id, pipeline, dataset.X))
    files = [path for path in folder.rglob("*") if path.is_file()]
    contents = {path.name: path.read_bytes() for path in files}
    with zipfile.ZipFile(folder / "artifacts" / "pipeline.skops") as archive:
        contents.update({name: archive.read(name) for name in archive.namelist()})
    # Every pickle since protocol 2 begins with this byte.
    assert [name for name, content in contents.items() if content.startswith(b"\x80")] == []
    assert [name for name in contents if Path(name).suffix in (".pkl", ".pickle")] == []


def test_every_trusted_type_is_needed(tmp_path, classifier, regressor):
    asked = set()
    dates = DateParts({"when": "ISO8601"}).fit(pd.DataFrame({"when": ["2024-01-01"]}))
    clipped = RobustClipScaler().fit([[0.0], [1.0]])
    parts = Pipeline([("parts", dates), ("clip", clipped)])
    pipelines = [classifier[1], regressor[1], parts, *_recurrent()]
    for number, pipeline in enumerate(pipelines):
        path = tmp_path / f"{number}.skops"
        dump_pipeline(pipeline, path)
        asked.update(skops.io.get_untrusted_types(file=path))
    assert asked == set(TRUSTED_TYPES)


def _recurrent():
    """Fitted pipelines of sequences."""
    X = np.random.default_rng(0).normal(size=(12, 4, 1))
    table, labels = flat_table(X, ["a"]), pd.Series(list("ab") * 6)
    common = {"X": table, "kind": "sequence", "source": "", "channels": ("a",)}
    for task, y in (("classification", labels), ("regression", table["a_0"])):
        dataset = Dataset(name="some", y=y, task=task, **common)
        pipeline = make_pipeline(dataset, preset="plain", epochs=1, hidden_layer_sizes=2)
        yield pipeline.fit(dataset.X, dataset.y)
        by_step = clone(pipeline).set_params(model__return_sequences=True)
        yield by_step.fit(dataset.X, X[:, :, 0] if task == "regression" else X[:, :, 0] > 0)


def test_a_pipeline_with_a_function_in_it_is_refused(tmp_path):
    pipeline = Pipeline([("call", FunctionTransformer(os.getenv))])
    with pytest.raises(TypeError, match=r"objects of .*getenv.* cannot be stored"):
        dump_pipeline(pipeline, tmp_path / "pipeline.skops")


def test_a_file_with_a_function_in_it_is_not_read(tmp_path):
    path = tmp_path / "pipeline.skops"
    skops.io.dump(Pipeline([("call", FunctionTransformer(os.getenv))]), path)
    with pytest.raises(Exception, match="Untrusted types"):
        read_pipeline(path)


def test_a_model_that_cannot_be_stored_is_a_warning(client, classifier):
    dataset, _ = classifier
    pipeline = Pipeline([("call", FunctionTransformer(os.getenv))])
    tracker = MLflowTracker(experiment="houses").__enter__()
    tracker.log_model(pipeline, dataset.X)
    assert tracker.kept_model() is None
    with pytest.warns(RuntimeWarning, match=r"incomplete: the model is missing \(.*getenv"):
        tracker.__exit__(None, None, None)
    assert client.get_run(tracker.run_id).info.status == "FINISHED"


def test_a_model_that_was_begun_in_vain_is_marked_failed(client, run_id, classifier, monkeypatch):
    dataset, pipeline = classifier

    def refuse(*args, **kwargs):
        raise OSError("the disk is full")

    monkeypatch.setattr("mlflow.MlflowClient.log_model_artifacts", refuse)
    with pytest.raises(OSError, match="the disk is full"):
        log_pipeline(client, run_id, pipeline, dataset.X)
    (logged,) = client.search_logged_models([client.get_run(run_id).info.experiment_id])
    assert logged.status == "FAILED"


def test_columns_of_every_kind_have_a_type(client, run_id):
    columns = {
        "uint8": (pd.Series([1, 2], dtype="uint8"), "Any"),
        "Int64": (pd.Series([1, None], dtype="Int64"), "Any"),
        "float": (pd.Series([1.5, None]), "double"),
        "text": (pd.Series(["a", None]), "string"),
        "Float32": (pd.Series([1.5, None], dtype="Float32"), "double"),
        "boolean": (pd.Series([True, None], dtype="boolean"), "Any"),
        "bool": (pd.Series([True, False]), "Any"),
    }
    X = pd.DataFrame({name: column for name, (column, _) in columns.items()})
    pipeline = Pipeline([("model", DummyClassifier())]).fit(X, [0, 1])
    folder = files_of(client, log_pipeline(client, run_id, pipeline, X))
    found = {column.name: column.type for column in Model.load(folder).signature.inputs}
    kinds = {name: getattr(type_, "name", repr(type_)) for name, type_ in found.items()}
    assert kinds == {name: kind for name, (_, kind) in columns.items()}


def with_dependencies(requirements):
    """Names of the packages that pip would install for some requirements."""
    names, todo = set(), list(requirements)
    while todo:
        requirement = Requirement(todo.pop())
        name = canonicalize_name(requirement.name)
        wanted = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        if wanted and name not in names:
            names.add(name)
            todo.extend(metadata.requires(name) or ())
    return names


FRESH_PROCESS = """
import ast, json, sys
from pathlib import Path

import mlflow
import pandas as pd

answers = {}
for run_id, rows, method in json.loads(sys.stdin.read()):
    model = mlflow.pyfunc.load_model(f"runs:/{run_id}/model")
    predictions = model.predict(pd.read_json(rows), params={"predict_method": method})
    answers[f"{run_id} {method}"] = pd.DataFrame(predictions).values.tolist()

imported = set()
for module in list(sys.modules.values()):
    if module.__name__.split(".")[0] in ("estimators", "pipelines"):
        for node in ast.parse(Path(module.__file__).read_text()).body:
            if isinstance(node, ast.Import):
                imported.update(name.name.split(".")[0] for name in node.names)
            elif isinstance(node, ast.ImportFrom):
                imported.add(node.module.split(".")[0])
code = sys.modules["pipelines"].__file__
answers = {"predictions": answers, "imported": sorted(imported), "code": code}
print("ANSWERS", json.dumps(answers))
"""


@pytest.mark.slow
def test_models_load_in_a_fresh_process_in_another_folder(client, classifier, regressor, tmp_path):
    experiment_id = client.create_experiment("houses")
    asked, expected = [], {}
    rows = tmp_path / "rows.json"
    for (dataset, pipeline), methods in (
        (classifier, ("predict", "predict_proba")),
        (regressor, ("predict",)),
    ):
        run_id = client.create_run(experiment_id).info.run_id
        model = log_pipeline(client, run_id, pipeline, dataset.X)
        dataset.X.to_json(rows, double_precision=15)
        for method in methods:
            asked.append((run_id, str(rows), method))
            predictions = getattr(pipeline, method)(pd.read_json(rows))
            expected[f"{run_id} {method}"] = pd.DataFrame(predictions).values.tolist()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-W", "error::UserWarning:mlflow.pyfunc", "-c", FRESH_PROCESS],
        cwd=elsewhere,
        env={
            **variables,
            "MLFLOW_TRACKING_URI": client.tracking_uri,
            "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false",
        },
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout.split("ANSWERS", 1)[1])
    assert answers["predictions"] == expected
    assert Path(sys.modules["pipelines"].__file__) != Path(answers["code"])

    requirements = (files_of(client, model) / "requirements.txt").read_text().split()
    installed = with_dependencies(requirements)
    providers = metadata.packages_distributions()
    needed = {
        distribution
        for module in answers["imported"]
        if module not in ("estimators", "pipelines") and module not in sys.stdlib_module_names
        for distribution in providers[module]
    }
    assert {canonicalize_name(name) for name in needed} <= installed


def test_a_file_is_a_model_too(fitted, tmp_path):
    dataset, pipeline = fitted
    dump_pipeline(pipeline, tmp_path / "houses.skops")
    again = load_model(str(tmp_path / "houses.skops"))
    assert again.statistics is None
    np.testing.assert_array_equal(again.pipeline.predict(dataset.X), pipeline.predict(dataset.X))


@pytest.mark.parametrize("content", [b"", b"no model", "zip"])
def test_a_file_that_is_no_model(tmp_path, content):
    path = tmp_path / "model.joblib"
    if content == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("config.json", "{}")
    else:
        path.write_bytes(content)
    with pytest.raises(InputError, match=r"model.joblib is no model: .*dump_pipeline .* init_from"):
        source_of(path)


def test_a_network_begins_with_the_model_of_a_run_or_file(client, run_id, regressor, tmp_path):
    """The estimators know nothing of MLflow, and load it nevertheless."""
    dataset, pipeline = regressor
    address = log_pipeline(client, run_id, pipeline, dataset.X)
    dump_pipeline(pipeline, tmp_path / "houses.skops")
    for source in (run_id, f"runs:/{run_id}", address, tmp_path / "houses.skops"):
        assert source_of(source).digest == source_of(pipeline).digest
