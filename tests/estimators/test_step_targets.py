from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from estimators.step_targets import StepClassTarget, StepValueTarget, masked_targets

PRESENT = np.array([[True, True, True], [True, True, False]])
NAN = np.nan


def masked(y, *, numeric=False):
    return masked_targets(y, PRESENT, numeric=numeric)


class TestMaskedTargets:
    @pytest.mark.parametrize("filling", [NAN, np.inf, -1.0])
    def test_numbers_in_padding_do_not_matter(self, filling):
        y = masked([[1.0, 2.0, 3.0], [4.0, 5.0, filling]], numeric=True)
        assert y.compressed().tolist() == [1, 2, 3, 4, 5]

    @pytest.mark.parametrize("filling", [None, NAN, "", "a"])
    def test_labels_in_padding_do_not_matter(self, filling):
        y = masked(np.array([["a", "b", "a"], ["b", "b", filling]], dtype=object))
        assert y.compressed().tolist() == ["a", "b", "a", "b", "b"]

    def test_a_frame_and_several_outputs(self):
        frame = pd.DataFrame([[1, 2, 3], [4, 5, 6]])
        assert masked(frame).compressed().tolist() == [1, 2, 3, 4, 5]
        y = masked(np.arange(12).reshape(2, 3, 2), numeric=True)
        assert y.mask[1, 2].tolist() == [True, True]
        assert y.mask.sum() == 2

    def test_fewer_steps_where_all_end_before(self):
        y = masked_targets([[1], [2]], PRESENT & [True, False, False], numeric=False)
        assert y.compressed().tolist() == [1, 2]
        assert y.shape == (2, 3)

    @pytest.mark.parametrize(
        "shape", [(2,), (3, 3), (2, 4), (2, 3, 1, 1)], ids=lambda shape: "x".join(map(str, shape))
    )
    def test_other_shapes_are_refused(self, shape):
        with pytest.raises(
            ValueError, match=r"y of shape \(2, 3\) or .*set return_sequences=False"
        ):
            masked(np.zeros(shape))

    def test_rows_of_different_length_are_refused(self):
        with pytest.raises(ValueError, match="rows differ in length: fill the shorter ones up"):
            masked([[1, 2, 3], [1, 2]])

    @pytest.mark.parametrize(
        ("y", "numeric"),
        [
            ([[1.0, NAN, 3.0], [4.0, 5.0, 6.0]], True),
            ([[1.0, np.inf, 3.0], [4.0, 5.0, 6.0]], True),
            ([[0.0, NAN, 1.0], [0.0, 0.0, 1.0]], False),
            (np.array([["a", None, "b"], ["a", "b", "b"]], dtype=object), False),
            ([[1.0], [2.0]], True),
        ],
        ids=["nan", "inf", "nan among labels", "None", "too few steps"],
    )
    def test_a_real_step_has_a_target(self, y, numeric):
        with pytest.raises(ValueError, match="no finite target for step 1 of row 0"):
            masked(y, numeric=numeric)

    def test_dates_are_no_numbers(self):
        with pytest.raises(
            ValueError, match=r"needs numbers in y\. Got dates or times such as '1970"
        ):
            masked(np.zeros((2, 3), "M8[D]"), numeric=True)


class TestStepClassTarget:
    def test_learns_and_encodes_real_steps_alone(self):
        y = masked(np.array([["a", "b", "a"], ["b", "b", "nothing"]]))
        encoder = StepClassTarget().fit(y)
        assert encoder.classes_.tolist() == ["a", "b"]
        assert_array_equal(encoder.transform(y)[..., 0], [[0, 1, 0], [1, 1, 0]])

    def test_outputs_of_padding_are_nan_and_its_label_the_last(self):
        y = masked([[0, 1, 0], [1, 1, 0]])
        encoder = StepClassTarget().fit(y)
        outputs = np.array([[[0.2], [0.7], [0.4]], [[0.1], [0.9], [NAN]]], "float32")
        assert_array_equal(encoder.labels(outputs), [[0, 1, 0], [0, 1, 1]])
        probabilities = encoder.probabilities(outputs)
        assert_allclose(probabilities[0], [[0.8, 0.2], [0.3, 0.7], [0.6, 0.4]], rtol=1e-6)
        assert_array_equal(np.isnan(probabilities[1]), [[False] * 2, [False] * 2, [True] * 2])
        decisions = encoder.decisions(outputs)
        assert_allclose(decisions[1, :2], [np.log(1 / 9), np.log(9)], rtol=1e-5)
        assert np.isnan(decisions[1, 2])

    def test_several_classes_and_several_labels(self):
        y = masked([[0, 1, 2], [2, 1, 9]])
        encoder = StepClassTarget().fit(y)
        outputs = np.full((2, 3, 3), NAN, "float32")
        outputs[0] = np.eye(3)
        outputs[1, 0] = [0.2, 0.2, 0.6]
        assert_array_equal(encoder.labels(outputs), [[0, 1, 2], [2, 2, 2]])
        assert encoder.probabilities(outputs).shape == (2, 3, 3)

        tags = masked(np.array([[[0, 1], [1, 1], [0, 0]], [[1, 0], [1, 0], [7, 7]]]))
        encoder = StepClassTarget().fit(tags)
        assert encoder.type_ == "multilabel-indicator"
        assert encoder.transform(tags)[1].tolist() == [[1, 0], [1, 0], [0, 0]]
        assert encoder.labels(np.array([[[0.9, 0.1]]], "float32")).tolist() == [[[1, 0]]]


class TestStepValueTarget:
    def test_scale_and_range_are_those_of_real_steps(self):
        y = masked([[1.0, 2.0, 3.0], [4.0, 5.0, 1e9]], numeric=True)
        encoder = StepValueTarget(standardize=True, clip=True).fit(y)
        encoded = encoder.transform(y)
        assert_allclose(encoded[..., 0], np.r_[-2:3, 0].reshape(2, 3) / np.sqrt(2), rtol=1e-6)
        encoded[1, 2] = NAN
        assert_allclose(encoder.values(encoded), [[1, 2, 3], [4, 5, NAN]], rtol=1e-6)
        assert encoder.values(np.full((1, 1, 1), 99, "float32")).tolist() == [[5]]

    def test_several_outputs_keep_their_axis(self):
        y = masked(np.arange(12.0).reshape(2, 3, 2), numeric=True)
        encoder = StepValueTarget().fit(y)
        assert encoder.n_outputs_ == 2
        assert encoder.values(encoder.transform(y))[1].tolist() == [[6, 7], [8, 9], [0, 0]]
