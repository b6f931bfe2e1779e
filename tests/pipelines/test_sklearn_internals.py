"""What breaks when a private name of scikit-learn goes, each in a test of its own."""

from __future__ import annotations

from numbers import Real

import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression

from pipelines.sklearn_internals import (
    BaseSearchCV,
    Interval,
    StrOptions,
    check_params,
    fit_context,
    format_results,
)


class Search(BaseSearchCV):
    """A search without candidates, as far as scikit-learn's base class carries it."""

    def __init__(self, estimator):
        super().__init__(estimator)

    def fit(self, X, y):
        self.multimetric_ = False
        self.best_estimator_ = self.estimator.fit(X, y)
        return self


@pytest.fixture
def rows():
    return np.array([[-2.0], [-1.0], [1.0], [2.0]]), np.array([0, 0, 1, 1])


def test_without_base_search_cv_a_search_does_not_predict(rows):
    search = Search(LogisticRegression()).fit(*rows)
    assert search.predict(rows[0]).tolist() == [0, 0, 1, 1]
    assert search.predict_proba(rows[0]).shape == (4, 2)
    assert search.classes_.tolist() == [0, 1]
    assert search.n_features_in_ == 1


def test_without_format_results_a_search_has_no_cv_results():
    scores = {"a": [0.5, 0.7], "b": [0.8, 1.0]}
    fold = {"fit_time": 1.0, "score_time": 0.5}
    results = format_results(
        Search(LogisticRegression()),
        [{"C": "a"}, {"C": "b"}],
        2,
        [
            {**fold, "test_scores": {"accuracy": value}, "train_scores": {"accuracy": 1.0}}
            for values in scores.values()
            for value in values
        ],
    )
    assert results["mean_test_accuracy"] == pytest.approx([0.6, 0.9])
    assert results["std_test_accuracy"] == pytest.approx([0.1, 0.1])
    assert results["rank_test_accuracy"].tolist() == [2, 1]
    assert results["mean_fit_time"].tolist() == [1.0, 1.0]
    assert results["param_C"].tolist() == ["a", "b"]


class Constrained(BaseEstimator):
    _parameter_constraints = {
        "method": [StrOptions({"one", "two"})],
        "share": [Interval(Real, 0, 1, closed="left")],
    }

    def __init__(self, method="one", share=0.5):
        self.method = method
        self.share = share

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X=None, y=None):
        return self


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"method": "three"}, "'method' parameter of Constrained must be a str among .* Got 'th"),
        (
            {"share": 1.0},
            r"'share' parameter of Constrained must be a float in the range \[0.*1.*\)",
        ),
    ],
)
class TestConstraints:
    def test_without_them_a_wrong_value_is_found_only_in_training(self, params, message):
        with pytest.raises(ValueError, match=message):
            check_params(Constrained(**params))

    def test_without_fit_context_the_preprocessing_checks_nothing(self, params, message):
        with pytest.raises(ValueError, match=message):
            Constrained(**params).fit()


def test_what_has_no_constraints_is_not_checked():
    class Unconstrained(BaseEstimator):
        pass

    check_params(Unconstrained())
