"""Networks of any shape: trained as ``Model.fit`` does, or by it."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from estimators import KerasMLPRegressor
from estimators.engine import NetworkKey, Rows, epochs
from estimators.engine.training import obstacle_to_compiling
from estimators.network import network_of
from estimators.objective import Objective
from estimators.techniques import REGRESSOR_TECHNIQUES, Technique, defaults, resolve
from estimators.techniques.optimizer import make_optimizer

ROUNDING = {"rtol": 1e-4, "atol": 5e-6}


def rng():
    """The same numbers for each test, whatever ran before."""
    return np.random.default_rng(0)


N_ROWS = 43  # not a multiple of the batch size
OBJECTIVE = Objective("mean_squared_error", "mean_absolute_error")


class Branches(Technique):
    """Two layers side by side, added to what went in."""

    def layers(self, stage, plan):
        if stage != "after_activation":
            return []
        width = plan.params["hidden_layer_sizes"][plan.index]
        dense = [
            keras.layers.Dense(
                width,
                kernel_initializer=keras.initializers.GlorotUniform(next(plan.seeds)),
                name=f"{side}_{plan.index}",
            )
            for side in ("left", "right")
        ]
        norm = keras.layers.LayerNormalization()

        def branches(inputs):
            left, right = (layer(inputs) for layer in dense)
            return keras.layers.Add()([norm(left), right, inputs])

        return [branches]


class Flattened(Technique):
    """The steps of a row side by side, before the first layer."""

    def layers(self, stage, plan):
        return [keras.layers.Flatten()] if (stage, plan.index) == ("before_dense", 0) else []


class Embedded(Technique):
    """The columns as whole numbers, each of which has a learned vector."""

    def layers(self, stage, plan):
        if (stage, plan.index) != ("before_dense", 0):
            return []
        initializer = keras.initializers.RandomNormal(seed=next(plan.seeds))
        return [keras.layers.Embedding(6, 3, initializer), keras.layers.Flatten()]


class Softened(Technique):
    """A layer that mixes the rows of a batch, of which nobody has said anything."""

    class Softened(keras.layers.Layer):
        def call(self, inputs):
            return inputs - keras.ops.mean(inputs, axis=0, keepdims=True)

    def layers(self, stage, plan):
        return [self.Softened()] if stage == "after_activation" else []


class Custom(Technique):
    """A layer of Keras with settings of the test's own."""

    def __init__(self, **settings):
        self.settings = settings

    def layers(self, stage, plan):
        if stage != "after_activation":
            return []
        initializer = keras.initializers.GlorotUniform(next(plan.seeds))
        return [
            keras.layers.Dense(
                4, kernel_initializer=initializer, name=f"own_{plan.index}", **self.settings
            )
        ]


def train(own, X, y, *, engine, validation=None, n_epochs=3, prepare=None, **hyperparameters):
    """Train a network of the usual techniques and some more; return it with its logs."""
    techniques = (*REGRESSOR_TECHNIQUES, *own)
    params = {
        **defaults(techniques),
        "hidden_layer_sizes": (6, 5),
        "activation": "tanh",  # smooth, else rounding may turn a unit on or off
        "batch_size": 8,
        "engine": engine,
        **hyperparameters,
    }
    params = resolve(techniques, params)
    shape = {
        "input_shape": X.shape[1:],
        "n_outputs": y.shape[-1],
        "output_activation": "linear",
    }
    model = network_of(techniques, params, **shape, seed=0)
    model.compile(
        make_optimizer(params, techniques),
        loss=OBJECTIVE.make_loss(),
        metrics=OBJECTIVE.make_metrics(),
    )
    model.optimizer.build(model.trainable_variables)
    if prepare is not None:
        prepare(model)
    key = NetworkKey.of(techniques, params, **shape, objective=OBJECTIVE)
    training = epochs(
        model,
        key,
        params,
        Rows(X, y),
        validation=validation,
        n_epochs=n_epochs,
        seed=0,
    )
    return model, [epoch.logs for epoch in training]


def assert_equal_training(first, second):
    (model, logs), (reference, expected) = first, second
    pairs = zip(model.get_weights(), reference.get_weights(), strict=True)
    for ours, theirs in pairs:
        np.testing.assert_allclose(ours, theirs, **ROUNDING)
    for ours, theirs in zip(logs, expected, strict=True):
        assert ours == pytest.approx(theirs, rel=1e-4)


def table(n_features=4):
    X = rng().normal(size=(N_ROWS, n_features)).astype("float32")
    return X, (X[:, :1] * X[:, 1:2] + 1).astype("float32")


@pytest.mark.parametrize(
    ("batch_norm", "engine"),
    [
        (None, "compiled"),
        ("before_dense", "uncompiled"),
        ("after_dense", "compiled"),
        ("after_activation", "uncompiled"),
    ],
)
def test_a_graph(batch_norm, engine):
    """On the engines by turns: one program, that is compiled or is not."""
    X, y = table()
    own, settings = (Branches(),), {"batch_norm": batch_norm, "validation": Rows(X[:9], y[:9])}
    if batch_norm is not None:
        # Gradients of whole directions are 0 but for rounding, which adam would blow up.
        settings |= {"optimizer": "sgd", "learning_rate": 0.01}
    trained = train(own, X, y, engine=engine, **settings)
    assert not isinstance(trained[0], keras.Sequential)
    assert_equal_training(trained, train(own, X, y, engine="keras", **settings))


