from __future__ import annotations

import warnings

import numpy as np
import optuna
import pytest
from optuna.trial import TrialState
from sklearn.base import clone
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline as make_sklearn_pipeline
from sklearn.preprocessing import StandardScaler

from estimators import KerasMLPClassifier, KerasMLPRegressor
from pipelines import GridSearch, InputError, OptunaSearch, load_dataset, make_pipeline
from pipelines.optuna_search import runner
from pipelines.optuna_search.trial_queue import WORKER
from pipelines.preset import load_variants
from pipelines.search import evaluate
from pipelines.space import parse_space

FIRST = [
    {"activation": "elu", "learning_rate": 0.01, "optimizer": "adam", "dropout": 0.0},
    {"activation": "selu", "learning_rate": 0.01, "optimizer": "adam"},  # not in the space
    {"activation": "tanh", "learning_rate": 0.1, "optimizer": "sgd", "momentum": 0.5},
]


class TestAsAnEstimator:
    @pytest.fixture
    def searched(self, make_search, data):
        return make_search(refit=True).fit(data.X, data.y)

    def test_attributes(self, searched, data):
        assert [one.candidate.number for one in searched.evaluations_] == list(range(6))
        scores = [one.validation_mean("accuracy") for one in searched.evaluations_]
        assert searched.best_score_ == np.nanmax(scores) == searched.study_.best_value
        assert searched.best_index_ == int(np.nanargmax(scores))
        best = searched.evaluations_[searched.best_index_]
        assert searched.best_params_ == {
            path.removeprefix("model__"): value for path, value in best.candidate.params.items()
        }
        assert [one.candidate.number for one in searched.pareto_front_] == [
            trial.number for trial in searched.study_.best_trials
        ]
        model = searched.best_estimator_["model"]
        assert model.get_params().items() >= best.candidate.hyperparameters.items()
        assert set(searched.predict(data.X)) <= {"big", "small"}
        assert searched.predict_proba(data.X).shape == (60, 2)
        assert searched.score(data.X, data.y) == (searched.predict(data.X) == data.y).mean()
        assert searched.n_splits_ == 3

    def test_workers_are_limited_as_those_of_a_grid_are(self, make_search, data, monkeypatch):
        asked = []

        def limit(n_jobs, n_trials):
            asked.append((n_jobs, n_trials))
            return 1

        monkeypatch.setattr("pipelines.optuna_search.search.limit_n_jobs", limit)
        make_search(n_trials=1, n_jobs=64).fit(data.X, data.y)
        assert asked == [(64, 1)]

    def test_cv_results_are_those_of_a_grid_of_the_same(self, make_search, data):
        searched = make_search(pruner="none", n_trials=3).fit(data.X, data.y)
        same = [{k: [v] for k, v in one.candidate.params.items()} for one in searched.evaluations_]
        grid = GridSearch(searched.estimator, same, cv=searched.cv, refit=False)
        grid.fit(data.X, data.y)
        assert searched.cv_results_.keys() == grid.cv_results_.keys()
        for name, values in grid.cv_results_.items():
            if not name.endswith("_time"):
                np.testing.assert_array_equal(searched.cv_results_[name], values, err_msg=name)

    def test_the_trials_are_told_to_optuna(self, make_search, data):
        searched = make_search(pruner="none", n_trials=3).fit(data.X, data.y)
        for trial, evaluation in zip(searched.study_.trials, searched.evaluations_, strict=True):
            assert trial.value == evaluation.validation_mean("accuracy")
            curve = evaluation.curves["val_accuracy"]
            assert trial.intermediate_values == dict(enumerate(curve, start=1))
            hyperparameters = evaluation.candidate.hyperparameters
            assert trial.params.items() <= hyperparameters.items()

    def test_clone_and_nesting(self, make_search, data):
        search = make_search(n_trials=2, cv=2, refit=True)
        copy = clone(search)
        assert copy.get_params().keys() == search.get_params().keys()
        assert (copy.space, copy.n_trials, copy.cv) == (search.space, 2, 2)
        assert cross_val_score(copy, data.X, data.y, cv=2).shape == (2,)

    def test_a_pipeline_of_scikit_learn_and_arrays(self, data):
        pipeline = make_sklearn_pipeline(
            StandardScaler(), KerasMLPClassifier((4,), epochs=1, random_state=0)
        )
        search = OptunaSearch(pipeline, "activation: [relu, elu]", n_trials=2, cv=2)
        search.fit(data.X.to_numpy(), data.y.to_numpy())
        assert search.best_params_["activation"] in ("relu", "elu")

    def test_regression(self, data):
        pipeline = make_sklearn_pipeline(
            StandardScaler(), KerasMLPRegressor((4,), epochs=2, random_state=0)
        )
        search = OptunaSearch(pipeline, "learning_rate: [0.01, 0.1]", n_trials=2)
        search.fit(data.X[["length", "width"]], data.X["height"])
        assert search.metrics_[0] == "r2"
        assert search.study_.trials[0].intermediate_values[2] == pytest.approx(
            -search.evaluations_[0].curves["val_loss"][1]
        )


