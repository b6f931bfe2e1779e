from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import log_loss, mean_squared_error

UNTEACHABLE = {"learning_rate": 1e-12}  # every loss is that of the first weights


@pytest.fixture
def validated(task):
    """The task, and validation rows on which training soon makes things worse."""
    X_val = task.X[:30]
    y_val = (task.y[:30] + 1) % 3 if task.y.dtype == int else -task.y[:30]
    return task, X_val, y_val


def loss_of(model, X, y):
    if hasattr(model, "classes_"):
        return log_loss(y, model.predict_proba(X), labels=model.classes_)
    return mean_squared_error(y, model.predict(X))


def test_best_weights_are_restored(task):
    """Recomputed with the kept weights, the validation loss is the smallest of the history."""
    rng = np.random.default_rng(1)
    X_val = rng.normal(size=(40, 3))
    y_val = rng.permutation(np.resize(task.y, 40))
    model = task.make(
        hidden_layer_sizes=(30,), early_stopping=True, patience=5, epochs=60, learning_rate=0.02
    ).fit(task.X, task.y, X_val=X_val, y_val=y_val)
    losses = model.history_["val_loss"]
    assert model.n_iter_ == len(losses) < 60
    assert model.best_epoch_ == 1 + np.argmin(losses) == model.n_iter_ - 5
    assert loss_of(model, X_val, y_val) == pytest.approx(min(losses), rel=1e-5)
    assert min(losses) < losses[-1]


def test_best_weights_are_those_of_that_epoch(validated):
    task, X_val, y_val = validated
    settings = {"learning_rate": 0.05, "batch_norm": "after_dense", "hidden_layer_sizes": (8,)}
    model = task.make(early_stopping=True, patience=3, epochs=30, **settings)
    model.fit(task.X, task.y, X_val=X_val, y_val=y_val)
    until_then = task.make(epochs=model.best_epoch_, **settings)
    until_then.fit(task.X, task.y, X_val=X_val, y_val=y_val)
    np.testing.assert_equal(model.model_.get_weights(), until_then.model_.get_weights())


def test_best_weights_are_restored_though_training_ran_to_its_end(validated):
    task, X_val, y_val = validated
    model = task.make(early_stopping=True, patience=50, epochs=6, learning_rate=0.05)
    model.fit(task.X, task.y, X_val=X_val, y_val=y_val)
    assert model.n_iter_ == 6
    assert model.best_epoch_ < 6
    assert loss_of(model, X_val, y_val) == pytest.approx(min(model.history_["val_loss"]), rel=1e-5)


@pytest.mark.parametrize("patience", [1, 3])
def test_patience(validated, patience):
    task, X_val, y_val = validated
    model = task.make(early_stopping=True, patience=patience, epochs=40, learning_rate=0.05)
    model.fit(task.X, task.y, X_val=X_val, y_val=y_val)
    assert model.n_iter_ == model.best_epoch_ + patience


def test_no_patience_is_without_end(validated):
    """As a patience that is longer than the fit."""
    task, X_val, y_val = validated
    fits = [
        task.make(early_stopping=True, patience=patience, epochs=20, learning_rate=0.05).fit(
            task.X, task.y, X_val=X_val, y_val=y_val
        )
        for patience in (None, 50, 10)
    ]
    assert [fit.n_iter_ for fit in fits[:2]] == [20, 20]
    assert fits[2].n_iter_ < 20
    assert fits[0].best_epoch_ == 1 + np.argmin(fits[0].history_["val_loss"]) < 20
    for one, other in zip(fits[0].model_.get_weights(), fits[1].model_.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_min_delta(task):
    """Improvements that are too small do not count."""
    settings = {"early_stopping": True, "validation_fraction": 0.3, "patience": 2, "epochs": 8}
    model = task.fit(learning_rate=0.01, min_delta=1e6, **settings)
    assert model.n_iter_ == 3
    assert model.best_epoch_ == 1
    assert model.history_["val_loss"][2] < model.history_["val_loss"][0]
    assert task.fit(learning_rate=0.01, **settings).n_iter_ == 8


def test_without_early_stopping_there_is_no_best_epoch(validated):
    task, X_val, y_val = validated
    model = task.make().fit(task.X, task.y, X_val=X_val, y_val=y_val)
    assert model.best_epoch_ is None
    assert len(model.history_["val_loss"]) == 2
    assert "val_loss" not in task.fit().history_


def test_validation_figures(validated):
    task, X_val, y_val = validated
    model = task.make(epochs=1, **UNTEACHABLE).fit(task.X, task.y, X_val=X_val, y_val=y_val)
    assert model.history_["val_loss"] == pytest.approx([loss_of(model, X_val, y_val)], rel=1e-4)
    if hasattr(model, "classes_"):
        accuracy = model.score(X_val, y_val)
        assert model.history_["val_accuracy"] == pytest.approx([accuracy], abs=1e-6)
    else:
        error = np.abs(model.predict(X_val) - y_val).mean()
        assert model.history_["val_mean_absolute_error"] == pytest.approx([error], rel=1e-4)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("fraction", "n_validation"), [(0.1, 6), (0.25, 15), (0.5, 30)])
