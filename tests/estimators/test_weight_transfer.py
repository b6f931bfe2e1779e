from __future__ import annotations

import copy
import pickle
import re
import warnings

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from estimators import KerasMLPClassifier, KerasMLPRegressor, RuleWarning

RNG = np.random.default_rng(0)
X = pd.DataFrame(RNG.normal(size=(60, 3)), columns=["a", "b", "c"])
Y = X["a"] * X["b"]
QUICK = {"hidden_layer_sizes": (5, 4), "epochs": 2, "batch_size": 16}


def make(seed=1, **params):
    return KerasMLPRegressor(**{**QUICK, "random_state": seed, **params})


@pytest.fixture(scope="module")
def source():
    return make(0, batch_norm="before_dense").fit(X, Y)


def weights(model):
    return {
        f"{layer.name}/{weight.name}": weight.numpy()
        for layer in model.model_.layers
        for weight in layer.weights
    }


def taken(model):
    return {record["weight"]: record["taken"] for record in model.transferred_}


def how(model, weight):
    return next(one["how"] for one in model.transferred_ if one["weight"] == weight)


def test_hidden_layers_are_taken_and_the_output_is_new(source):
    model = make(batch_norm="before_dense", init_from=source).initialize(X, Y)
    ours, theirs, fresh = (
        weights(each) for each in (model, source, make(batch_norm="before_dense").initialize(X, Y))
    )
    for name, share in taken(model).items():
        assert share == (not name.startswith("output"))
        np.testing.assert_array_equal(ours[name], (theirs if share else fresh)[name])
    assert how(model, "output/kernel") == "the output is new, as init_layers='hidden' says"
    record = model.transferred_[0]
    assert record["weight"] == "batch_norm_0/gamma"
    assert record["shape"] == "3"
    assert record["source"] == "KerasMLPRegressor"


def test_without_a_source_nothing_is_said():
    assert make().fit(X, Y).transferred_ == []


def test_training_goes_on_from_there_and_the_source_stays(source):
    before = copy.deepcopy(source.model_.get_weights())
    model = make(batch_norm="before_dense", init_from=source, frozen_layers=2).fit(X, Y)
    np.testing.assert_equal(source.model_.get_weights(), before)
    np.testing.assert_equal(model.model_.get_weights()[:-2], before[:-2])
    assert not np.array_equal(model.model_.get_weights()[-2], before[-2])


def test_columns_are_matched_by_name(source):
    """In another order; a new one begins as the initializer says, one that went is left out."""
    other = X[["c", "a"]].assign(new=RNG.normal(size=60))[["new", "c", "a"]]
    settings = {"batch_norm": "before_dense"}
    model = make(init_from=source, **settings).initialize(other, Y)
    ours, theirs = weights(model), weights(source)
    fresh = weights(make(**settings).initialize(other, Y))
    for name in ("dense_0/kernel", "batch_norm_0/moving_variance"):
        np.testing.assert_array_equal(ours[name][1:], theirs[name][[2, 0]])
        np.testing.assert_array_equal(ours[name][0], fresh[name][0])
        assert taken(model)[name] == pytest.approx(2 / 3)
        assert how(model, name) == "2 of 3 inputs by name; new: new"


def test_columns_without_names_are_matched_by_position(source):
    model = make(batch_norm="before_dense", init_from=source).initialize(X.to_numpy(), Y)
    np.testing.assert_array_equal(
        weights(model)["dense_0/kernel"], weights(source)["dense_0/kernel"]
    )
    assert how(model, "dense_0/kernel") == "3 of 3 inputs by position"


def test_columns_that_nothing_matches(source):
    """The layers behind the first one are taken nevertheless."""
    model = make(batch_norm="before_dense", init_from=source).initialize(X.to_numpy()[:, :2], Y)
    assert taken(model)["dense_0/kernel"] == 0
    assert taken(model)["dense_1/kernel"] == 1
    assert how(model, "dense_0/kernel").startswith(
        "3 columns in the source and 2 here, not all with names; a scaler names them after"
    )
    assert how(model, "batch_norm_0/gamma") == "the source has the shape 3"


