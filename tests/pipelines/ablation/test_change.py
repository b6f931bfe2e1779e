from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pipelines.ablation.change import changes_between, joined
from pipelines.data import load_dataset
from pipelines.pipeline import make_pipeline
from pipelines.preset import load_preset
from pipelines.search.hyperparameters import Hyperparameters, as_tuple


@pytest.fixture
def changes_of():
    """A function that lists the changes from the plain network to some values, by name."""

    def make(dataset, values):
        pipeline = make_pipeline(dataset, preset="plain")
        plain = Hyperparameters(pipeline).defaults
        best = {name: as_tuple(value) for name, value in values.items()}
        return {one.name: one for one in changes_between(plain, best, pipeline, dataset)}

    return make


def test_hyperparameters_of_a_technique_are_one_change(changes_of):
    found = changes_of(
        load_dataset("iris"),
        {"dropout": 0.1, "dropout_schedule": "flat_cosine", "scaling": "quantile", "momentum": 0.0},
    )
    assert [*found] == ["scaling", "dropout"]  # preprocessing first
    assert found["dropout"].before == {"dropout": 0.0, "dropout_schedule": "constant"}
    assert found["dropout"].after == {"dropout": 0.1, "dropout_schedule": "flat_cosine"}
    assert found["scaling"].before == {"scaling": "standard"}


def test_seeds_and_engines_are_no_technique(changes_of):
    assert changes_of(load_dataset("iris"), {"random_state": 3, "engine": "compiled"}) == {}


@pytest.mark.parametrize("layers", [100, (100,), [100]])
def test_a_network_of_one_layer_may_be_a_number(changes_of, layers):
    assert changes_of(load_dataset("iris"), {"hidden_layer_sizes": layers}) == {}
    assert "architecture" in changes_of(load_dataset("iris"), {"hidden_layer_sizes": 50})


def test_the_preset_names_its_techniques(changes_of):
    diabetes = load_dataset("diabetes")
    found = changes_of(diabetes, load_preset("fast", diabetes).hyperparameters)
    assert {"feature embeddings", "parametrization", "weight decay", "early stopping"} <= {*found}
    # There are no categories, and no values are missing.
    assert not {"category encoding", "missing indicator"} & {*found}


def test_what_acts_on_categories_and_gaps_counts_where_there_are_some(changes_of):
    iris = load_dataset("iris")
    X = iris.X.assign(kind=np.where(iris.X.iloc[:, 0] > 5, "long", "short"))
    X.iloc[::7, 0] = np.nan
    values = {"category_encoding": "embedding", "missing_indicator": True}
    assert [*changes_of(replace(iris, X=X), values)] == ["missing indicator", "category encoding"]


def test_several_as_one(changes_of):
    one, other = changes_of(load_dataset("iris"), {"dropout": 0.1, "epochs": 5}).values()
    both = joined([one, other])
    assert both.name == "dropout with minibatches"
    assert both.before == {"dropout": 0.0, "epochs": 100}
    assert both.after == {"dropout": 0.1, "epochs": 5}
