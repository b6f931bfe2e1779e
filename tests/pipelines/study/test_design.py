"""The designs say what was published, and what was really run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipelines import make_pipeline
from pipelines.errors import InputError
from pipelines.pipeline import hyperparameter_paths
from pipelines.study import VARIANTS, design_for, technique_arm

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
    """The published designs, for data sets that go by the names but need not be there."""
    return {
        "fashion_mnist": design_for(replace(iris, name="fashion_mnist")),
        "california_housing": design_for(replace(diabetes, name="california_housing")),
    }


def described(design):
    return [arm for arm in design.arms if "as described" in arm.variants]


@pytest.mark.parametrize(
    ("name", "figures"), [("fashion_mnist", FASHION), ("california_housing", HOUSING)]
)
def test_published_figures(named, name, figures):
    design = named[name]
    assert design.baseline == "glorot_relu"
    assert {
        one.arm: (one.table.train, one.table.validation, one.table.seconds)
        for one in design.publications
    } == figures
    assert [arm.name for arm in described(design)] == list(figures)


def test_figures_of_the_notebooks_output(named):
    outputs = {
        one.arm: (one.output.train, one.output.validation)
        for design in named.values()
        for one in design.publications
        if one.output
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


def test_what_is_special_about_the_data(named):
    fashion, housing = named["fashion_mnist"], named["california_housing"]
    assert (fashion.title, fashion.unit, fashion.tolerance) == ("Fashion-MNIST", None, 0.005)
    assert (housing.title, housing.unit) == ("California housing", "(100,000 $)²")
    assert (housing.tolerance, housing.far_deviations) == (0.03, 100)


def test_arms_are_those_of_the_techniques(named):
    """But for two of Fashion-MNIST's, which were described otherwise."""
    others = [
        (name, arm.name)
        for name, design in named.items()
        for arm in described(design)
        if arm.hyperparameters != technique_arm(arm.name).hyperparameters
    ]
    assert others == [("fashion_mnist", "ones"), ("fashion_mnist", "he_uniform_relu")]
    arms = {arm.name: arm for arm in described(named["fashion_mnist"])}
    assert arms["ones"].hyperparameters == {
        "kernel_initializer": "ones",
        "bias_initializer": "zeros",
        "activation": "relu",
    }
    assert arms["he_uniform_relu"].hyperparameters == {
        "kernel_initializer": "variance_scaling",
        "initializer_scale": 2.0,
        "initializer_mode": "fan_avg",
        "initializer_distribution": "uniform",
        "activation": "relu",
    }
    assert arms["he_uniform_relu"].label == "he uniform (scale 2, fan_avg), relu"
    assert arms["selu"].label == "lecun normal, selu"


def test_what_was_run_where_it_is_something_else(named):
    differing = {
        (name, arm.name): arm.hyperparameters
        for name, design in named.items()
        for arm in design.arms
        if arm.variants == ("as run",)
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
    for design in named.values():
        differing = {arm.name for arm in design.arms if arm.variants != VARIANTS}
        for one in design.publications:
            assert bool(one.discrepancy) == (one.arm in differing), one.arm


def test_labels_are_unique(named):
    for design in named.values():
        assert len({arm.label for arm in design.arms}) == len(design.arms)


def test_every_hyperparameter_is_one(named, iris, diabetes):
    for design, dataset in zip(named.values(), (iris, diabetes), strict=True):
        known = hyperparameter_paths(make_pipeline(dataset, preset="plain"))
        for arm in design.arms:
            assert {*arm.hyperparameters, *design.fixed} <= set(known)


def test_other_data_get_the_described_arms_without_figures(iris, diabetes):
    for dataset, figures in ((iris, FASHION), (diabetes, HOUSING)):
        design = design_for(dataset)
        assert [arm.name for arm in design.arms] == list(figures)
        assert {arm.variants for arm in design.arms} == {VARIANTS}
        assert (design.publications, design.split, design.unit) == ((), None, None)
        assert (design.title, design.fixed["learning_rate"]) == (dataset.name, 0.01)


def test_a_file_is_not_taken_for_the_published_data_of_another_task(diabetes):
    assert not design_for(replace(diabetes, name="fashion_mnist")).publications


class TestSelect:
    def test_the_baseline_is_added_in_the_designs_order(self, iris):
        chosen = design_for(iris).select(["selu", "zeros"])
        assert [arm.name for arm in chosen.arms] == ["zeros", "glorot_relu", "selu"]

    def test_none_are_all(self, iris):
        assert design_for(iris).select() == design_for(iris)

    def test_unknown(self, iris):
        with pytest.raises(InputError, match=r"no row 'sellu' \(did you mean 'selu'\?\); choose"):
            design_for(iris).select(["sellu"])

    def test_one_variant(self, named):
        as_run = named["california_housing"].select(["selu", "batch_norm"], ["as run"])
        assert [(arm.label, arm.variants) for arm in as_run.arms] == [
            ("glorot, relu (as run)", ("as run",)),
            ("lecun normal, selu", ("as run",)),
            ("he normal, batch norm, relu (as run)", ("as run",)),
        ]
        assert [one.arm for one in as_run.publications] == ["glorot_relu", "selu", "batch_norm"]
