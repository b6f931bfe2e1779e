"""The compiled engine against ``Model.fit`` with Keras' own recurrent layers."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from estimators import KerasRNNClassifier, KerasRNNRegressor
from estimators.engine.cache import PROGRAMS
from estimators.techniques.recurrence import CELL_TYPES

CLIPPINGS = ({}, {"clipnorm": 0.1}, {"clipvalue": 0.01}, {"global_clipnorm": 0.1})
RNG = np.random.default_rng(0)
N_ROWS = 43  # not a multiple of the batch size
X = RNG.normal(size=(N_ROWS, 7, 2)).astype("float32")
X[::4, 5:] = X[3, 1:] = np.nan
VALUES = np.nansum(X[:, :, 0], axis=1)
LABELS = np.digitize(VALUES, [-1, 1])
WEIGHTS = RNG.uniform(0.1, 2.0, N_ROWS)


def assert_equal_training(make, y, *, engine, rtol=1e-4, atol=5e-6, **fit):
    reference, trained = (make(engine=each).fit(X, y, **fit) for each in ("keras", engine))
    for ours, theirs in zip(
        [*trained.model_.variables, *trained.model_.optimizer.variables],
        [*reference.model_.variables, *reference.model_.optimizer.variables],
        strict=True,
    ):
        np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=rtol, atol=atol)
    assert trained.history_.keys() == reference.history_.keys()
    for name, curve in trained.history_.items():
        np.testing.assert_allclose(curve, reference.history_[name], rtol=rtol, atol=1e-5)


def cells_and_clippings():
    """Each cell with two clippings, and each clipping with one cell or two."""
    clippings = itertools.cycle(CLIPPINGS)
    return [(cell, next(clippings)) for _ in range(2) for cell in CELL_TYPES]


@pytest.mark.slow
@pytest.mark.parametrize(("cell", "clipping"), cells_and_clippings())
def test_cells_and_clippings(cell, clipping):
    def make(engine):
        return KerasRNNClassifier(
            *((4,), cell),
            **clipping,
            batch_size=16,
            epochs=3,
            random_state=0,
            engine=engine,
        )

    assert_equal_training(
        make, LABELS, engine="compiled", sample_weight=WEIGHTS, X_val=X[:20], y_val=LABELS[:20]
    )


@pytest.mark.parametrize("cell", CELL_TYPES)
def test_layers_in_both_directions(cell):
    def make(engine):
        return KerasRNNRegressor(
            *((4, 3), cell),
            bidirectional=True,
            dropout=0.2,
            optimizer="sgd",
            learning_rate=0.05,
            clipvalue=0.1,
            batch_size=16,
            epochs=2,
            random_state=0,
            engine=engine,
        )

    assert_equal_training(make, VALUES, engine="uncompiled")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cell", "engine"), [("simple", "uncompiled"), ("lstm", "compiled"), ("gru", "uncompiled")]
)
def test_what_keras_does_not_have(cell, engine):
    """The same layer on both sides; see its own test for what it computes."""

    def make(engine):
        return KerasRNNRegressor(
            *((4, 3), cell),
            layer_norm=True,
            recurrent_dropout=0.3,
            optimizer="sgd",
            learning_rate=0.01,
            global_clipnorm=1.0,
            batch_size=16,
            epochs=2,
            random_state=0,
            engine=engine,
        )

    # What is divided by a deviation of almost 0, as in first steps, carries more of the rounding.
    assert_equal_training(make, VALUES, engine=engine, rtol=1e-3, atol=5e-5)


@pytest.mark.filterwarnings("ignore::estimators.RuleWarning")
def test_batch_norm_counts_steps_that_hold_values():
    def make(engine):
        return KerasRNNRegressor(
            *((4, 3), "gru"),
            batch_norm=True,
            optimizer="sgd",
            learning_rate=0.01,
            clipnorm=1.0,
            batch_size=16,
            epochs=2,
            random_state=0,
            engine=engine,
        )

    assert_equal_training(make, VALUES, engine="uncompiled")


@pytest.mark.parametrize(
    ("cell", "engine"), [("simple", "compiled"), ("lstm", "uncompiled"), ("gru", "uncompiled")]
)
def test_an_output_in_each_step(cell, engine):
    """With weights of rows and classes, of the steps alone that hold values."""

    def make(engine):
        return KerasRNNClassifier(
            *((4, 3), cell),
            return_sequences=True,
            bidirectional=cell == "gru",
            class_weight="balanced",
            dropout=0.2,
            global_clipnorm=0.1,
            batch_size=16,
            epochs=3,
            random_state=0,
            engine=engine,
        )

    labels = np.digitize(np.nancumsum(X[:, :, 0], axis=1), [-1, 1])
    assert_equal_training(
        make, labels, engine=engine, sample_weight=WEIGHTS, X_val=X[:20], y_val=labels[:20]
    )


@pytest.mark.filterwarnings("ignore::estimators.RuleWarning")
@pytest.mark.parametrize("params", [{"layer_norm": True}, {"batch_norm": True}, {"loss": "huber"}])
def test_values_in_each_step(params):
    def make(engine):
        return KerasRNNRegressor(
            *((4, 3), "gru"),
            return_sequences=True,
            standardize_target=True,
            early_stopping=True,
            validation_fraction=0.2,
            optimizer="sgd",
            learning_rate=0.01,
            batch_size=16,
            epochs=3,
            random_state=0,
            engine=engine,
            **params,
        )

    sums = np.nancumsum(X, axis=1)
    assert_equal_training(make, sums, engine="uncompiled", rtol=1e-3, atol=5e-5)


def test_a_rate_of_recurrent_dropout_is_no_program_of_its_own():
    PROGRAMS.clear()
    losses = {
        KerasRNNRegressor(
            (3,), recurrent_dropout=rate, epochs=2, random_state=0, engine="uncompiled"
        )
        .fit(X, VALUES)
        .loss_
        for rate in (0.1, 0.5)
    }
    assert len(losses) == 2
    assert len(PROGRAMS) == 1
    PROGRAMS.clear()


def test_auto_compiles():
    """Nothing in a recurrent network is an obstacle."""
    model = KerasRNNRegressor((2,), layer_norm=True, bidirectional=True, epochs=1, random_state=0)
    PROGRAMS.clear()
    model.fit(X, VALUES)
    assert len(PROGRAMS) == 1
    PROGRAMS.clear()
