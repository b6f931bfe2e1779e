from __future__ import annotations

import re
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from estimators import KerasMLPClassifier, KerasMLPRegressor, RuleWarning
from estimators.techniques import (
    TECHNIQUES,
    Rule,
    Setting,
    broken_rules,
    constraints_of,
    defaults,
    resolve,
)
from estimators.techniques.activation import ACTIVATIONS
from estimators.techniques.initializer import INITIALIZERS
from estimators.techniques.optimizer import OPTIMIZERS
from estimators.techniques.rule import enforce, has, without_effect, without_rule_warnings

RULES = [rule for technique in TECHNIQUES for rule in technique.rules]
BY_NAME = {rule.name: rule for rule in RULES}

# rule: parameters that break it (with the factor and shift of standard normal input), and
# parameters as near to those as can be that keep it.
CASES = [
    (
        "row weights around 1",
        {"optimizer": "sgd", "weight": 1 / 60},
        {"optimizer": "adam", "weight": 1 / 60},
    ),
    (
        "row weights around 1",
        {"optimizer": "adagrad", "weight": 50.0},
        {"optimizer": "adagrad", "weight": 5.0},
    ),
    (
        "initializer matches activation",
        {"activation": "relu", "kernel_initializer": "glorot_uniform"},
        {"activation": "tanh", "kernel_initializer": "glorot_uniform"},
    ),
    (
        "initializer matches activation",
        {"activation": "tanh", "kernel_initializer": "he_normal"},
        {"activation": "relu", "kernel_initializer": "he_normal"},
    ),
    (
        "initializer matches activation",
        {"activation": "relu", "kernel_initializer": "lecun_normal"},
        {
            "activation": "relu",
            "kernel_initializer": "lecun_normal",
            "hidden_layer_sizes": (),
        },
    ),
    (
        "equal weights do not learn",
        {"kernel_initializer": "zeros"},
        {"kernel_initializer": "zeros", "hidden_layer_sizes": ()},
    ),
    (
        "equal weights do not learn",
        {"kernel_initializer": "ones"},
        {"kernel_initializer": "orthogonal"},
    ),
    (
        "selu wants lecun_normal",
        {"activation": "selu", "kernel_initializer": "lecun_uniform"},
        {"activation": "selu", "kernel_initializer": "lecun_normal"},
    ),
    (
        "selu wants standardized input",
        {"activation": "selu", "shift": 1.0},
        {"activation": "selu"},
    ),
    (
        "selu wants standardized input",
        {"activation": "selu", "factor": 0.25},
        {"activation": "elu", "factor": 0.25},
    ),
    (
        "selu wants standardized input",
        {"activation": "selu", "factor": 4.0, "batch_norm": "after_dense"},
        {"activation": "selu", "factor": 4.0, "batch_norm": "before_dense"},
    ),
    (
        "selu wants plain layers",
        {"activation": "selu", "batch_norm": "after_activation"},
        {"activation": "elu", "batch_norm": "after_activation"},
    ),
    (
        "input of one scale",
        {"activation": "relu", "factor": 50.0},
        {"activation": "relu", "factor": 50.0, "batch_norm": "before_dense"},
    ),
    (
        "input of one scale",
        {"activation": "relu", "shift": -50.0},
        {"activation": "relu", "shift": -5.0},
    ),
    (
        "no dropout with batch normalization",
        {"batch_norm": "after_dense", "dropout": 0.1},
        {"batch_norm": "after_dense"},
    ),
    (
        "batch normalization wants batches",
        {"batch_norm": "after_dense", "batch_size": 1},
        {"batch_norm": None, "batch_size": 1},
    ),
    (
        "batch normalization wants batches",
        {"batch_norm": "before_dense", "n_rows": 1},
        {"batch_norm": "before_dense", "n_rows": 2},
    ),
    (
        "negative_slope needs activation 'leaky_relu' or 'prelu'",
        {"activation": "relu", "negative_slope": 0.2},
        {"activation": "prelu", "negative_slope": 0.2},
    ),
    *(
        (
            f"{parameter} needs kernel_initializer 'variance_scaling'",
            {"kernel_initializer": "he_normal", parameter: value},
            {"kernel_initializer": "variance_scaling", parameter: value},
        )
        for parameter, value in {
            "initializer_scale": 2.0,
            "initializer_mode": "fan_avg",
            "initializer_distribution": "uniform",
        }.items()
    ),
    (
        "target of one scale",
        {"standardize_target": False, "target_shift": -50.0},
        {"standardize_target": True, "target_shift": -50.0},
    ),
    (
        "target of one scale",
        {"standardize_target": False, "target_shift": 50.0},
        {"standardize_target": False, "target_shift": 5.0},
    ),
    (
        "calibration needs early_stopping=True",
        {"calibration": "temperature"},
        {"calibration": "temperature", "early_stopping": True},
    ),
    (
        "momentum needs optimizer 'sgd' or 'rmsprop'",
        {"optimizer": "adam", "momentum": 0.9},
        {"optimizer": "rmsprop", "momentum": 0.9},
    ),
    (
        "nesterov needs optimizer 'sgd' with momentum",
        {"optimizer": "rmsprop", "momentum": 0.9, "nesterov": True},
        {"optimizer": "sgd", "momentum": 0.9, "nesterov": True},
    ),
    (
        "nesterov needs optimizer 'sgd' with momentum",
        {"optimizer": "sgd", "nesterov": True},
        {"optimizer": "sgd"},
    ),
    *(
        (
            f"{parameter} needs optimizer 'adam', 'adamw', 'adamax' or 'nadam'",
            {"optimizer": "rmsprop", parameter: 0.95},
            {"optimizer": "adamax", parameter: 0.95},
        )
        for parameter in ("beta_1", "beta_2")
    ),
    (
        "epsilon needs an optimizer other than 'sgd' and 'lion'",
        {"optimizer": "lion", "epsilon": 1e-8},
        {"optimizer": "rmsprop", "epsilon": 1e-8},
    ),
    (
        "warm-up goes before a high rate",
        {"learning_rate_schedule": "one_cycle", "warmup_fraction": 0.1},
        {"learning_rate_schedule": "cosine", "warmup_fraction": 0.1},
    ),
    *(
        (
            f"{parameter} needs weight_decay above 0",
            {parameter: value},
            {parameter: value, "weight_decay": 0.1},
        )
        for parameter, value in {
            "weight_decay_schedule": "flat_cosine",
            "weight_decay_biases": False,
        }.items()
    ),
    (
        "mixup wants minibatches drawn anew",
        {"mixup": 0.2, "shuffle": False},
        {"shuffle": False},
    ),
    (
        "mixup wants minibatches drawn anew",
        {"mixup": 0.2, "batch_size": 1},
        {"mixup": 0.2, "batch_size": 2},
    ),
    (
        "image_shape needs random_shift, random_flip or random_erasing",
        {"image_shape": (2, 2)},
        {"image_shape": (2, 2), "random_erasing": 0.1},
    ),
    (
        "frozen layers have learned before",
        {"frozen_layers": 1},
        {"frozen_layers": 1, "init_from": "model"},
    ),
    (
        "unfreeze_at needs frozen_layers of 1 or more",
        {"unfreeze_at": 2},
        {"unfreeze_at": 2, "frozen_layers": 1, "init_from": "model"},
    ),
    (
        "layers thaw before the end",
        {"unfreeze_at": 5, "frozen_layers": 1, "init_from": "model", "epochs": 5},
        {"unfreeze_at": 5, "frozen_layers": 1, "init_from": "model", "epochs": 6},
    ),
    (
        "the first layers learn the most slowly",
        {"layer_learning_rates": (0.5, 0.1), "hidden_layer_sizes": (4, 4)},
        {"layer_learning_rates": (0.1, 0.5), "hidden_layer_sizes": (4, 4)},
    ),
    (
        "init_layers needs init_from",
        {"init_layers": "all"},
        {"init_layers": "all", "init_from": "model"},
    ),
    (
        "one beginning",
        {"init_from": "model", "data_initialization": True},
        {"data_initialization": True},
    ),
    (
        "averaged weights want no batch normalization",
        {"weight_averaging": "ema", "batch_norm": "after_dense"},
        {"weight_averaging": "ema", "batch_norm": "after_dense", "hidden_layer_sizes": ()},
    ),
    (
        "ema_momentum needs weight_averaging 'ema'",
        {"weight_averaging": "swa", "ema_momentum": 0.99},
        {"weight_averaging": "ema", "ema_momentum": 0.99},
    ),
    (
        "one normalization of the first signals",
        {"data_initialization": True, "batch_norm": "after_dense"},
        {"data_initialization": True, "layer_norm": True},
    ),
    (
        "one normalization",
        {"layer_norm": True, "batch_norm": "before_dense"},
        {"layer_norm": True, "batch_norm": "before_dense", "hidden_layer_sizes": ()},
    ),
    (
        "layer normalization wants several units",
        {"layer_norm": True, "hidden_layer_sizes": (4, 1)},
        {"layer_norm": True, "hidden_layer_sizes": (4, 2)},
    ),
    (
        "no steps as large as the weights",
        {"learning_rate": 0.26, "hidden_layer_sizes": (16, 4)},
        {"learning_rate": 0.25, "hidden_layer_sizes": (16, 4)},
    ),
    (
        "no steps as large as the weights",
        {"learning_rate": 0.2},
        {"learning_rate": 0.2, "parametrization": "neural_tangent"},
    ),
    (
        "no steps as large as the weights",
        {"optimizer": "lion", "learning_rate": 0.11},
        {"optimizer": "sgd", "learning_rate": 0.11},
    ),
    (
        "no steps as large as the weights",
        {"optimizer": "rmsprop", "learning_rate": 0.11},
        {"optimizer": "rmsprop", "learning_rate": 0.1},
    ),
    *(
        (
            f"{parameter} needs numeric_embedding {needed!r} or 'both'",
            {"numeric_embedding": other, parameter: value},
            {"numeric_embedding": "both", parameter: value},
        )
        for parameter, value, needed, other in (
            ("n_bins", 4, "piecewise_linear", "periodic"),
            ("numeric_embedding_dim", 4, "piecewise_linear", None),
            ("n_frequencies", 4, "periodic", "piecewise_linear"),
            ("frequency_scale", 4.0, "periodic", None),
        )
    ),
]
NAMES = [f"{name}-{number}" for number, (name, *_) in enumerate(CASES)]


