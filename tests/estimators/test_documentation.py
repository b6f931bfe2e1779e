from __future__ import annotations

import inspect
import re

import numpy as np
import pytest

import estimators
from estimators import (
    KerasMLPClassifier,
    KerasMLPRegressor,
    KerasRNNClassifier,
    KerasRNNRegressor,
)
from estimators.techniques import constraints_of

ESTIMATORS = [KerasMLPClassifier, KerasMLPRegressor, KerasRNNClassifier, KerasRNNRegressor]


def sections(obj):
    """The numpydoc sections of a docstring, by title."""
    parts = re.split(r"^(\w[\w ]*)\n-{3,}$", inspect.getdoc(obj) or "", flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def entries(section):
    """What a section documents: by name, its type and its text."""
    parts = re.split(r"^\**(\w[\w, ]*?)(?: : |$)", section, flags=re.MULTILINE)
    return {
        name: text
        for names, text in zip(parts[1::2], parts[2::2], strict=True)
        for name in names.split(", ")
    }


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_every_parameter_is_documented(estimator):
    documented = entries(sections(estimator)["Parameters"])
    assert set(documented) == set(inspect.signature(estimator).parameters)
    for name, text in documented.items():
        assert len(text.strip().splitlines()) >= 2, f"{name} has no description"


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_documented_defaults_are_the_defaults(estimator):
    documented = entries(sections(estimator)["Parameters"])
    for name, parameter in inspect.signature(estimator).parameters.items():
        text = " ".join(documented[name].split())
        default = re.search(r"default=(\(.*?\)|\"\w+\"|[\w.-]+)", text).group(1)
        assert default.replace('"', "'") == repr(parameter.default), name


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_documented_choices_are_the_choices(estimator):
    """The names in braces are those that the constraint lets through."""
    documented = entries(sections(estimator)["Parameters"])
    for name, constraints in constraints_of(estimator.techniques).items():
        options = [choice.options for choice in constraints if hasattr(choice, "options")]
        kind = " ".join(documented[name].split("default=")[0].replace("\\", "").split())
        assert set(re.findall(r'"(\w+)"', kind)) == set().union(*options), name


def test_every_attribute_is_documented(task):
    model = task.make(early_stopping=True, validation_fraction=0.3).fit(task.X, task.y)
    documented = set(entries(sections(task.estimator)["Attributes"]))
    for name in documented - {"feature_names_in_"}:
        assert hasattr(model, name), name
    properties = inspect.getmembers(task.estimator, lambda member: isinstance(member, property))
    learned = {*vars(model), *(name for name, _ in properties)}
    public = {name for name in learned if name.endswith("_") and not name.startswith("_")}
    assert public - {"initialized_"} <= documented  # that one is scikeras' own


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_references_are_all_cited(estimator):
    text = inspect.getdoc(estimator)
    listed = set(re.findall(r"\.\. \[(\w+)\] \S", text))
    assert listed
    assert set(re.findall(r"\[(\w+)\]_", text)) == listed
    assert "$" not in text


@pytest.mark.parametrize("name", estimators.__all__)
def test_public_functions_document_their_parameters(name):
    obj = getattr(estimators, name)
    assert inspect.getdoc(obj)
    if inspect.isfunction(obj):
        documented = entries(sections(obj)["Parameters"])
        assert set(documented) == set(inspect.signature(obj).parameters)
        returns_nothing = inspect.signature(obj).return_annotation in (None, "None")
        assert ("Returns" in sections(obj)) is not returns_nothing


@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize(
    "method",
    [
        *("fit", "fit_epochs", "partial_fit", "initialize"),
        *("predict", "predict_proba", "predict_log_proba", "decision_function"),
    ],
)
def test_methods_document_their_parameters(estimator, method):
    function = getattr(estimator, method, None)
    if function is None:
        assert estimator in (KerasMLPRegressor, KerasRNNRegressor)
        return
    documented = entries(sections(function)["Parameters"])
    assert set(documented) == set(inspect.signature(function).parameters) - {"self"}
    assert {"Returns", "Yields"} & set(sections(function))


def test_documented_shapes_are_the_shapes(binary, regression):
    model = binary.fit()
    assert model.predict(binary.X).shape == (60,)
    assert model.classes_.shape == (2,)
    assert isinstance(model.n_iter_, int)
    assert isinstance(model.loss_, float)
    assert model.n_features_in_ == 3
    assert all(type(value) is float for value in model.history_["loss"])
    assert all(type(value) is float for value in model.epoch_seconds_)
    assert regression.fit().predict(regression.X).dtype == np.float64
