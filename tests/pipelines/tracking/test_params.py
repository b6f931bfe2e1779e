"""The texts that MLflow is given of hyperparameters and settings."""

import numpy as np
import pytest

from pipelines.tracking.params import format_params


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "none"),
        (True, "true"),
        (np.bool_(False), "false"),
        (3, "3"),
        (np.int64(3), "3"),
        (0.001, "0.001"),
        (np.float64(1e-5), "1e-05"),
        ("he_normal", "he_normal"),
        ((100, 50, 10), "100-50-10"),
        ([1], "1"),
        (np.array([2, 3]), "2-3"),
        ((), "none"),
        ({"a": 1, "b": None}, "a=1, b=none"),
        (np.mean, "mean"),
    ],
)
def test_a_value_becomes_a_text(value, text):
    assert format_params({"it": value}, prefix="search.") == {"search.it": text}