def rows(factor=1.0, shift=0.0, n_rows=60):
    return factor * np.random.default_rng(0).normal(size=(60, 3))[:n_rows] + shift


def split(case):
    """Take apart what describes the rows and what the estimator."""
    about_rows = {key: case[key] for key in ("factor", "shift", "n_rows") if key in case}
    others = case.keys() - about_rows.keys() - {"target_shift", "weight"}
    return rows(**about_rows), {key: case[key] for key in others}


def estimator_of(case):
    """The class that has a case's hyperparameters, and targets for it."""
    y = np.arange(len(split(case)[0])) % 2
    if "standardize_target" not in case:
        return KerasMLPClassifier, y
    return KerasMLPRegressor, y + case["target_shift"]


def weights_of(case):
    return np.full(len(split(case)[0]), case["weight"]) if "weight" in case else None


def setting(case):
    X, params = split(case)
    estimator, y = estimator_of(case)
    params = resolve(TECHNIQUES, {**defaults(), **estimator().get_params(), **params})
    targets = y if estimator is KerasMLPRegressor else None
    return Setting.of(params, X, targets, weights_of(case))


def judge(judged):
    """The rules that a setting breaks."""
    return broken_rules(judged, RULES)


def fit(case):
    X, params = split(case)
    estimator, y = estimator_of(case)
    settings = {"hidden_layer_sizes": (4,), "epochs": 1, "random_state": 0}
    if "init_from" in params:
        params = {**params, "init_from": estimator(**settings).fit(X, y)}
    return estimator(**{**settings, **params}).fit(X, y, sample_weight=weights_of(case))


