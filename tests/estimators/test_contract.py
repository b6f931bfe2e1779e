"""scikit-learn's own checks of an estimator, all of them."""

from __future__ import annotations

import pytest
from sklearn.utils.estimator_checks import estimator_checks_generator, parametrize_with_checks

from estimators import (
    KerasMLPClassifier,
    KerasMLPRegressor,
    KerasRNNClassifier,
    KerasRNNRegressor,
)

ESTIMATORS = [
    KerasMLPClassifier((30,), epochs=8, learning_rate=0.1, batch_size=10, random_state=0),
    KerasMLPRegressor((50,), epochs=8, learning_rate=0.05, batch_size=20, random_state=0),
    KerasRNNClassifier(
        (20,), "gru", epochs=8, learning_rate=0.05, global_clipnorm=1, batch_size=10, random_state=0
    ),
    KerasRNNRegressor(
        (20,), "simple", epochs=8, learning_rate=0.05, global_clipnorm=1, random_state=0
    ),
]
EXPECTED_FAILURES = {
    "check_sample_weight_equivalence_on_dense_data": (
        "training by mini-batches: to repeat a row changes which rows share a step"
    ),
}


# Strict, as all are (pyproject.toml): one that passes is a failure, so that the list stays true.
@parametrize_with_checks(ESTIMATORS, expected_failed_checks=lambda estimator: EXPECTED_FAILURES)
@pytest.mark.filterwarnings("ignore::estimators.RuleWarning")  # input is what it is
@pytest.mark.slow
def test_scikit_learns_contract(estimator, check):
    check(estimator)


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda estimator: type(estimator).__name__)
def test_expected_failures_are_of_checks_that_run(estimator):
    checks = {check.func.__name__ for _, check in estimator_checks_generator(estimator)}
    assert set(EXPECTED_FAILURES) <= checks
    assert len(EXPECTED_FAILURES) == 1
    assert len(checks) > 50