class TestSpace:
    @pytest.mark.parametrize(("name", "scaling"), [("iris", "standard"), ("digits", "pixels")])
    def test_the_default_is_for_tables_or_images(self, name, scaling):
        search = OptunaSearch(make_pipeline(load_dataset(name), preset="plain"))
        (entry,) = [one for one in search.make_space().of("scaling") if not one.when]
        assert scaling in entry.domain.values

    def test_the_default_without_a_scaling_to_vary(self):
        search = OptunaSearch(make_sklearn_pipeline(StandardScaler(), KerasMLPClassifier()))
        search.check()
        assert "scaling" not in search.make_space().names
        assert "activation" in search.make_space().names

    def test_a_space_that_was_parsed_already(self, make_search, data):
        space = parse_space("activation: [relu, elu]").with_fixed(epochs=1)
        search = make_search(space, n_trials=2).fit(data.X, data.y)
        assert {fold.n_epochs for one in search.evaluations_ for fold in one.folds} == {1}

    def test_what_is_fixed_is_no_parameter_of_the_study(self, make_search, data):
        search = make_search("activation: [relu, elu]\nepochs: 2", n_trials=1).fit(data.X, data.y)
        (trial,) = search.study_.trials
        assert trial.params.keys() == {"activation"}
        assert search.best_params_["epochs"] == 2

    def test_layers_and_text(self, make_search, data):
        text = "hidden_layer_sizes: {depth: {low: 1, high: 2}, width: [3, 5]}\nbatch_size: [8, 16]"
        search = make_search(text, n_trials=5, epochs=1).fit(data.X, data.y)
        for trial, one in zip(search.study_.trials, search.evaluations_, strict=True):
            sizes = one.candidate.hyperparameters["hidden_layer_sizes"]
            assert len(sizes) == trial.params["hidden_layer_sizes depth"]
            assert sizes[0] == trial.params["hidden_layer_sizes 1"]

    def test_conditions_hold_in_every_trial(self, make_search, data):
        search = make_search(n_trials=8, epochs=1, cv=2).fit(data.X, data.y)
        optimizers = set()
        for trial in search.study_.trials:
            optimizers.add(trial.params["optimizer"])
            assert ("momentum" in trial.params) == (trial.params["optimizer"] == "sgd")
        assert optimizers == {"sgd", "adam"}