def test_every_rule_has_a_case():
    assert {name for name, *_ in CASES} == set(BY_NAME)


def test_names_are_unique():
    assert len(BY_NAME) == len(RULES)


@pytest.mark.parametrize(("name", "breaking", "keeping"), CASES, ids=NAMES)
def test_broken_and_kept(name, breaking, keeping):
    assert BY_NAME[name] in judge(setting(breaking))
    assert BY_NAME[name] not in judge(setting(keeping))


@pytest.mark.parametrize(("name", "breaking", "keeping"), CASES, ids=NAMES)
def test_sentence(name, breaking, keeping):
    rule = BY_NAME[name]
    sentence = rule.sentence(setting(breaking))
    assert sentence.startswith(f"{name}: ")
    assert sentence.endswith(f" ({rule.reference}).")
    assert "https://" in rule.reference
    # The first words of the remedy, up to what the setting fills in.
    assert f"; {rule.remedy.split('{')[0]}" in sentence
    assert "{" not in sentence


def test_sentence_in_full():
    case = {"activation": "relu", "kernel_initializer": "glorot_uniform"}
    assert BY_NAME["initializer matches activation"].sentence(setting(case)) == (
        "initializer matches activation: relu with glorot_uniform lets signals grow or fade from "
        "layer to layer; use kernel_initializer='auto' or he_normal or he_uniform or orthogonal or "
        "variance_scaling (Glorot and Bengio 2010, https://proceedings.mlr.press/v9/glorot10a.html; "
        "He et al. 2015, https://arxiv.org/abs/1502.01852)."
    )


