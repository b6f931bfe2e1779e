from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, softmax

from estimators.targets import ClassTarget, ValueTarget

MULTILABEL = np.array([[0, 1, 1], [1, 0, 1], [0, 0, 0]])


class TestClassTarget:
    @pytest.mark.parametrize(
        ("y", "kind", "n_outputs", "activation"),
        [
            (["no", "yes", "no"], "binary", 1, "sigmoid"),
            ([2, 1, 3], "multiclass", 3, "softmax"),
            (MULTILABEL, "multilabel-indicator", 3, "sigmoid"),
        ],
    )
    def test_what_the_network_is_built_for(self, y, kind, n_outputs, activation):
        target = ClassTarget().fit(np.asarray(y))
        assert target.type_ == kind
        assert target.n_outputs_ == n_outputs
        assert target.output_activation_ == activation

    @pytest.mark.parametrize(
        ("y", "classes", "numbers"),
        [
            (["b", "a", "c"], ["a", "b", "c"], [1, 0, 2]),
            ([7, -2, 7], [-2, 7], [1, 0, 1]),
            ([True, False], [False, True], [1, 0]),
            ([1.0, 0.0, 2.0], [0.0, 1.0, 2.0], [1, 0, 2]),
        ],
    )
    def test_labels_become_numbers(self, y, classes, numbers):
        y = np.asarray(y)
        target = ClassTarget().fit(y)
        assert target.classes_.tolist() == classes
        outputs = target.transform(y)
        assert outputs.dtype == np.float32
        np.testing.assert_array_equal(outputs, np.reshape(numbers, (-1, 1)))

    def test_multilabel_stays_a_matrix(self):
        target = ClassTarget().fit(MULTILABEL)
        assert target.classes_.tolist() == [0, 1, 2]
        outputs = target.transform(MULTILABEL)
        assert outputs.dtype == np.float32
        np.testing.assert_array_equal(outputs, MULTILABEL)

    def test_announced_classes_need_not_be_there(self):
        target = ClassTarget(["c", "b", "a"]).fit(np.array(["b", "a"]))
        assert target.type_ == "multiclass"
        assert target.transform(np.array(["c", "a"])).ravel().tolist() == [2, 0]

    def test_binary_outputs(self):
        target = ClassTarget().fit(np.array(["no", "yes"]))
        outputs = np.array([[0.25], [0.5], [0.75]], "float32")
        np.testing.assert_array_equal(
            target.probabilities(outputs), [[0.75, 0.25], [0.5, 0.5], [0.25, 0.75]]
        )
        assert target.labels(outputs).tolist() == ["no", "no", "yes"]
        np.testing.assert_allclose(target.decisions(outputs), [-math.log(3), 0, math.log(3)])

    def test_multiclass_outputs(self):
        target = ClassTarget().fit(np.array([5, 6, 7]))
        outputs = np.array([[0.5, 0.25, 0.25], [0.125, 0.125, 0.75]], "float32")
        np.testing.assert_array_equal(target.probabilities(outputs), outputs)
        assert target.labels(outputs).tolist() == [5, 7]
        np.testing.assert_allclose(target.decisions(outputs), np.log(outputs))

    def test_multilabel_outputs(self):
        target = ClassTarget().fit(MULTILABEL)
        outputs = np.array([[0.25, 0.5, 0.75]], "float32")
        np.testing.assert_array_equal(target.probabilities(outputs), outputs)
        assert target.labels(outputs).tolist() == [[0, 0, 1]]
        np.testing.assert_allclose(target.decisions(outputs), [[-math.log(3), 0, math.log(3)]])

    @settings(deadline=None)
    @given(st.lists(st.floats(-200, 200, width=32), min_size=3, max_size=3))
    def test_answers_agree(self, logits):
        """Probabilities, decisions and labels say the same, also of outputs that are 0 or 1."""
        binary = ClassTarget().fit(np.array([0, 1]))
        outputs = expit(np.array(logits, "float32")).reshape(-1, 1)
        decisions, probabilities = binary.decisions(outputs), binary.probabilities(outputs)
        assert np.isfinite(decisions).all()
        np.testing.assert_array_equal(binary.labels(outputs), decisions > 0)
        np.testing.assert_array_equal(binary.labels(outputs), probabilities.argmax(axis=1))
        several = ClassTarget().fit(np.array([0, 1, 2]))
        outputs = softmax(np.array([logits], "float32"), axis=1)
        decisions, probabilities = several.decisions(outputs), several.probabilities(outputs)
        assert np.isfinite(decisions).all()
        np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-12)
        assert decisions[0, several.labels(outputs)[0]] == decisions.max()
        assert probabilities[0, several.labels(outputs)[0]] == probabilities.max()

    @pytest.mark.parametrize(
        ("y", "sentence"),
        [
            ([3, 3], r"needs at least 2 classes in y. Got 1 class: 3\."),
            ([0.5, 1.5], "Unknown label type: continuous.*for numbers use KerasMLPRegressor"),
            ([[1, 2], [3, 4]], "Unknown label type: multiclass-multioutput"),
        ],
    )
    def test_targets_that_are_no_labels(self, y, sentence):
        with pytest.raises(ValueError, match=sentence):
            ClassTarget().fit(np.array(y))

    def test_labels_that_were_not_announced(self):
        with pytest.raises(ValueError, match=r"not among the classes: \['d'\]. Known: \['a', 'b'"):
            ClassTarget(["a", "b", "c"]).fit(np.array(["a", "d"]))

    def test_other_labels_later(self):
        with pytest.raises(
            ValueError, match=r"not among the classes: \[9\].*; leave these rows out"
        ):
            ClassTarget().fit(np.array([1, 2])).transform(np.array([1, 9]))

    @pytest.mark.parametrize("later", [MULTILABEL[:, :2], MULTILABEL[:, 0]])
    def test_other_number_of_labels_later(self, later):
        with pytest.raises(ValueError, match=r"0/1 matrix with 3 columns .* Got shape \(3,"):
            ClassTarget().fit(MULTILABEL).transform(later)


