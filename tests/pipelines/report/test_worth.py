from __future__ import annotations

from dataclasses import replace

import pytest

from pipelines.report import printed_metric
from pipelines.report.worth import effect_label, effect_sentence, worth_of
from pipelines.statistics import Interval

ACCURACY = printed_metric("accuracy")


@pytest.fixture
def configured(of_folds):
    """A function that makes an evaluation from fold scores and hyperparameters."""

    def make(number, scores, **hyperparameters):
        evaluation = of_folds(number, str(number), scores)
        candidate = replace(evaluation.candidate, hyperparameters=hyperparameters)
        return replace(evaluation, candidate=candidate)

    return make


@pytest.fixture
def grid(configured):
    """Activation and normalization crossed, and selu, which comes with its own initializer."""
    common = {"epochs": 20}
    he, lecun = {"kernel_initializer": "he"}, {"kernel_initializer": "lecun"}
    return [
        configured(0, [0.50, 0.52, 0.54], activation="relu", batch_norm=None, **he, **common),
        configured(1, [0.60, 0.61, 0.65], activation="elu", batch_norm=None, **he, **common),
        configured(2, [0.40, 0.44, 0.43], activation="relu", batch_norm="after", **he, **common),
        configured(3, [0.55, 0.56, 0.57], activation="elu", batch_norm="after", **he, **common),
        configured(4, [0.90, 0.91, 0.92], activation="selu", batch_norm=None, **lecun, **common),
    ]


@pytest.fixture
def worth(grid):
    return worth_of(grid, ACCURACY, test_ratio=0.5)


def by_value(worth):
    return {effect.value: effect for effect in worth.effects}


def test_matched_pairs_by_hand(worth):
    """elu - relu by fold, the mean of the pairs without and with normalization."""
    elu = by_value(worth)["elu"]
    expected = [(0.10 + 0.15) / 2, (0.09 + 0.12) / 2, (0.11 + 0.14) / 2]
    assert elu.n_pairs == 2
    assert elu.reference == "relu"
    assert not elu.together
    assert elu.comparison.difference.mean == pytest.approx(sum(expected) / 3)
    assert elu.comparison.n_better == 3


def test_what_has_no_match_says_what_else_is_not_alike(worth):
    selu = by_value(worth)["selu"]
    assert selu.together == {"kernel_initializer": "lecun"}
    assert selu.n_pairs == 1  # with relu without normalization
    assert "lecun" not in by_value(worth)  # the same pair again


def test_a_preset_is_no_effect_of_one_of_its_hyperparameters(configured):
    def values(value):
        return dict.fromkeys(("a", "b", "c", "d", "e"), value)

    evaluations = [
        configured(0, [0.50, 0.52, 0.54], activation="relu", **values(1)),
        configured(1, [0.51, 0.53, 0.55], activation="elu", **values(1)),
        configured(2, [0.60, 0.62, 0.64], activation="silu", **values(2)),
    ]
    worth = worth_of(evaluations, ACCURACY, test_ratio=0.5)
    assert [effect.value for effect in worth.effects] == ["elu"]
    assert worth.without_pairs == ("a", "b", "c", "d", "e")


def test_the_greatest_gain_comes_first_and_what_is_alike_is_listed(worth):
    assert [effect.value for effect in worth.effects] == ["selu", "elu", "after"]
    assert worth.not_varied == {"epochs": "20"}
    assert worth.without_pairs == ()


def test_p_is_corrected_for_the_number_of_effects(worth):
    p = [effect.comparison.p for effect in worth.effects]
    adjusted = [effect.comparison.p_adjusted for effect in worth.effects]
    assert min(adjusted) == pytest.approx(3 * min(p))


def test_of_an_error_less_is_better(grid):
    error = replace(ACCURACY, greater_is_better=False)
    effects = worth_of(grid, error, test_ratio=0.5).effects
    assert effects[0].value == "selu"
    assert effects[0].comparison.difference.mean < 0 or effects[0].comparison.n_better == 0


def test_a_drawn_number_has_no_pairs(configured):
    drawn = [
        configured(n, [0.5, 0.6], learning_rate=0.001 * (n + 1), activation="relu")
        for n in range(20)
    ]
    worth = worth_of(drawn, ACCURACY, test_ratio=0.5)
    assert worth.effects == ()
    assert worth.without_pairs == ("learning_rate",)
    shares = {"learning_rate": Interval(0.9, 0.8, 1.0)}
    known = worth_of(drawn, ACCURACY, test_ratio=0.5, importances=shares)
    assert (known.without_pairs, known.n_drawn) == ((), 20)


def test_with_importances_only_what_is_alike_is_compared(grid):
    shares = {"activation": Interval(0.9, 0.8, 1.0)}
    worth = worth_of(grid, ACCURACY, test_ratio=0.5, importances=shares)
    assert [effect.value for effect in worth.effects] == ["elu", "after"]


def test_words(worth):
    selu = by_value(worth)["selu"]
    assert effect_label(selu) == "activation: selu, lecun instead of relu"
    assert effect_sentence(selu, ACCURACY).startswith(
        "activation selu instead of relu (together with kernel_initializer lecun): helps, "
        "+39.00 points ["
    )
    after = by_value(worth)["after"]
    assert effect_sentence(after, ACCURACY).startswith(
        "batch_norm after instead of none: hurts, -7.83 points ["
    )
    assert effect_sentence(after, ACCURACY).endswith("(2 pairs of configurations).")