def test_rows_are_parted(task, fraction, n_validation, weighted):
    """Training and validation losses, by their rows, add up to the loss of all rows."""
    weight = np.linspace(0.1, 3, 60) if weighted else None
    settings = {"early_stopping": True, "validation_fraction": fraction, "epochs": 2}
    model = task.make(**settings, **UNTEACHABLE).fit(task.X, task.y, sample_weight=weight)
    if hasattr(model, "classes_"):
        losses = -np.log(model.predict_proba(task.X)[np.arange(60), task.y])
    else:
        losses = (model.predict(task.X) - task.y) ** 2
    whole = losses.sum() if weight is None else (weight * losses).sum()
    train, validation = model.history_["loss"][0], model.history_["val_loss"][0]
    assert train * (60 - n_validation) + validation * n_validation == pytest.approx(whole, rel=1e-4)


@pytest.mark.parametrize("seed", range(4))
def test_validation_rows_are_stratified(classification, seed):
    """Where nothing can be learned but the majority, accuracies are its share, exactly."""
    y = np.repeat([0, 1, 2], [40, 10, 10])
    X = np.zeros((60, 1))
    model = classification._replace(X=X, y=y).fit(
        early_stopping=True,
        validation_fraction=0.2,
        learning_rate=0.1,
        epochs=10,
        random_state=seed,
    )
    assert model.history_["val_accuracy"][-1] == pytest.approx(8 / 12, abs=1e-6)
    assert model.history_["accuracy"][-1] == pytest.approx(32 / 48, abs=1e-6)


def test_given_rows_spare_the_training_rows(task):
    """With X_val early stopping sets nothing aside."""
    model = task.make(early_stopping=True, epochs=2, **UNTEACHABLE)
    model.fit(task.X, task.y, X_val=task.X[:9], y_val=task.y[:9])
    assert model.history_["loss"][0] == pytest.approx(loss_of(model, task.X, task.y), rel=1e-4)
    assert model.history_["val_loss"][0] == pytest.approx(
        loss_of(model, task.X[:9], task.y[:9]), rel=1e-4
    )


def test_too_few_rows(regression):
    model = regression.make(early_stopping=True)
    with pytest.raises(ValueError, match="early_stopping cannot") as raised:
        model.fit(regression.X[:1], regression.y[:1])
    sentence = str(raised.value)
    assert sentence.startswith(
        "early_stopping cannot set aside validation_fraction=0.1 of 1 rows: "
    )
    assert sentence.endswith(
        " Give more rows or another validation_fraction, or pass X_val and y_val to fit."
    )


def test_class_with_a_single_row(classification):
    y = np.repeat([0, 1, 2], [30, 29, 1])
    model = classification._replace(y=y).fit(early_stopping=True, validation_fraction=0.2)
    assert model.best_epoch_ is not None
    assert list(model.classes_) == [0, 1, 2]


def test_more_classes_than_validation_rows(classification):
    y = np.arange(len(classification.X)) % 20
    assert classification._replace(y=y).fit(early_stopping=True).best_epoch_ is not None


@pytest.mark.parametrize(("n_rows", "stops"), [(999, False), (1000, True)])
def test_auto_stops_where_there_are_rows_to_tell_epochs_apart(task, n_rows, stops):
    X, y = (np.resize(each, (n_rows, *each.shape[1:])) for each in (task.X, task.y))
    model = task._replace(X=X, y=y).fit(epochs=2, batch_size=500)
    assert model.early_stopping == "auto"
    assert (model.best_epoch_ is not None) == ("val_loss" in model.history_) == stops


def test_auto_does_not_stop_partial_fit(task):
    X, y = (np.resize(each, (1000, *each.shape[1:])) for each in (task.X, task.y))
    assert "val_loss" not in task.make(batch_size=500).partial_fit(X, y).history_


@pytest.mark.parametrize(("given", "missing"), [("X_val", "y_val"), ("y_val", "X_val")])
def test_validation_rows_come_with_their_targets(task, given, missing):
    with pytest.raises(ValueError, match=f"X_val and y_val together. Got no {missing}"):
        task.make().fit(task.X, task.y, **{given: {"X_val": task.X, "y_val": task.y}[given]})


def test_validation_rows_are_checked(classification):
    X, y = classification.X, classification.y
    with pytest.raises(ValueError, match=r"X has 2 features, but .* is expecting 3"):
        classification.make().fit(X, y, X_val=X[:, :2], y_val=y)
    with pytest.raises(ValueError, match=r"not among the classes: \[7\]"):
        classification.make().fit(X, y, X_val=X, y_val=np.where(y == 2, 7, y))


def test_partial_fit_sets_nothing_aside(task):
    model = task.make(early_stopping=True).partial_fit(task.X, task.y)
    assert set(model.history_) & {"val_loss"} == set()
    assert model.best_epoch_ is None
