from __future__ import annotations

import inspect
import re
from pathlib import Path

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estimators import KerasMLPClassifier, KerasMLPRegressor
from estimators.techniques import TECHNIQUES, check_parameters, constraints_of
from estimators.techniques.activation import ACTIVATIONS
from estimators.techniques.batch_normalization import BATCH_NORM_PLACEMENTS
from estimators.techniques.features import NUMERIC_EMBEDDINGS
from estimators.techniques.initializer import INITIALIZERS
from estimators.techniques.optimizer import OPTIMIZERS
from estimators.techniques.parametrization import PARAMETRIZATIONS
from estimators.techniques.weight_kind import WEIGHT_KINDS

ESTIMATORS = [KerasMLPClassifier, KerasMLPRegressor]
CONSTRAINTS = {estimator: constraints_of(estimator.techniques) for estimator in ESTIMATORS}
X, Y = np.arange(12.0).reshape(6, 2), np.array([0, 1, 0, 1, 0, 1])

anything_wrong = st.sampled_from([object(), {"a": 1}, 1j, b"relu"])
text = st.text(max_size=8)


def names(*known):
    return st.sampled_from(sorted(known)), text.filter(lambda name: name not in known)


def reals(low, high=None, **bounds):
    """Numbers inside, and outside or not numbers at all."""
    inside = st.floats(low, high, allow_nan=False, allow_infinity=False, **bounds)
    outside = [st.floats(max_value=low, exclude_max=not bounds.get("exclude_min", False))]
    if high is not None:
        outside.append(st.floats(min_value=high))
    return inside, st.one_of(*outside, st.just(float("nan")), text)


def optional(pair):
    valid, invalid = pair
    return valid | st.none(), invalid


positive = reals(0, exclude_min=True)
not_negative = reals(0)


def with_auto(strategies):
    """The same, and "auto"."""
    valid, invalid = strategies
    return valid | st.just("auto"), invalid.filter(lambda value: value != "auto")


share = reals(0, 1, exclude_max=True)
no_count = st.integers(max_value=0) | st.floats() | text
count = st.integers(1, 10**6), no_count | st.none()
flag = st.booleans(), st.integers(2) | text | st.none()