class TestFirst:
    def test_they_come_first_and_those_outside_are_left_out(self, make_search, data):
        search = make_search(first=FIRST, n_trials=4, epochs=1).fit(data.X, data.y)
        assert search.first_ == [FIRST[0], FIRST[2]]
        told = [one.candidate.hyperparameters for one in search.evaluations_]
        assert told[0].items() >= FIRST[0].items()
        assert told[1] == {**told[1], **FIRST[2], "dropout": 0.0}
        assert search.study_.trials[0].params == FIRST[0]

    def test_the_search_ends_no_worse_than_they_do(self, make_search, data):
        search = make_search(first=FIRST, n_trials=5).fit(data.X, data.y)
        alone = GridSearch(
            search.estimator,
            [{k: [v] for k, v in one.items()} for one in search.first_],
            cv=search.cv,
            refit=False,
        ).fit(data.X, data.y)
        first = [one.validation_mean("accuracy") for one in search.evaluations_[:2]]
        assert first == [one.validation_mean("accuracy") for one in alone.evaluations_]
        assert search.best_score_ >= alone.best_score_

    def test_more_of_them_than_trials(self, make_search, data):
        search = make_search(first=FIRST, n_trials=1, epochs=1).fit(data.X, data.y)
        assert [trial.params for trial in search.study_.trials] == [FIRST[0]]

    def test_the_first_one_is_tried_though_it_is_outside(self, make_search, data):
        first = [{"activation": "selu", "batch_norm": "after_dense"}, *FIRST]
        search = make_search(first=first, n_trials=4, epochs=1, pruner="none").fit(data.X, data.y)
        assert search.first_ == [first[0], FIRST[0], FIRST[2]]
        told = [one.candidate.hyperparameters for one in search.evaluations_]
        assert told[0].items() >= first[0].items()
        assert {tuple(each) for each in told} == {tuple(told[0])}
        assert told[1]["batch_norm"] is None
        assert search.evaluations_[0].candidate.name == "#0 selu, outside the space"
        grid = [{name: [value] for name, value in first[0].items()}]
        alone = GridSearch(search.estimator, grid, cv=search.cv, refit=False).fit(data.X, data.y)
        means = [one.evaluations_[0].validation_mean("accuracy") for one in (search, alone)]
        assert means[0] == means[1]
        states = [trial.state for trial in search.study_.trials]
        assert states == [TrialState.FAIL, *[TrialState.COMPLETE] * 3]
        assert search.study_.trials[0].params == {}  # of which no sampler learns

    def test_the_best_may_be_outside(self, make_search, data):
        first = [{"optimizer": "rmsprop", "learning_rate": 0.01}]
        space = "learning_rate: [1e-6, 1e-7]"
        search = make_search(space, first=first, n_trials=3, epochs=8, refit=True)
        search.fit(data.X, data.y)
        assert search.best_index_ == 0
        assert search.best_params_ == first[0]
        assert search.best_estimator_["model"].optimizer == "rmsprop"
        assert [one.candidate.number for one in search.pareto_front_] == [0]

    @pytest.mark.parametrize("preset", ["plain", "realmlp", "tabm", "fast"])
    @pytest.mark.parametrize("name", ["iris", "diabetes"])
    def test_every_preset_comes_first_in_the_default_space(self, preset, name):
        pipeline = make_pipeline(load_dataset(name), preset=preset)
        search = OptunaSearch(pipeline, first=[{}, *load_variants()])
        search.check()
        assert search.first_[0] == {}

    def test_one_outside_that_cannot_be(self, make_search, data):
        search = make_search(first=[{"activation": "rulu"}])
        with pytest.raises(InputError, match="The configuration to begin with has an impossible"):
            search.fit(data.X, data.y)


class TestRepeatable:
    def test_a_seed_decides(self, make_search, data, trials_of, outcomes_of):
        how = {"n_trials": 13, "epochs": 2, "cv": 2}
        one = make_search(**how, random_state=1).fit(data.X, data.y)
        same = make_search(**how, random_state=1).fit(data.X, data.y)
        other = make_search(**how, random_state=2).fit(data.X, data.y)
        assert trials_of(one) == trials_of(same)
        assert outcomes_of(one) == outcomes_of(same)
        assert trials_of(one) != trials_of(other)

    def test_optuna_is_left_as_it_was(self, make_search, data):
        before = optuna.logging.get_verbosity()
        filters = list(warnings.filters)
        make_search(n_trials=1, epochs=1).fit(data.X, data.y)
        assert optuna.logging.get_verbosity() == before
        assert warnings.filters == filters

    def test_nothing_is_printed(self, make_search, data, capfd):
        text = "optimizer: sgd\nlearning_rate: [1e-3, 1e6]"
        make_search(text, n_trials=4, pruner="none").fit(data.X, data.y)
        assert capfd.readouterr() == ("", "")