@pytest.mark.parametrize("engine", ["uncompiled", "compiled"])
def test_rows_of_rank_3(engine):
    X = rng().normal(size=(N_ROWS, 4, 3)).astype("float32")
    y = X[:, 0, :2].copy()
    own, settings = (Flattened(),), {"validation": Rows(X[:9], y[:9])}
    trained = train(own, X, y, engine=engine, **settings)
    assert trained[0].input_shape == (None, 4, 3)
    assert_equal_training(trained, train(own, X, y, engine="keras", **settings))


@pytest.mark.parametrize(
    ("batch_norm", "n_steps"),
    [(None, 8), ("after_dense", 4), ("after_dense", 8)],
    ids=["as many steps as rows in a batch", "batch norm, 4 steps", "batch norm, as many steps"],
)
def test_targets_of_rank_3(batch_norm, n_steps):
    """Dense layers over each step of a row: the loss of a row is the mean of its steps."""
    X = rng().normal(size=(N_ROWS, n_steps, 3)).astype("float32")
    y = (X[..., :1] * X[..., 1:2]).astype("float32")
    settings = {"batch_norm": batch_norm, "validation": Rows(X[:9], y[:9])}
    trained = train((), X, y, engine="uncompiled", **settings)
    assert_equal_training(trained, train((), X, y, engine="keras", **settings))


OBSTACLES = {
    "unknown": ((Softened(),), {}, "the layer Softened is not known to treat each row by itself"),
    "embedding": (
        (Embedded(),),
        {},
        "the layer Embedding is not known to treat each row by itself",
    ),
    "mask": (
        (Flattened(),),
        {"batch_norm": "after_dense"},
        "does not pass on which rows batch norm is to use",
    ),
    "loss": ((Custom(activity_regularizer="l2"),), {}, "adds a loss of its own"),
    "penalty": ((Custom(kernel_regularizer="l2"),), {}, "its layers add losses of their own"),
    "constraint": ((Custom(kernel_constraint="non_neg"),), {}, "its weights have constraints"),
    "frozen": ((Custom(trainable=False),), {}, "is frozen"),
}


@pytest.mark.parametrize("case", OBSTACLES)
def test_what_the_engine_cannot_prove_goes_through_model_fit(case, capsys):
    own, settings, obstacle = OBSTACLES[case]
    X = rng().normal(size=(N_ROWS, 2, 2)) if case == "mask" else table()[0]
    X, y = X.astype("float32"), table()[1]
    X = abs(X.round()) if case == "embedding" else X
    trained = train(own, X, y, engine="auto", verbose=2, **settings)
    assert obstacle in capsys.readouterr().out
    assert_equal_training(trained, train(own, X, y, engine="keras", **settings))
    with pytest.raises(ValueError, match=f"cannot train this, for .*{obstacle}"):
        train(own, X, y, engine="compiled", **settings)


def test_nothing_else_is_an_obstacle():
    X, y = table()
    for own in ((), (Branches(),), (Flattened(),)):
        model, _ = train(own, X, y, engine="uncompiled", n_epochs=1)
        assert obstacle_to_compiling(model, Rows(X, y), [], own) is None


class TestFrozen:
    """The user's own freezing of a layer, on the model or from a callback."""

    X, y = table()
    y = y[:, 0]

    class Freeze(keras.callbacks.Callback):
        def __deepcopy__(self, memo):
            return self

        def on_train_begin(self, logs=None):
            self.model.get_layer("dense_0").trainable = False
            self.before = self.model.get_layer("dense_0").get_weights()

    def make(self, **params):
        settings = {"epochs": 2, "batch_size": 8, "random_state": 0, "batch_norm": "before_dense"}
        return KerasMLPRegressor((5, 4), **{**settings, **params})

    @pytest.mark.parametrize("layer", ["dense_0", "batch_norm_1"])
    @pytest.mark.parametrize("optimizer", ["sgd", "adam"])
    def test_before_a_warm_start(self, layer, optimizer):
        def fit(engine):
            model = self.make(engine=engine, optimizer=optimizer).initialize(self.X, self.y)
            model.model_.get_layer(layer).trainable = False
            return model.partial_fit(self.X, self.y).partial_fit(self.X, self.y)

        trained, reference = fit("auto"), fit("keras")
        untrained = self.make(optimizer=optimizer).initialize(self.X, self.y)
        np.testing.assert_equal(
            trained.model_.get_layer(layer).get_weights(),
            untrained.model_.get_layer(layer).get_weights(),
        )
        pairs = zip(trained.model_.get_weights(), reference.model_.get_weights(), strict=True)
        for ours, theirs in pairs:
            np.testing.assert_allclose(ours, theirs, **ROUNDING)

    def test_after_a_fit(self):
        model = self.make(warm_start=True).fit(self.X, self.y)
        layer = model.model_.get_layer("dense_0")
        layer.trainable = False
        before, others = layer.get_weights(), model.model_.get_layer("dense_1").get_weights()
        model.fit(self.X, self.y)
        np.testing.assert_equal(layer.get_weights(), before)
        assert not np.array_equal(model.model_.get_layer("dense_1").get_weights()[0], others[0])
        layer.trainable = True

    def test_by_a_callback(self):
        fits = [
            self.make(engine=engine, callbacks=self.Freeze()).fit(self.X, self.y)
            for engine in ("auto", "keras")
        ]
        for model in fits:
            layer = model.model_.get_layer("dense_0")
            np.testing.assert_equal(layer.get_weights(), model.callbacks.before)
        pairs = zip(*(model.model_.get_weights() for model in fits), strict=True)
        for ours, theirs in pairs:
            np.testing.assert_allclose(ours, theirs, **ROUNDING)
