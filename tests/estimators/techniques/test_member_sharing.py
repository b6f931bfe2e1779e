"""Members that share a network: what they share, and how they are trained."""

from __future__ import annotations

import pickle
from itertools import pairwise

import keras
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.metrics import log_loss

from estimators import KerasMLPClassifier, KerasMLPRegressor, build_network
from estimators.engine.cache import PROGRAMS

SHARINGS = ("tabm", "tabm_mini")
SHARED = {"n_members": 3, "member_sharing": "tabm"}
EVERYTHING = {
    "hidden_layer_sizes": (8, 6, 6),
    "numeric_embedding": "both",
    "n_bins": 4,
    "feature_scale": True,
    "activation": "prelu",
    "parametric_activation": True,
    "parametrization": "neural_tangent",
    "data_initialization": True,
    "layer_norm": True,
    "residual": True,
    "dropout": 0.1,
    "early_stopping": True,
    "validation_fraction": 0.3,
}


def outputs_of_members(model, X):
    """Outputs of shape (n_rows, n_members, n_outputs)."""
    network = model.model_
    inner = keras.Model(network.inputs[0], network.get_layer("output").output)
    return np.asarray(inner(np.asarray(X, dtype="float32")))


class TestNetwork:
    def test_everything_but_the_kernels_is_by_member(self):
        network = build_network(5, 2, hidden_layer_sizes=(7, 6), **SHARED)
        shapes = {weight.path.split("/", 1)[1]: tuple(weight.shape) for weight in network.weights}
        assert shapes == {
            "member_scale/scale": (3, 5),
            "dense_0/kernel": (5, 7),
            "dense_0/output_scale": (3, 7),
            "dense_0/bias": (3, 7),
            "dense_1/input_scale": (3, 7),
            "dense_1/kernel": (7, 6),
            "dense_1/output_scale": (3, 6),
            "dense_1/bias": (3, 6),
            "output/kernel": (3, 6, 2),
            "output/bias": (3, 2),
        }

    def test_the_small_one_has_its_first_scales_and_outputs_by_member(self):
        network = build_network(
            5, 2, hidden_layer_sizes=(7, 6), n_members=3, member_sharing="tabm_mini"
        )
        by_member = {
            weight.path.split("/", 1)[1] for weight in network.weights if weight.shape[0] == 3
        }
        assert by_member == {"member_scale/scale", "output/kernel", "output/bias"}

    def test_slopes_are_shared(self):
        network = build_network(5, 1, activation="prelu", parametric_activation=True, **SHARED)
        layer = network.get_layer("activation_0")
        assert {tuple(weight.shape) for weight in layer.weights} == {(1, 100), (100,)}

    @pytest.mark.parametrize("sharing", SHARINGS)
    def test_gives_the_mean_of_its_members(self, task, sharing):
        model = task.fit(n_members=3, member_sharing=sharing)
        of_members = outputs_of_members(model, task.X)
        assert of_members.shape[1] == 3
        assert of_members.std(axis=1).min() > 0
        outputs = model.model_(task.X.astype("float32"))
        np.testing.assert_allclose(outputs, of_members.mean(axis=1), rtol=1e-5, atol=1e-7)

    def test_first_scales_are_one_draw_a_column(self):
        rng = np.random.default_rng(0)
        X = pd.DataFrame(rng.normal(size=(50, 2)), columns=["a", "b"]).assign(
            many=pd.Categorical(rng.integers(0, 11, 50)),
            few=pd.Categorical(rng.choice([*"xyz"], 50)),
        )
        embedded = {"numeric_embedding": "both", "numeric_embedding_dim": 2}
        for besides, widths, kind in (
            # a, b; two vectors of 2; two of 3 waves; one-hot levels; a vector of a category
            (embedded, [1, 1, 2, 2, 3, 3, 3, 8], "normal"),
            ({}, [1, 1, 3, 8], "signs"),
        ):
            model = KerasMLPRegressor(**SHARED, **besides, random_state=0).initialize(
                X, rng.random(50)
            )
            scale = model.model_.get_layer("member_scale").scale.numpy()
            bounds = np.cumsum([0, *widths])
            parts = [scale[:, begin:end] for begin, end in pairwise(bounds)]
            assert scale.shape[1] == bounds[-1]
            assert all((part == part[:, :1]).all() for part in parts)
            assert (np.abs(scale) == 1).all() == (kind == "signs")
            if kind == "normal":  # raw number, bins and waves of a column alike
                np.testing.assert_array_equal(parts[0], parts[2][:, :1])
                np.testing.assert_array_equal(parts[0], parts[4][:, :1])
                assert len(np.unique(scale)) == 3 * 4


