"""What breaks where a name goes that scikit-learn does not call public."""

from __future__ import annotations

import re
import subprocess
import sys
from numbers import Real

import keras
import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from sklearn.base import BaseEstimator

from estimators import KerasMLPClassifier
from estimators._sklearn import (
    InstanceOfKeras,
    Interval,
    InvalidParameterError,
    StrOptions,
    check_row_weights,
    check_sample_weight,
    parameter_names,
    rows_at,
    validate_parameter_constraints,
)

ARRAY = np.arange(6).reshape(3, 2)


@pytest.mark.parametrize(
    "make", [np.asarray, pd.DataFrame, csr_array, np.ndarray.tolist], ids=lambda make: make.__name__
)
def test_safe_indexing_takes_rows_of_whatever_people_pass(make):
    """Rows that weigh nothing are left out before the input is checked and becomes an array."""
    taken = rows_at(make(ARRAY), np.array([2, 0]))
    assert type(taken) is type(make(ARRAY))
    taken = taken.toarray() if hasattr(taken, "toarray") else np.asarray(taken)
    np.testing.assert_array_equal(taken, [[4, 5], [0, 1]])


def test_safe_indexing_keeps_the_column_names(binary):
    frame = pd.DataFrame(binary.X, columns=["a", "b", "c"])
    weight = np.r_[0.0, np.ones(len(frame) - 1)]
    model = binary.make().fit(frame, binary.y, sample_weight=weight)
    assert model.feature_names_in_.tolist() == ["a", "b", "c"]


def test_check_sample_weight_makes_weights_of_none_and_numbers():
    np.testing.assert_array_equal(check_sample_weight(None, ARRAY), [1, 1, 1])
    np.testing.assert_array_equal(check_sample_weight(2.0, ARRAY), [2, 2, 2])


@pytest.mark.parametrize(
    ("weight", "sentence"),
    [([1, 1], r"expected \(3,\)"), ([1, -1, 1], "[Nn]egative"), ([0, 0, 0], "zero")],
    ids=["length", "negative", "zero"],
)
def test_check_row_weights_refuses(weight, sentence):
    with pytest.raises(ValueError, match=sentence):
        check_row_weights(ARRAY, np.arange(3), weight)


def test_constraints_compose_the_sentence():
    constraints = {"a": [Interval(Real, 0, 1, closed="left"), StrOptions({"b"}), None]}
    for value in (0, 0.5, "b", None):
        validate_parameter_constraints(constraints, {"a": value}, "Estimator")
    sentence = (
        "The 'a' parameter of Estimator must be a float in the range [0, 1), a str among {'b'} or "
        "None. Got 1 instead."
    )
    with pytest.raises(InvalidParameterError) as raised:
        validate_parameter_constraints(constraints, {"a": 1}, "Estimator")
    assert re.sub(r"\.0\b", "", str(raised.value)) == sentence


def test_options_can_be_read():
    """From them come the suggestions."""
    assert StrOptions({"a", "b"}).options == {"a", "b"}


def test_invalid_parameter_error_is_both_kinds():
    """scikit-learn's own checks expect the one or the other."""
    assert issubclass(InvalidParameterError, ValueError)
    assert issubclass(InvalidParameterError, TypeError)


class TestInstanceOfKeras:
    """A subclass of HasMethods, for a constraint must be of a class that scikit-learn knows."""

    CALLBACK = InstanceOfKeras("keras.callbacks.Callback")

    def test_satisfied(self):
        class Own(keras.callbacks.EarlyStopping):
            pass

        assert self.CALLBACK.is_satisfied_by(keras.callbacks.Callback())
        assert self.CALLBACK.is_satisfied_by(Own())

    def test_not_satisfied(self):
        class Callback:
            """Of another library."""

        for value in (Callback(), keras.callbacks.Callback, keras.layers.Dense(1), None):
            assert not self.CALLBACK.is_satisfied_by(value)

    def test_is_a_constraint_with_a_sentence(self):
        sentence = "must be an instance of 'keras.callbacks.Callback' or None. Got 3 instead"
        with pytest.raises(InvalidParameterError, match=re.escape(sentence)):
            validate_parameter_constraints({"a": [self.CALLBACK, None]}, {"a": 3}, "Estimator")

    def test_imports_nothing(self):
        code = (
            "import sys\n"
            "from estimators._sklearn import InstanceOfKeras\n"
            "assert not InstanceOfKeras('keras.callbacks.Callback').is_satisfied_by(1)\n"
            "assert 'keras' not in sys.modules\n"
        )
        subprocess.run([sys.executable, "-c", code], check=True)


def test_parameter_names_are_scikit_learns_own():
    class Other(BaseEstimator):
        @classmethod
        def _get_param_names(cls):
            return ["something else"]

    class Own(Other):
        _get_param_names = parameter_names

        def __init__(self, b=1, a=2):
            self.a, self.b = a, b

    assert Own().get_params() == {"a": 2, "b": 1}
    model = KerasMLPClassifier()
    model.scribbled = 1
    assert "scribbled" not in model.get_params()
