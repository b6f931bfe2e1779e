"""What holds of every technique's file."""

from __future__ import annotations

import inspect
import itertools
import re
from pathlib import Path

import numpy as np
import pytest

import estimators
from estimators import (
    KerasMLPClassifier,
    KerasMLPRegressor,
    KerasRNNClassifier,
    KerasRNNRegressor,
)
from estimators.engine.cache import PROGRAMS
from estimators.techniques import (
    RECURRENT_CLASSIFIER_TECHNIQUES,
    RECURRENT_TECHNIQUES,
    TECHNIQUES,
    Hyperparameter,
    check_parameters,
    defaults,
)

ESTIMATORS = [KerasMLPClassifier, KerasMLPRegressor, KerasRNNClassifier, KerasRNNRegressor]
ALL_TECHNIQUES = (*TECHNIQUES, *RECURRENT_TECHNIQUES)
HYPERPARAMETERS = [each for technique in TECHNIQUES for each in technique.hyperparameters]
RECURRENT = [each for technique in RECURRENT_TECHNIQUES for each in technique.hyperparameters]
ROLES = {
    "static": {
        *("hidden_layer_sizes", "activation", "batch_norm", "optimizer", "nesterov", "loss"),
        *("learning_rate_factors", "weight_decay_biases"),
        *("parametric_activation", "parametrization", "layer_norm", "residual"),
        *("categorical_features", "max_one_hot", "category_embedding_dim"),
        *("numeric_embedding", "n_bins", "numeric_embedding_dim", "n_frequencies"),
        *("feature_scale", "n_members", "member_sharing", "image_shape", "random_flip"),
        *("frozen_layers", "layer_learning_rates"),
    },
    "dynamic": {
        *("negative_slope", "dropout", "learning_rate", "momentum", "weight_decay"),
        *("clipnorm", "clipvalue", "global_clipnorm", "beta_1", "beta_2", "epsilon"),
        *("mixup", "weight_averaging", "label_smoothing", "random_shift", "random_erasing"),
        "unfreeze_at",
    },
    "initialization": {
        *("kernel_initializer", "initializer_scale", "initializer_mode"),
        *("initializer_distribution", "bias_initializer", "data_initialization", "frequency_scale"),
        *("init_from", "init_layers"),
    },
}
ROLES_IN_RECURRENT_NETWORKS = {
    "static": {
        *("hidden_layer_sizes", "activation", "batch_norm", "layer_norm"),
        *("cell", "bidirectional", "return_sequences"),
    },
    "dynamic": {"recurrent_dropout"},
    "initialization": {"recurrent_initializer"},
}
DATA = {"table", "image"}


def name_of(value):
    return value.name if isinstance(value, Hyperparameter) else type(value).__name__


def signature_of(estimator):
    return {
        name: parameter.default
        for name, parameter in inspect.signature(estimator).parameters.items()
    }


def hyperparameters_of(estimator):
    return {
        each.name: each.default
        for technique in estimator.techniques
        for each in technique.hyperparameters
    }


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_the_signature_has_the_hyperparameters_and_their_defaults(estimator):
    assert signature_of(estimator) == hyperparameters_of(estimator)


@pytest.mark.parametrize("techniques", [TECHNIQUES, RECURRENT_CLASSIFIER_TECHNIQUES])
def test_a_name_belongs_to_one_technique(techniques):
    names = [each.name for technique in techniques for each in technique.hyperparameters]
    assert len(names) == len(set(names))


def test_every_file_is_registered():
    """Each class of a technique, in whichever file of the package, is among the techniques."""
    folder = Path(inspect.getfile(estimators.techniques)).parent
    classes = {
        name
        for path in folder.glob("*.py")
        for name in re.findall(r"^class (\w+)\(Technique\)", path.read_text(), re.MULTILINE)
    }
    assert classes == {type(technique).__name__ for technique in ALL_TECHNIQUES}
    files = {inspect.getfile(type(technique)) for technique in ALL_TECHNIQUES}
    assert len(files) == len(ALL_TECHNIQUES)


@pytest.mark.parametrize("technique", ALL_TECHNIQUES, ids=name_of)
def test_documented(technique):
    for hyperparameter in technique.hyperparameters:
        assert hyperparameter.type
        assert re.match(r".{8}.*\.$", hyperparameter.doc)
        for estimator in ESTIMATORS:
            if any(technique is each for each in estimator.techniques):
                text = " ".join(inspect.getdoc(estimator).split())
                assert " ".join(hyperparameter.doc.split()) in text


@pytest.mark.parametrize("technique", ALL_TECHNIQUES, ids=name_of)
def test_what_is_cited_has_a_reference(technique):
    cited = {
        key for each in technique.hyperparameters for key in re.findall(r"\[(\w+)\]_", each.doc)
    }
    known = {each.key for other in ALL_TECHNIQUES for each in other.references}
    assert cited <= known
    for reference in technique.references:
        assert str(reference) == f"{reference.text}, {reference.url}"
        assert reference.url.startswith("https://")


