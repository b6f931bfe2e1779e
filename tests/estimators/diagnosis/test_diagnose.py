"""What a diagnosis finds in configurations that have a fault, and in healthy ones."""

from __future__ import annotations

import pickle

import keras
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from estimators import (
    DivergenceError,
    KerasMLPClassifier,
    KerasMLPRegressor,
    KerasRNNRegressor,
    diagnose,
)
from estimators.diagnosis import CAUSES, THRESHOLDS, EpochProbes
from estimators.diagnosis.figures import linear_score

DEEP = (32, 16, 16, 16)


@pytest.fixture(scope="module")
def rows():
    """A target that a line does not tell, training rows and validation rows."""
    random = np.random.default_rng(0)
    X = random.normal(size=(400, 6))
    y = X[:, 0] - X[:, 1] + np.abs(X[:, 2]) + 0.1 * random.normal(size=400)
    y = (y - y.mean()) / y.std()
    return X[:300], y[:300], X[300:], y[300:]


def regressor(**params):
    return KerasMLPRegressor(
        **{"hidden_layer_sizes": DEEP, "epochs": 20, "random_state": 0, **params}
    )


def fitted(rows, **params):
    X, y, X_val, y_val = rows
    return regressor(**params).fit(X, y, X_val=X_val, y_val=y_val)


def causes(rows, **params):
    return diagnose(fitted(rows, **params), rows[0], rows[1]).causes


def test_a_healthy_one_has_no_findings(rows):
    found = diagnose(fitted(rows, epochs=30), rows[0], rows[1])
    assert found.causes == []
    assert "nothing found" in repr(found)


def test_what_is_recorded(rows):
    found = diagnose(fitted(rows), rows[0], rows[1])
    recorded = found.recorded
    trained = found.layers[found.layers["when"] == "after training"]
    assert recorded["gradient_norm"] == trained["gradient_norm"].tolist()
    assert np.isnan(recorded["dead"]).tolist() == [False] * 4 + [True]  # the output can't be dead
    assert "saturated" not in recorded  # which only sigmoid and tanh can be
    assert recorded["linear_model_score"] == found.figures["linear model's score"]
    assert all(name.isidentifier() for name in recorded)


def test_what_is_recorded_before_training(rows):
    found = diagnose(regressor(), rows[0], rows[1])
    assert found.recorded["gradient_norm"] == found.layers["gradient_norm"].tolist()


@pytest.mark.filterwarnings("ignore::estimators.RuleWarning")
@pytest.mark.parametrize(
    ("params", "cause"),
    [
        ({"activation": "sigmoid", "hidden_layer_sizes": (32,) * 6}, "vanishing gradients"),
        (
            {
                "kernel_initializer": "variance_scaling",
                "initializer_scale": 1000.0,
                "activation": "relu",
            },
            "exploding gradients",
        ),
        (
            {
                "kernel_initializer": "variance_scaling",
                "initializer_scale": 1000.0,
                "activation": "tanh",
            },
            "saturated units",
        ),
        ({"kernel_initializer": "ones"}, "symmetric units"),
        ({"learning_rate": 3.0}, "learning rate too high"),
        ({"learning_rate": 1e-6}, "learning rate too low"),
        (
            {"optimizer": "sgd", "learning_rate": 0.01, "global_clipnorm": 1e-3},
            "clipping always on",
        ),
        ({"epochs": 2, "learning_rate": 0.002}, "stopped early"),
        ({"epochs": 1, "batch_size": 64}, "stopped early"),
        ({"hidden_layer_sizes": (8,), "dropout": 0.95, "epochs": 60}, "too much regularization"),
        # Whose kernels end as equal numbers, and whose signals dropout makes grow.
        (
            {"optimizer": "adamw", "weight_decay": 100.0, "activation": "tanh", "epochs": 60},
            "too much regularization",
        ),
        (
            {"hidden_layer_sizes": (16,) * 3, "dropout": 0.9, "epochs": 60},
            "too much regularization",
        ),
        (
            {"kernel_initializer": "variance_scaling", "initializer_scale": 1e-6},
            "vanishing gradients",
        ),
    ],
)
def test_a_fault_is_named_with_evidence_and_remedy(rows, params, cause):
    found = diagnose(fitted(rows, **params), rows[0], rows[1])
    assert found.causes == [cause]
    (finding,) = found.findings
    assert any(letter.isdigit() for letter in finding.evidence)
    regressor(**params).set_params(**finding.remedy)  # which are parameters
    assert finding.remedy.items() - params.items()


