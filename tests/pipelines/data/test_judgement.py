from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pipelines.data.judgement import DUPLICATES, judge, useless_columns

N = 300
RNG = np.random.default_rng(0)
PLAIN = pd.DataFrame(
    {
        "age": RNG.integers(18, 90, N),
        "height": RNG.normal(170, 10, N),
        "town": RNG.choice(["Aachen", "Bonn", "Celle"], N),
    }
)
Y = pd.Series(RNG.normal(size=N), name="price")
PHONES = ["+49 339300", "+44 (0)20 7946 0018", "+1-202-555-0147"]
LABELS = pd.Series(RNG.choice(["no", "yes"], N), name="bought")


def found(X, y=LABELS, task="classification", dates=None, **options):
    return [(one.kind, one.columns, str(one)) for one in judge(X, y, task, dates or {}, **options)]


@pytest.mark.parametrize(("y", "task"), [(Y, "regression"), (LABELS, "classification")])
def test_nothing_is_said_of_a_plain_table(y, task):
    assert found(PLAIN, y, task) == []


@pytest.mark.parametrize(
    ("column", "kind", "text"),
    [
        (np.nan, "empty column", "'x' has no value in any row and is left out"),
        ([1.0, 2.0] + [np.nan] * (N - 2), "nearly empty column", "in less than 1 % of the rows"),
        (5, "constant column", "'x' has the same value in every row"),
        ([5.0] * 200 + [np.nan] * 100, "constant column", "the same value"),
        ("a", "constant column", "the same value"),
    ],
)
def test_columns_that_say_nothing(column, kind, text):
    (one,) = useless_columns(PLAIN.assign(x=column))
    assert (one.kind, one.columns) == (kind, ("x",))
    assert text in str(one)


def test_columns_that_say_something():
    text = ["a"] * 200 + [None] * 100  # that it is missing
    assert useless_columns(PLAIN.assign(x=text, z=[1] + [0] * (N - 1))) == []
    assert useless_columns(pd.DataFrame({"x": [1, 1]})) == []  # too few rows to tell


def test_a_copy_of_the_target():
    X = PLAIN.assign(outcome=LABELS.map({"no": 0, "yes": 1}))
    ((kind, columns, text),) = found(X)
    assert (kind, columns) == ("copy of the target", ("outcome",))
    assert text == (
        "'outcome' explains the target nearly by itself (100.0%): if it is made from the target, or "
        "not known yet when a prediction is asked for, name it in drop to leave it out."
    )


@pytest.mark.parametrize(
    "column",
    [
        pd.Series([f"person {n}" for n in range(N)], name="person"),
        pd.Series(RNG.permutation(N) + 1000, name="person"),  # a range without a gap
        pd.Series(RNG.choice(10**8, N, replace=False), name="customer_id"),
        pd.Series(RNG.choice(10**8, N, replace=False), name="customerId"),
        pd.Series([f"c{n}" for n in [*range(N - 5), *range(5)]], name="ID"),  # with duplicates
        pd.Series(np.arange(N), name="Unnamed: 0"),
    ],
    ids=lambda column: column.name,
)
def test_an_identifier_of_the_row(column):
    ((kind, columns, text),) = found(PLAIN.assign(**{column.name: column}))
    assert (kind, columns) == ("identifier", (column.name,))
    assert text.endswith(
        "looks like an identifier of the row, from which nothing general can be learned: name it in "
        "drop to leave it out."
    )


def test_an_identifier_in_a_table_with_duplicates():
    X = PLAIN.assign(person=[f"person {n}" for n in range(N)])
    X, y = (pd.concat([one, one.head(7)], ignore_index=True) for one in (X, LABELS))
    assert [(one[0], one[1]) for one in found(X, y)] == [
        ("identifier", ("person",)),
        (DUPLICATES, ()),
    ]


