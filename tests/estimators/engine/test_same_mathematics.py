"""The compiled engine against ``Model.fit``: the same weights, losses and metrics."""

import itertools

import numpy as np
import pytest

from estimators import KerasMLPClassifier, KerasMLPRegressor
from estimators.techniques.activation import ACTIVATIONS
from estimators.techniques.batch_normalization import BATCH_NORM_PLACEMENTS
from estimators.techniques.optimizer import OPTIMIZERS

CLIPPINGS = ({}, {"clipnorm": 0.1}, {"clipvalue": 0.01}, {"global_clipnorm": 0.1})
ROUNDING = {"rtol": 1e-4, "atol": 5e-6}

N_ROWS = 75  # not a multiple of the batch size
RNG = np.random.default_rng(0)
X = RNG.normal(size=(N_ROWS, 5)).astype("float32")
VALUES = X[:, 0] * X[:, 1] + np.sin(X[:, 2])
LABELS = np.digitize(VALUES, [-0.5, 0.5])
WEIGHTS = RNG.uniform(0.1, 2.0, N_ROWS)


def assert_equal_training(make, y, *, engine, **fit):
    reference = make(engine="keras").fit(X, y, **fit)
    trained = make(engine=engine).fit(X, y, **fit)
    pairs = zip(trained.model_.get_weights(), reference.model_.get_weights(), strict=True)
    for ours, theirs in pairs:
        np.testing.assert_allclose(ours, theirs, **ROUNDING)
    for ours, theirs in zip(
        trained.model_.optimizer.variables, reference.model_.optimizer.variables, strict=True
    ):
        np.testing.assert_allclose(ours.numpy(), theirs.numpy(), **ROUNDING)
    assert trained.history_.keys() == reference.history_.keys()
    for name, curve in trained.history_.items():
        np.testing.assert_allclose(curve, reference.history_[name], rtol=1e-4, atol=1e-5)


def activations_and_placements():
    """Each activation once, without batch norm and with a placement of it by turns."""
    placed = itertools.cycle([None, *BATCH_NORM_PLACEMENTS])
    names = sorted(set(ACTIVATIONS) - {"randomized_leaky_relu"})
    return [(case, *pair) for case, pair in enumerate(zip(names, placed, strict=False))]


@pytest.mark.slow
@pytest.mark.parametrize(("case", "activation", "batch_norm"), activations_and_placements())
@pytest.mark.filterwarnings("ignore:selu wants plain layers")
def test_activations_and_batch_norm(case, activation, batch_norm):
    """With optimizers, clippings, weights and an order of the rows by turns."""
    optimizer = sorted(OPTIMIZERS)[case % len(OPTIMIZERS)]
    if activation == "linear":
        # Under batch norm the gradients of whole directions are 0 but for rounding, which the
        # adaptive optimizers would blow up.
        optimizer = "sgd"

    def make(engine):
        return KerasMLPClassifier(
            (6, 4),
            activation,
            batch_norm=batch_norm,
            optimizer=optimizer,
            **CLIPPINGS[case // 2 % len(CLIPPINGS)],
            batch_size=16,
            epochs=3,
            shuffle=bool(case % 3),
            random_state=0,
            engine=engine,
        )

    weighted = {"sample_weight": WEIGHTS} if case % 5 % 2 else {}
    assert_equal_training(
        make, LABELS, engine="compiled", X_val=X[:30], y_val=LABELS[:30], **weighted
    )


@pytest.mark.slow
@pytest.mark.parametrize(("case", "optimizer"), [*enumerate(sorted(OPTIMIZERS))])
@pytest.mark.parametrize("is_clipped", [False, True], ids=["free", "clipped"])
def test_optimizers_and_clippings(case, optimizer, is_clipped):
    """Each optimizer without clipping, and with one of its kinds by turns."""
    kinds = CLIPPINGS[1:]
    clipping = kinds[case % len(kinds)] if is_clipped else {}

    def make(engine):
        return KerasMLPRegressor(
            (6,),
            "tanh",
            optimizer=optimizer,
            momentum=0.5 if "momentum" in OPTIMIZERS[optimizer].parameters else 0.0,
            weight_decay=0.01,
            **clipping,
            batch_size=16,
            epochs=2,
            random_state=0,
            engine=engine,
        )

    assert_equal_training(make, VALUES, engine="uncompiled", sample_weight=WEIGHTS)


@pytest.mark.parametrize(
    ("loss", "n_outputs", "engine"),
    [
        ("mean_squared_error", 1, "compiled"),
        ("mean_squared_error", 2, "uncompiled"),
        ("mean_absolute_error", 1, "uncompiled"),
        ("mean_absolute_error", 2, "compiled"),
        ("huber", 1, "compiled"),
        ("huber", 2, "uncompiled"),
    ],
)
def test_regression(loss, n_outputs, engine):
    """Each loss with each number of outputs, on the engines by turns."""
    y = VALUES if n_outputs == 1 else np.c_[VALUES, X[:, 3]]

    def make(engine):
        return KerasMLPRegressor(
            (6,),
            "elu",
            loss=loss,
            standardize_target=True,
            batch_size=16,
            epochs=2,
            early_stopping=True,
            random_state=0,
            engine=engine,
        )

    assert_equal_training(make, y, engine=engine)


@pytest.mark.parametrize(
    "y",
    [VALUES > 0, LABELS, np.c_[VALUES > 0, X[:, 3] > 0, X[:, 4] > 1].astype(int)],
    ids=["binary", "multiclass", "multilabel"],
)
def test_classification(y):
    def make(engine):
        return KerasMLPClassifier((6,), batch_size=16, epochs=2, random_state=0, engine=engine)

    assert_equal_training(make, y, engine="compiled", X_val=X[:10], y_val=y[:10])


@pytest.mark.parametrize("batch_size", [1, 25, N_ROWS, 1000])
def test_batch_sizes(batch_size):
    def make(engine):
        return KerasMLPRegressor(
            (6,), batch_size=batch_size, epochs=2, random_state=0, engine=engine
        )

    assert_equal_training(make, VALUES, engine="compiled")


@pytest.mark.parametrize("width", [6, 1])
def test_a_last_batch_of_one_row_under_batch_norm(width):
    def make(engine):
        return KerasMLPRegressor(
            (width,), batch_norm=True, batch_size=37, epochs=2, random_state=0, engine=engine
        )

    assert_equal_training(make, VALUES, engine="compiled")


def test_validation_in_several_chunks():
    many = np.tile(X, (40, 1)), np.tile(VALUES, 40)

    def make(engine):
        return KerasMLPRegressor((6,), epochs=2, random_state=0, engine=engine)

    assert_equal_training(make, VALUES, engine="compiled", X_val=many[0], y_val=many[1])


def test_learning_rate_schedule():
    import keras

    def make(engine):
        schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 5, 0.5)
        return KerasMLPRegressor(
            (6,), optimizer="sgd", learning_rate=schedule, epochs=3, random_state=0, engine=engine
        )

    assert_equal_training(make, VALUES, engine="compiled")