def test_dead_units(rows):
    model = regressor(warm_start=True, epochs=5).initialize(rows[0], rows[1])
    model.model_.get_layer("dense_1").bias.assign(np.full(16, -30.0))
    model.fit(rows[0], rows[1], X_val=rows[2], y_val=rows[3])
    found = diagnose(model, rows[0], rows[1])
    assert found.causes == ["dead units"]
    assert "100% of the units of dense_1 after training give 0" in found.findings[0].evidence
    layers = found.layers.set_index(["when", "layer"])["dead"]
    assert layers["after training", "dense_1"] == 1.0
    assert layers["before training", "dense_1"] < 0.5


def test_overfit_is_seen_by_the_validation_loss(rows):
    random = np.random.default_rng(1)
    noise = random.permutation(rows[1])[:60]
    few = (rows[0][:60], noise, rows[2], rows[3])
    assert causes(few, hidden_layer_sizes=(128, 128), epochs=60) == ["overfit"]
    model = regressor(hidden_layer_sizes=(128, 128), epochs=60).fit(few[0], few[1])
    assert diagnose(model, few[0], few[1]).causes == []  # nobody has told of validation rows


def test_validation_rows_that_are_worse_from_the_first_epoch_on_are_not_overfitting(rows):
    elsewhere = (rows[0], rows[1], rows[2], rows[3] + 3 * rows[1].std())
    assert causes(elsewhere, epochs=3) == ["stopped early"]


def test_large_steps_are_no_cause_where_the_rows_were_learned(rows):
    def found(history, **params):
        model = fitted(rows, learning_rate=0.03, **params)
        model.history_ |= history
        return diagnose(model, rows[0], rows[1]).causes

    leaping = [1.0, 50.0, *[0.5] * 8]
    assert found({"loss": leaping, "val_loss": leaping}) == ["learning rate too high"]
    recovered = [1.0, 50.0, *[0.01] * 8]
    assert found({"loss": recovered, "val_loss": recovered}) == []


def test_an_input_that_is_not_scaled(rows):
    scales = np.array([1e3, 1, 1e-2, 1, 1, 50])
    raw = (rows[0] * scales, rows[1], rows[2] * scales, rows[3])
    with pytest.warns(UserWarning, match="input of one scale"):
        model = fitted(raw)
    found = diagnose(model, raw[0], raw[1])
    assert found.causes == ["input not scaled"]
    assert found.findings[0].remedy == {"batch_norm": "before_dense"}
    assert diagnose(regressor(batch_norm="before_dense"), raw[0], raw[1]).causes == []


@pytest.mark.filterwarnings("ignore::estimators.RuleWarning")
def test_selu_on_an_input_that_is_not_scaled(rows):
    found = diagnose(regressor(activation="selu"), 1000 * rows[0], rows[1])
    assert found.causes == ["input not scaled"]
    remedy = found.findings[0].remedy  # selu does without batch normalization
    assert (remedy["batch_norm"], remedy["activation"]) == ("before_dense", "relu")


def test_a_target_that_is_not_scaled(rows):
    y = 1000 * rows[1] + 5000
    with pytest.warns(UserWarning, match="target of one scale"):
        found = diagnose(regressor(), rows[0], y)
    assert found.causes == ["target not scaled"]
    assert found.findings[0].remedy == {"standardize_target": True}
    assert diagnose(regressor(standardize_target=True), rows[0], y).causes == []


def test_a_fit_that_has_diverged(rows):
    model = regressor(learning_rate=100.0, optimizer="sgd")
    with pytest.raises(DivergenceError) as raised:
        model.fit(rows[0], rows[1])
    history = {"loss": [1.0] * (raised.value.epoch - 1) + [np.nan]}
    found = diagnose(model, rows[0], rows[1], history=history)
    assert found.causes == ["learning rate too high"]
    assert "training diverged" in found.findings[0].evidence


