from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from pipelines.data import DataWarning, load_dataset
from pipelines.data.step_order import StepOrder, ambiguous_order, rows_by_sequence
from pipelines.errors import InputError

IDS = pd.Series(["a", "b", "a", "b"])
PATH = Path("long.csv")


def table(*times):
    return pd.DataFrame({"when": times})


def rows(times, order):
    return [own.tolist() for own in rows_by_sequence(times, IDS, order, PATH)]


def test_steps_of_each_sequence_by_their_times():
    assert rows(table(2, 3, 1, 4), StepOrder("when")) == [[2, 0], [1, 3]]
    assert rows(table(2, 3, 1, 4), None) == [[0, 2], [1, 3]]


def test_dates_are_read_as_in_training():
    days = table("04/05/2024", "01/01/2024", "05/03/2024", "02/02/2024")
    assert rows(days, StepOrder("when")) == [[0, 2], [1, 3]]
    assert rows(days, StepOrder("when", "%d/%m/%Y")) == [[2, 0], [1, 3]]
    with pytest.raises(
        InputError,
        match=r"'when' in training held dates as %d.%m.%Y, but '04/05/2024'"
        r" in long.csv is none, in 4 of 4 rows .*; write all as then, such as '31.01.",
    ):
        rows(days, StepOrder("when", "%d.%m.%Y"))


def test_days_and_months_that_could_change_places():
    column = table("04/05/2024", "01/01/2024", "05/03/2024", "02/02/2024")["when"]
    order = StepOrder.of(column)
    assert order == StepOrder("when", "%m/%d/%Y")
    (found,) = ambiguous_order(column, IDS, order)
    assert str(found) == (
        "'when' orders steps by dates as %m/%d/%Y; days and months could change places, and steps "
        "then have another order: write dates as year-month-day if days come first."
    )
    alike = table("04/05/2024", "01/01/2024", "05/06/2024", "02/02/2024")["when"]
    assert ambiguous_order(alike, IDS, order) == []
    certain = table("04/25/2024", "01/01/2024", "05/06/2024", "02/02/2024")["when"]
    assert ambiguous_order(certain, IDS, StepOrder.of(certain)) == []
    numbers = pd.Series([1, 2, 3, 4], name="when")
    assert ambiguous_order(numbers, IDS, StepOrder.of(numbers)) == []


def test_it_is_told_of_a_file(tmp_path):
    table = pd.DataFrame(
        {
            "id": [*"abab"],
            "when": ["04/05/2024", "01/01/2024", "05/03/2024", "02/02/2024"],
            "x": [1.0, 2.0, 3.0, 4.0],
            "y": [*"nyny"],
        }
    )
    table.to_csv(tmp_path / "long.csv", index=False)
    with pytest.warns(DataWarning, match="steps then have another order"):
        dataset = load_dataset(
            tmp_path / "long.csv", target="y", sequence_id="id", sequence_time="when"
        )
    assert dataset.step_order == StepOrder("when", "%m/%d/%Y")
