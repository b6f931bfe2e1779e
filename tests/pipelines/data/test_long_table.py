from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipelines.data import DataWarning, load_dataset
from pipelines.data.long_table import long_sequences
from pipelines.data.sequence_input import read_sequence_input
from pipelines.data.step_order import StepOrder
from pipelines.errors import InputError
from pipelines.search.splitters import make_splitter

# The steps of b stand in another order, and its rows among those of a.
ROWS = [
    ("b", 2, 20.0, 200.0, "yes"),
    ("a", 1, 1.0, 10.0, "no"),
    ("b", 1, 19.0, 190.0, "yes"),
    ("a", 2, 2.0, 20.0, "no"),
    ("a", 3, 3.0, 30.0, "no"),
]
COLUMNS = ["id", "step", "u", "v", "y"]
TRUTHS = [True, True, False, None, False]
KEYS = {"sequence_id": "id", "sequence_time": "step", "target": "y"}


@pytest.fixture
def save(tmp_path):
    def save_table(rows=ROWS, columns=COLUMNS, suffix=".csv"):
        path = tmp_path / f"long{suffix}"
        table = pd.DataFrame(rows, columns=columns)
        if suffix == ".csv":
            table.to_csv(path, index=False)
        else:
            table.to_parquet(path)
        return path

    return save_table


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_by_hand(save, suffix):
    dataset = load_dataset(save(suffix=suffix), **KEYS)
    nan = np.nan
    np.testing.assert_array_equal(
        dataset.sequences,
        [[[19, 190], [20, 200], [nan, nan]], [[1, 10], [2, 20], [3, 30]]],
    )
    assert dataset.X.index.tolist() == ["b", "a"]
    assert dataset.y.to_dict() == {"b": "yes", "a": "no"}
    assert (dataset.name, dataset.channels) == ("long", ("u", "v"))


def test_without_times_the_order_is_the_files(save):
    table = [row[:1] + row[2:] for row in ROWS]
    path = save(table, [name for name in COLUMNS if name != "step"])
    dataset = load_dataset(path, sequence_id="id", target="y")
    assert dataset.sequences[0, :2, 0].tolist() == [20, 19]


@pytest.mark.parametrize(("written", "read"), [(["1", "01"], ["1", "01"]), (["10", "9"], [10, 9])])
def test_identifiers_with_leading_zeros_are_text(save, written, read):
    names = dict(zip("ba", written, strict=True))
    path = save([(names[row[0]], *row[1:]) for row in ROWS])
    dataset = load_dataset(path, **KEYS)
    assert dataset.X.index.tolist() == read
    new = read_sequence_input(
        path, list(dataset.X), 2, sequence_id="id", step_order=dataset.step_order
    )
    assert new.X.index.tolist() == read


def test_groups_with_leading_zeros_are_text(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("who,x,y\n" + "".join(f"{n % 2 * '0'}1,{n}.5,{n % 3}.5\n" for n in range(20)))
    dataset = load_dataset(path, target="y", groups="who")
    assert set(dataset.groups) == {"1", "01"}


def test_a_time_that_is_no_date_is_named(save):
    dates = [f"2020-01-{day + 1:02}" for day in range(30)]
    rows = [("a", day, number, 1.0, "no") for number, day in enumerate([*dates, "soon"])]
    with pytest.raises(
        InputError, match=r"'step' holds dates .* but 'soon' in .* is none, in 1 of 31 rows"
    ):
        load_dataset(save(rows), **KEYS)


def test_booleans_are_channels_though_some_are_missing(save):
    rows = [(*row[:2], value, *row[3:]) for row, value in zip(ROWS, TRUTHS, strict=True)]
    dataset = load_dataset(save(rows), **KEYS)
    np.testing.assert_array_equal(dataset.sequences[:, :, 0], [[0, 1, np.nan], [1, np.nan, 0]])


def test_steps_are_ordered_by_dates(save):
    rows = [(id, f"2020-0{step}-01", *rest) for id, step, *rest in ROWS]
    dataset = load_dataset(save(rows), **KEYS)
    assert dataset.sequences[0, :2, 0].tolist() == [19, 20]


def many(n_sequences=12, n_steps=3, **columns):
    generator = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "id": np.repeat(np.arange(n_sequences), n_steps),
            "step": np.tile(np.arange(n_steps), n_sequences),
            "u": generator.normal(size=n_sequences * n_steps),
            "y": np.repeat(generator.normal(size=n_sequences), n_steps),
        }
    )
    return table.assign(**columns)