def test_sentence_tells_what_was_measured():
    case = {"activation": "selu", "factor": 4.0, "shift": 7.0}
    X, _ = split(case)
    sentence = BY_NAME["selu wants standardized input"].sentence(setting(case))
    assert f"the input has mean {X.mean():.3g} and deviation {X.std():.3g}" in sentence


def test_scale_is_of_the_worst_column():
    X = rows() * [1, 1, 300]
    judged = Setting.of({}, X)
    assert judged.input_scale == pytest.approx(X[:, 2].std())
    assert judged.n_rows == 60


def first_of_each_rule():
    seen = {}
    for name, breaking, _ in CASES:
        seen.setdefault(name, breaking)
    return seen


@pytest.mark.parametrize("name", first_of_each_rule())
def test_fit_heeds_the_rule(name):
    """It warns exactly once, or raises where the combination cannot work."""
    breaking = first_of_each_rule()[name]
    sentence = BY_NAME[name].sentence(setting(breaking))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", RuleWarning)
        if BY_NAME[name].fatal:
            with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
                fit(breaking)
        else:
            fit(breaking)
    told = [str(warning.message) for warning in caught if warning.category is RuleWarning]
    assert told.count(sentence) == (0 if BY_NAME[name].fatal else 1)


def test_only_what_leaves_nothing_to_learn_from_is_fatal():
    assert [rule.name for rule in RULES if rule.fatal] == [
        "batch normalization wants batches",
        "layer normalization wants several units",
    ]


def test_batch_norm_true_is_judged_as_after_dense():
    with pytest.warns(RuleWarning, match="batch_norm='after_dense'"):
        fit({"activation": "selu", "batch_norm": True})


def test_batch_norm_false_is_none():
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuleWarning)
        fit({"batch_norm": False, "dropout": 0.1})


def test_what_is_told_before_is_told_again_in_another_thread():
    judged = setting(CASES[0][1])
    with without_rule_warnings(), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        enforce(RULES, judged)
        assert not caught
        with ThreadPoolExecutor(1) as pool:
            pool.submit(enforce, RULES, judged).result()
    assert {each.category for each in caught} == {RuleWarning}