class TestValueTarget:
    @pytest.mark.parametrize("shape", [(4,), (4, 1), (4, 2)])
    @pytest.mark.parametrize("standardize", [False, True])
    def test_there_and_back(self, shape, standardize):
        y = np.arange(8.0)[: np.prod(shape)].reshape(shape) * 100 + 7
        target = ValueTarget(standardize).fit(y)
        outputs = target.transform(y)
        assert outputs.dtype == np.float32
        assert outputs.shape == (4, shape[1] if len(shape) == 2 else 1)
        assert target.n_outputs_ == outputs.shape[1]
        values = target.values(outputs)
        assert values.dtype == np.float64
        assert values.shape == shape
        np.testing.assert_allclose(values, y, rtol=1e-5)

    def test_standardized_by_hand(self):
        y = np.array([[1.0, 10], [3, 10], [5, 10]])
        outputs = ValueTarget(standardize=True).fit(y).transform(y)
        half = math.sqrt(3 / 2)  # (5 - 3) / sqrt(8 / 3)
        np.testing.assert_allclose(outputs, [[-half, 0], [0, 0], [half, 0]], rtol=1e-6)

    def test_own_units_unless_asked(self):
        y = np.array([1.0, 3, 5])
        np.testing.assert_array_equal(ValueTarget().fit(y).transform(y), [[1], [3], [5]])

    def test_other_number_of_outputs_later(self):
        with pytest.raises(ValueError, match=r"must have 2 columns as at the first fit. Got 3"):
            ValueTarget().fit(np.ones((4, 2))).transform(np.ones((4, 3)))


@pytest.mark.parametrize("values", [(-1, 1), (1, 2), (0, 7)])
def test_several_columns_hold_zeros_and_ones(values):
    y = np.array(values)[MULTILABEL]
    with pytest.raises(ValueError, match=r"must hold 0 and 1 alone.*as \(y > 0\)\.astype\(int\)"):
        ClassTarget().fit(y)
    with pytest.raises(ValueError, match="must hold 0 and 1 alone"):
        ClassTarget().fit(MULTILABEL).transform(y)


@pytest.mark.parametrize("labels", [[0, 1, 1], [0, 1, 2]])
def test_one_column_stays_one(labels):
    target = ClassTarget().fit(np.array(labels))
    with pytest.raises(ValueError, match=r"one column of labels.*Got shape \(3, 2\)"):
        target.transform(np.array([labels, labels]).T)