class TestPruning:
    def test_what_lags_is_stopped_on_all_folds(self, make_search, data):
        search = make_search("learning_rate: [0.1, 1e-6]", n_trials=12, epochs=10)
        search.fit(data.X, data.y)
        pruned = [one for one in search.evaluations_ if one.status == "pruned"]
        complete = [one for one in search.evaluations_ if one.status == "complete"]
        assert len(pruned) >= 2
        assert {one.candidate.hyperparameters["learning_rate"] for one in pruned} == {1e-6}
        trials = {trial.number: trial for trial in search.study_.trials}
        for one in pruned:
            trial = trials[one.candidate.number]
            assert trial.state == TrialState.PRUNED
            assert {len(curves["loss"]) for curves in one.unfinished} == {trial.last_step}
            assert 3 <= trial.last_step < 10
            assert one.reason.startswith(f"Pruned after epoch {trial.last_step}:")
        for one in complete:
            assert trials[one.candidate.number].state == TrialState.COMPLETE
            assert {fold.n_epochs for fold in one.folds} == {10}
        assert search.best_params_["learning_rate"] == 0.1

    def test_pruning_is_on_the_mean_over_the_folds(self, make_search, data):
        search = make_search(n_trials=8, epochs=6).fit(data.X, data.y)
        for trial, one in zip(search.study_.trials, search.evaluations_, strict=True):
            folds = [fold.curves for fold in one.folds] or one.unfinished
            assert trial.intermediate_values
            for epoch, value in trial.intermediate_values.items():
                at_epoch = [curves["val_accuracy"][epoch - 1] for curves in folds]
                assert value == pytest.approx(np.mean(at_epoch))

    def test_what_is_not_pruned_is_as_without_pruning(self, make_search, data, outcomes_of):
        how = {"n_trials": 9, "epochs": 6, "sampler": "random", "cv": 2}
        pruning = make_search(**how).fit(data.X, data.y)
        plain = make_search(**how, pruner="none").fit(data.X, data.y)
        pairs = list(zip(outcomes_of(pruning), outcomes_of(plain), strict=True))
        assert {one[1] for one, _ in pairs} == {"complete", "pruned"}
        assert all(one == other for one, other in pairs if one[1] == "complete")

    def test_the_first_are_spared(self, make_search, data):
        rates = [0.1, 0.1, 0.1, 0.1, 0.1, 1e-6, 1e-6, 1e-6]
        search = make_search(
            "learning_rate: [0.1, 1e-6]",
            n_trials=8,
            epochs=10,
            first=[{"learning_rate": rate} for rate in rates],
        ).fit(data.X, data.y)
        assert {one.status for one in search.evaluations_} == {"complete"}

    @pytest.mark.parametrize("pruner", ["hyperband", "successive_halving"])
    def test_other_pruners(self, make_search, data, pruner):
        search = make_search(n_trials=12, epochs=9, pruner=pruner, cv=2).fit(data.X, data.y)
        lengths = {len(one.curves["loss"]) for one in search.evaluations_}
        assert 9 in lengths
        assert len(lengths) > 1


class TestObjectives:
    def test_a_pareto_front(self, make_search, data):
        text = "hidden_layer_sizes: [[1], [4], [16]]\nlearning_rate: [1e-4, 0.1]"
        search = make_search(
            text, n_trials=9, cv=2, objectives=["score", "n_weights"], sampler="random", refit=True
        ).fit(data.X, data.y)
        points = {
            one.candidate.number: (one.validation_mean("accuracy"), one.folds[0].n_weights)
            for one in search.evaluations_
        }
        front = {
            number
            for number, (score, size) in points.items()
            if not any(
                s >= score and n <= size and (s, n) != (score, size) for s, n in points.values()
            )
        }
        assert {one.candidate.number for one in search.pareto_front_} == front
        assert len({points[number] for number in front}) > 1
        for trial in search.study_.trials:
            assert tuple(trial.values) == points[trial.number]
            assert trial.intermediate_values == {}
        assert search.best_score_ == max(score for score, _ in points.values())

    def test_time_of_prediction(self, make_search, data):
        objectives = ["predict_microseconds"]
        search = make_search(n_trials=2, objectives=objectives, epochs=1).fit(data.X, data.y)
        times = [np.mean([f.predict_microseconds for f in e.folds]) for e in search.evaluations_]
        assert [trial.value for trial in search.study_.trials] == pytest.approx(times)
        assert search.study_.best_value == pytest.approx(min(times))

    @pytest.mark.parametrize("objectives", [("score", "n_weights"), "n_weights"])
    def test_nothing_is_pruned(self, make_search, data, objectives):
        search = make_search(
            "learning_rate: [0.1, 1e-6]", n_trials=12, epochs=10, cv=2, objectives=objectives
        ).fit(data.X, data.y)
        assert {one.status for one in search.evaluations_} == {"complete"}