@pytest.mark.parametrize("technique", ALL_TECHNIQUES, ids=name_of)
def test_summary_names_its_parameters(technique):
    """README's table leaves out nothing, but for how a fit is run."""
    named = " ".join(text for row in technique.summary for text in (row.parameters, row.values))
    for each in technique.hyperparameters if technique.summary else ():
        short = each.name.replace("initializer", "") if "initializer_" in each.name else each.name
        if each.name != "bias_initializer":
            assert each.name in named or short in named


def values_of(domain):
    """A few values of a search domain, its bounds among them."""
    if not isinstance(domain, dict):
        return domain if isinstance(domain, list) else [domain]
    if "depth" in domain:
        depths, widths = values_of(domain["depth"]), values_of(domain["width"])
        return [(width,) * depth for depth, width in itertools.product(depths, widths)]
    assert {"low", "high"} <= set(domain) <= {"low", "high", "log", "step"}
    low, high = domain["low"], domain["high"]
    assert low < high
    if domain.get("log"):
        assert low > 0
        return [low, type(low)(np.sqrt(low * high)), high]
    if "step" in domain:
        steps = (high - low) / domain["step"]
        assert steps == pytest.approx(round(steps))
    return [low, high]


SEARCHED = [
    (techniques, each, domain)
    for techniques, hyperparameters in (
        (TECHNIQUES, HYPERPARAMETERS),
        (RECURRENT_CLASSIFIER_TECHNIQUES, RECURRENT),
    )
    for each in hyperparameters
    for domain in each.search
]


@pytest.mark.parametrize(
    ("techniques", "hyperparameter", "domain"),
    SEARCHED,
    ids=lambda value: getattr(value, "name", ""),
)
def test_search_domains_hold_valid_values(techniques, hyperparameter, domain):
    for value in values_of(domain.values):
        if (hyperparameter.name, value) == ("kernel_initializer", "suited"):
            continue  # stands for all that go with the activation
        params = {**defaults(techniques), hyperparameter.name: value}
        check_parameters(techniques, params, "Estimator")


@pytest.mark.parametrize(
    ("techniques", "hyperparameter", "domain"),
    SEARCHED,
    ids=lambda value: getattr(value, "name", ""),
)
def test_conditions_of_search_domains_are_valid(techniques, hyperparameter, domain):
    choices = {name: each for technique in techniques for name, each in technique.choices.items()}
    for name, wanted in domain.when.items():
        for value in wanted if isinstance(wanted, list) else [wanted]:
            if name == "data":
                assert value in DATA
            elif name in choices:
                assert value in choices[name].values
            else:
                check_parameters(techniques, {**defaults(techniques), name: value}, "Estimator")


@pytest.mark.parametrize("technique", TECHNIQUES, ids=name_of)
def test_arms_are_settings_that_exist(technique):
    for arm in technique.arms:
        own = {name: value for name, value in arm.hyperparameters.items() if name != "scaling"}
        check_parameters(TECHNIQUES, {**defaults(), **own}, "Estimator")
        assert arm.label


def test_names_of_arms_are_unique():
    arms = [arm for technique in TECHNIQUES for arm in technique.arms]
    assert len({arm.name for arm in arms}) == len(arms)
    assert len({arm.label for arm in arms}) == len(arms)


@pytest.mark.parametrize(
    ("hyperparameters", "roles"),
    [(HYPERPARAMETERS, ROLES), (RECURRENT, ROLES_IN_RECURRENT_NETWORKS)],
    ids=["perceptrons", "recurrent"],
)
def test_roles(hyperparameters, roles):
    for role, names in roles.items():
        assert {each.name for each in hyperparameters if each.role == role} == names


def test_what_may_change_between_fits():
    """Neither network nor optimizer are built from it."""
    names = {each.name for each in HYPERPARAMETERS if each.may_change}
    assert names == {"mixup", "weight_averaging", "label_smoothing", "init_from", "init_layers"}


def trained_network():
    """One that both tasks can begin with."""
    X = np.random.default_rng(1).normal(size=(40, 3))
    return KerasMLPRegressor((4,), epochs=1, random_state=1).fit(X, X[:, 0])