# parameter: strategies of valid and of invalid values.
VALUES = {
    "hidden_layer_sizes": (
        st.integers(1, 500) | st.lists(st.integers(1, 500), max_size=4),
        st.integers(max_value=0)
        | st.floats()
        | text
        | st.none()
        | st.lists(st.integers(max_value=0) | st.floats() | text, min_size=1, max_size=3),
    ),
    "activation": names(*ACTIVATIONS),
    "negative_slope": optional(not_negative),
    "parametric_activation": flag,
    "kernel_initializer": names("auto", *INITIALIZERS),
    "initializer_scale": positive,
    "initializer_mode": names("fan_in", "fan_out", "fan_avg"),
    "initializer_distribution": names("truncated_normal", "untruncated_normal", "uniform"),
    "bias_initializer": names("zeros", "ones"),
    "data_initialization": flag,
    "init_from": (
        st.none() | text | st.builds(Path, st.just("model")) | st.builds(KerasMLPClassifier),
        st.integers() | st.floats(),
    ),
    "init_layers": names("hidden", "all"),
    "frozen_layers": (st.integers(0, 1), st.integers(max_value=-1) | st.floats() | text),
    "unfreeze_at": optional((count[0], no_count)),
    "layer_learning_rates": (
        positive[0] | st.lists(not_negative[0], min_size=1, max_size=1),
        st.floats(max_value=0) | text | st.lists(st.floats(max_value=-1) | text, min_size=1),
    ),
    "parametrization": names(*PARAMETRIZATIONS),
    "batch_norm": (
        st.sampled_from([None, True, False, *BATCH_NORM_PLACEMENTS]),
        text.filter(lambda name: name not in BATCH_NORM_PLACEMENTS) | st.floats(),
    ),
    "layer_norm": flag,
    "residual": flag,
    "categorical_features": (
        st.sampled_from(["from_dtype", None, [0], ("a", "b"), [True, False], np.array([0, 1])]),
        text | st.floats() | st.sampled_from([[0, "a"], [1.5], [None], [True, 0]]),
    ),
    "max_one_hot": (st.integers(0, 10**6), st.integers(max_value=-1) | st.floats() | text),
    "category_embedding_dim": count,
    "numeric_embedding": optional(names(*NUMERIC_EMBEDDINGS)),
    "n_bins": count,
    "numeric_embedding_dim": count,
    "n_frequencies": count,
    "frequency_scale": positive,
    "feature_scale": flag,
    "dropout": share,
    "dropout_schedule": names("constant", "flat_cosine"),
    "optimizer": names(*OPTIMIZERS),
    "learning_rate": (
        positive[0] | st.just(keras.optimizers.schedules.CosineDecay(0.1, 10)),
        positive[1] | st.none(),
    ),
    "learning_rate_schedule": names("constant", "cosine", "coslog4", "one_cycle"),
    "warmup_fraction": share,
    "learning_rate_factors": optional(
        (
            st.dictionaries(st.sampled_from(WEIGHT_KINDS), not_negative[0] | st.integers(0, 9)),
            # Hypothesis draws words of the code as well, and so these.
            st.dictionaries(
                text.filter(lambda word: word not in WEIGHT_KINDS), not_negative[0], min_size=1
            )
            | st.dictionaries(
                st.sampled_from(WEIGHT_KINDS),
                st.floats(max_value=0, exclude_max=True) | st.none() | st.booleans(),
                min_size=1,
            )
            | text,
        )
    ),
    "momentum": share,
    "nesterov": flag,
    "beta_1": share,
    "beta_2": share,
    "epsilon": positive,
    "weight_decay": not_negative,
    "weight_decay_schedule": names("constant", "flat_cosine"),
    "weight_decay_biases": flag,
    "clipnorm": optional(positive),
    "clipvalue": optional(positive),
    "global_clipnorm": optional(positive),
    "batch_size": count,
    "epochs": count,
    "shuffle": flag,
    "image_shape": (st.none() | st.just((2, 2)) | st.just([2, 2, 3]), st.floats() | text),
    "random_shift": (st.integers(0, 9), st.integers(max_value=-1) | st.floats() | text),
    "random_flip": flag,
    "random_erasing": (
        st.floats(0, 1),
        st.floats(max_value=0, exclude_max=True) | st.floats(1, exclude_min=True) | text,
    ),
    "mixup": not_negative,
    "weight_averaging": optional(names("ema", "swa")),
    "ema_momentum": share,
    "early_stopping": flag,
    "validation_fraction": with_auto(reals(0, 1, exclude_min=True, exclude_max=True)),
    "patience": optional((count[0], no_count)),
    "min_delta": not_negative,
    "engine": names("auto", "compiled", "uncompiled", "keras"),
    "warm_start": flag,
    "callbacks": (
        st.none()
        | st.builds(keras.callbacks.Callback)
        | st.lists(st.builds(keras.callbacks.Callback)),
        st.integers() | text | st.lists(text | st.none(), min_size=1),
    ),
    "random_state": (
        st.none() | st.integers(0, 2**32 - 1) | st.builds(np.random.RandomState, st.just(0)),
        st.integers(max_value=-1) | st.integers(2**32) | st.floats() | text,
    ),
    "verbose": (st.booleans() | st.integers(0, 2), st.integers(max_value=-1) | st.floats() | text),
    "class_weight": (
        st.sampled_from([None, "balanced", {0: 1.0, 1: 2.0}, [{0: 1.0, 1: 2.0}]]),
        text.filter(lambda name: name != "balanced") | st.floats(),
    ),
    "label_smoothing": share,
    "loss": names("mean_squared_error", "mean_absolute_error", "huber"),
    "standardize_target": flag,
    "clip_target": flag,
    "calibration": names("temperature"),
    "n_members": (count[0], no_count),
    "member_params": (st.none() | st.just([]), st.floats() | text),
    "member_sharing": (st.none(), names("tabm", "tabm_mini")[1]),
}
EVERY_PARAMETER = [
    (estimator, name) for estimator, constraints in CONSTRAINTS.items() for name in constraints
]


