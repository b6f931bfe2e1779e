from __future__ import annotations

import numpy as np
import pytest

# lstm, with layer norm, with clipnorm, with both; simple cells alike: three seeds each.
SCORES = [
    [0.80, 0.81, 0.79],
    [0.80, 0.80, 0.82],
    [0.81, 0.82, 0.80],
    [0.80, 0.81, 0.79],
    [0.60, 0.61, 0.59],
    [0.60, 0.62, 0.58],
    [0.70, 0.712, 0.69],
    [0.70, 0.71, 0.69],
]


def effects_of(study):
    return {(one.level, one.within): one for one in study.effects}


def test_differences_are_averaged_over_the_other_factors(factorial_study):
    effects = effects_of(factorial_study(SCORES))
    assert [*effects] == [
        ("simple", None),
        ("clipnorm", None),
        ("layer_norm", None),
        ("clipnorm", "lstm"),
        ("layer_norm", "lstm"),
        ("clipnorm", "simple"),
        ("layer_norm", "simple"),
    ]
    scores = np.array(SCORES)
    expected = {
        ("simple", None): scores[4:] - scores[:4],
        ("clipnorm", None): scores[[2, 3, 6, 7]] - scores[[0, 1, 4, 5]],
        ("clipnorm", "simple"): scores[[6, 7]] - scores[[4, 5]],
        ("layer_norm", None): scores[1::2] - scores[::2],
    }
    for name, differences in expected.items():
        assert effects[name].n_combinations == len(differences)
        assert effects[name].comparison.difference.mean == pytest.approx(differences.mean())
    assert effects["simple", None].reference == "lstm"
    assert effects["simple", None].comparison.verdict == "worse"
    assert effects["clipnorm", "simple"].comparison.verdict == "better"
    assert effects["layer_norm", None].comparison.verdict == "no difference shown"


@pytest.mark.parametrize(("within", "n_effects"), [(None, 3), ("simple", 2)])
def test_they_are_corrected_for_their_number(factorial_study, within, n_effects):
    effects = [one.comparison for one in factorial_study(SCORES).effects if one.within == within]
    smallest = min(effects, key=lambda one: one.p)
    assert len(effects) == n_effects
    assert smallest.p_adjusted == pytest.approx(n_effects * smallest.p)


def test_combinations_that_fail_are_left_out(factorial_study):
    scores = [*SCORES[:6], [0.70, None, 0.69], SCORES[7]]
    effects = effects_of(factorial_study(scores))
    assert effects["clipnorm", "simple"].n_combinations == 1
    expected = np.mean(np.subtract(SCORES[7], SCORES[5]))
    assert effects["clipnorm", "simple"].comparison.difference.mean == pytest.approx(expected)


def test_without_two_combinations_of_a_level_there_are_none(factorial_study, study):
    none = [None, None, None]
    alone = factorial_study([*SCORES[:2], none, none, SCORES[4], none, none, none])
    assert alone.effects == []
    assert study.effects == []