# What is set besides, so that it has an effect; and two values.
TWO_VALUES = {
    "hidden_layer_sizes": ({}, (4,), (5,)),
    "activation": ({}, "relu", "elu"),
    "batch_norm": ({}, "before_dense", "after_dense"),
    "optimizer": ({}, "adam", "nadam"),
    "nesterov": ({"optimizer": "sgd", "momentum": 0.5}, False, True),
    "loss": ({}, "huber", "mean_absolute_error"),
    "negative_slope": ({"activation": "leaky_relu"}, 0.1, 0.2),
    "dropout": ({}, 0.1, 0.2),
    "learning_rate": ({}, 0.01, 0.02),
    "learning_rate_factors": ({}, {"bias": 0.1}, {"bias": 0.5}),
    "momentum": ({"optimizer": "sgd"}, 0.1, 0.2),
    "beta_1": ({}, 0.8, 0.95),
    "beta_2": ({}, 0.9, 0.95),
    "epsilon": ({}, 1e-3, 1e-4),
    "weight_decay": ({}, 0.1, 0.2),
    "weight_decay_biases": ({"weight_decay": 0.5, "bias_initializer": "ones"}, False, True),
    "clipnorm": ({}, 0.01, 0.02),
    "clipvalue": ({}, 0.001, 0.002),
    "global_clipnorm": ({}, 0.01, 0.02),
    "mixup": ({}, 0.2, 0.4),
    "weight_averaging": ({"early_stopping": True, "validation_fraction": 0.3}, "ema", "swa"),
    "label_smoothing": ({}, 0.1, 0.2),
    "kernel_initializer": ({}, "he_normal", "he_uniform"),
    "initializer_scale": ({"kernel_initializer": "variance_scaling"}, 1.0, 2.0),
    "initializer_mode": ({"kernel_initializer": "variance_scaling"}, "fan_in", "fan_out"),
    "initializer_distribution": (
        {"kernel_initializer": "variance_scaling"},
        "truncated_normal",
        "uniform",
    ),
    "bias_initializer": ({}, "zeros", "ones"),
    "parametric_activation": ({}, False, True),
    "data_initialization": ({}, False, True),
    "parametrization": ({}, "standard", "neural_tangent"),
    "layer_norm": ({}, False, True),
    "residual": ({"hidden_layer_sizes": (4, 4)}, False, True),
    "categorical_features": ({}, None, [0]),
    "max_one_hot": ({"categorical_features": [0]}, 8, 100),
    "category_embedding_dim": ({"categorical_features": [0]}, 2, 3),
    "numeric_embedding": ({}, "piecewise_linear", "both"),
    "n_bins": ({"numeric_embedding": "piecewise_linear"}, 4, 5),
    "numeric_embedding_dim": ({"numeric_embedding": "piecewise_linear"}, 2, 3),
    "n_frequencies": ({"numeric_embedding": "periodic"}, 4, 5),
    "frequency_scale": ({"numeric_embedding": "periodic"}, 0.1, 1.0),
    "feature_scale": ({}, False, True),
    "image_shape": ({"random_shift": 1}, (1, 3), (1, 1, 3)),
    "random_shift": ({"image_shape": (1, 3)}, 1, 2),
    "random_flip": ({"image_shape": (1, 3)}, False, True),
    "random_erasing": ({"image_shape": (1, 3)}, 0.5, 1.0),
    "n_members": ({"member_sharing": "tabm"}, 2, 3),
    "member_sharing": ({"n_members": 2}, "tabm", "tabm_mini"),
    "init_from": ({}, None, trained_network),
    "init_layers": ({"init_from": trained_network}, "hidden", "all"),
    "frozen_layers": ({}, 0, 1),
    "unfreeze_at": ({"frozen_layers": 1, "epochs": 3}, 1, 2),
    "layer_learning_rates": ({}, 0.1, 0.5),
}


OF_CLASSIFIERS = set(hyperparameters_of(KerasMLPClassifier)) - set(
    hyperparameters_of(KerasMLPRegressor)
)


def test_every_role_has_two_values():
    assert set(TWO_VALUES) == set().union(*ROLES.values())


@pytest.mark.filterwarnings("ignore::estimators.RuleWarning")
@pytest.mark.parametrize("name", TWO_VALUES)
def test_only_structure_has_a_program_for_each_value(name, regression, classification):
    besides, *values = TWO_VALUES[name]
    source = trained_network() if name.startswith("init_") else None
    besides = {key: source if each is trained_network else each for key, each in besides.items()}
    values = [source if each is trained_network else each for each in values]
    task = classification if name in OF_CLASSIFIERS else regression
    PROGRAMS.clear()
    histories = [
        task.fit(engine="uncompiled", **besides, **{name: value}).history_ for value in values
    ]
    assert histories[0] != histories[1]
    assert len(PROGRAMS) == (2 if name in ROLES["static"] else 1)
    PROGRAMS.clear()


def test_each_technique_names_itself_in_plain_words():
    names = [technique.name for technique in ALL_TECHNIQUES]
    assert len(set(names)) == len(names)
    assert {"batch normalization", "dropout", "learning rate schedule"} <= set(names)
    assert all(re.fullmatch(r"[a-z]+( [a-z]+)*", name) for name in names)