@pytest.mark.parametrize("n_classes", [2, 3])
def test_classes(n_classes):
    X = np.random.default_rng(0).normal(size=(300, 4))
    labels = np.digitize(X[:, 0] + X[:, 1] ** 2, [0.5, 1.5][: n_classes - 1])
    y = np.array(["a", "b", "c"])[labels]
    model = KerasMLPClassifier((32,), epochs=40, learning_rate=0.003, random_state=0).fit(X, y)
    found = diagnose(model, X, y)
    assert "underfit" not in found.causes
    assert found.figures["score"] == pytest.approx(_kappa_like(y, model.predict(X)))


def _kappa_like(y, predicted):
    _, counts = np.unique(y, return_counts=True)
    least = counts.max() / len(y)
    return ((y == predicted).mean() - least) / (1 - least)


@pytest.mark.parametrize(
    "params",
    [
        {"n_members": 2},
        {"n_members": 2, "member_sharing": "tabm"},
        {"n_members": 2, "member_params": [{"activation": "tanh"}, {}]},
        {"batch_norm": "after_dense", "dropout": 0.1},
        {"layer_norm": True, "residual": True},
        {"numeric_embedding": "periodic"},
        {"hidden_layer_sizes": ()},
    ],
)
@pytest.mark.filterwarnings("ignore::estimators.RuleWarning")
def test_every_kind_of_network_is_measured(rows, params):
    model = regressor(epochs=1, **{"hidden_layer_sizes": (8, 8), **params})
    before = diagnose(model, rows[0], rows[1])
    after = diagnose(clone(model).fit(rows[0], rows[1]), rows[0], rows[1])
    n_layers = len(before.layers)
    assert len(after.layers) == 2 * n_layers
    assert before.layers["layer"].iloc[-1] == "output"
    assert np.isfinite(after.layers[["variance", "gradient", "weight"]]).all(axis=None)


def test_nothing_of_the_estimator_changes(rows):
    model = fitted(rows, dropout=0.2, epochs=2)
    weights, again = model.model_.get_weights(), fitted(rows, dropout=0.2, epochs=2)
    diagnose(model, rows[0], rows[1])
    for before, after in zip(weights, model.model_.get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)
    for one in (model, again):  # the draws of dropout go on alike
        one.partial_fit(rows[0], rows[1])
    np.testing.assert_array_equal(model.predict(rows[2]), again.predict(rows[2]))


def test_one_that_was_stored(rows):
    model = fitted(rows, epochs=2)
    read = pickle.loads(pickle.dumps(model))
    one, other = (diagnose(each, rows[0], rows[1]).layers for each in (model, read))
    pd.testing.assert_frame_equal(one, other)


@pytest.mark.parametrize("n_frozen", [1, 4])
@pytest.mark.parametrize("unfreeze_at", [None, 5])
def test_frozen_layers_take_no_step(rows, n_frozen, unfreeze_at):
    source = fitted(rows)
    frozen = {"frozen_layers": n_frozen, "unfreeze_at": unfreeze_at}
    found = diagnose(fitted(rows, init_from=source, **frozen), rows[0], rows[1])
    before = found.layers[found.layers["when"] == "before training"]
    free = diagnose(regressor(init_from=source), rows[0], rows[1]).layers
    assert before["update_ratio"].isna().tolist() == [n < n_frozen for n in range(5)]
    np.testing.assert_allclose(before["gradient"], free["gradient"], rtol=1e-4)
    assert found.figures["first step over weights"] > 0
    assert "learning rate too low" not in found.causes


def test_sequences():
    X = np.random.default_rng(0).normal(size=(40, 3, 2))
    model = KerasRNNRegressor((4, 4), cell="gru", epochs=1, random_state=0).fit(X, X.sum((1, 2)))
    layers = diagnose(model, X, X.sum((1, 2))).layers
    assert layers["layer"].tolist() == 2 * ["recurrent_0", "recurrent_1", "output"]
    assert np.isfinite(layers[["variance", "gradient", "update_ratio"]]).all(axis=None)