def test_an_identifier_of_what_rows_are_about():
    ((kind, columns, text),) = found(PLAIN.assign(patient_id=RNG.integers(0, N // 3, N)))
    assert (kind, columns) == ("identifier", ("patient_id",))
    assert "name it in groups" in text


@pytest.mark.parametrize(
    "column",
    [
        pd.Series(RNG.choice(10**6, N, replace=False), name="salary"),
        pd.Series(RNG.integers(0, 5, N), name="region_id"),
        pd.Series(RNG.normal(size=N), name="id"),
        pd.Series(RNG.choice(10**6, N, replace=False), name="paid"),
    ],
    ids=lambda column: column.name,
)
def test_no_identifier(column):
    assert found(PLAIN.assign(**{column.name: column})) == []


def test_duplicate_rows():
    X = pd.concat([PLAIN, PLAIN.head(7)], ignore_index=True)
    y = pd.concat([LABELS, LABELS.head(7)], ignore_index=True)
    ((kind, _, text),) = found(X, y)
    assert kind == DUPLICATES
    assert text.startswith("7 of 307 rows stand in the table before, equal in every column; those")
    ((kind, _, text),) = found(X, y, grouped=True)
    assert kind != DUPLICATES
    assert "one group" in text


def test_equal_rows_of_a_coarse_table_are_different_cases():
    assert found(pd.DataFrame({"town": PLAIN["town"], "sex": RNG.choice(["f", "m"], N)})) == []


def test_imbalance_and_the_score_of_the_commonest():
    y = pd.Series(["no"] * 270 + ["yes"] * 30, name="fraud")
    ((kind, columns, text),) = found(PLAIN, y)
    assert (kind, columns) == ("imbalance", ("fraud",))
    assert text.startswith(
        "90.0% of the rows are 'no', so that always saying so has an accuracy of 0.9000 and a "
        "balanced accuracy of 0.5000: rank by metrics=balanced_accuracy"
    )


def test_many_categories():
    towns = [f"town {n % 60}" for n in range(240)] + ["town 0"] * 60
    ((kind, columns, text),) = found(PLAIN.assign(town=towns))
    assert (kind, columns) == ("many categories", ("town",))
    assert (
        "60 categories, of which the 11 rarest (14.7% of the rows) are taken for one: join" in text
    )
    assert found(PLAIN.assign(town=[f"town {n % 50}" for n in range(N)])) == []


@pytest.mark.parametrize(
    ("values", "text"),
    [
        (
            ["8.8%", "$1,000", "3 %"],
            "'x' holds numbers as text, such as '8.8%', '$1,000', '3 %', each",
        ),
        (["1.5", "2", "3", "4", "?"], "'x' is text because of '?' in 1 of 5 rows"),
        (["1,234", "900", "$12", "7", "8"], "because of '1,234', '$12' in 2 of 5 rows"),
    ],
)
def test_numbers_as_text(values, text):
    X = pd.DataFrame({"x": values})
    ((kind, columns, sentence),) = found(X, pd.Series(list("abaab")[: len(X)]))
    assert (kind, columns) == ("numbers as text", ("x",))
    assert text in sentence


@pytest.mark.parametrize(
    "values", [["1", "2", "G", "4+"], ["94110", "10001"], ["a", None], [1, 2], PHONES]
)
def test_no_numbers_as_text(values):
    assert found(pd.DataFrame({"x": values}), pd.Series(range(len(values)))) == []


def test_telephone_numbers_that_are_unique_are_an_identifier():
    X = PLAIN.assign(call=[f"+49 339{n:03}" for n in range(N)])
    assert [(kind, columns) for kind, columns, _ in found(X)] == [("identifier", ("call",))]


@pytest.mark.parametrize("n_distinct", [60, N])
def test_numbers_as_text_are_neither_many_categories_nor_an_identifier(n_distinct):
    X = PLAIN.assign(rate=[f"{n % n_distinct}.5%" for n in range(N)])
    assert [kind for kind, *_ in found(X)] == ["numbers as text"]


def test_dates():
    X = PLAIN.assign(when=["1/2/2024"] * (N - 2) + ["3/4/2024", "?"])
    ((kind, columns, text),) = found(X, dates={"when": "%m/%d/%Y"})
    assert (kind, columns) == ("date", ("when",))
    assert text.startswith("'when' is read as dates as %m/%d/%Y, and its time and place in year")
    assert (
        f"; 1 value of 'when' is no date and counts as missing ('?' in row {N}); days and m" in text
    )
    assert text.endswith("; write dates as year-month-day if days come first.")
    assert "name it in time" in text
    X = PLAIN.assign(when="13.2.2024")
    ((_, _, text),) = found(X, dates={"when": "%d.%m.%Y"}, time="when", grouped=True)
    assert text.endswith(
        "nothing needs to be done, for it is named in time: later rows are held out."
    )


def test_rows_far_outside():
    X = PLAIN.assign(height=PLAIN["height"].mask(PLAIN.index < 2, 1e5))
    y = Y.mask(Y.index == 1, -1e6)
    ((kind, columns, text),) = found(X, y, "regression")
    assert (kind, columns) == ("rows far outside", ("height", "price"))
    assert text.startswith("2 of 300 rows lie more than 20 times the distance of the quartiles")
    assert "in 'height' (2), 'price' (1)" in text
