"""Studies that are really run, on little."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone

from pipelines import InputError, load_dataset, make_pipeline
from pipelines.ablation import explain_techniques, plan_ablation, run_ablation
from pipelines.search import SearchObserver, make_splitter

BEST = {"activation": "selu", "epochs": 2, "hidden_layer_sizes": (4,)}


class Listener(SearchObserver):
    """Keeps what it is told."""

    def __init__(self):
        self.told = []

    def on_search_begin(self, n_candidates, n_splits):
        self.told.append(("begin", n_candidates, n_splits))

    def on_candidate_begin(self, candidate):
        self.told.append(("candidate", candidate.name))

    def on_candidate_end(self, evaluation):
        self.told.append(("done", evaluation))

    def on_candidate_resumed(self, evaluation):
        self.told.append(("resumed", evaluation.candidate.name))

    def on_group_begin(self, group):
        self.told.append(("group", group.name))

    def on_group_end(self, group, evaluations):
        self.told.append(("group done", group.name, len(evaluations)))

    def on_search_end(self):
        self.told.append(("end",))

    def of(self, kind):
        return [one[1] for one in self.told if one[0] == kind]


@pytest.fixture(scope="module")
def plan():
    development, test = load_dataset("iris").split()
    return plan_ablation(
        development,
        test,
        BEST,
        splitter=lambda seed: make_splitter(development, n_splits=2, random_state=seed),
        seeds=(0, 1),
    )


@pytest.fixture(scope="module")
def ran(plan):
    listener, estimates = Listener(), []
    ablation = run_ablation(plan, observers=[listener], on_estimate=estimates.append)
    return ablation, listener, estimates


def test_a_score_is_that_of_the_pipeline_with_these_hyperparameters(plan, ran):
    ablation, *_ = ran
    development = plan.development
    pipeline = make_pipeline(development, preset="plain", epochs=2, random_state=1)
    train, validation = plan.splits[1][0]
    fitted = clone(pipeline).fit(development.X.iloc[train], development.y.iloc[train])
    expected = fitted.score(development.X.iloc[validation], development.y.iloc[validation])
    result = ablation.networks[frozenset({"minibatches"})]
    assert result.values[2] == expected  # the second seed's first fold
    held_out = fitted.score(plan.test.X, plan.test.y)
    assert result.evaluations[1].folds[0].held_out_scores["test"]["accuracy"] == held_out


def test_observers_are_told_of_networks_and_of_their_seeds(plan, ran):
    _, listener, estimates = ran
    assert listener.told[0] == ("begin", 2 * len(plan.networks), 2)
    assert listener.of("group") == [network.name for network in plan.networks]
    assert listener.of("candidate")[:2] == ["plain, seed 0", "best, seed 0"]
    assert len(listener.of("candidate")) == 2 * len(plan.networks)
    assert [one[2] for one in listener.told if one[0] == "group done"] == [2] * len(plan.networks)
    assert listener.told[-1] == ("end",)
    (seconds,) = estimates
    assert seconds > 0


def test_what_is_known_is_not_trained_again(plan, ran):
    ablation, listener, _ = ran
    known = {one.candidate.fingerprint: one for one in listener.of("done")}
    lost = next(iter(known))
    del known[lost]
    again = Listener()
    found = run_ablation(plan, observers=[again], resume=lambda fingerprints: known)
    assert len(again.of("candidate")) == 1
    assert len(again.of("resumed")) == len(known)
    for techniques, result in ablation.networks.items():
        assert np.array_equal(found.networks[techniques].values, result.values)


def test_out_of_time_the_first_seed_is_trained_to_its_end(plan):
    listener = Listener()
    ablation = run_ablation(plan, observers=[listener], timeout=0.0)
    assert ablation.plan.seeds == (0,)
    assert len(listener.of("candidate")) == len(plan.networks)
    assert ablation.best.values.shape == (2,)
    assert {one[2] for one in listener.told if one[0] == "group done"} == {1}


def test_a_regression_by_its_error():
    found = explain_techniques(
        load_dataset("diabetes"),
        {"hidden_layer_sizes": (4,), "epochs": 2, "scaling": "quantile"},
        seeds=1,
        n_splits=2,
        metrics=("neg_root_mean_squared_error",),
    )
    assert [worth.change.name for worth in found.worths] == [
        "scaling",
        "architecture",
        "minibatches",
    ]
    assert found.plain.score.mean > 0
    assert found.metric.title == "RMSE in units of target"
    minibatches = found.worths[-1]  # two epochs instead of a hundred
    assert minibatches.in_best.difference.mean > 0


def test_the_rules_of_seeds():
    with pytest.raises(InputError, match="seeds must be 1 or more, but it is 0"):
        explain_techniques(load_dataset("iris"), seeds=0)
    with pytest.raises(InputError, match="There is nothing to explain: plain is the plain network"):
        explain_techniques(load_dataset("iris"), "plain")
