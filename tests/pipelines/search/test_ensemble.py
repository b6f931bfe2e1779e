from __future__ import annotations

import numpy as np
import pytest

from pipelines import GridSearch
from pipelines.search import Candidate, Evaluation, FoldResult
from pipelines.search.ensemble import ensemble_params


def evaluation(number, scores, **hyperparameters):
    hyperparameters = {"early_stopping": False, "scaling": "standard", **hyperparameters}
    folds = tuple(FoldResult({}, {"r2": score}, 1.0, 0.1, 0.1, 1.0, 10, 5, {}) for score in scores)
    params = {f"model__{name}": value for name, value in hyperparameters.items() if value}
    candidate = Candidate(number, params, hyperparameters, f"#{number}")
    return Evaluation(candidate, "complete", None, folds, 0.0, 1.0)


BEST = evaluation(0, [0.80, 0.90, 1.00], dropout=0.1, activation="relu")
SECOND = evaluation(1, [0.79, 0.89, 0.99], dropout=0.3, activation="relu")
THIRD = evaluation(2, [0.80, 0.85, 0.90], dropout=0.1, activation="silu")


class TestParams:
    """The best one's mean is 0.9, and the standard error of it 0.1 / sqrt(3) = 0.058."""

    @pytest.fixture
    def params(self, classes, quick):
        def make(*ranked):
            return ensemble_params(ranked, quick(classes), "r2", 8)

        return make

    def test_members_differ_from_the_best(self, params):
        assert params(BEST, SECOND, THIRD) == {
            **BEST.candidate.params,
            "model__n_members": 8,
            "model__member_params": [{}, {"dropout": 0.3}, {"activation": "silu"}],
        }

    def test_what_is_more_than_a_standard_error_below_has_no_member(self, params):
        lower = evaluation(3, [0.80, 0.84, 0.88], dropout=0.5, activation="relu")
        made = params(BEST, lower, THIRD)
        assert made["model__member_params"] == [{}]

    def test_four_configurations_at_most(self, params):
        others = [
            evaluation(n, [0.8, 0.9, 1.0], dropout=n / 10, activation="relu") for n in range(2, 8)
        ]
        assert [one.get("dropout") for one in params(BEST, *others)["model__member_params"]] == [
            None,
            0.2,
            0.3,
            0.4,
        ]

    def test_each_configuration_once(self, params):
        again = evaluation(4, [0.8, 0.9, 1.0], dropout=0.1, activation="relu")
        assert params(BEST, again)["model__member_params"] == [{}]

    @pytest.mark.parametrize("shared", [{"early_stopping": True}, {"scaling": "minmax"}])
    def test_members_share_preprocessing_and_validation_rows(self, params, shared):
        other = evaluation(5, [0.8, 0.9, 1.0], dropout=0.4, activation="relu", **shared)
        assert params(BEST, other)["model__member_params"] == [{}]

    def test_one_fold_has_no_standard_error(self, params):
        best, other = evaluation(0, [0.9], dropout=0.1), evaluation(1, [0.89], dropout=0.2)
        assert params(best, other)["model__member_params"] == [{}]

    @pytest.mark.parametrize(
        "own",
        [
            {"n_members": 8},
            {"n_members": 2, "member_params": [{}, {"dropout": 0.5}]},
            {"n_members": 2, "member_sharing": "tabm"},
        ],
        ids=str,
    )
    def test_there_is_none_of_an_ensemble(self, params, own):
        assert params(evaluation(0, [0.9], **own)) is None

    def test_more_members_take_the_place_of_few(self, params):
        best = evaluation(0, [0.8, 0.9, 1.0], n_members=2, dropout=0.1)
        single = evaluation(1, [0.8, 0.9, 1.0], n_members=1, dropout=0.3)
        assert params(best, single) == {
            **best.candidate.params,
            "model__n_members": 8,
            "model__member_params": [{}, {"dropout": 0.3}],
        }


@pytest.fixture(scope="module")
def search(classes, quick):
    grid = {"activation": ["relu", "silu"], "dropout": [0.0, 0.1]}
    search = GridSearch(quick(classes), grid, scoring="neg_log_loss", n_members=3)
    return search.fit(classes.X, classes.y)


class TestSearch:
    def test_it_is_fitted_beside_the_best(self, search):
        assert search.best_estimator_[-1].n_members == 1
        ensemble = search.ensemble_estimator_[-1]
        assert ensemble.n_members == 3
        for name in ("activation", "dropout"):
            assert getattr(ensemble, name) == search.best_params_[name]
        assert search.ensemble_time_ > 0

    def test_it_is_the_mean_of_its_networks(self, search, classes):
        inputs = search.ensemble_estimator_[:-1].transform(classes.X)
        model = search.ensemble_estimator_[-1].model_
        members = [layer for layer in model.layers if layer.name.startswith("member_")]
        mean = np.mean([member(np.float32(inputs)) for member in members], axis=0)
        probabilities = search.ensemble_estimator_.predict_proba(classes.X)
        np.testing.assert_allclose(probabilities[:, 1], mean[:, 0], rtol=1e-4)

    def test_none_by_default(self, classes, quick):
        search = GridSearch(quick(classes), {"activation": ["relu"]}).fit(classes.X, classes.y)
        assert search.ensemble_estimator_ is None
