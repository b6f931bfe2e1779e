from __future__ import annotations

import math
from dataclasses import replace

import pytest

from pipelines.transfer import SizeResult, TransferResult
from pipelines.transfer.sentences import answer, findings, number_words

TAKEN = (
    {"weight": "dense_0/kernel", "taken": 0.5, "how": "1 of 2 inputs by name; new: b"},
    {"weight": "dense_1/kernel", "taken": 1.0, "how": "of one shape"},
    {"weight": "output/kernel", "taken": 0.0},
)


@pytest.fixture
def result(size):
    return TransferResult("coats", "shirts", size.scratch.metric, (size,), "As it was.", TAKEN, {})


def without_better(size):
    return SizeResult(90, 3, {name: one for name, one in size.arms.items() if name != "thawed"})


def test_the_verdict_of_a_number_of_rows(result):
    told, *rest = findings(result)
    assert told.startswith("50 rows: thawed has accuracy 80.00 % against 60.00 % (p = ")
    assert "; as good as a new one in the end after 1.7 of 3 epochs, 0.83 s. " in told
    assert "Negative transfer: frozen has accuracy 40.00 % against 60.00 % (p = " in told
    assert "fine-tuned" not in told
    assert rest == [
        "The networks take 2 of 3 weight arrays, in part dense_0/kernel (1 of 2 inputs by name; new: "
        "b); new: output/kernel.",
        "As it was.",
    ]


def test_the_answer(result, size):
    one = "a network that begins with shirts is better on coats than a new one: with 50 rows thawed"
    assert answer(result).startswith(f"At every number of rows {one} has accuracy 80.00 % against")
    some = replace(result, sizes=(size, without_better(size)))
    assert answer(some).startswith(f"With 50 rows, and not shown with others, {one}")
    more = replace(result, sizes=(size, replace(size, n_rows=70), without_better(size)))
    assert answer(more).startswith(f"Between 50 and 70 rows {one}")


def test_where_nothing_is_better_it_says_so(result, size):
    none = replace(result, sizes=(without_better(size),))
    assert answer(none) == (
        "At no number of rows is a network that begins with shirts shown to be better on coats "
        "than a new one."
    )
    assert findings(none)[0].startswith("90 rows: no reused network is shown to be better. Neg")


def test_a_network_that_failed_is_named(result, size):
    failed = replace(size.arms["thawed"].runs[0], status="diverged", folds=(), reason="It did.")
    arm = replace(size.arms["thawed"], runs=(failed, *size.arms["thawed"].runs[1:]))
    told = findings(replace(result, sizes=(replace(size, arms={**size.arms, "thawed": arm}),)))
    assert told[0].endswith("Not trained to the end: thawed.")


def test_numbers():
    numbers = (0.1234, 12.6, 143.0, math.nan)
    assert [number_words(number) for number in numbers] == ["0.12", "13", "143", ""]
