"""ONNX models of whole pipelines predict what the pipelines do."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline as plain_pipeline
from sklearn.preprocessing import MinMaxScaler, PolynomialFeatures, StandardScaler

onnxruntime = pytest.importorskip("onnxruntime", reason="the extra onnx is not installed")
pytest.importorskip("tf2onnx", reason="the extra onnx is not installed")

from estimators import KerasMLPClassifier, KerasMLPRegressor, KerasRNNRegressor  # noqa: E402
from pipelines import InputError, load_dataset, make_pipeline  # noqa: E402
from pipelines.export import onnx_inputs, to_onnx  # noqa: E402

N_ROWS = 200
RNG = np.random.default_rng(0)
SMALL = {"hidden_layer_sizes": (8, 8), "epochs": 2, "random_state": 0}


def run(model, X):
    session = onnxruntime.InferenceSession(model.SerializeToString())
    return session.run(None, onnx_inputs(model, X))


def messy():
    """Numbers with gaps and ties, a rare category, missing ones, dates with times of day."""
    return pd.DataFrame(
        {
            "length, m": RNG.normal(size=N_ROWS).astype("float32"),
            "rooms": RNG.integers(1, 5, N_ROWS),
            "area": np.where(RNG.random(N_ROWS) < 0.2, np.nan, RNG.exponential(size=N_ROWS)),
            "city": RNG.choice(["Ulm", "Bern", "Köln", None], N_ROWS),
            "street": RNG.choice([*"abcdefghijklmnop"], N_ROWS),
            "garden": RNG.choice([True, False], N_ROWS),
            "sold": pd.date_range("1999-12-25 06:30", periods=N_ROWS, freq="1300h").astype(str),
            "built": pd.date_range("1890-02-25", periods=N_ROWS, freq="153D"),
        }
    )


# Categories and dates that load_dataset warns of are what is exported.
pytestmark = pytest.mark.filterwarnings("ignore::pipelines.data.DataWarning")


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tables")
    X = messy()
    value = X["length, m"] + X["area"].fillna(0) + (X["city"] == "Ulm")
    targets = {
        "binary": np.where(value > 1, "dear", "cheap"),
        "multiclass": np.digitize(value, [0.5, 1.5]),
        "values": 1e5 + 1e4 * value,
    }
    found = {}
    for name, target in targets.items():
        X.assign(target=target).to_parquet(folder / f"{name}.parquet")
        found[name] = load_dataset(folder / f"{name}.parquet", target="target")
    return found


def with_surprises(X):
    """Rows as they come later: beyond what was seen, unknown categories, gaps."""
    X = X.head(40).copy().reset_index(drop=True)
    X["length, m"] = X["length, m"] * 5
    for row, (column, value) in enumerate(
        [("city", "Paris"), ("city", None), ("street", None), ("area", np.nan), ("built", pd.NaT)]
    ):
        X.loc[row, column] = value
    return X


@pytest.mark.parametrize(
    ("task", "preset", "params"),
    [
        ("binary", "plain", {}),
        ("values", "plain", {"scaling": "minmax", "activation": "gelu", "missing_indicator": True}),
        ("multiclass", "plain", {"scaling": "robust", "batch_norm": "after_dense"}),
        ("binary", "plain", {"scaling": None, "layer_norm": True, "activation": "prelu"}),
        (
            "values",
            "plain",
            {"scaling": "quantile", "category_encoding": "embedding", "max_one_hot": 3},
        ),
        ("binary", "fast", {}),
        ("multiclass", "fast", {"residual": True}),
        ("values", "fast", {"category_encoding": "one_hot"}),
        ("binary", "strong", {"n_members": 2}),
        ("values", "strong", {"n_members": 2}),
        ("multiclass", "tabm", {"n_members": 4}),
        ("values", "realmlp", {}),
    ],
)
@pytest.mark.filterwarnings("ignore::estimators.RuleWarning")
def test_predictions_are_those_of_the_pipeline(tables, task, preset, params):
    dataset = tables[task]
    pipeline = make_pipeline(dataset, preset=preset, **{**SMALL, **params})
    pipeline.fit(dataset.X, dataset.y)
    model = to_onnx(pipeline)
    assert [value.name for value in model.graph.input] == list(dataset.X)
    for X in (dataset.X, with_surprises(dataset.X), dataset.X.head(1)):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of categories that were not there
            expected = pipeline.predict(X)
        if task == "values":
            (predictions,) = run(model, X)
            np.testing.assert_allclose(predictions, expected, atol=1e4 * 3e-6, rtol=1e-6)
        else:
            labels, probabilities = run(model, X)
            assert labels.tolist() == expected.tolist()
            np.testing.assert_allclose(probabilities, pipeline.predict_proba(X), atol=3e-6)


def test_images():
    digits = load_dataset("digits")
    pipeline = make_pipeline(digits, preset="plain", **SMALL).fit(digits.X, digits.y)
    labels, probabilities = run(to_onnx(pipeline), digits.X)
    assert (labels == pipeline.predict(digits.X)).mean() > 0.999
    np.testing.assert_allclose(probabilities, pipeline.predict_proba(digits.X), atol=3e-6)


def test_california_housing():
    try:
        housing = load_dataset("california_housing")
    except InputError:
        pytest.skip("California housing is not there")
    pipeline = make_pipeline(housing, preset="fast", **SMALL)
    pipeline.fit(housing.X[:3000], housing.y[:3000])
    (predictions,) = run(to_onnx(pipeline), housing.X)
    np.testing.assert_allclose(predictions, pipeline.predict(housing.X), atol=1e-5)


def test_many_categories_of_which_some_are_rare(tmp_path):
    cities = RNG.choice([f"city {n}" for n in range(80)], 1000, p=np.arange(1, 81) / 3240)
    target = np.isin(cities, [f"city {n}" for n in range(0, 80, 2)])
    path = tmp_path / "cities.csv"
    pd.DataFrame({"city": cities, "n": RNG.normal(size=1000), "y": target}).to_csv(
        path, index=False
    )
    dataset = load_dataset(path, target="y")
    for encoding in ("one_hot", "embedding"):
        pipeline = make_pipeline(dataset, preset="plain", category_encoding=encoding, **SMALL)
        pipeline.fit(dataset.X, dataset.y)
        _, probabilities = run(to_onnx(pipeline), dataset.X)
        np.testing.assert_allclose(probabilities, pipeline.predict_proba(dataset.X), atol=3e-6)


@pytest.mark.filterwarnings("ignore::estimators.RuleWarning")
class TestOtherPipelines:
    X = RNG.normal(size=(60, 4))
    Y = X[:, 0] - X[:, 1]

    def test_of_scikit_learn(self):
        with_gaps = np.where(RNG.random(self.X.shape) < 0.1, np.nan, self.X)
        steps = SimpleImputer(add_indicator=True), StandardScaler(), MinMaxScaler(clip=True)
        pipeline = plain_pipeline(*steps, KerasMLPRegressor(**SMALL)).fit(with_gaps, self.Y)
        (predictions,) = run(to_onnx(pipeline), 2 * with_gaps)
        np.testing.assert_allclose(predictions, pipeline.predict(2 * with_gaps), atol=3e-6)

    def test_a_lone_estimator_of_several_values(self):
        y = np.column_stack([self.Y, 100 * self.Y])
        model = KerasMLPRegressor(standardize_target=True, clip_target=True, **SMALL)
        model.fit(self.X, y)
        (predictions,) = run(to_onnx(model), self.X)
        np.testing.assert_allclose(predictions, model.predict(self.X), rtol=1e-5, atol=1e-4)

    def test_several_labels(self):
        y = np.column_stack([self.Y > 0, self.X[:, 2] > 0]).astype(int)
        model = KerasMLPClassifier(**SMALL).fit(self.X, y)
        labels, probabilities = run(to_onnx(model), self.X)
        assert labels.tolist() == model.predict(self.X).tolist()
        np.testing.assert_allclose(probabilities, model.predict_proba(self.X), atol=3e-6)

    @pytest.mark.parametrize("classes", [[False, True], [1.0, 2.0], [3, 7, 9]], ids=str)
    def test_kinds_of_labels(self, classes):
        y = np.array(classes)[np.arange(60) % len(classes)]
        model = KerasMLPClassifier(**SMALL).fit(self.X, y)
        labels, _ = run(to_onnx(model), self.X)
        assert labels.tolist() == model.predict(self.X).tolist()

    def test_what_has_no_translation_is_named(self):
        pipeline = plain_pipeline(PolynomialFeatures(), KerasMLPRegressor(**SMALL))
        with pytest.raises(InputError, match="A PolynomialFeatures in the preprocessing has no tr"):
            to_onnx(pipeline.fit(self.X, self.Y))

    def test_sequences_are_refused(self):
        model = KerasRNNRegressor((3,), epochs=1).fit(RNG.normal(size=(9, 4, 2)), np.arange(9.0))
        with pytest.raises(InputError, match="of sequences has no translation to ONNX"):
            to_onnx(model)

    def test_categories_of_the_network_alone_are_refused(self):
        X = np.column_stack([self.X, np.arange(60) % 3])
        model = KerasMLPRegressor(categorical_features=[4], **SMALL).fit(X, self.Y)
        with pytest.raises(InputError, match="behind the preprocessing of pipelines"):
            to_onnx(model)