def test_categories_are_matched_by_level():
    def table(levels):
        return X[["a"]].assign(
            place=pd.Categorical(RNG.choice(levels, 60), categories=levels),
            street=pd.Categorical(RNG.choice(9, 60).astype(str)),
        )

    first, second = table(["north", "south", "west"]), table(["south", "east", "north", "west"])
    old = make(0).fit(first, Y)
    model = make(init_from=old).initialize(second, Y)
    kernel, theirs = weights(model)["dense_0/kernel"], weights(old)["dense_0/kernel"]
    np.testing.assert_array_equal(kernel[[1, 3, 4]], theirs[[2, 1, 3]])
    assert how(model, "dense_0/kernel") == "12 of 13 inputs by name; new: place=east"
    embedded = "features/category_embedding"
    np.testing.assert_array_equal(weights(model)[embedded], weights(old)[embedded])


@pytest.mark.parametrize(
    "settings",
    [
        {"numeric_embedding": "both", "feature_scale": True},
        {"member_sharing": "tabm", "n_members": 3},
        {"residual": True, "activation": "prelu", "layer_norm": True},
        {"parametrization": "neural_tangent"},
    ],
    ids=["features", "tabm", "residual", "neural_tangent"],
)
def test_whatever_the_network_has(settings):
    old = make(0, **settings).fit(X, Y)
    shuffled = X[["c", "b", "a"]]
    model = make(init_from=old, init_layers="all", **settings).initialize(shuffled, Y)
    assert set(taken(model).values()) == {1.0}
    np.testing.assert_allclose(model.predict(shuffled), old.predict(X), rtol=1e-4, atol=1e-5)


def test_neural_tangent_products_stay_as_large():
    """They are divided by the root of the number of inputs, which is another one here."""
    old = make(0, parametrization="neural_tangent").fit(X, Y)
    model = make(init_from=old, parametrization="neural_tangent").initialize(X[["b"]], Y)
    np.testing.assert_allclose(
        weights(model)["dense_0/kernel"][0],
        weights(old)["dense_0/kernel"][1] / np.sqrt(3),
        rtol=1e-6,
    )


def test_an_output_gives_the_same_values_where_targets_are_standardized_otherwise():
    old = make(0, standardize_target=True).fit(X, 5 + 3 * Y)
    model = make(init_from=old, init_layers="all", standardize_target=True)
    model.initialize(X, 1 + Y / 2)
    np.testing.assert_allclose(model.predict(X), old.predict(X), rtol=1e-4, atol=1e-4)


def test_an_output_of_other_classes_is_new():
    classes = np.digitize(Y, [-0.4, 0.4])
    old = KerasMLPClassifier(**QUICK, random_state=0).fit(X, classes)
    new = KerasMLPClassifier(**QUICK, init_from=old, init_layers="all", random_state=1)
    assert taken(clone(new).initialize(X, classes))["output/kernel"] == 1
    other = clone(new).initialize(X, classes + 1)
    assert how(other, "output/kernel") == "the source has another target"
    assert taken(other)["dense_1/kernel"] == 1
    assert taken(make(init_from=old).initialize(X, Y))["dense_1/kernel"] == 1


def test_members_take_from_members():
    old = make(0, n_members=2).fit(X, Y)
    model = make(n_members=3, init_from=old).fit(X, Y)
    again = make(n_members=3, init_from=old).initialize(X, Y)
    kernels = [network.get_layer("dense_0").kernel.numpy() for network in again.model_.layers[1:4]]
    theirs = [network.get_layer("dense_0").kernel.numpy() for network in old.model_.layers[1:3]]
    np.testing.assert_equal(kernels, [theirs[0], theirs[1], theirs[0]])
    assert taken(model)["dense_0/kernel"] == 1


def test_layers_of_another_shape_are_not_taken(source):
    model = make(hidden_layer_sizes=(5, 3), init_from=source, batch_norm="before_dense")
    model.initialize(X, Y)
    assert taken(model)["dense_0/kernel"] == 1
    assert taken(model)["dense_1/kernel"] == 0
    assert how(model, "dense_1/kernel") == "the source has the shape 5 x 4"