def test_going_on_does_not_warn_again():
    with pytest.warns(RuleWarning):
        model = fit({"kernel_initializer": "glorot_uniform"})
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuleWarning)
        model.partial_fit(rows(), np.arange(60) % 2)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_auto_keeps_every_rule(activation, optimizer):
    assert judge(setting({"activation": activation, "optimizer": optimizer})) == []


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_no_warning_where_every_rule_is_kept(activation):
    model = KerasMLPClassifier((4,), activation, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuleWarning)
        model.initialize(rows(), np.arange(60) % 2)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_an_initializer_breaks_at_most_one_rule(activation):
    """So that people are told one remedy, not two that contradict each other."""
    for initializer in INITIALIZERS:
        broken = judge(setting({"activation": activation, "kernel_initializer": initializer}))
        assert len(broken) <= 1
        suited = initializer in ACTIVATIONS[activation].suited_initializers or (
            activation == "selu" and initializer == "variance_scaling"  # lecun_normal by default
        )
        assert bool(broken) is not suited


def test_rules_read_parameters_that_exist():
    class Recorder(dict):
        def __getitem__(self, key):
            read.add(key)
            return super().__getitem__(key)

    read: set[str] = set()
    for _, breaking, _ in CASES:
        judged = setting(breaking)
        judge(Setting.of(Recorder(judged.params), rows()))
    assert read <= set(constraints_of(TECHNIQUES))
    assert {"activation", "batch_norm", "dropout", "momentum"} <= read


class TestMechanics:
    """With rules of the test's own."""

    SETTING = Setting({"a": 1, "b": "x"}, n_rows=3, input_mean=0.0, input_std=1.0, input_scale=2.0)
    RULE = Rule(
        "a is small",
        lambda setting: setting["a"] > 0,
        "a={a!r} at scale {input_scale:.1f} {more}",
        "take a={b!r}",
        "Somebody 2020, https://example.org",
        words=lambda setting: {"more": f"for {setting.n_rows} rows"},
    )

    def test_sentence(self):
        assert self.RULE.sentence(self.SETTING) == (
            "a is small: a=1 at scale 2.0 for 3 rows; take a='x' (Somebody 2020, "
            "https://example.org)."
        )

    def test_broken_rules_keep_their_order(self):
        never = Rule("never", lambda setting: False, "", "", "")
        other = Rule("other", lambda setting: True, "", "", "")
        assert broken_rules(self.SETTING, [other, never, self.RULE]) == [other, self.RULE]

    @pytest.mark.parametrize(("values", "expected"), [((1, 2), True), ((2,), False)])
    def test_has(self, values, expected):
        assert has("a", *values)(self.SETTING) is expected

    @pytest.mark.parametrize(
        ("default", "has_effect", "is_broken"),
        [(0, False, True), (0, True, False), (1, False, False)],
    )
    def test_without_effect(self, default, has_effect, is_broken):
        rule = without_effect("a", default, "b", lambda setting: has_effect, "https://example.org")
        assert rule.broken_by(self.SETTING) is is_broken
        assert rule.sentence(self.SETTING) == (
            f"a needs b: a=1 has no effect here; leave a at {default} or use b "
            "(https://example.org)."
        )


def test_indicators_are_not_asked_to_be_standardized():
    random = np.random.default_rng(0)
    numbers = random.normal(size=(200, 2))
    one_hot = np.eye(6)[random.integers(6, size=200)]
    selu = {**KerasMLPRegressor(activation="selu").get_params(), "kernel_initializer": "auto"}
    assert Setting.of(selu, np.hstack([numbers, one_hot])).is_standardized
    assert Setting.of(selu, one_hot).is_standardized
    assert not Setting.of(selu, np.hstack([3 * numbers, one_hot])).is_standardized
    both = Setting.of(selu, np.hstack([numbers, 2 * numbers + 1]))
    stacked = np.hstack([numbers, 2 * numbers + 1])
    assert (both.input_mean, both.input_std) == pytest.approx((stacked.mean(), stacked.std()))
