"""Recurrent estimators with an output in each step."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.metrics import accuracy_score, r2_score
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from estimators import KerasRNNClassifier, KerasRNNRegressor, diagnose, plain_network

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 6, 2)).astype("float32")
X[::3, 4:] = X[1::5, 2:] = np.nan
REAL = ~np.isnan(X).all(axis=2)
SUMS = np.nancumsum(X[:, :, 0], axis=1)
LABELS = np.where(SUMS > 0, "up", "down")
WEIGHT = RNG.uniform(0.1, 2.0, len(X))


def make(kind=KerasRNNClassifier, **params):
    quick = {"hidden_layer_sizes": (6,), "epochs": 2, "random_state": 0}
    return kind(**{**quick, "return_sequences": True, **params})


@pytest.fixture(scope="module")
def fitted():
    return make().fit(X, LABELS)


@pytest.fixture(scope="module")
def regressor():
    return make(KerasRNNRegressor).fit(X, SUMS)


def test_only_the_state_knows_the_parity_so_far():
    rng = np.random.default_rng(1)
    bits = rng.integers(0, 2, (1000, 8)).astype("float32")
    parity = bits.cumsum(axis=1).astype(int) % 2
    bits[::2, 5:] = np.nan
    model = make(
        cell="gru", hidden_layer_sizes=(16,), learning_rate=0.02, global_clipnorm=1.0, epochs=40
    ).fit(bits[:800], parity[:800])
    assert model.score(bits[800:], parity[800:]) > 0.97


def test_a_copy_that_comes_later():
    rng = np.random.default_rng(1)
    sequences = rng.normal(size=(400, 10)).astype("float32")
    later = np.pad(sequences, [(0, 0), (2, 0)])[:, :10]
    model = make(
        KerasRNNRegressor,
        hidden_layer_sizes=(24,),
        learning_rate=0.02,
        global_clipnorm=1.0,
        epochs=60,
    ).fit(sequences[:300], later[:300])
    assert model.score(sequences[300:], later[300:]) > 0.9


def test_shapes_and_padding_of_predictions(fitted, regressor):
    labels = fitted.predict(X)
    assert labels.shape == (40, 6)
    assert set(np.unique(labels)) <= {"down", "up"}
    last = REAL.sum(axis=1) - 1
    of_last = labels[np.arange(40), last][:, None]
    assert_array_equal(labels[~REAL], np.broadcast_to(of_last, (40, 6))[~REAL])
    for outputs, n_columns in (
        (fitted.predict_proba(X), 2),
        (fitted.predict_log_proba(X), 2),
        (fitted.decision_function(X)[..., None], 1),
        (regressor.predict(X)[..., None], 1),
    ):
        assert outputs.shape == (40, 6, n_columns)
        assert_array_equal(np.isnan(outputs).any(axis=2), ~REAL)
    assert_allclose(fitted.predict_proba(X)[REAL].sum(axis=1), 1)


def test_as_many_steps_as_come(fitted, regressor):
    short = X[:, :2]
    assert_array_equal(fitted.predict(short), fitted.predict(X)[:, :2])
    assert_allclose(regressor.predict(short), regressor.predict(X)[:, :2], rtol=1e-5)
    assert regressor.score(short, SUMS[:, :2]) == pytest.approx(
        r2_score(SUMS[:, :2].ravel(), regressor.predict(short).ravel())
    )


def test_score_counts_real_steps(fitted, regressor):
    assert fitted.score(X, LABELS) == accuracy_score(LABELS[REAL], fitted.predict(X)[REAL])
    of_steps = np.repeat(WEIGHT, REAL.sum(axis=1))
    assert fitted.score(X, LABELS, WEIGHT) == pytest.approx(
        accuracy_score(LABELS[REAL], fitted.predict(X)[REAL], sample_weight=of_steps)
    )
    predicted = regressor.predict(X)[REAL]
    assert regressor.score(X, SUMS) == pytest.approx(r2_score(SUMS[REAL], predicted))
    assert regressor.score(X, SUMS, WEIGHT) == pytest.approx(
        r2_score(SUMS[REAL], predicted, sample_weight=of_steps)
    )


@pytest.mark.parametrize(
    ("engine", "params"),
    [
        ("keras", {}),
        ("keras", {"class_weight": "balanced"}),
        ("uncompiled", {"class_weight": "balanced"}),
        ("uncompiled", {"early_stopping": True}),
    ],
)
def test_targets_of_padding_change_nothing(engine, params):
    other = np.where(REAL, LABELS, "what was never seen")
    one, two = (make(engine=engine, **params).fit(X, y) for y in (LABELS, other))
    assert one.history_ == two.history_
    assert two.classes_.tolist() == ["down", "up"]
    assert_array_equal(one.predict_proba(X), two.predict_proba(X))
    assert one.score(X, other) == one.score(X, LABELS)


@pytest.mark.parametrize("engine", ["keras", "uncompiled"])
def test_loss_and_metric_are_means_over_real_steps(engine):
    """At a rate that changes nothing, in one batch, and on validation rows."""
    model = make(
        KerasRNNRegressor, engine=engine, epochs=1, batch_size=40, learning_rate=1e-12
    ).fit(X, SUMS, X_val=X[:7], y_val=SUMS[:7])
    error = SUMS - model.predict(X)
    first, real = error[:7], REAL[:7]
    expected = {
        "loss": np.mean(error[REAL] ** 2),
        "mean_absolute_error": np.mean(np.abs(error[REAL])),
        "val_loss": np.mean(first[real] ** 2),
        "val_mean_absolute_error": np.mean(np.abs(first[real])),
    }
    assert {name: curve[0] for name, curve in model.history_.items()} == pytest.approx(
        expected, rel=1e-4
    )


@pytest.mark.parametrize("engine", ["keras", "uncompiled"])
def test_weights_of_rows_and_classes_are_those_of_steps(engine):
    """The mean of the weighted losses over the real steps, as without steps over the rows."""
    weight = {"down": 0.5, "up": 3.0}
    model = make(
        engine=engine, epochs=1, batch_size=40, learning_rate=1e-12, class_weight=weight
    ).fit(X, LABELS, WEIGHT)
    odds = model.decision_function(X)[REAL]
    is_up = LABELS[REAL] == "up"
    losses = np.log1p(np.exp(np.where(is_up, -odds, odds)))
    weights = np.where(is_up, 3.0, 0.5) * np.repeat(WEIGHT, REAL.sum(axis=1))
    assert model.loss_ == pytest.approx(np.mean(losses * weights), rel=1e-4)


def test_rows_without_weight_are_left_out():
    bad = X.copy()
    bad[0] = np.inf
    model = make().fit(bad, LABELS, np.r_[0.0, np.ones(39)])
    assert_allclose(model.predict_proba(X), make().fit(X[1:], LABELS[1:]).predict_proba(X))


def test_balanced_counts_steps():
    y = np.zeros((40, 6), int)
    y[:, 0] = 1
    model = make(class_weight="balanced", epochs=1, batch_size=40, learning_rate=1e-12).fit(X, y)
    odds = model.decision_function(X)[REAL]
    losses = np.log1p(np.exp(np.where(y[REAL] == 1, -odds, odds)))
    by_class = [losses[y[REAL] == label].mean() for label in (0, 1)]
    assert model.loss_ == pytest.approx(np.mean(by_class), rel=1e-4)


def test_in_a_pipeline_and_a_search():
    flat = X.reshape(40, -1)
    pipeline = make_pipeline(StandardScaler(), make(n_steps=6))
    search = GridSearchCV(pipeline, {"kerasrnnclassifier__cell": ["simple", "gru"]}, cv=2)
    search.fit(flat, LABELS)
    assert search.predict(flat).shape == (40, 6)
    assert search.best_score_ == pytest.approx(np.max(search.cv_results_["mean_test_score"]))
    assert 0 < search.best_score_ <= 1
    values = np.stack([SUMS, -SUMS], axis=2)
    scores = cross_val_score(make(KerasRNNRegressor), X, values, cv=2)
    assert np.isfinite(scores).all()


@pytest.mark.parametrize("params", [{}, {"bidirectional": True, "layer_norm": True}], ids=repr)
def test_clones_and_pickles(params):
    model = make(**params).fit(X, LABELS)
    loaded = pickle.loads(pickle.dumps(model))
    assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))
    assert loaded.score(X, LABELS) == model.score(X, LABELS)
    assert clone(model).get_params()["return_sequences"] is True
    assert loaded.partial_fit(X, LABELS).n_iter_ == 3


def test_many_calls_have_the_outputs_of_one(regressor):
    expected = regressor.predict(X)
    for _ in range(20):
        assert_array_equal(regressor.predict(X), expected)


def test_early_stopping_an_ensemble_and_what_schedules():
    model = make(
        early_stopping=True,
        validation_fraction=0.3,
        n_members=2,
        learning_rate_schedule="cosine",
        weight_averaging="ema",
        label_smoothing=0.1,
        mixup=0.2,
        dropout=0.1,
        calibration="temperature",
    ).fit(X, np.digitize(SUMS, [-1, 1]))
    assert len(model.best_epoch_) == 2
    assert model.predict_proba(X).shape == (40, 6, 3)
    assert_allclose(model.predict_proba(X)[REAL].sum(axis=1), 1)


def test_mixed_rows_count_in_the_steps_that_both_have():
    """One batch of two rows at a rate that changes nothing: the second one ends after two steps."""
    sequences, y = X[[2, 1]], SUMS[[2, 1]]
    assert REAL[[2, 1]].sum(axis=1).tolist() == [6, 2]
    settings = {"mixup": 0.5, "epochs": 1, "batch_size": 2, "learning_rate": 1e-12}
    whole, apart = (
        make(KerasRNNRegressor, engine="uncompiled", **settings).fit(*rows)
        for rows in ((sequences, y), (sequences[:, :2], y[:, :2]))
    )
    assert whole.history_["loss"] == pytest.approx(apart.history_["loss"], rel=1e-5)


def test_calibration_is_that_of_the_real_steps():
    settings = {"early_stopping": True, "validation_fraction": 0.5, "epochs": 3}
    plain, calibrated = (
        make(calibration=each, **settings).fit(X, LABELS) for each in (None, "temperature")
    )
    ratio = calibrated.decision_function(X)[REAL] / plain.decision_function(X)[REAL]
    assert_allclose(ratio, ratio[0], rtol=1e-3)
    assert ratio[0] != 1


def test_several_labels_a_step():
    y = np.stack([SUMS > 0, SUMS > 1], axis=2).astype(int)
    model = make().fit(X, y)
    assert model.predict(X).shape == (40, 6, 2)
    assert model.score(X, y) == accuracy_score(y[REAL], model.predict(X)[REAL])


def test_a_diagnosis_looks_at_real_steps():
    found = [
        str(diagnose(make(KerasRNNRegressor).fit(X, y), X, y))
        for y in (SUMS, np.where(REAL, SUMS, np.nan))
    ]
    assert found[0] == found[1]

    first, share = make().initialize(X, LABELS), np.mean(LABELS[REAL] == "up")
    odds = first.decision_function(X)[REAL]
    loss = np.log1p(np.exp(np.where(LABELS[REAL] == "up", -odds, odds))).mean()
    constant = -share * np.log(share) - (1 - share) * np.log(1 - share)
    figures = diagnose(make(), X, LABELS).figures
    assert figures["loss before training over a constant's"] == pytest.approx(
        loss / constant, rel=1e-3
    )


def test_the_plain_network_gives_the_same(regressor):
    outputs = plain_network(regressor).predict(X, verbose=0)[..., 0]
    assert_allclose(outputs[REAL], regressor.predict(X)[REAL], rtol=1e-5, atol=1e-6)


def test_one_target_a_row_is_refused(fitted):
    with pytest.raises(ValueError, match=r"target for each step.*Got shape \(40,\)"):
        make().fit(X, LABELS[:, 0])
    with pytest.raises(ValueError, match=r"target for each step.*Got shape \(40,\)"):
        fitted.score(X, LABELS[:, 0])


def test_weights_of_steps_are_refused():
    with pytest.raises(ValueError, match=r"Sample weights must be 1D"):
        make().fit(X, LABELS, np.ones((40, 6)))


def test_the_kind_of_output_is_no_member_s_own():
    with pytest.raises(ValueError, match="names 'return_sequences', by which members cannot"):
        make(n_members=2, member_params=[{"return_sequences": False}]).fit(X, LABELS)


def test_a_network_is_not_turned_into_the_other_kind():
    model = make(warm_start=True).fit(X, LABELS)
    with pytest.raises(ValueError, match="built with return_sequences=True, but now has"):
        model.set_params(return_sequences=False).fit(X, LABELS[:, 0])