class TestFailures:
    DIVERGES = "optimizer: sgd\nlearning_rate: [1e-3, 1e6]\nactivation: [linear, relu]"

    def test_they_are_recorded_and_the_others_go_on(self, make_search, data):
        search = make_search(self.DIVERGES, n_trials=8, sampler="random", epochs=8)
        search.fit(data.X, data.y)
        statuses = [one.status for one in search.evaluations_]
        assert {"complete", "diverged"} <= set(statuses)
        for trial, one in zip(search.study_.trials, search.evaluations_, strict=True):
            if one.status == "diverged":
                assert trial.state == TrialState.FAIL
                assert "learning_rate=1000000.0" in one.reason
                assert one.curves["loss"]
        assert search.best_params_["learning_rate"] == 1e-3

    def test_one_that_cannot_work(self, make_search, data):
        text = "batch_norm: [null, after_dense]\nbatch_size: 1"
        search = make_search(text, n_trials=6, epochs=1, sampler="random").fit(data.X, data.y)
        assert {one.status for one in search.evaluations_} == {"complete", "failed"}

    def test_all_fail(self, make_search, data):
        search = make_search("batch_norm: after_dense\nbatch_size: 1", n_trials=2)
        message = r"None of the 2 configurations could be evaluated; the first, #0 trial: V"
        with pytest.raises(InputError, match=message):
            search.fit(data.X, data.y)

    def test_a_fault_of_the_search_itself_is_raised(self, make_search, data, monkeypatch):
        def fail(*args, **kwargs):
            raise RuntimeError("a bug")

        monkeypatch.setattr(runner, "dump_evaluation", fail)
        with pytest.raises(RuntimeError, match="a bug"):
            make_search(n_trials=2).fit(data.X, data.y)


class TestMistakes:
    @pytest.mark.parametrize(
        ("how", "message"),
        [
            ({"n_trials": 0}, "n_trials must be above 0, but it is 0"),
            ({"timeout": -1}, "timeout must be above 0, but it is -1"),
            ({"sampler": "tep"}, "There is no sampler 'tep'"),
            ({"pruner": "mediam"}, "There is no pruner 'mediam'"),
            ({"objectives": ["speed"]}, "There is no objective 'speed'"),
            ({"space": "activaton: [relu]"}, "The space names 'activaton'"),
            ({"space": "activation: ["}, "the space is not YAML"),
            ({"first": [{"activaton": "relu"}]}, "begin with names 'activaton'"),
            ({"scoring": ["acc"]}, "There is no metric 'acc'"),
        ],
    )
    def test_are_told_before_anything_runs(self, make_search, data, recorder, how, message):
        observer = recorder()
        with pytest.raises(InputError, match=message):
            make_search(**how, observers=[observer]).fit(data.X, data.y)
        assert observer.told == []