RECIPE = {
    "optimizer": "adamw",
    "beta_2": 0.95,
    "epsilon": 1e-8,
    "learning_rate": 0.02,
    "learning_rate_schedule": "coslog4",
    "learning_rate_factors": {"bias": 0.1, "scale": 6, "activation": 0.1, "embedding": 0.1},
    "weight_decay": 0.02,
    "weight_decay_schedule": "flat_cosine",
    "weight_decay_biases": False,
    "dropout": 0.15,
    "dropout_schedule": "flat_cosine",
    "label_smoothing": 0.01,
    "early_stopping": True,
    "patience": None,
}


def test_what_model_fit_cannot_is_the_same_compiled():
    """All at once, as RealMLP has them."""
    compiled, uncompiled = (
        KerasMLPClassifier(
            (8, 6), "silu", **RECIPE, batch_size=16, epochs=6, random_state=0, engine=engine
        ).fit(X, LABELS, sample_weight=WEIGHTS)
        for engine in ("compiled", "uncompiled")
    )
    pairs = zip(compiled.model_.get_weights(), uncompiled.model_.get_weights(), strict=True)
    for one, other in pairs:
        np.testing.assert_allclose(one, other, **ROUNDING)
    assert compiled.best_epoch_ == uncompiled.best_epoch_
    for name, curve in compiled.history_.items():
        np.testing.assert_allclose(curve, uncompiled.history_[name], rtol=1e-4, atol=1e-5)


RANDOM_PARTS = {
    "dropout": {"activation": "relu", "dropout": 0.3},
    "alpha dropout": {"activation": "selu", "dropout": 0.3},
    "slopes": {"activation": "randomized_leaky_relu"},
}


@pytest.mark.parametrize(
    ("random_part", "engine"),
    [("dropout", "compiled"), ("alpha dropout", "uncompiled"), ("slopes", "compiled")],
)
def test_random_layers_draw_the_same(random_part, engine):
    """On the engines by turns: one program, that is compiled or is not."""

    def make(engine):
        return KerasMLPRegressor(
            (20, 10),
            **RANDOM_PARTS[random_part],
            batch_size=16,
            epochs=2,
            random_state=0,
            engine=engine,
        )

    assert_equal_training(make, VALUES, engine=engine)


@pytest.mark.parametrize("random_part", RANDOM_PARTS)
def test_random_layers_repeat_with_the_seed_and_vary_without(random_part):
    def losses(seed):
        model = KerasMLPRegressor((20,), **RANDOM_PARTS[random_part], epochs=2, random_state=seed)
        return model.fit(X, VALUES).history_["loss"]

    assert losses(0) == losses(0)
    assert losses(0) != losses(1)