def anything_wrong_for(name):
    if name == "class_weight":  # a dict may be right
        return anything_wrong.filter(lambda value: not isinstance(value, dict))
    return anything_wrong


def check(estimator, **params):
    check_parameters(
        estimator.techniques,
        estimator(**params).get_params(deep=False),
        estimator.__name__,
    )


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_every_parameter_has_a_constraint(estimator):
    parameters = set(inspect.signature(estimator.__init__).parameters) - {"self"}
    assert set(CONSTRAINTS[estimator]) == parameters
    assert set(VALUES) >= parameters


@pytest.mark.parametrize(
    ("name", "registry"),
    [
        ("activation", {*ACTIVATIONS}),
        ("kernel_initializer", {"auto", *INITIALIZERS}),
        ("batch_norm", {*BATCH_NORM_PLACEMENTS}),
        ("optimizer", {*OPTIMIZERS}),
    ],
)
def test_names_are_those_of_the_registry(name, registry):
    assert constraints_of(TECHNIQUES)[name][0].options == registry


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_defaults_are_valid(estimator):
    check(estimator)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_only_two_parameters_go_by_place(estimator):
    kinds = {
        name: parameter.kind for name, parameter in inspect.signature(estimator).parameters.items()
    }
    by_place = [name for name, kind in kinds.items() if kind is not inspect.Parameter.KEYWORD_ONLY]
    assert by_place == ["hidden_layer_sizes", "activation"]


@pytest.mark.parametrize(("estimator", "name"), EVERY_PARAMETER)
@settings(deadline=None, max_examples=50)  # for each estimator that has it
@given(data=st.data())
def test_valid_values_never_raise(estimator, name, data):
    value = data.draw(VALUES[name][0])
    check(estimator, **{name: value})


@pytest.mark.parametrize(("estimator", "name"), EVERY_PARAMETER)
@settings(deadline=None, max_examples=50)  # for each estimator that has it
@given(data=st.data())
def test_invalid_values_always_raise(estimator, name, data):
    value = data.draw(VALUES[name][1] | anything_wrong_for(name))
    rule = f"^The {name!r} parameter of {estimator.__name__} must "
    with pytest.raises(ValueError, match=rule) as raised:
        check(estimator, **{name: value})
    assert repr(value) in str(raised.value)


@pytest.mark.parametrize("method", ["fit", "partial_fit"])
@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("dropout", 1.0, "must be a float in the range [0.0, 1.0). Got 1.0 instead."),
        ("epochs", 0, "must be an int in the range [1, inf). Got 0 instead."),
        ("shuffle", "yes", "must be an instance of 'bool' or an instance of 'numpy.bool'."),
        ("optimizer", "sdg", "Got 'sdg' instead. Did you mean 'sgd'?"),
    ],
)
def test_training_checks(task, method, name, value, sentence):
    model = task.make(**{name: value})
    with pytest.raises(ValueError, match=re.escape(sentence)) as raised:
        getattr(model, method)(task.X, task.y)
    assert f"The {name!r} parameter of {task.estimator.__name__} must " in str(raised.value)
    assert not hasattr(model, "model_")


@pytest.mark.parametrize(
    ("name", "wrong", "meant"),
    [
        ("activation", "leakyrelu", "leaky_relu"),
        ("kernel_initializer", "he-normal", "he_normal"),
        ("initializer_mode", "fanin", "fan_in"),
        ("batch_norm", "before dense", "before_dense"),
        ("optimizer", "Adam", "adam"),
        ("bias_initializer", "zero", "zeros"),
    ],
)
def test_suggestion(name, wrong, meant):
    with pytest.raises(ValueError, match=f"Did you mean '{meant}'\\?$"):
        check(KerasMLPClassifier, **{name: wrong})