@pytest.mark.parametrize(
    ("dataset", "space", "scoring"),
    [
        ("diabetes", "standardize_target: [true, false]", ()),
        ("diabetes", "loss: [mean_squared_error, huber]", "neg_root_mean_squared_error"),
        ("iris", "class_weight: [null, balanced]", "neg_log_loss"),
    ],
)
def test_a_unit_that_varies_cannot_be_pruned_by(dataset, space, scoring):
    pipeline = make_pipeline(load_dataset(dataset), preset="plain", epochs=1, random_state=0)
    how = {"n_trials": 1, "scoring": scoring}
    with pytest.raises(InputError, match=r"changes the unit of the loss .* 'none'"):
        OptunaSearch(pipeline, space, **how).check()
    OptunaSearch(pipeline, space, pruner="none", **how).check()


def test_accuracy_by_epoch_has_one_unit_whatever_classes_weigh():
    pipeline = make_pipeline(load_dataset("iris"), preset="plain", epochs=1, random_state=0)
    OptunaSearch(pipeline, "class_weight: [null, balanced]", n_trials=1).check()


class TestObservers:
    def test_one_after_the_other(self, make_search, data, recorder):
        observer = recorder()
        make_search(n_trials=2, epochs=1, observers=[observer]).fit(data.X, data.y)
        assert observer.told == [
            ("search begins", 2, 3),
            ("begins", 0),
            ("ends", 0),
            ("begins", 1),
            ("ends", 1),
            ("search ends",),
        ]


class TestSeveralAtOnce:
    def test_random_trials_are_the_same(self, make_search, data, outcomes_of, recorder):
        how = {"sampler": "random", "n_trials": 6, "pruner": "none"}
        one = make_search(**how).fit(data.X, data.y)
        observer = recorder()
        two = make_search(**how, n_jobs=2, observers=[observer]).fit(data.X, data.y)
        assert outcomes_of(two) == outcomes_of(one)
        running = np.cumsum([{"begins": 1, "ends": -1}.get(told[0], 0) for told in observer.told])
        assert running.max() == 2
        assert running[-1] == 0

    def test_each_keeps_its_own_warnings(self, make_search, data):
        text = "kernel_initializer: [zeros, he_normal]"
        search = make_search(text, n_trials=8, n_jobs=2, sampler="random").fit(data.X, data.y)
        for one in search.evaluations_:
            warned = any("equal weights do not learn" in warning for warning in one.warnings)
            assert warned == (one.candidate.hyperparameters["kernel_initializer"] == "zeros")

    def test_an_interruption_ends_all_and_gives_the_trials_back(
        self, make_search, data, recorder, tmp_path
    ):
        observer = recorder(fail_at=("ends", 2), error=RuntimeError)
        how = {"n_trials": 8, "storage": str(tmp_path / "a.journal"), "epochs": 8}
        search = make_search(**how, n_jobs=2, observers=[observer])
        with pytest.raises(RuntimeError):
            search.fit(data.X, data.y)
        states = {trial.state for trial in search.study_.trials}
        assert TrialState.RUNNING not in states
        again = make_search(**how, n_jobs=2).fit(data.X, data.y)
        assert len(again.evaluations_) == 8


@pytest.mark.usefixtures("ten_seconds_a_trial")
class TestTimeout:
    @pytest.fixture
    def ten_seconds_a_trial(self, monkeypatch):
        clock = [0.0]
        monkeypatch.setattr(runner.time, "monotonic", lambda: clock[0])

        def slow(*args, **kwargs):
            clock[0] += 10
            return evaluate(*args, **kwargs)

        monkeypatch.setattr("pipelines.optuna_search.search.evaluate", slow)

    def test_none_is_begun_after_it(self, make_search, data):
        search = make_search(n_trials=20, timeout=25, epochs=1).fit(data.X, data.y)
        assert len(search.evaluations_) == 3

    def test_the_ensemble_has_as_many_members_as_there_is_time_for(self, make_search, data):
        search = make_search(n_trials=20, timeout=10, epochs=1, refit=True, n_members=8)
        search.fit(data.X, data.y)
        assert len(search.evaluations_) == 1
        assert search.ensemble_estimator_[-1].n_members == 2


def test_a_trial_says_who_ran_it(make_search, data):
    search = make_search(n_trials=1, epochs=1).fit(data.X, data.y)
    (trial,) = search.study_.trials
    assert trial.user_attrs[WORKER].keys() == {"host", "pid", "started", "name"}
