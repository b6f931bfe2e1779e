from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, logit, softmax
from sklearn.metrics import log_loss

from estimators import KerasMLPClassifier, RuleWarning
from estimators.techniques.calibration import fit_temperature


class TestFitTemperature:
    def test_of_two_classes_by_hand(self):
        # Right 3 of 4 times at log odds of 4.6: the best log odds are log 3.
        probabilities = np.full((4, 1), 0.99)
        found = fit_temperature(probabilities, np.array([[1], [1], [1], [0]]))
        assert found == pytest.approx(logit(0.99) / np.log(3), rel=1e-3)

    def test_of_several_classes_undoes_a_scale_of_the_logits(self):
        random = np.random.default_rng(0)
        logits = random.normal(size=(4000, 3))
        classes = np.array([random.choice(3, p=p) for p in softmax(logits, axis=1)])
        found = fit_temperature(softmax(2 * logits, axis=1), classes.reshape(-1, 1))
        assert found == pytest.approx(2, rel=0.1)

    def test_of_several_labels(self):
        random = np.random.default_rng(0)
        logits = random.normal(size=(4000, 2))
        labels = random.random(logits.shape) < expit(logits)
        assert fit_temperature(expit(3 * logits), labels) == pytest.approx(3, rel=0.1)

    def test_of_members_by_hand(self):
        """Two members of log odds 6 and 0: at temperature T the mean says (expit(6 / T) + 1/2) / 2."""
        probabilities = np.tile(expit([[[6.0], [0.0]]]), (10, 1, 1))
        found = fit_temperature(probabilities, np.array([[1]] * 7 + [[0]] * 3))
        assert expit(6 / found) == pytest.approx(0.9, rel=1e-3)

    def test_equal_members_are_one(self):
        random = np.random.default_rng(0)
        probabilities = softmax(random.normal(size=(200, 3)), axis=1)
        y = random.integers(0, 3, (200, 1))
        repeated = np.repeat(probabilities[:, None], 4, axis=1)
        assert fit_temperature(repeated, y) == pytest.approx(fit_temperature(probabilities, y))

    def test_weighs_rows(self):
        probabilities = np.full((2, 1), 0.99)
        y, weight = np.array([[1], [0]]), np.array([3.0, 1.0])
        expected = logit(0.99) / np.log(3)
        assert fit_temperature(probabilities, y, weight) == pytest.approx(expected, rel=1e-3)

    def test_is_bounded_where_every_row_is_right(self):
        found = fit_temperature(np.full((4, 1), 0.9), np.ones((4, 1)))
        assert found == pytest.approx(1 / 5, rel=1e-3)

    def test_of_probabilities_of_0_and_1(self):
        probabilities = np.array([[1.0], [1.0], [0.0]], dtype=np.float32)
        assert 1 / 5 <= fit_temperature(probabilities, np.array([[1], [0], [0]])) <= 5


def test_scaling_by_the_temperature_lowers_the_log_loss():
    random = np.random.default_rng(1)
    logits = random.normal(size=(2000, 1))
    y = (random.random((2000, 1)) < expit(logits)).astype(int)
    temperature = fit_temperature(expit(4 * logits), y)
    assert log_loss(y, expit(4 * logits / temperature)) < log_loss(y, expit(4 * logits))


def test_nothing_is_learned_from_rows_that_only_watch():
    """Else the rows of a fold would calibrate the probabilities that they judge."""
    X = np.random.default_rng(0).normal(size=(120, 3))
    y = (X[:, 0] + X[:, 1] > 0).astype(int)
    how = {"epochs": 4, "early_stopping": False, "random_state": 0}
    plain = KerasMLPClassifier((8,), **how).fit(X, y)
    watched = KerasMLPClassifier((8,), calibration="temperature", **how)
    with pytest.warns(RuleWarning, match="calibration"):
        watched.fit(X, y, X_val=X, y_val=1 - y)
    np.testing.assert_array_equal(watched.predict_proba(X), plain.predict_proba(X))
