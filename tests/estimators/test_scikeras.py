"""What the estimators do better than scikeras' wrappers, and its names that are not public."""

from __future__ import annotations

import inspect
import random

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from scikeras.wrappers import BaseWrapper
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils import get_tags
from sklearn.utils.validation import check_is_fitted
from tensorflow.python.framework.config import is_op_determinism_enabled

from estimators import KerasMLPClassifier, diagnose


def test_no_class_has_the_tags_of_old():
    """scikit-learn refuses an estimator one of whose classes has them."""
    for kind in KerasMLPClassifier.__mro__:
        assert "_more_tags" not in vars(kind)


def test_names_of_parameters_are_read_from_the_signature():
    """scikeras reads them from ``__dict__``, where a fit adds others."""
    assert BaseWrapper._get_param_names is not KerasMLPClassifier._get_param_names
    wrapper = BaseWrapper()
    wrapper.scribbled = 1
    assert "scribbled" in wrapper.get_params()  # what is replaced for


def test_it_has_an_estimator_type(classification, regression):
    assert get_tags(classification.make()).estimator_type == "classifier"
    assert get_tags(regression.make()).estimator_type == "regressor"


@pytest.mark.parametrize("fixture", ["binary", "classification"])
def test_probabilities_of_a_single_row_have_two_dimensions(request, fixture):
    task = request.getfixturevalue(fixture)
    model = task.fit()
    probabilities = model.predict_proba(task.X[:1])
    assert probabilities.shape == (1, len(model.classes_))
    np.testing.assert_array_equal(probabilities, model.predict_proba(task.X)[:1])
    assert model.predict(task.X[:1]).shape == (1,)


def test_value_of_a_single_row_has_one_dimension(regression):
    assert regression.fit().predict(regression.X[:1]).shape == (1,)


class TestOtherTypesThanAtFit:
    @pytest.mark.parametrize("kinds", [("float64", "float32"), ("float32", "float64")], ids=str)
    def test_input(self, task, kinds):
        before, after = (task.X.astype(kind) for kind in kinds)
        model = task.make().fit(before, task.y)
        np.testing.assert_array_equal(model.predict(after), model.predict(before))
        assert model.score(after, task.y) == model.score(before, task.y)
        model.partial_fit(after, task.y)

    @pytest.mark.parametrize("kinds", [("int64", "int32"), ("int32", "int64")], ids=str)
    def test_whole_numbers(self, task, kinds):
        before, after = ((10 * task.X).astype(kind) for kind in kinds)
        model = task.make().fit(before, task.y)
        np.testing.assert_array_equal(model.predict(after), model.predict(before))

    @pytest.mark.parametrize("kinds", [("int64", "int32"), ("int32", "int64")], ids=str)
    def test_labels(self, classification, kinds):
        X, (before, after) = classification.X, [classification.y.astype(kind) for kind in kinds]
        model = classification.make().fit(X, before)
        assert model.score(X, after) == model.score(X, before)
        model.partial_fit(X, after)

    @pytest.mark.parametrize("kinds", [("float64", "float32"), ("float32", "float64")], ids=str)
    def test_values(self, regression, kinds):
        X, (before, after) = regression.X, [regression.y.astype(kind) for kind in kinds]
        model = regression.make().fit(X, before)
        assert model.score(X, after) == pytest.approx(model.score(X, before), abs=1e-6)
        model.partial_fit(X, after)

    def test_longer_strings(self, binary):
        names = np.array(["a", "b"])[binary.y]
        model = binary.make().fit(binary.X, names)
        longer = np.append(names[1:], "a long name that was never seen")
        assert 0 <= model.score(binary.X, longer) < 1
        model.partial_fit(binary.X, names.astype("U40"))


@pytest.mark.parametrize("class_weight", [{0: 1.0, 1: 5.0}, "balanced"], ids=str)
def test_sample_weight_of_the_caller_stays(binary, class_weight):
    weight = np.linspace(0, 2, 60)
    given = weight.copy()
    binary.make(class_weight=class_weight).fit(binary.X, binary.y, sample_weight=given)
    np.testing.assert_array_equal(given, weight)


class TestColumns:
    @pytest.fixture
    def frame(self, task):
        return pd.DataFrame(task.X, columns=["a", "b", "c"])

    @pytest.mark.parametrize("method", ["predict", "score", "partial_fit"])
    def test_permuted(self, task, frame, method):
        model = task.make().fit(frame, task.y)
        assert model.feature_names_in_.tolist() == ["a", "b", "c"]
        rest = () if method == "predict" else (task.y,)
        with pytest.raises(ValueError, match="must be in the same order as they were in fit"):
            getattr(model, method)(frame[["b", "a", "c"]], *rest)
        getattr(model, method)(frame, *rest)

    def test_unknown(self, task, frame):
        model = task.make().fit(frame, task.y)
        with pytest.raises(ValueError, match="Feature names unseen at fit time"):
            model.predict(frame.rename(columns={"c": "d"}))

    def test_of_the_validation_rows(self, task, frame):
        with pytest.raises(ValueError, match="must be in the same order as they were in fit"):
            task.make().fit(frame, task.y, X_val=frame[["b", "a", "c"]], y_val=task.y)

    def test_names_make_no_difference_to_the_network(self, task, frame):
        named = task.make().fit(frame, task.y)
        np.testing.assert_equal(named.model_.get_weights(), task.fit().model_.get_weights())


