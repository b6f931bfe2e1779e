from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.data import DataWarning, load_dataset
from pipelines.data.table import load_table
from pipelines.errors import InputError

PEOPLE = pd.DataFrame(
    {
        "name": ["Ada", "Ben", "Cy", "Di"],
        "age": [31, np.nan, 45, 52],
        "member": [True, False, True, True],
        "household": [1, 1, 2, 2],
        "income": [50.5, 20.0, 61.0, 44.0],
    }
)


@pytest.fixture
def people(tmp_path):
    path = tmp_path / "people.csv"
    PEOPLE.to_csv(path, index=False)
    return path


def test_roles_of_columns(people):
    dataset = load_table(people, target="income", drop=["name"], groups="household")
    assert dataset.name == "people"
    assert (dataset.task, dataset.kind, dataset.source) == ("regression", "table", str(people))
    assert dataset.X.columns.tolist() == ["age", "member"]
    assert dataset.numeric_columns == ["age"]
    assert dataset.categorical_columns == ["member"]
    assert dataset.y.tolist() == PEOPLE["income"].tolist()
    assert dataset.y.name == "income"
    assert dataset.groups.tolist() == [1, 1, 2, 2]


def test_the_name_is_the_file_without_its_ending(tmp_path):
    PEOPLE.to_csv(tmp_path / "my.people.csv.gz", index=False)
    assert load_table(tmp_path / "my.people.csv.gz", target="income").name == "my.people"


def test_a_single_name_to_drop(people):
    assert "name" not in load_table(people, target="income", drop="name").X


def test_text_target(people):
    dataset = load_table(people, target="name", groups="household")
    assert dataset.task == "classification"
    assert dataset.y.tolist() == ["Ada", "Ben", "Cy", "Di"]


def test_the_task_asked_for(people):
    assert load_table(people, target="member", task="regression").y.tolist() == [1, 0, 1, 1]
    with pytest.raises(InputError, match="Regression needs a target of numbers, but 'name'"):
        load_table(people, target="name", task="regression")


