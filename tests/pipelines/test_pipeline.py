from __future__ import annotations

import numpy as np
import pytest
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from estimators import KerasMLPClassifier, KerasMLPRegressor
from pipelines import InputError, load_dataset, make_pipeline
from pipelines.pipeline import hyperparameter_paths

SCALING = "preprocessing__numeric__scaling__method"


@pytest.fixture(scope="module")
def iris():
    return load_dataset("iris")


@pytest.fixture(scope="module")
def diabetes():
    return load_dataset("diabetes")


class TestMakePipeline:
    def test_classification(self, iris):
        pipeline = make_pipeline(iris, hidden_layer_sizes=(7,), dropout=0.25)
        assert list(pipeline.named_steps) == ["preprocessing", "model"]
        assert type(pipeline["model"]) is KerasMLPClassifier
        assert pipeline["model"].hidden_layer_sizes == (7,)
        assert pipeline["model"].dropout == 0.25
        assert pipeline["model"].activation == KerasMLPClassifier().activation

    def test_regression_standardizes_the_target(self, diabetes):
        assert type(make_pipeline(diabetes)["model"]) is KerasMLPRegressor
        assert make_pipeline(diabetes)["model"].standardize_target is True
        assert (
            make_pipeline(diabetes, standardize_target=False)["model"].standardize_target is False
        )

    @pytest.mark.parametrize(
        ("name", "scaling", "expected"),
        [
            ("iris", "auto", "standard"),
            ("iris", "robust", "robust"),
            ("iris", None, None),
            ("digits", "auto", "pixels"),
            ("digits", "standard", "standard"),
        ],
    )
    def test_scaling(self, name, scaling, expected):
        pipeline = make_pipeline(load_dataset(name), scaling=scaling)
        assert pipeline.get_params()[SCALING] == expected

    def test_unknown_scaling(self, iris):
        with pytest.raises(InputError, match=r"no scaling 'standart'.*did you mean 'standard'"):
            make_pipeline(iris, scaling="standart")

    def test_unknown_hyperparameter(self, iris):
        with pytest.raises(TypeError, match="unexpected keyword argument 'activaton'"):
            make_pipeline(iris, activaton="relu")

    @pytest.mark.parametrize("name", ["iris", "diabetes"])
    def test_it_learns(self, name):
        dataset = load_dataset(name)
        pipeline = make_pipeline(dataset, hidden_layer_sizes=(16,), epochs=20, random_state=0)
        guess = {"classification": 0.5, "regression": 0.0}[dataset.task]
        assert pipeline.fit(dataset.X, dataset.y).score(dataset.X, dataset.y) > guess
        assert np.abs(pipeline[:-1].transform(dataset.X).mean(axis=0)).max() < 1e-5


class TestHyperparameterPaths:
    def test_names_of_the_network_and_of_the_scaling(self, iris):
        pipeline = make_pipeline(iris)
        paths = hyperparameter_paths(pipeline)
        for name in KerasMLPClassifier().get_params():
            assert paths[name] == f"model__{name}"
        assert paths["scaling"] == SCALING

    def test_every_path_is_a_name_and_every_name_can_be_set(self, iris):
        pipeline = make_pipeline(iris)
        paths = hyperparameter_paths(pipeline)
        by_path = pipeline.get_params(deep=True)
        assert {paths[path] for path in by_path if "__" in path} == {
            p for p in by_path if "__" in p
        }
        assert set(paths.values()) <= set(by_path)
        pipeline.set_params(**{paths["scaling"]: "minmax", paths["epochs"]: 3})
        scaling = pipeline["preprocessing"].fit(iris.X).named_transformers_["numeric"]["scaling"]
        assert isinstance(scaling.scaler_, MinMaxScaler)
        assert pipeline["model"].epochs == 3

    def test_any_other_pipeline(self):
        pipeline = Pipeline([("scale", StandardScaler()), ("net", KerasMLPRegressor())])
        paths = hyperparameter_paths(pipeline)
        assert paths["loss"] == "net__loss"
        assert paths["scale__with_mean"] == "scale__with_mean"
        assert "scaling" not in paths

    def test_a_lone_estimator(self):
        model = KerasMLPClassifier()
        assert hyperparameter_paths(model) == {name: name for name in model.get_params()}