@pytest.mark.filterwarnings("ignore::estimators.RuleWarning")
def test_a_pipeline_is_diagnosed_by_its_network_on_the_rows_as_it_gets_them(rows):
    X, y = 1000 * rows[0], rows[1]
    pipeline = make_pipeline(StandardScaler(), regressor(learning_rate=3.0, epochs=10))
    before = diagnose(pipeline, X, y)
    assert before.causes == ["learning rate too high"]  # and no input that is not scaled
    assert not hasattr(pipeline[0], "mean_")
    alone = diagnose(pipeline[-1], StandardScaler().fit_transform(X), y)
    assert repr(before) == repr(alone)

    pipeline.fit(X, y)
    after = diagnose(pipeline, X, y)
    assert repr(after) == repr(diagnose(pipeline[-1], pipeline[0].transform(X), y))
    assert diagnose(make_pipeline(regressor()), rows[0], y).causes == []


def test_what_cannot_be_diagnosed(rows):
    with pytest.raises(TypeError, match="A Ridge can't be diagnosed; give an estimator of this"):
        diagnose(make_pipeline(StandardScaler(), Ridge()), rows[0], rows[1])


def test_the_linear_model_is_cross_validated():
    X = np.random.default_rng(0).normal(size=(100, 60))
    y = np.random.default_rng(1).normal(size=100)
    assert linear_score(X, X[:, 0], classifies=False) > 0.9
    assert linear_score(X, y, classifies=False) < 0  # which on its own rows it is not
    assert linear_score(X, X[:, 0] > 0, classifies=True) > 0.3
    assert np.isnan(linear_score(X, np.arange(100) == 3, classifies=True))


def test_it_can_be_read(rows):
    found = diagnose(
        regressor(activation="sigmoid", hidden_layer_sizes=(16,) * 6), rows[0], rows[1]
    )
    assert repr(found).startswith("Diagnosis before training:\n- Vanishing gradients: before")
    page = found._repr_html_()
    assert "<li>Vanishing gradients" in page
    assert "<table" in page


def test_each_threshold_has_a_source():
    assert all(threshold.source and threshold.meaning for threshold in THRESHOLDS.values())
    assert len({cause.name for cause in CAUSES}) == len(CAUSES) == 14
    for cause in CAUSES:
        assert set(cause.explains) <= {each.name for each in CAUSES} - {cause.name}


@pytest.mark.filterwarnings("ignore::estimators.RuleWarning")
@pytest.mark.parametrize(
    "params",
    [
        {},
        {"batch_norm": "after_dense", "dropout": 0.2, "global_clipnorm": 0.5},
        {"activation": "tanh", "early_stopping": True, "weight_averaging": "ema"},
    ],
    ids=str,
)
def test_the_network_of_a_fit_is_probed_before_its_first_step(rows, params):
    X, y, X_val, y_val = rows
    model = regressor(epochs=3, **params)
    watched = {} if params.get("early_stopping") else {"X_val": X_val, "y_val": y_val}
    epochs = model.fit_epochs(X, y, **watched)
    next(epochs)
    (probes := EpochProbes(model, X, y, share=0.0)).look(1.0)
    assert [*probes] == [0]
    assert len([*epochs]) == 2
    found, alone = diagnose(model, X, y, probes=probes), diagnose(model, X, y)
    pd.testing.assert_frame_equal(found.layers, alone.layers, rtol=1e-6)
    assert found.causes == alone.causes
    assert found.figures == pytest.approx(alone.figures, rel=1e-6)
    again = regressor(epochs=3, **params).fit(X, y, **watched)
    np.testing.assert_array_equal(model.predict(X), again.predict(X))


@pytest.mark.parametrize("params", [{"engine": "keras"}, {"callbacks": keras.callbacks.Callback()}])
def test_a_network_that_is_trained_itself_is_no_longer_the_first(rows, params):
    epochs = (model := regressor(epochs=2, **params)).fit_epochs(*rows[:2])
    next(epochs)
    (probes := EpochProbes(model, *rows[:2], share=0.0)).look(1.0)
    assert [*probes] == [1]
    epochs.close()


def test_the_first_network_of_an_ensemble_is_probed(rows):
    model = regressor(epochs=2, n_members=2)
    epochs = model.fit_epochs(*rows[:2])
    next(epochs)
    (probes := EpochProbes(model, *rows[:2], share=1.0)).look(1.0)
    epochs.close()
    assert [*probes] == [0, 1]
    initial = probes[0]
    assert initial.layers["layer"].tolist() == [*(f"dense_{n}" for n in range(4)), "output"]
    assert (initial.layers["update_ratio"] > 0).all()