def test_no_split_tears_a_sequence_or_a_group(save):
    table = many(patient=np.repeat(np.arange(4), 9))
    shuffled = table.sample(frac=1, random_state=0)
    path = save(shuffled.to_numpy(), table.columns)
    dataset = load_dataset(path, groups="patient", **KEYS)
    assert dataset.sequences.shape == (12, 3, 1)
    whole = {int(id): rows.sort_values("step")["u"].tolist() for id, rows in shuffled.groupby("id")}
    for label, sequence in zip(dataset.X.index, dataset.sequences[:, :, 0], strict=True):
        np.testing.assert_allclose(sequence, whole[label], rtol=1e-6)
    development, test = dataset.split(0.25)
    assert not {*development.groups} & {*test.groups}
    for train, validation in make_splitter(development).split(
        development.X, development.y, development.groups
    ):
        members = development.groups.to_numpy()
        assert not {*members[train]} & {*members[validation]}


@pytest.mark.parametrize("time", ["step", "year"])
def test_sequences_that_end_later_are_held_out(save, time):
    """A sequence is as late as its last row, by its own times or by another column."""
    begins = np.random.default_rng(1).permutation(12) * 10
    table = many()
    table["step"] += np.repeat(begins, 3)
    table["year"] = table["step"] + 2000
    path = save(table.to_numpy(), table.columns)
    dataset = load_dataset(path, time=time, **KEYS)
    assert dataset.X.index.tolist() == np.argsort(begins).tolist()
    assert dataset.times.is_monotonic_increasing
    development, test = dataset.split(0.25)
    assert development.times.max() < test.times.min()
    splits = list(make_splitter(development).split(development.X))
    assert len(splits) == 3
    for train, validation in splits:
        assert development.times.iloc[train].max() < development.times.iloc[validation].min()


@pytest.mark.parametrize(
    ("rows", "options", "message"),
    [
        (ROWS, {"target": None}, "A target is needed"),
        (ROWS, {"sequence_id": "ids"}, r"no column 'ids' to tell sequences by \(did you mean 'id'"),
        (ROWS, {"sequence_time": "steps"}, "no column 'steps' to order steps by"),
        (ROWS, {"target": "id"}, "'id' is one to take as target and to tell sequences by"),
        (ROWS, {"groups": "u", "time": "step"}, "there can be one"),
        (
            ROWS,
            {"target": "u", "groups": "v"},
            r"'v' in .* one value for all steps .* begins in row 1 has 190.0, 200.0: .* one group",
        ),
        ([*ROWS, ("a", 3, 1.0, 1.0, "no")], {}, "'step' repeats one in 1 of 6 rows .row 6"),
        ([(*row[:2], "red", *row[3:]) for row in ROWS], {}, "holds text or dates in 'u'"),
        ([*ROWS, (None, 3, 1.0, 1.0, "no")], {}, "needs a sequence, but 'id' is missing"),
        (
            [*ROWS, ("c", 3, 1.0, 1.0, None), ("c", 4, 1.0, 1.0, None)],
            {},
            r"needs a target, but 'y' is missing in 2 of 7 rows \(row 6, 7\)",
        ),
        (
            [(id, f"{step}h", *rest) for id, step, *rest in ROWS],
            {},
            "'step' in .* holds neither .* name another column in sequence_time",
        ),
    ],
)
def test_refused(save, rows, options, message):
    with pytest.raises(InputError, match=message):
        load_dataset(save(rows), **{**KEYS, **options})