def reference_step(model, X, y, rate):
    """One step of plain gradient descent on the mean of the members' losses."""
    import tensorflow as tf

    network = model.model_
    inner = keras.Model(network.inputs[0], network.get_layer("output").output)
    loss = model.model_.loss
    with tf.GradientTape() as tape:
        outputs = inner(X.astype("float32"), training=True)
        losses = [loss(y, outputs[:, member]) for member in range(outputs.shape[1])]
        mean = sum(losses) / len(losses)
    gradients = tape.gradient(mean, inner.trainable_variables)
    pairs = zip(inner.trainable_variables, gradients, strict=True)
    return float(mean), [weight.numpy() - rate * gradient.numpy() for weight, gradient in pairs]


class TestTraining:
    @pytest.mark.parametrize(
        ("kind", "sharing", "engine"),
        [
            ("regression", "tabm", "compiled"),
            ("regression", "tabm_mini", "uncompiled"),
            ("classification", "tabm", "uncompiled"),
            ("classification", "tabm_mini", "compiled"),
            ("binary", "tabm", "compiled"),
            ("binary", "tabm_mini", "uncompiled"),
        ],
    )
    def test_a_step_is_on_the_mean_of_the_losses(self, request, kind, sharing, engine):
        task = request.getfixturevalue(kind)
        model = task.make(
            n_members=3,
            member_sharing=sharing,
            optimizer="sgd",
            learning_rate=0.1,
            batch_size=len(task.X),
            epochs=1,
            engine=engine,
        )
        start = clone(model).initialize(task.X, task.y)
        y = start.target_encoder_.transform(task.y)
        loss, expected = reference_step(start, task.X, y, 0.1)
        model.fit(task.X, task.y)
        assert model.history_["loss"] == [pytest.approx(loss, rel=1e-5)]
        for weight, other in zip(model.model_.trainable_variables, expected, strict=True):
            np.testing.assert_allclose(weight.numpy(), other, rtol=1e-4, atol=1e-6)

    @pytest.mark.parametrize("kind", ["regression", "classification", "binary"])
    def test_what_is_evaluated_is_the_mean_of_the_outputs(self, request, kind):
        task = request.getfixturevalue(kind)
        model = task.make(**SHARED).fit(task.X, task.y, X_val=task.X, y_val=task.y)
        y = model.target_encoder_.transform(task.y)
        loss, metric = model.model_.evaluate(task.X.astype("float32"), y, verbose=0)
        (name,) = (
            name for name in model.history_ if name.startswith("val_") and "loss" not in name
        )
        assert model.history_["val_loss"][-1] == pytest.approx(loss, rel=1e-5)
        assert model.history_[name][-1] == pytest.approx(metric, rel=1e-5)

    @pytest.mark.parametrize(
        ("kind", "sharing"), [("classification", "tabm"), ("regression", "tabm_mini")]
    )
    def test_engines_agree_on_everything_together(self, request, kind, sharing):
        task = request.getfixturevalue(kind)
        fits = [
            task.fit(n_members=3, member_sharing=sharing, engine=engine, **EVERYTHING)
            for engine in ("compiled", "uncompiled")
        ]
        for weight, other in zip(*(model.model_.get_weights() for model in fits), strict=True):
            np.testing.assert_allclose(weight, other, rtol=1e-3, atol=1e-5)

    @pytest.mark.parametrize("placement", ["before_dense", "after_dense", "after_activation"])
    def test_batch_norm_is_over_rows_and_members(self, regression, placement):
        """An incomplete batch as the compiled engine pads it, and as it is without padding."""
        fits = [
            regression.fit(**SHARED, batch_norm=placement, batch_size=size, optimizer="sgd")
            for size in (60, 64)
        ]
        for weight, other in zip(*(model.model_.get_weights() for model in fits), strict=True):
            np.testing.assert_allclose(weight, other, rtol=1e-4, atol=1e-5)

    def test_label_smoothing_and_mixup(self, classification):
        plain, other = (
            classification.fit(**SHARED, **settings)
            for settings in ({}, {"label_smoothing": 0.3, "mixup": 0.5})
        )
        assert other.history_["loss"] != plain.history_["loss"]
        assert np.isfinite(other.history_["loss"]).all()

    def test_a_program_for_all_seeds(self, regression):
        PROGRAMS.clear()
        for seed in range(2):
            regression.fit(**SHARED, engine="uncompiled", random_state=seed)
        assert len(PROGRAMS) == 1

    def test_model_fit_cannot_do_it(self, regression):
        sentence = "engine='keras' cannot train this, for member_sharing='tabm' trains on the mean"
        with pytest.raises(ValueError, match=sentence):
            regression.fit(**SHARED, engine="keras")


