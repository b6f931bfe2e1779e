from __future__ import annotations

import numpy as np
import pytest
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from estimators import KerasMLPClassifier, KerasMLPRegressor
from pipelines import InputError, load_dataset, make_pipeline
from pipelines.pipeline import hyperparameter_paths
from pipelines.preset import PRESETS, load_preset

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
        assert (
            pipeline["model"].activation == load_preset("fast", iris).hyperparameters["activation"]
        )

    @pytest.mark.parametrize("name", PRESETS)
    def test_preset(self, iris, name):
        pipeline = make_pipeline(iris, preset=name)
        values = load_preset(name, iris).hyperparameters
        for key, value in KerasMLPClassifier().get_params().items():
            assert getattr(pipeline["model"], key) == values.get(key, value)

    def test_the_plain_preset_leaves_defaults(self, iris):
        model = make_pipeline(iris, preset="plain")["model"]
        assert model.get_params() == KerasMLPClassifier(early_stopping=False).get_params()

    def test_what_is_given_comes_before_the_preset(self, iris):
        given = {"activation": "tanh", "dropout": 0.0, "category_encoding": "one_hot"}
        pipeline = make_pipeline(iris, preset="fast", scaling="minmax", **given)
        paths, params = hyperparameter_paths(pipeline), pipeline.get_params()
        assert {key: params[paths[key]] for key in given} == given
        assert params[SCALING] == "minmax"
        assert params[paths["optimizer"]] == "adamw"

    def test_a_preset_sets_the_preprocessing(self, iris):
        params = make_pipeline(iris, preset="fast").get_params()
        assert params["preprocessing__categorical__encoder__method"] == "embedding"
        assert params["preprocessing__numeric__imputer__add_indicator"] is True

    def test_unknown_preset(self, iris):
        with pytest.raises(InputError, match=r"no preset 'strogn'.*did you mean 'strong'"):
            make_pipeline(iris, preset="strogn")

    def test_regression_standardizes_the_target(self, diabetes):
        assert type(make_pipeline(diabetes)["model"]) is KerasMLPRegressor
        assert make_pipeline(diabetes)["model"].standardize_target is True
        assert (
            make_pipeline(diabetes, standardize_target=False)["model"].standardize_target is False
        )

    @pytest.mark.parametrize(
        ("name", "preset", "scaling", "expected"),
        [
            ("iris", "plain", "auto", "standard"),
            ("iris", "fast", "auto", "robust_clip"),
            ("iris", "tabm", "auto", "quantile"),
            ("iris", "plain", "robust", "robust"),
            ("iris", "fast", None, None),
            ("digits", "plain", "auto", "pixels"),
            ("digits", "fast", "auto", "pixels"),
            ("digits", "fast", "standard", "standard"),
        ],
    )
    def test_scaling(self, name, preset, scaling, expected):
        pipeline = make_pipeline(load_dataset(name), preset=preset, scaling=scaling)
        assert pipeline.get_params()[SCALING] == expected

    def test_unknown_scaling(self, iris):
        with pytest.raises(InputError, match=r"no scaling 'standart'.*did you mean 'standard'"):
            make_pipeline(iris, scaling="standart")

    def test_unknown_hyperparameter(self, iris):
        message = (
            r"KerasMLPClassifier has no hyperparameter 'activaton' \(did you mean 'activation'\?\);"
        )
        with pytest.raises(InputError, match=message):
            make_pipeline(iris, activaton="relu")
        with pytest.raises(
            InputError, match=r"'missing_indicatr' \(did you mean 'missing_indicator'"
        ):
            make_pipeline(iris, missing_indicatr=True)

    @pytest.mark.parametrize("name", ["iris", "diabetes"])
    def test_it_learns(self, name):
        dataset = load_dataset(name)
        pipeline = make_pipeline(
            dataset, preset="plain", hidden_layer_sizes=(16,), epochs=20, random_state=0
        )
        guess = {"classification": 0.5, "regression": 0.0}[dataset.task]
        assert pipeline.fit(dataset.X, dataset.y).score(dataset.X, dataset.y) > guess
        assert np.abs(pipeline[:-1].transform(dataset.X).mean(axis=0)).max() < 1e-5


def test_a_table_is_no_data_set():
    with pytest.raises(InputError, match=r"this is a DataFrame; give load_dataset\(table, target"):
        make_pipeline(load_dataset("iris").X)


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
