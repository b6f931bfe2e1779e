"""A fit that is watched."""

from __future__ import annotations

import numpy as np
import pytest

from estimators import KerasMLPClassifier, KerasMLPRegressor
from estimators.diagnosis import diagnose_training

X = np.random.default_rng(0).normal(size=(120, 3))
Y = X[:, 0] - X[:, 1] ** 2


def make(**params):
    return KerasMLPRegressor((8, 4), **{"epochs": 4, "random_state": 0, **params})


def test_figures_by_epoch_and_layer():
    model = make(global_clipnorm=0.1)
    found = diagnose_training(model, X, Y, X[:20], Y[:20], share=1.0)
    by_layer = found.by_epoch.groupby("layer")["epoch"].apply(list)
    assert by_layer.to_dict() == {
        name: [0, 1, 2, 3, 4] for name in ("dense_0", "dense_1", "output")
    }
    assert found.by_epoch["clipped"].between(0, 1).all()
    assert found.is_fitted
    assert list(found.history["val_loss"]) == model.history_["val_loss"]


@pytest.mark.parametrize("engine", ["compiled", "uncompiled", "keras"])
def test_it_trains_as_ever(engine):
    plain = make(engine=engine, dropout=0.2).fit(X, Y)
    watched = make(engine=engine, dropout=0.2)
    diagnose_training(watched, X, Y, share=1.0)
    assert watched.callbacks is None
    for one, other in zip(plain.model_.get_weights(), watched.model_.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_no_more_than_its_share_of_the_time():
    found = diagnose_training(make(epochs=30), X, Y, share=1e-9)
    assert [*found.probes] == [0, 30]  # which are seen in any case


def test_one_that_diverges():
    found = diagnose_training(make(optimizer="sgd", learning_rate=1e4), X, Y)
    assert found.causes == ["learning rate too high"]
    assert np.isnan(found.history["loss"][-1])


def test_an_ensemble_is_seen_by_its_first_member():
    labels = (Y > 0).astype(int)
    model = KerasMLPClassifier((4,), n_members=2, epochs=2, random_state=0)
    found = diagnose_training(model, X, labels, share=1.0)
    assert sorted(set(found.by_epoch["layer"])) == ["dense_0", "output"]
    assert not hasattr(model, "history_")