def test_warm_start_appends_to_the_history(task):
    model = task.fit(warm_start=True)
    before = model.history_["loss"]
    model.fit(task.X, task.y)
    assert model.history_["loss"][:2] == before
    assert len(model.history_["loss"]) == 4


def test_seeded_fit_leaves_op_determinism_off(task):
    task.fit(random_state=0)
    assert not is_op_determinism_enabled()
    task.fit(random_state=None, dropout=0.2)


def test_seeded_fit_leaves_pythons_generator_alone(task):
    random.seed(5)
    state = random.getstate()
    task.fit(random_state=0, dropout=0.2)
    assert random.getstate() == state


def test_parameters_are_those_of_the_signature(task):
    names = set(inspect.signature(task.estimator).parameters)
    model = task.make()
    assert set(model.get_params()) == names
    assert set(task.fit().get_params()) == names
    model.scribbled = 1
    assert set(model.get_params()) == names
    assert not hasattr(clone(model), "scribbled")


def test_clone_keeps_every_parameter(task):
    changed = {"dropout": 0.25, "hidden_layer_sizes": [7, 3], "clipnorm": 2.0, "momentum": 0.5}
    model = task.make(**changed)
    assert clone(model).get_params() == model.get_params()


def test_init_only_stores(task):
    """As scikit-learn wants it: no copies, no checks, no other attributes."""
    sizes = [7, 3]
    model = task.make(hidden_layer_sizes=sizes, dropout=99)
    assert model.hidden_layer_sizes is sizes
    assert set(vars(model)) == set(model.get_params())


class WithAParameter(KerasMLPClassifier):
    """A subclass that has a parameter of its own beside some of the hyperparameters."""

    def __init__(self, hidden_layer_sizes=(4,), *, epochs=2, random_state=None, note="none"):
        super().__init__(hidden_layer_sizes, epochs=epochs, random_state=random_state)
        self.note = note


def test_a_subclass_has_a_signature_of_its_own(classification):
    model = WithAParameter(random_state=0, note="mine").fit(classification.X, classification.y)
    assert sorted(model.get_params()) == ["epochs", "hidden_layer_sizes", "note", "random_state"]
    same = clone(model).fit(classification.X, classification.y)
    expected = KerasMLPClassifier((4,), epochs=2, random_state=0)
    expected.fit(classification.X, classification.y)
    np.testing.assert_equal(same.model_.get_weights(), expected.model_.get_weights())
    with pytest.raises(ValueError, match="'epochs' parameter of WithAParameter"):
        clone(model).set_params(epochs=0).fit(classification.X, classification.y)
    assert len(diagnose(model, classification.X, classification.y).layers)


def test_set_params(task):
    model = task.make()
    assert model.set_params(dropout=0.5, activation="selu") is model
    assert (model.dropout, model.activation) == (0.5, "selu")


def test_repr_is_short(task):
    text = repr(task.estimator((7,), dropout=0.5))
    assert text == f"{task.estimator.__name__}(dropout=0.5, hidden_layer_sizes=(7,))"


@pytest.mark.parametrize("method", ["predict", "score", "predict_proba", "decision_function"])
def test_unfitted(classification, method):
    rest = (classification.y,) if method == "score" else ()
    with pytest.raises(NotFittedError, match="This KerasMLPClassifier instance is not fitted yet"):
        getattr(classification.make(), method)(classification.X, *rest)


def test_a_fit_that_failed_leaves_it_unfitted(task):
    model = task.make()
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        model.fit(task.X, task.y[:5])
    with pytest.raises(NotFittedError):
        check_is_fitted(model)
    check_is_fitted(model.fit(task.X, task.y))


def test_predictions_do_not_depend_on_what_comes_along(task):
    """Row by row, in part or all at once: the same to the last bit."""
    model = task.fit(hidden_layer_sizes=(33, 17))
    whole = model.predict(task.X)
    np.testing.assert_array_equal(
        [model.predict(task.X[row : row + 1])[0] for row in range(5)], whole[:5]
    )
    np.testing.assert_array_equal(model.predict(task.X[3:40]), whole[3:40])


def test_prediction_draws_nothing(task):
    model = task.fit(dropout=0.5, activation="randomized_leaky_relu")
    np.testing.assert_array_equal(model.predict(task.X), model.predict(task.X))


def test_many_rows_are_predicted_in_their_order(task):
    model = task.fit()
    many = np.tile(task.X, (300, 1))
    np.testing.assert_array_equal(model.predict(many), np.tile(model.predict(task.X), 300))


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e300])
@pytest.mark.filterwarnings("ignore:overflow encountered in cast")  # 1e300, to float32
@pytest.mark.parametrize("method", ["fit", "predict"])
def test_impossible_input(task, value, method):
    X = task.X.copy()
    X[3, 1] = value
    model = task.fit()
    with pytest.raises(ValueError, match="Input X contains"):
        model.fit(X, task.y) if method == "fit" else model.predict(X)


def test_targets_are_required(task):
    with pytest.raises(ValueError, match="requires y to be passed, but the target y is None"):
        task.make().fit(task.X, None)


def test_network_is_an_ordinary_keras_model(task):
    """Compiled, so that it can be evaluated, saved and trained on by Keras itself."""
    model = task.fit()
    assert model.model_.compiled
    outputs = model.model_.predict(task.X.astype("float32"), verbose=0)
    assert outputs.shape == (60, model.target_encoder_.n_outputs_)
    assert isinstance(model.model_(tf.constant(task.X, tf.float32)), tf.Tensor)
