from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import coo_array, csr_array
from sklearn.metrics import log_loss
from sklearn.utils.class_weight import compute_sample_weight

from estimators import KerasMLPClassifier


@pytest.fixture
def multilabel(classification):
    """Three labels, each of its own."""
    return classification._replace(y=(classification.X > [[-0.5, 0, 0.5]]).astype(int))


@pytest.mark.parametrize(
    "labels",
    [
        ["setosa", "virginica", "versicolor"],
        [3, -1, 10],
        [1.0, 0.0, 2.0],
        ["no", "yes"],
        [False, True],
        [-1, 1],
    ],
    ids=repr,
)
def test_labels_of_any_kind(classification, labels):
    y = np.array(labels)[classification.y % len(labels)]
    model = classification._replace(y=y).fit(epochs=40, learning_rate=0.05)
    assert model.classes_.tolist() == sorted(labels)
    predictions = model.predict(classification.X)
    assert predictions.dtype == y.dtype
    assert np.mean(predictions == y) > 0.8
    assert model.score(classification.X, y) == np.mean(predictions == y)
    assert model.predict_proba(classification.X).shape == (60, len(labels))


@pytest.mark.parametrize("kind", ["category", "string", "object"])
def test_labels_of_pandas(binary, kind):
    y = pd.Series(np.where(binary.y, "yes", "no")).astype(kind)
    model = binary._replace(y=y).fit()
    assert model.classes_.tolist() == ["no", "yes"]
    assert set(model.predict(binary.X)) <= {"no", "yes"}


@pytest.mark.parametrize("name", ["binary", "classification", "multilabel"])
def test_answers_agree(request, name):
    task = request.getfixturevalue(name)
    model = task.fit()
    probabilities, decisions = model.predict_proba(task.X), model.decision_function(task.X)
    assert probabilities.dtype == decisions.dtype == np.float64
    np.testing.assert_array_equal(model.predict_log_proba(task.X), np.log(probabilities))
    predictions = model.predict(task.X)
    if name == "binary":
        assert decisions.shape == (60,)
        np.testing.assert_allclose(probabilities.sum(axis=1), 1)
        odds = probabilities[:, 1] / probabilities[:, 0]
        np.testing.assert_allclose(decisions, np.log(odds), rtol=1e-5, atol=1e-6)
        np.testing.assert_array_equal(predictions, model.classes_[(decisions > 0).astype(int)])
    elif name == "classification":
        assert decisions.shape == (60, 3)
        np.testing.assert_allclose(probabilities.sum(axis=1), 1)
        np.testing.assert_allclose(decisions, np.log(probabilities), atol=1e-6)
        np.testing.assert_array_equal(predictions, model.classes_[decisions.argmax(axis=1)])
    else:
        assert decisions.shape == (60, 3)
        odds = probabilities / (1 - probabilities)
        np.testing.assert_allclose(decisions, np.log(odds), rtol=1e-5, atol=1e-6)
        np.testing.assert_array_equal(predictions, (probabilities > 0.5).astype(int))


def test_multilabel_is_learned(multilabel):
    model = multilabel.fit(epochs=60, learning_rate=0.05)
    assert model.predict(multilabel.X).shape == multilabel.y.shape
    assert (model.predict(multilabel.X) == multilabel.y).mean() > 0.85
    assert model.classes_.tolist() == [0, 1, 2]


def test_sparse_multilabel_is_the_same(multilabel):
    dense = multilabel.fit(class_weight="balanced")
    sparse = multilabel._replace(y=csr_array(multilabel.y)).fit(class_weight="balanced")
    np.testing.assert_equal(dense.model_.get_weights(), sparse.model_.get_weights())


