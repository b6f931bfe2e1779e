"""The declared rows say what was published, and what was really run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipelines import make_pipeline
from pipelines.errors import InputError
from pipelines.pipeline import hyperparameter_paths
from pipelines.techniques import choose_rows, table_for

# Train and validation metric and seconds, as the tables have them.
FASHION = {
    "zeros": (0.1008, 0.0925, 69.43),
    "ones": (0.1008, 0.0925, 67.22),
    "glorot_linear": (0.8532, 0.8495, 104.5),
    "glorot_relu": (0.8526, 0.8518, 99.03),
    "he_normal_relu": (0.8672, 0.8637, 99.76),
    "he_uniform_relu": (0.8705, 0.8627, 100.82),
    "leaky_relu": (0.867, 0.8615, 101.87),
    "randomized_leaky_relu": (0.8667, 0.863, 113.58),
    "selu": (0.8763, 0.8647, 106.25),
    "batch_norm": (0.8645, 0.8685, 167.62),
}
HOUSING = {
    "glorot_linear": (0.3985, 0.3899, 9.34),
    "glorot_relu": (0.3779, 0.3819, 9.36),
    "he_normal_relu": (0.3517, 0.35, 9.19),
    "leaky_relu": (0.3517, 0.35, 9.48),
    "randomized_leaky_relu": (0.3517, 0.35, 10.71),
    "selu": (0.3423, 0.326, 9.38),
    "batch_norm": (0.4365, 0.5728, 13.64),
}
HOUSING_OUTPUT = {
    "glorot_linear": (0.3490, 0.4175),
    "glorot_relu": (0.3580, 0.4033),
    "batch_norm": (0.4239, 0.6714),
}


@pytest.fixture
def named(iris, diabetes):
    """The published tables, for data sets that go by the names but need not be there."""
    return {
        "fashion_mnist": table_for(replace(iris, name="fashion_mnist")),
        "california_housing": table_for(replace(diabetes, name="california_housing")),
    }


@pytest.mark.parametrize(
    ("name", "figures"), [("fashion_mnist", FASHION), ("california_housing", HOUSING)]
)
def test_published_figures(named, name, figures):
    table = named[name]
    assert table.is_published
    assert table.baseline == "glorot_relu"
    assert {
        row.name: (row.published.train, row.published.validation, row.published.seconds)
        for row in table.rows
    } == figures


def test_figures_of_the_notebooks_output(named):
    outputs = {
        row.name: (row.output.train, row.output.validation)
        for table in named.values()
        for row in table.rows
        if row.output
    }
    assert outputs == HOUSING_OUTPUT


def test_settings(named):
    common = {"optimizer": "sgd", "learning_rate": 0.001, "batch_size": 32, "epochs": 20}
    fashion, housing = named["fashion_mnist"].fixed, named["california_housing"].fixed
    assert {**common, "hidden_layer_sizes": (300, 100, 50, 50, 50)} == fashion
    assert housing == {
        **common,
        "hidden_layer_sizes": (100, 50, 10, 10, 10),
        "standardize_target": False,
    }


def test_what_was_run_where_it_is_something_else(named):
    differing = {
        (name, row.name): row.as_run
        for name, table in named.items()
        for row in table.rows
        if row.differs
    }
    he_relu = {"kernel_initializer": "he_normal", "activation": "relu"}
    assert differing == {
        ("fashion_mnist", "ones"): {
            "kernel_initializer": "ones",
            "bias_initializer": "ones",
            "activation": "relu",
        },
        ("fashion_mnist", "randomized_leaky_relu"): {
            "kernel_initializer": "he_normal",
            "activation": "prelu",
            "negative_slope": 0.0,
        },
        ("fashion_mnist", "selu"): {
            "kernel_initializer": "lecun_normal",
            "activation": "selu",
            "scaling": "pixels",
            "epochs": 19,
        },
        ("california_housing", "glorot_linear"): {
            "kernel_initializer": "glorot_uniform",
            "activation": "relu",
        },
        ("california_housing", "glorot_relu"): {
            "kernel_initializer": "variance_scaling",
            "initializer_scale": 2.0,
            "initializer_mode": "fan_avg",
            "initializer_distribution": "uniform",
            "activation": "relu",
        },
        ("california_housing", "leaky_relu"): he_relu,
        ("california_housing", "randomized_leaky_relu"): he_relu,
        ("california_housing", "batch_norm"): {
            "kernel_initializer": "lecun_normal",
            "activation": "selu",
            "batch_norm": "before_dense",
            "scaling": "none",
        },
    }


def test_a_difference_is_explained_and_nothing_else_is(named):
    for table in named.values():
        for row in table.rows:
            assert bool(row.discrepancy) == row.differs, row.name


def test_every_hyperparameter_is_one(named, iris, diabetes):
    for table, dataset in zip(named.values(), (iris, diabetes), strict=True):
        known = hyperparameter_paths(make_pipeline(dataset))
        for row in table.rows:
            assert {*row.as_described, *row.as_run, *table.fixed} <= set(known)


def test_other_data_get_the_rows_as_described_without_figures(iris, diabetes):
    for dataset, figures in ((iris, FASHION), (diabetes, HOUSING)):
        table = table_for(dataset)
        assert [row.name for row in table.rows] == list(figures)
        assert not table.is_published
        assert not any(row.differs or row.published or row.output for row in table.rows)


def test_a_file_is_not_taken_for_the_published_data_of_another_task(diabetes):
    assert not table_for(replace(diabetes, name="fashion_mnist")).is_published


class TestChosenRows:
    def test_the_baseline_is_added_in_the_tables_order(self, iris):
        chosen = choose_rows(table_for(iris), ["selu", "zeros"])
        assert [row.name for row in chosen.rows] == ["zeros", "glorot_relu", "selu"]

    def test_none_are_all(self, iris):
        assert choose_rows(table_for(iris), []) == table_for(iris)

    def test_unknown(self, iris):
        with pytest.raises(InputError, match=r"no row 'sellu' \(did you mean 'selu'\?\); choose"):
            choose_rows(table_for(iris), ["sellu"])