@pytest.mark.parametrize(
    ("params", "frame", "sentence"),
    [
        (
            {"hidden_layer_sizes": (7,)},
            X.to_numpy()[:, :2],
            "layers of one shape: init_from gives nothing, for 3 columns in the source and 2 here",
        ),
        (
            {"activation": "elu"},
            X,
            "one activation: the source learned with activation='relu', not 'elu'; use the",
        ),
        (
            {},
            X * [1, 20, 1],
            "input of one scale: the column 'b' has mean ",
        ),
        (
            {"frozen_layers": 1},
            X.assign(d=0.1),
            "frozen layers have learned before: of dense_0/kernel the source gave 3 of 4 inputs "
            "by name; new: d, and frozen_layers=1 leaves the rest random",
        ),
    ],
    ids=["nothing", "activation", "scale", "frozen"],
)
@pytest.mark.filterwarnings("ignore:input of one scale")  # of the case "scale"
def test_what_would_bite_silently_is_said(params, frame, sentence):
    old = make(0).fit(X, Y)
    with pytest.warns(RuleWarning, match=re.escape(sentence)):
        make(init_from=old, **params).fit(frame, Y)


@pytest.mark.filterwarnings("error::estimators.RuleWarning")
def test_otherwise_nothing_is_said():
    old = make(0).fit(X, Y)
    make(init_from=old, frozen_layers=1, unfreeze_at=1).fit(X, Y)


def test_in_a_pipeline_and_a_search(source):
    """Pipelines clone their steps, and searches the values of a grid."""
    pipeline = make_pipeline(StandardScaler(), make(batch_norm="before_dense", init_from=source))
    fitted = clone(pipeline).fit(X, Y)
    assert taken(fitted[-1])["dense_0/kernel"] == 1
    grid = {
        "kerasmlpregressor__init_from": [None, FrozenEstimator(source)],
        "kerasmlpregressor__learning_rate": [0.001],
    }
    search = GridSearchCV(pipeline, grid, cv=2, error_score="raise").fit(X, Y)
    assert len(search.cv_results_["params"]) == 2
    frozen = {"kerasmlpregressor__frozen_layers": [1, 2]}
    best = GridSearchCV(pipeline, frozen, cv=2, error_score="raise").fit(X, Y).best_estimator_
    assert taken(best[-1])["dense_0/kernel"] == 1


def test_clone_keeps_the_source_and_else_nothing(source):
    model = make(batch_norm="before_dense", init_from=source).fit(X, Y)
    copied = clone(model)
    assert copied.init_from is source
    assert not hasattr(copied, "model_")
    assert copied.get_params(deep=False) == model.get_params(deep=False)


@pytest.mark.parametrize("kind", ["pickle", "skops"])
@pytest.mark.parametrize("wrap", [lambda model: model, FrozenEstimator], ids=["bare", "frozen"])
def test_survives(source, kind, wrap):
    model = make(batch_norm="before_dense", init_from=wrap(source), frozen_layers=1).fit(X, Y)
    if kind == "pickle":
        loaded = pickle.loads(pickle.dumps(model))
    else:
        content = skops.io.dumps(model)
        unknown = skops.io.get_untrusted_types(data=content)
        loaded = skops.io.loads(content, trusted=unknown)
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
    assert loaded.transferred_ == model.transferred_
    np.testing.assert_array_equal(clone(loaded).fit(X, Y).predict(X), model.predict(X))


def test_warm_starts_take_nothing_again(source):
    model = make(batch_norm="before_dense", init_from=source, warm_start=True).fit(X, Y)
    records, before = model.transferred_, model.model_.get_weights()
    model.set_params(init_from=None).fit(X, Y)
    assert model.transferred_ == records
    assert model.n_iter_ == 4
    assert not np.array_equal(model.model_.get_weights()[0], before[0])


def test_estimators_of_earlier_files_have_no_scale(source):
    """Files from before columns were measured: nothing can be said of their scale."""
    old = copy.deepcopy(source)
    del old.feature_encoder_.scale_of_numbers_
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuleWarning)
        make(batch_norm="before_dense", init_from=old).fit(X * 100, Y)
