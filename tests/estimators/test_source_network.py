from __future__ import annotations

import re
import sys
from types import ModuleType

import pandas as pd
import pytest
from sklearn.dummy import DummyRegressor
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from estimators import source_network
from estimators.source_network import source_of


@pytest.fixture
def fitted(regression):
    return regression.fit()


@pytest.mark.parametrize(
    "wrap",
    [
        lambda model: model,
        FrozenEstimator,
        lambda model: make_pipeline("passthrough", model),
        lambda model: FrozenEstimator(make_pipeline("passthrough", model)),
        lambda model: make_pipeline("passthrough", FrozenEstimator(model)),
    ],
    ids=["itself", "frozen", "pipeline", "frozen pipeline", "pipeline of a frozen one"],
)
def test_found_in(fitted, wrap):
    source = source_of(wrap(fitted))
    assert source.estimator is fitted
    assert source.address == "KerasMLPRegressor"


def test_found_in_a_search(regression):
    search = GridSearchCV(regression.make(), {"dropout": [0.0, 0.1]}, cv=2)
    search.fit(regression.X, regression.y)
    assert source_of(search).estimator is search.best_estimator_


def test_columns_are_those_that_the_network_was_given_or_that_steps_before_it_name(regression):
    frame = pd.DataFrame(regression.X, columns=["a", "b", "c"])
    assert source_of(regression.make().fit(frame, regression.y)).columns == ["a", "b", "c"]
    pipeline = make_pipeline(StandardScaler(), regression.make()).fit(frame, regression.y)
    assert source_of(pipeline).columns == ["a", "b", "c"]
    assert source_of(pipeline[-1]).columns is None


def test_networks_of_an_ensemble(regression):
    assert len(source_of(regression.fit(n_members=3)).networks) == 3
    assert len(source_of(regression.fit(n_members=3, member_sharing="tabm")).networks) == 1


def test_digest_is_of_weights_and_columns(regression, fitted):
    digest = source_of(fitted).digest
    assert source_of(regression.fit()).digest == digest  # the same bit for bit
    assert source_of(regression.fit(epochs=3)).digest != digest
    frame = pd.DataFrame(regression.X, columns=["a", "b", "c"])
    assert source_of(regression.make().fit(frame, regression.y)).digest != digest


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (
            lambda task: task.make(),
            "init_from is a KerasMLPRegressor that is not fitted: call its fit first, and in the "
            "grid of a search wrap it in sklearn.frozen.FrozenEstimator",
        ),
        (
            lambda task: DummyRegressor().fit(task.X, task.y),
            "init_from must be an estimator of this package, a pipeline that ends in one, or the "
            "address of one. Got a DummyRegressor.",
        ),
    ],
    ids=["not fitted", "no network"],
)
def test_refused(regression, make, sentence):
    with pytest.raises(ValueError, match=re.escape(sentence)):
        source_of(make(regression))
    model = regression.make(init_from=make(regression))
    with pytest.raises(ValueError, match=re.escape(sentence)):
        model.fit(regression.X, regression.y)
    assert not hasattr(model, "model_")


@pytest.fixture
def loader(monkeypatch, fitted):
    """A place of models, which counts how often each is loaded."""
    loaded = []
    module = ModuleType("place_of_models")
    module.load = lambda address: loaded.append(address) or fitted
    monkeypatch.setitem(sys.modules, "place_of_models", module)
    monkeypatch.setattr(source_network, "_LOADER", ("place_of_models", "load"))
    return loaded


def test_addresses_are_loaded_once(loader, fitted):
    for _ in range(2):
        source = source_of("runs:/once")
        assert source.estimator is fitted
        assert source.address == "runs:/once"
    assert loader == ["runs:/once"]


def test_files_are_loaded_again_when_they_have_changed(loader, tmp_path):
    path = tmp_path / "model.skops"
    for content in ("one", "other"):
        path.write_text(content)
        path.touch()
        source_of(path)
        source_of(path)
    assert loader == [str(path)] * 2


def test_what_loads_addresses_may_be_missing(monkeypatch):
    monkeypatch.setattr(source_network, "_LOADER", ("nowhere_at_all", "load"))
    sentence = (
        "init_from='runs:/nowhere' is loaded by nowhere_at_all.load, which needs the package "
        "nowhere_at_all: install it, or pass a fitted estimator."
    )
    with pytest.raises(ValueError, match=re.escape(sentence)):
        source_of("runs:/nowhere")