class TestEstimator:
    @pytest.mark.parametrize(
        ("kind", "sharing"), [("regression", "tabm"), ("classification", "tabm_mini")]
    )
    def test_pickled_cloned_and_trained_on(self, request, kind, sharing):
        task = request.getfixturevalue(kind)
        model = task.make(n_members=3, member_sharing=sharing, **EVERYTHING)
        assert clone(model).member_sharing == sharing
        model.fit(task.X, task.y)
        assert isinstance(model.best_epoch_, int)
        again = pickle.loads(pickle.dumps(model))
        np.testing.assert_array_equal(again.predict(task.X), model.predict(task.X))
        for each in (model, again):
            each.partial_fit(task.X, task.y)
        assert again.n_iter_ == 3
        np.testing.assert_equal(again.model_.get_weights(), model.model_.get_weights())

    def test_partial_fit_from_the_beginning(self, regression):
        model = regression.make(**SHARED)
        for _ in range(2):
            model.partial_fit(regression.X, regression.y)
        assert outputs_of_members(model, regression.X).shape[1] == 3
        assert model.n_iter_ == 2

    def test_warm_start(self, regression):
        model = regression.make(**SHARED, warm_start=True)
        assert model.fit(regression.X, regression.y).n_iter_ == 2
        assert model.fit(regression.X, regression.y).n_iter_ == 4
        with pytest.raises(ValueError, match=r"built with n_members=3, but now has n_members=4"):
            model.set_params(n_members=4).fit(regression.X, regression.y)

    def test_callbacks_see_the_network(self, regression):
        seen = []
        callback = keras.callbacks.LambdaCallback(
            on_epoch_end=lambda epoch, logs: seen.append(epoch)
        )
        regression.fit(**SHARED, callbacks=[callback])
        assert seen == [0, 1]

    def test_calibrated(self, classification):
        settings = {**SHARED, "early_stopping": True, "validation_fraction": 0.4, "epochs": 40}
        settings["learning_rate"] = 0.1
        plain, calibrated = (
            classification.fit(**settings, calibration=kind) for kind in (None, "temperature")
        )
        ratios = [
            other / one
            for one, other in zip(
                *(model.model_.get_layer("output").get_weights() for model in (plain, calibrated)),
                strict=True,
            )
        ]
        assert np.ptp(np.concatenate([ratio.ravel() for ratio in ratios])) < 1e-3
        assert np.mean(ratios[0]) != pytest.approx(1, abs=1e-3)
        assert calibrated.predict_proba(classification.X).sum(axis=1) == pytest.approx(1)
        assert log_loss(classification.y, calibrated.predict_proba(classification.X)) < 2

    @pytest.mark.parametrize("sharing", SHARINGS)
    @pytest.mark.parametrize("parametrization", ["standard", "neural_tangent"])
    def test_initialized_by_data(self, regression, sharing, parametrization):
        """Pre-activations have variance 1: over rows and members, or over rows, in the output."""
        model = regression.make(
            n_members=3,
            member_sharing=sharing,
            parametrization=parametrization,
            data_initialization=True,
            hidden_layer_sizes=(8, 8),
            activation="tanh",
        ).initialize(regression.X, regression.y)
        network = model.model_
        for name in ("dense_0", "dense_1", "output"):
            layer = network.get_layer(name)
            inner = keras.Model(network.inputs[0], layer.output)
            products = np.asarray(inner(regression.X.astype("float32"))) - layer.bias.numpy()
            axes = 0 if name == "output" else (0, 1)
            np.testing.assert_allclose(products.std(axis=axes), 1, rtol=1e-3)
            assert np.ptp(layer.bias.numpy()) > 0

    @pytest.mark.parametrize(
        ("params", "sentence"),
        [
            ({"n_members": 1}, "member_sharing='tabm' of .* is of an ensemble: set n_members=2"),
            ({"member_params": [{}, {"dropout": 0.1}]}, "cannot differ by member_params"),
            ({"hidden_layer_sizes": ()}, "shares hidden layers, of which hidden_layer_sizes has"),
            ({"member_sharing": "tabn"}, "Did you mean 'tabm'"),
        ],
    )
    def test_impossible(self, task, params, sentence):
        with pytest.raises(ValueError, match=sentence):
            task.fit(**{**SHARED, **params})

    def test_networks_of_an_ensemble_cannot_share_each_by_itself(self, task):
        with pytest.raises(ValueError, match=r"member_sharing='tabm' of .* is of an ensemble"):
            task.fit(n_members=2, member_params=[{"member_sharing": "tabm"}])


def test_estimators_have_it():
    for estimator in (KerasMLPClassifier, KerasMLPRegressor):
        assert estimator().member_sharing is None