def test_loss_is_the_cross_entropy(classification, binary, multilabel):
    """With a learning rate next to nothing the loss is that of the first weights."""
    for task in (classification, binary):
        model = task.fit(learning_rate=1e-12, epochs=1)
        by_hand = log_loss(task.y, model.predict_proba(task.X))
        assert model.loss_ == pytest.approx(by_hand, rel=1e-5)
        accuracy = model.score(task.X, task.y)
        assert model.history_["accuracy"] == pytest.approx([accuracy], abs=1e-6)
    model = multilabel.fit(learning_rate=1e-12, epochs=1)
    probabilities = model.predict_proba(multilabel.X)
    likelihood = np.where(multilabel.y, probabilities, 1 - probabilities)
    assert model.loss_ == pytest.approx(-np.log(likelihood).mean(), rel=1e-5)


class TestClassWeight:
    WEIGHTS = {"a": 0.5, "b": 1.0, "c": 3.0}

    @pytest.fixture
    def lettered(self, classification):
        return classification._replace(y=np.array(["a", "b", "c"])[classification.y])

    @pytest.mark.parametrize("class_weight", ["balanced", WEIGHTS], ids=["balanced", "dict"])
    def test_is_the_same_as_sample_weight(self, lettered, class_weight):
        weighted = lettered.fit(class_weight=class_weight)
        weight = compute_sample_weight(class_weight, lettered.y)
        same = lettered.make().fit(lettered.X, lettered.y, sample_weight=weight)
        np.testing.assert_equal(weighted.model_.get_weights(), same.model_.get_weights())
        plain = lettered.fit()
        assert not np.array_equal(weighted.model_.get_weights()[0], plain.model_.get_weights()[0])

    def test_is_multiplied_with_sample_weight(self, lettered):
        weight = np.linspace(0.5, 1.5, 60)
        both = lettered.make(class_weight=self.WEIGHTS)
        both.fit(lettered.X, lettered.y, sample_weight=weight)
        by_class = compute_sample_weight(self.WEIGHTS, lettered.y)
        product = lettered.make().fit(lettered.X, lettered.y, sample_weight=weight * by_class)
        np.testing.assert_equal(both.model_.get_weights(), product.model_.get_weights())

    def test_heavier_class_is_predicted_more(self, binary):
        first = binary.fit(class_weight={0: 50.0, 1: 1.0}, epochs=20)
        second = binary.fit(class_weight={0: 1.0, 1: 50.0}, epochs=20)
        assert second.predict(binary.X).sum() > first.predict(binary.X).sum()

    def test_list_of_dicts_for_multilabel(self, multilabel):
        weights = [{0: 1.0, 1: 2.0}, {0: 1.0, 1: 3.0}, {0: 1.0, 1: 1.0}]
        weighted = multilabel.fit(class_weight=weights)
        weight = np.prod(1 + multilabel.y * [1, 2, 0], axis=1)
        same = multilabel.make().fit(multilabel.X, multilabel.y, sample_weight=weight)
        np.testing.assert_equal(weighted.model_.get_weights(), same.model_.get_weights())

    @pytest.mark.parametrize(
        ("y", "sentence"),
        [
            ([0, 1, 2], r"inconsistent numbers of samples: \[60, 3\]"),
            (np.where(np.arange(60) % 2, np.nan, 1.0), "Input y contains NaN"),
            (None, "requires y to be passed"),
        ],
        ids=["short", "nan", "none"],
    )
    def test_bad_targets_get_the_same_sentences(self, classification, y, sentence):
        for class_weight in (None, "balanced"):
            with pytest.raises(ValueError, match=sentence):
                classification.make(class_weight=class_weight).fit(classification.X, y)

    @pytest.mark.parametrize("weight", [-1.0, np.nan, "2"])
    def test_impossible(self, binary, multilabel, weight):
        sentence = f"'class_weight' parameter .* 0 or more. Got {weight!r} for the class 1"
        with pytest.raises(ValueError, match=sentence):
            binary.fit(class_weight={0: 1.0, 1: weight})
        with pytest.raises(ValueError, match=sentence):
            multilabel.fit(class_weight=[{0: 1.0, 1: 1.0}, {1: weight}])

    def test_class_that_is_not_there(self, binary):
        with pytest.raises(ValueError, match=r"classes, \[1\], are not in class_weight"):
            binary.fit(class_weight={0: 1.0, 5: 2.0})