def test_a_target_that_differs_within_a_sequence_is_one_of_steps(save):
    answers = ["yes", "no", "no", "no", "yes"]
    rows = [(*row[:4], answer) for row, answer in zip(ROWS, answers, strict=True)]
    with pytest.warns(
        DataWarning, match="'y' differs within 2 of 2 sequences, so that an answer for"
    ):
        dataset = load_dataset(save(rows), **KEYS)
    assert (dataset.by_step, dataset.task, dataset.target) == (True, "classification", "y")
    assert dataset.y.loc["a"].tolist() == ["no", "no", "yes"]
    assert dataset.y.loc["b"].tolist() == ["no", "yes", "yes"]  # the last one is padding
    assert dataset.targets.tolist() == ["no", "yes", "no", "no", "yes"]
    assert [finding.kind for finding in dataset.findings] == ["target by step"]


def test_targets_by_step_are_numbers_or_whole_numbers(save):
    numbers = many(y=np.arange(36) / 4)
    with pytest.warns(DataWarning, match="differs within"):
        dataset = load_dataset(save(numbers.to_numpy(), numbers.columns), **KEYS)
    assert dataset.task == "regression"
    assert dataset.y.to_numpy().tolist() == (np.arange(36) / 4).reshape(12, 3).tolist()
    with pytest.warns(DataWarning, match="differs within"):
        whole = load_dataset(
            save(many(y=np.tile([0, 1, 2], 12)).to_numpy(), numbers.columns), **KEYS
        )
    assert whole.task == "classification"
    assert set(whole.y.dtypes) == {np.dtype("int64")}


def test_a_step_without_a_value_at_the_end_is_left_out(save):
    rows = [*ROWS, ("a", 4, None, None, "yes")]
    with pytest.warns(DataWarning, match="; 1 steps at the end of sequences have no value in any"):
        dataset = load_dataset(save(rows), **KEYS)
    assert dataset.y.shape == (2, 3)
    with pytest.raises(InputError, match=r"needs a target, but 'y' is missing in 1 of 6 rows"):
        load_dataset(save([*ROWS, ("a", 4, 1.0, 1.0, None)]), **KEYS)


def test_times_without_an_identifier(save):
    with pytest.raises(InputError, match="sequence_id tells apart: name that column too"):
        load_dataset(save(), sequence_time="step", target="y")


def test_sequences_to_predict():
    table = pd.DataFrame(ROWS, columns=COLUMNS)
    how = {"sequence_id": "id", "step_order": StepOrder("step"), "path": Path("new.csv")}
    sequences, ids, rows = long_sequences(table.drop(columns="y"), ["v", "u"], **how)
    assert ids.tolist() == ["b", "a"]
    assert [own.tolist() for own in rows] == [[2, 0], [1, 3, 4]]
    np.testing.assert_array_equal(sequences[1], [[10, 1], [20, 2], [30, 3]])
    with pytest.raises(InputError, match="has no column 'w' to read as a channel"):
        long_sequences(table, ["w"], **how)
    with pytest.raises(InputError, match="in 'y'; write them as numbers, as they were in training"):
        long_sequences(table, ["y"], **how)


def test_text_of_another_kind_is_read_and_told(tmp_path):
    path = tmp_path / "long.csv"
    rows = [f"{n // 2};{n % 2};{n},5;{'Zoé' if n < 20 else 'Noël'}" for n in range(40)]
    path.write_bytes("\n".join(["id;step;u;y", *rows]).encode("cp1252"))
    with pytest.warns(DataWarning, match="read as cp1252 text"):
        dataset = load_dataset(path, **KEYS)
    assert dataset.sequences[3].ravel().tolist() == [6.5, 7.5]
    assert set(dataset.y) == {"Zoé", "Noël"}
    given = load_dataset(path, encoding="cp1252", separator=";", **KEYS)
    assert "text format" not in {finding.kind for finding in given.findings}
