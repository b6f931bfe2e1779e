from __future__ import annotations

import pytest

from pipelines.errors import InputError, did_you_mean, listed


def test_input_error_is_a_value_error():
    with pytest.raises(ValueError, match="wrong"):
        raise InputError("wrong")


@pytest.mark.parametrize(
    ("word", "known", "expected"),
    [
        ("digit", ["iris", "digits"], " (did you mean 'digits'?)"),
        ("INCOME", ["age", "Income"], " (did you mean 'Income'?)"),
        ("zebra", ["iris", "digits"], ""),
        ("digits", [], ""),
        (5, ["5", 50], " (did you mean '5'?)"),
        (5, ["age"], ""),
    ],
)
def test_did_you_mean(word, known, expected):
    assert did_you_mean(word, known) == expected


@pytest.mark.parametrize(
    ("items", "limit", "expected"),
    [
        ([], 3, ""),
        (["a"], 3, "'a'"),
        ([1, 2, 3], 3, "1, 2, 3"),
        ([1, 2, 3, 4], 3, "1, 2, 3 and 1 more"),
        ([True, "yes"], 3, "True, 'yes'"),
    ],
)
def test_listed(items, limit, expected):
    assert listed(items, limit) == expected