def test_weight_of_zero_leaves_the_row_out(classification):
    X, y = classification.X, classification.y
    kept = np.arange(60) % 4 != 0
    weighted = classification.make().fit(X, y, sample_weight=kept.astype(float))
    rest = classification.make().fit(X[kept], y[kept], sample_weight=np.ones(kept.sum()))
    np.testing.assert_equal(weighted.model_.get_weights(), rest.model_.get_weights())
    assert weighted.history_ == rest.history_


@pytest.mark.parametrize(
    ("weight", "sentence"),
    [
        (np.zeros(60), "zero"),
        (-np.ones(60), "Negative values"),
        (np.ones(59), "inconsistent|shape"),
        (np.full(60, np.nan), "NaN"),
    ],
    ids=["zeros", "negative", "short", "nan"],
)
def test_impossible_sample_weights(task, weight, sentence):
    with pytest.raises(ValueError, match=sentence):
        task.make().fit(task.X, task.y, sample_weight=weight)


def test_single_class(binary):
    with pytest.raises(ValueError, match=r"at least 2 classes in y\. Got 1 class"):
        binary.make().fit(binary.X, np.ones(60))


def test_numbers_are_no_labels(regression):
    with pytest.raises(ValueError, match="for numbers use KerasMLPRegressor"):
        KerasMLPClassifier().fit(regression.X, regression.y)


class TestPartialFit:
    def test_classes_in_the_first_call(self, classification):
        X, y = classification.X, classification.y
        model = classification.make()
        model.partial_fit(X[y < 2], y[y < 2], classes=[2, 1, 0])
        assert model.classes_.tolist() == [0, 1, 2]
        assert model.predict_proba(X).shape == (60, 3)
        model.partial_fit(X[y == 2], y[y == 2])
        model.partial_fit(X, y, classes=[0, 1, 2])
        assert model.n_iter_ == 3

    def test_label_that_was_not_announced(self, classification):
        X, y = classification.X, classification.y
        model = classification.make().partial_fit(X[y < 2], y[y < 2])
        with pytest.raises(ValueError, match=r"not among the classes: \[2\]. Known: \[0, 1\]"):
            model.partial_fit(X, y)

    def test_other_classes_later(self, classification):
        model = classification.make().partial_fit(classification.X, classification.y)
        with pytest.raises(ValueError, match=r"\[0, 1\] is not the same as .* was: \[0, 1, 2\]"):
            model.partial_fit(classification.X, classification.y, classes=[0, 1])

    def test_classes_of_a_call_that_failed_are_forgotten(self, binary):
        model = binary.make(dropout=2.0)
        with pytest.raises(ValueError, match="dropout"):
            model.partial_fit(binary.X, binary.y, classes=[0, 1, 2, 3])
        model.set_params(dropout=0.0).fit(binary.X, binary.y)
        assert model.classes_.tolist() == [0, 1]


def test_a_class_that_weighs_nothing_is_one(classification):
    X, y = classification.X, classification.y
    model = classification.make(class_weight={0: 0, 1: 1, 2: 1}).fit(X, y)
    assert model.classes_.tolist() == [0, 1, 2]
    assert model.predict_proba(X).shape == (len(X), 3)
    model = classification.make().partial_fit(X, y, sample_weight=(y > 0).astype(float))
    assert model.partial_fit(X, y).n_iter_ == 2


def test_sparse_rows_with_weights_are_one_sentence(classification):
    weight = np.r_[0.0, np.ones(len(classification.X) - 1)]
    with pytest.raises(TypeError, match="dense data is required"):
        classification.make().fit(coo_array(classification.X), classification.y, weight)