@pytest.mark.parametrize(("name", "value"), [("activation", "qqqqqq"), ("dropout", "relu")])
def test_no_suggestion_where_nothing_is_near(name, value):
    with pytest.raises(ValueError, match=f"Got {value!r} instead") as raised:
        check(KerasMLPClassifier, **{name: value})
    assert "Did you mean" not in str(raised.value)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_all_faults_are_raised_together(estimator):
    with pytest.raises(ValueError, match="activation") as raised:
        check(
            estimator,
            activation="rellu",
            epochs=-3,
            hidden_layer_sizes=(10, 0),
            clipnorm=1.0,
            clipvalue=0.5,
            callbacks=["early"],
        )
    faults = str(raised.value).splitlines()
    assert len(faults) == 5
    for fault, expected in zip(
        sorted(faults),
        sorted(
            [
                "At most one of the parameters clipnorm, clipvalue and global_clipnorm of ",
                "The 'activation' parameter of ",
                "The 'callbacks' parameter of ",
                "The 'epochs' parameter of ",
                "The 'hidden_layer_sizes' parameter of ",
            ]
        ),
        strict=True,
    ):
        assert fault.startswith(expected + estimator.__name__)


@pytest.mark.parametrize(
    "clips",
    [
        {"clipnorm": 1.0, "clipvalue": 0.5},
        {"clipnorm": 1.0, "global_clipnorm": 2.0},
        {"clipvalue": 0.5, "global_clipnorm": 2.0},
        {"clipnorm": 1.0, "clipvalue": 0.5, "global_clipnorm": 2.0},
    ],
)
def test_clippings_exclude_each_other(clips):
    told = ", ".join(f"{name}={value}" for name, value in clips.items())
    with pytest.raises(ValueError, match=f"may be set. Got {told}: leave all but one at None"):
        check(KerasMLPRegressor, **clips)


@pytest.mark.parametrize(
    ("sizes", "wrong"),
    [
        ((10, 0), "0"),
        ([10, 2.5], "2.5"),
        (["10"], "'10'"),
        ((True,), "True"),
        (np.array([10, -3]), "np.int64(-3)"),
        (np.array([2.5]), "np.float64(2.5)"),
        (np.array([[3, 2]]), "array([3, 2])"),
    ],
)
def test_hidden_layer_sizes(sizes, wrong):
    sentence = f"must hold ints of 1 or more, one a hidden layer. Got {wrong} among {sizes!r}."
    with pytest.raises(ValueError, match=re.escape(sentence)):
        check(KerasMLPClassifier, hidden_layer_sizes=sizes)


@pytest.mark.parametrize("sizes", [7, np.int64(7), (7,), [7], np.array([7]), range(7, 8)], ids=repr)
def test_hidden_layer_sizes_as_people_write_them(binary, sizes):
    model = binary.make(hidden_layer_sizes=sizes).initialize(binary.X, binary.y)
    assert model.model_.get_layer("dense_0").units == 7


def test_callbacks_are_instances():
    with pytest.raises(ValueError, match=r"must hold keras.callbacks.Callback instances"):
        check(KerasMLPClassifier, callbacks=[keras.callbacks.EarlyStopping])


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_unknown_parameters(estimator):
    with pytest.raises(TypeError, match="unexpected keyword argument 'units'"):
        estimator(units=5)
    with pytest.raises(ValueError, match="Invalid parameter 'units' for estimator"):
        estimator().set_params(units=5)


def test_a_schedule_that_keras_cannot_load():
    class Constant(keras.optimizers.schedules.LearningRateSchedule):
        def __call__(self, step):
            return 0.1

        def get_config(self):
            return {}

    with pytest.raises(ValueError, match=r"Got a Constant: put @keras\.saving\.register_keras"):
        KerasMLPRegressor(learning_rate=Constant()).fit(X, Y)