def test_a_csv_with_text_columns_and_holes(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("city,flag,n,y\nBern,True,1,a\n,False,,b\nUlm,,3,a\n")
    X = load_table(path, target="y").X
    assert X["city"].isna().tolist() == [False, True, False]
    assert X["flag"].tolist()[:2] == ["True", "False"]
    assert X["n"].tolist()[::2] == [1, 3]


def test_what_is_found_of_a_text_is_told(tmp_path):
    path = tmp_path / "people.csv"
    path.write_bytes("name;height\nJosé;1,75\nÈve;1,62\nZoé;1,81\nNoël;1,70\n".encode("cp1252"))
    told = "it is read as cp1252 text, with fields parted by ';' and decimal commas: give encoding"
    with pytest.warns(DataWarning, match=told):
        dataset = load_table(path, target="height")
    assert dataset.y.tolist() == [1.75, 1.62, 1.81, 1.70]
    assert dataset.findings[0].kind == "text format"
    given = load_table(path, target="height", encoding="cp1252", separator=";")
    assert "text format" not in {finding.kind for finding in given.findings}
    assert given.X["name"].tolist() == ["José", "Ève", "Zoé", "Noël"]


@pytest.mark.parametrize("target", [None, ""])
def test_no_target(people, target):
    with pytest.raises(
        InputError,
        match=r"A target is needed to learn from .*people.csv; name the column to predict, one "
        r"of 'name', 'age', 'member', 'household', 'income'.",
    ):
        load_table(people, target=target)


@pytest.mark.parametrize(
    ("roles", "use"),
    [
        ({"target": "incom"}, "take as target"),
        ({"target": "age", "drop": ["incom"]}, "drop"),
        ({"target": "age", "groups": "incom"}, "group by"),
    ],
)
def test_a_column_that_is_not_there(people, roles, use):
    with pytest.raises(
        InputError,
        match=rf"people.csv has no column 'incom' to {use} \(did you mean 'income'\?\); its "
        "columns are 'name', 'age', 'member', 'household', 'income'.",
    ):
        load_table(people, **roles)


@pytest.mark.parametrize(
    ("roles", "use"),
    [
        ({"target": "age, income"}, "take as target"),
        ({"target": "age", "groups": "income,member"}, "group by"),
    ],
)
def test_several_columns_where_one_is_wanted(people, roles, use):
    message = f"to {use}, but one for each of these names: a single one is wanted here"
    with pytest.raises(InputError, match=message):
        load_table(people, **roles)


@pytest.mark.parametrize(
    ("roles", "uses"),
    [
        ({"target": "age", "drop": ["age"]}, "to drop and to take as target"),
        ({"target": "age", "groups": "age"}, "to take as target and to group by"),
        ({"target": "name", "groups": "age", "drop": ["age"]}, "to drop and to group by"),
    ],
)
def test_a_column_with_two_parts(people, roles, uses):
    with pytest.raises(
        InputError,
        match=f"A column can have one part only, but 'age' is one {uses}; name another one.",
    ):
        load_table(people, **roles)


def load_with(tmp_path, y, **options):
    path = tmp_path / "a.parquet"
    x = np.random.default_rng(0).normal(size=len(y))
    pd.DataFrame({"x": x, "y": y}).to_parquet(path)
    return load_table(path, target="y", **options)


@pytest.mark.parametrize(
    ("y", "rows"),
    [
        ([1.0, np.nan, 3.0], r"1 of 3 rows \(row 2\)"),
        ([None, "a", None], r"2 of 3 rows \(row 1, 3\)"),
        ([*[None] * 9, True], r"9 of 10 rows \(row 1, 2, 3, 4, 5 and 4 more\)"),
        ([None, None], r"2 of 2 rows \(row 1, 2\)"),
    ],
)
def test_a_target_with_holes(tmp_path, y, rows):
    with pytest.raises(
        InputError,
        match=f"Every row of .*a.parquet needs a target, but 'y' is missing in {rows}; fill "
        "these or remove the rows.",
    ):
        load_with(tmp_path, y)


@pytest.mark.parametrize("value", [np.inf, -np.inf, 1e39])
def test_a_target_that_is_not_finite(tmp_path, value):
    with pytest.raises(
        InputError,
        match="Every target must be a finite number within the range of float32, but 'y' in "
        r".*a.parquet is not in 1 of 3 rows \(row 3\); correct or remove these rows.",
    ):
        load_with(tmp_path, [1.0, 2.0, value])


@pytest.mark.parametrize(("y", "value"), [([1, 1], "1"), (["a", "a"], "'a'"), ([True] * 3, "True")])
def test_a_constant_target(tmp_path, y, value):
    with pytest.raises(
        InputError,
        match=f"The target 'y' in .*a.parquet has the value {value} in every row, so there is "
        "nothing to learn; choose another column.",
    ):
        load_with(tmp_path, y)


def test_a_target_of_dates(tmp_path):
    with pytest.raises(
        InputError,
        match=r"A target must be numbers, text or booleans, but 'y' in .*a.parquet holds "
        r"datetime64 values; convert it or choose another column.",
    ):
        load_with(tmp_path, pd.to_datetime(["2020-01-01", "2020-01-02"]))


def test_a_target_of_numbers_as_text(tmp_path):
    y = [f"${n},{n % 7}00.5" for n in range(30)]
    with pytest.warns(
        DataWarning, match=r"numbers as text such as '\$0,000.5', which is read as 0.5"
    ):
        dataset = load_with(tmp_path, y)
    assert dataset.task == "regression"
    assert dataset.y.tolist()[:2] == [0.5, 1100.5]
    assert load_with(tmp_path, y, task="classification").y.tolist() == y
    with pytest.raises(
        InputError,
        match=r"holds numbers as text, but 'none' in 1 of 31 rows \(row 31\) is none: write a num",
    ):
        load_with(tmp_path, [*y, "none"])


@pytest.mark.parametrize("y", [["1", "2"] * 15, ["10%", "20%", "30%"] * 10, list("abc") * 10])
def test_names_of_classes_stay_text(tmp_path, y):
    dataset = load_with(tmp_path, y)
    assert (dataset.task, dataset.y.tolist()) == ("classification", y)


@pytest.fixture
def visits(tmp_path):
    """A table in which nothing is as it should be."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "empty": np.nan,
            "same": 1,
            "when": pd.date_range("2023-01-01", periods=40)[::-1].strftime("%d.%m.%Y"),
            "age": rng.integers(0, 90, 40),
            "y": rng.normal(size=40),
        }
    )
    pd.concat([table, table.head(2)]).to_csv(tmp_path / "visits.csv", index=False)
    return tmp_path / "visits.csv"


@pytest.mark.filterwarnings("ignore::pipelines.data.DataWarning")
class TestJudgement:
    def test_what_is_found_is_kept_and_acted_on(self, visits):
        dataset = load_table(visits, target="y")
        assert [finding.kind for finding in dataset.findings] == [
            "empty column",
            "constant column",
            "duplicate rows",
            "date",
        ]
        assert dataset.X.columns.tolist() == ["when", "age"]
        assert dataset.dates == {"when": "%d.%m.%Y"}
        assert dataset.duplicates_together

    def test_nothing_is_left(self, visits):
        with pytest.raises(
            InputError,
            match=r"No feature column of .*visits.csv says anything .'same' has the same",
        ):
            load_table(visits, target="y", drop=["empty", "when", "age"])

    def test_rows_are_sorted_by_time(self, visits):
        dataset = load_table(visits, target="y", time="when")
        assert dataset.times.is_monotonic_increasing
        assert dataset.X["when"].iloc[[0, -1]].tolist() == ["01.01.2023", "09.02.2023"]
        assert dataset.X.index.equals(dataset.y.index)
        assert dataset.X.index.equals(dataset.times.index)
        assert not dataset.duplicates_together
        assert load_table(visits, target="y", time="age").X["age"].is_monotonic_increasing

    @pytest.mark.parametrize(
        ("times", "message"),
        [
            (["a"] * 21 + ["b"] * 21, "'when' in .*visits.csv holds neither throughout"),
            ([np.nan] + [1.0, 2.0, 3.0] * 13 + [4, 5], r"'when' is missing in 1 of 42 rows"),
        ],
    )
    def test_times_that_are_none(self, visits, times, message):
        pd.read_csv(visits).assign(when=times).to_csv(visits, index=False)
        with pytest.raises(InputError, match=message):
            load_table(visits, target="y", time="when")

    def test_groups_and_time(self, visits):
        with pytest.raises(
            InputError, match="two ways to hold rows out, of which there can be one"
        ):
            load_table(visits, target="y", time="when", groups="age")


def test_groups_with_holes(tmp_path):
    path = tmp_path / "a.parquet"
    pd.DataFrame({"x": [1, 2], "g": ["a", None], "y": [1, 2]}).to_parquet(path)
    with pytest.raises(
        InputError,
        match=r"Every row of .*a.parquet needs a group, but 'g' is missing in 1 of 2 rows "
        r"\(row 2\); fill these or remove the rows.",
    ):
        load_table(path, target="y", groups="g")


def test_groups_by_date(tmp_path):
    path = tmp_path / "a.parquet"
    days = pd.to_datetime(["2020-01-01", "2020-01-02", "2020-01-01"])
    pd.DataFrame({"x": [1, 2, 3], "day": days, "y": [1, 2, 3]}).to_parquet(path)
    assert load_table(path, target="y", groups="day").groups.nunique() == 2


def test_rules_of_columns_and_warnings_reach_the_user(tmp_path):
    with pytest.raises(InputError, match=r"No feature column is left in .*a.parquet"):
        load_with(tmp_path, [1, 2], drop=["x"])
    path = tmp_path / "b.csv"
    pd.DataFrame({"id": [f"p{n}" for n in range(30)], "y": range(30)}).to_csv(path, index=False)
    with pytest.warns(DataWarning, match="In .*b.csv, 'id' looks like an identifier"):
        dataset = load_table(path, target="y")
    assert [finding.kind for finding in dataset.findings] == ["identifier"]
    with pytest.warns(DataWarning) as told:
        load_dataset(path, target="y")
    assert [one.filename for one in told] == [__file__]


finite = st.floats(-1e30, 1e30)
# A letter in front keeps text from being read as a number or as a hole.
text = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=5).map(
    "t".__add__
)
VALUES = {"number": finite, "text": text, "bool": st.booleans(), "int": st.integers(-99, 99)}
TARGETS = {"number": finite, "text": text, "int": st.integers(0, 3)}


@st.composite
def tables(draw):
    """Draw a table with holes in its features, and with a target "y" that varies."""
    n_rows = draw(st.integers(2, 20))
    columns = {}
    for number, kind in enumerate(draw(st.lists(st.sampled_from(sorted(VALUES)), min_size=1))):
        value = VALUES[kind]
        rest = st.lists(value | st.none(), min_size=n_rows - 1, max_size=n_rows - 1)
        columns[f"{kind} {number}"] = pd.Series([draw(value), *draw(rest)])
    target = TARGETS[draw(st.sampled_from(sorted(TARGETS)))]
    y = draw(st.lists(target, min_size=n_rows, max_size=n_rows).filter(lambda y: len(set(y)) > 1))
    return pd.DataFrame(columns | {"y": y})


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("tables")


def load_both(table, folder):
    table.to_csv(folder / "a.csv", index=False)
    table.to_parquet(folder / "a.parquet")
    return [load_table(folder / name, target="y") for name in ("a.csv", "a.parquet")]


slow_to_draw = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@slow_to_draw
@given(tables())
def test_csv_and_parquet_give_the_same_rows(folder, table):
    text, parquet = load_both(table, folder)
    assert len(text.X) == len(text.y) == len(table)
    pd.testing.assert_frame_equal(text.X, parquet.X)
    pd.testing.assert_series_equal(text.y, parquet.y)
    assert text.task == parquet.task
    assert text.digest == parquet.digest
    assert sorted(text.numeric_columns + text.categorical_columns) == sorted(table.columns[:-1])
    holes = table.drop(columns="y").isna().to_numpy()
    np.testing.assert_array_equal(text.X.isna().to_numpy(), holes)


@slow_to_draw
@given(tables(), st.randoms(use_true_random=False))
def test_the_order_of_rows_and_columns_does_not_change_the_task(folder, table, random):
    rows, columns = list(table.index), list(table.columns)
    random.shuffle(rows)
    random.shuffle(columns)
    (before, _), (after, _) = load_both(table, folder), load_both(table.loc[rows, columns], folder)
    assert after.task == before.task
    assert set(after.categorical_columns) == set(before.categorical_columns)
    assert after.y.tolist() == before.y.loc[rows].tolist()


@slow_to_draw
@given(tables(), tables())
def test_digests_are_equal_where_contents_are(folder, one, other):
    (first, _), (second, _) = load_both(one, folder), load_both(other, folder)
    same = first.X.equals(second.X) and first.y.equals(second.y)
    same = same and first.X.columns.equals(second.X.columns)
    assert (first.digest == second.digest) == same


@slow_to_draw
@given(tables(), st.data())
def test_one_changed_value_changes_the_digest(folder, table, data):
    before, _ = load_both(table, folder)
    X = before.X.copy()
    row = data.draw(st.integers(0, len(X) - 1))
    column = data.draw(st.sampled_from(list(X.columns)))
    changed = X[column].astype(object)
    changed.iloc[row] = not changed.iloc[row] if X[column].dtype == bool else 123456
    X[column] = changed.map(str, na_action="ignore") if X[column].dtype == "str" else changed
    X = X.astype(before.X.dtypes.to_dict())
    assert type(before)("a", X, before.y, before.task, "table", "a test").digest != before.digest


def test_names_that_are_numbers():
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.normal(size=(40, 5)))
    dataset = load_dataset(table, target=4, drop=[0], time=2)
    assert (dataset.target, list(dataset.X)) == ("4", ["1", "2", "3"])
    assert list(load_dataset(table, target=0, drop=4).X) == ["1", "2", "3"]
    with pytest.raises(InputError, match="the table has no column '5' to take as target"):
        load_dataset(table, target=5)
