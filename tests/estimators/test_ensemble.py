from __future__ import annotations

import pickle

import keras
import numpy as np
import pytest
from sklearn.base import clone

from estimators.engine import Rows, choice, training
from estimators.ensemble import average_networks, seeds_of, split_rows, variants_of
from estimators.techniques.early_stopping import BestEpoch

ENSEMBLE = {"n_members": 3, "early_stopping": True, "validation_fraction": 0.25, "epochs": 4}


def networks_of(model):
    return [layer for layer in model.model_.layers if isinstance(layer, keras.Model)]


class TestEnsemble:
    def test_outputs_are_the_mean_of_the_members(self, task):
        model = task.fit(**ENSEMBLE)
        X = task.X.astype("float32")
        outputs = np.mean([network(X) for network in networks_of(model)], axis=0)
        np.testing.assert_allclose(model.model_(X), outputs, rtol=1e-6)
        assert len(networks_of(model)) == 3

    def test_members_differ_and_the_seed_decides_all(self, task):
        model, again = task.fit(**ENSEMBLE), task.fit(**ENSEMBLE)
        for one, other in zip(model.model_.get_weights(), again.model_.get_weights(), strict=True):
            np.testing.assert_array_equal(one, other)
        kernels = [network.layers[0].get_weights()[0] for network in networks_of(model)]
        assert not np.array_equal(kernels[0], kernels[1])

    @pytest.mark.parametrize(
        ("kind", "engine"),
        [
            ("classification", "compiled"),
            ("regression", "uncompiled"),
            ("classification", "keras"),
        ],
    )
    def test_a_member_is_the_network_of_its_seed_rows_and_hyperparameters(
        self, request, kind, engine
    ):
        """Trained alone on the fold that was the member's, it has the same weights."""
        task = request.getfixturevalue(kind)
        model = task.make(
            **ENSEMBLE, engine=engine, member_params=[{}, {"activation": "tanh"}]
        ).fit(task.X, task.y)
        seed = seeds_of(model.seed_, 3)[1]
        alone = task.make(engine=engine, activation="tanh", epochs=4, early_stopping=True)
        y = alone.fit(task.X, task.y).target_encoder_.transform(task.y)
        rows = Rows(task.X.astype("float32"), y)
        strata = y.ravel() if hasattr(model, "classes_") else None
        parts = split_rows(rows, 0.25, model.seed_, strata, 3)[1]
        member = alone._member(alone._check_params(), seed)
        member.rows, member.validation = parts
        best = member.best = BestEpoch(10, 0.0)
        for _ in member.epochs(n_epochs=4):
            pass
        assert best.epoch == model.best_epoch_[1]
        found = networks_of(model)[1].get_weights()
        for one, other in zip(found, member.network.get_weights(), strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-6)

    @pytest.mark.parametrize("other", [{"activation": "tanh"}, {"batch_size": 33}])
    def test_steps_of_all_that_share_a_program_decide_on_compiling(self, task, monkeypatch, other):
        monkeypatch.setattr(choice, "STEPS_WORTH_COMPILING", 40)
        chosen = []
        choose = training.choose_engine
        monkeypatch.setattr(
            training, "choose_engine", lambda *args: chosen.append(choose(*args)) or chosen[-1]
        )
        task.fit(n_members=3, member_params=[{}, {}, other], epochs=8)
        assert sorted(chosen) == ["compiled", "compiled", "uncompiled"]  # 32 steps each

    def test_curves_are_means(self, task):
        model = task.fit(**ENSEMBLE)
        assert len(model.history_["val_loss"]) == model.n_iter_ == 4
        assert len(model.best_epoch_) == 3

    def test_members_may_stop_at_different_epochs(self, task):
        model = task.fit(**{**ENSEMBLE, "epochs": 60, "patience": 1, "learning_rate": 0.05})
        assert len(set(model.best_epoch_)) > 1
        assert model.n_iter_ == min(max(model.best_epoch_) + 1, 60)

    def test_pickled_and_cloned(self, task):
        model = task.fit(**ENSEMBLE)
        again = pickle.loads(pickle.dumps(model))
        np.testing.assert_array_equal(again.predict(task.X), model.predict(task.X))
        assert clone(model).n_members == 3

    def test_without_early_stopping_all_rows_are_trained_on(self, task):
        model = task.fit(n_members=2)
        assert model.best_epoch_ is None
        assert len(networks_of(model)) == 2

    def test_partial_fit_is_of_one_network(self, task):
        with pytest.raises(ValueError, match=r"partial_fit trains one network, but n_members=2"):
            task.make(n_members=2).partial_fit(task.X, task.y)

    @pytest.mark.parametrize(
        ("params", "sentence"),
        [
            ({"warm_start": True}, "warm_start=True of .* is of one network, but n_members=2"),
            ({"member_params": [{"activaton": "elu"}]}, "member_params of .* names 'activaton'"),
            ({"member_params": [{"rate": 1}, {"rate": 1}]}, "^member_params of .* names 'rate'.*$"),
            ({"member_params": [{"activation": "elo"}]}, "'activation' parameter .* Did you mean"),
            ({"n_members": 1, "member_params": [{}]}, "member_params of .* are of an ensemble"),
        ],
    )
    def test_impossible(self, task, params, sentence):
        with pytest.raises(ValueError, match=sentence):
            task.fit(**{"n_members": 2, **params})


class TestSplitRows:
    rows = Rows(np.arange(40.0).reshape(20, 2), np.repeat([[0.0], [1.0]], 10, axis=0))

    def test_folds_one_after_another(self):
        parts = split_rows(self.rows, 0.25, 0, None, 4)
        aside = np.concatenate([validation.X[:, 0] for _, validation in parts])
        assert sorted(aside) == self.rows.X[:, 0].tolist()

    def test_more_members_than_folds(self):
        parts = split_rows(self.rows, 0.5, 0, None, 4)
        assert not np.array_equal(parts[0][1].X, parts[2][1].X)

    def test_classes_keep_their_shares(self):
        for kept, aside in split_rows(self.rows, 0.2, 0, self.rows.y.ravel(), 5):
            assert kept.y.mean() == aside.y.mean() == 0.5

    @pytest.mark.filterwarnings("error")
    def test_a_rare_class_is_no_reason_to_warn(self):
        strata = np.repeat([0, 1], [len(self.rows.X) - 2, 2])
        assert len(split_rows(self.rows, 0.2, 0, strata, 5)) == 5

    def test_too_few_rows(self):
        with pytest.raises(ValueError, match="early_stopping cannot split 20 rows into 50 folds"):
            split_rows(self.rows, 0.02, 0, None, 2)


def test_a_lone_network_is_no_ensemble():
    network = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    assert average_networks([network]) is network
    assert variants_of({"n_members": 1}) == []
