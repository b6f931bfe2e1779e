from __future__ import annotations

import numpy as np
import pytest

from pipelines.data import load_dataset
from pipelines.data.ts_file import join_parts, parse_ts
from pipelines.errors import InputError

HEADER = "# about it\n@problemName some\n@timeStamps false\n@classLabel true a b\n@data\n"
REGRESSION = HEADER.replace("@classLabel true a b", "@targetLabel true")


def test_by_hand():
    parsed = parse_ts(HEADER + "1,2,3:4,5,6:a\n\n7, ?:9,10:b\n", "some.ts")
    np.testing.assert_array_equal(parsed.sequences[0], [[1, 4], [2, 5], [3, 6]])
    np.testing.assert_array_equal(parsed.sequences[1], [[7, 9], [np.nan, 10]])
    assert parsed.y.tolist() == ["a", "b"]


def test_a_channel_that_ends_before_others_lacks_its_last_values():
    (sequence,) = parse_ts(HEADER + "1:4,5:a", "some.ts").sequences
    np.testing.assert_array_equal(sequence, [[1, 4], [np.nan, 5]])


def test_targets_that_are_numbers():
    assert parse_ts(REGRESSION + "1:2.5\n2:-1", "some.ts").y.tolist() == [2.5, -1.0]


def test_keywords_in_any_case():
    text = REGRESSION.lower() + "1:2.5"
    assert parse_ts(text, "some.ts").y.tolist() == [2.5]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEADER, "some.ts has no sequences below @data"),
        ("@classLabel true a\n", "some.ts has no line @data"),
        ("@classLabel false\n@data\n1,2", "sequences without a label .* nothing to predict"),
        (HEADER.replace("@timeStamps false", "@timeStamps true") + "1:a", "a time for each value"),
        ("1,2:a", "Line 1 of some.ts is neither a comment"),
        (HEADER + "1,2", "Line 6 of some.ts has no label"),
        (HEADER + "1,x:a", "Line 6 of some.ts holds a value that is no number .*'x'"),
        (HEADER + "1:2:a\n1:b", "Line 7 of some.ts has 1 channels, but the first sequence has 2"),
        (REGRESSION + "1:red", "has the target 'red', which is no number"),
    ],
)
def test_refused(text, message):
    with pytest.raises(InputError, match=message):
        parse_ts(text, "some.ts")


def test_without_labels_where_none_are_needed():
    parsed = parse_ts("@classLabel false\n@data\n1,2:3,4\n", "some.ts", needs_target=False)
    np.testing.assert_array_equal(parsed.sequences[0], [[1, 3], [2, 4]])


def test_the_parts_have_the_same_channels():
    parts = [parse_ts(HEADER + line, "some.ts") for line in ("1:2:a", "1:b")]
    with pytest.raises(InputError, match=r"different channels \(1, 2\)"):
        join_parts(parts, name="some", source="some.ts")


def test_a_file_and_the_official_test_set_beside_it(write):
    path = write(HEADER + "1,2:a\n3,4,5:b\n", "some_TRAIN.ts")
    alone = load_dataset(path)
    assert (alone.name, alone.sequences.shape, alone.test_rows) == ("some", (2, 3, 1), None)
    write(HEADER + "6,7,8,9:a\n", "some_TEST.ts")
    both = load_dataset(path)
    assert (both.sequences.shape, both.test_rows.tolist()) == ((3, 4, 1), [2])
    development, test = both.split()
    assert (development.y.tolist(), test.y.tolist()) == (["a", "b"], ["a"])


@pytest.mark.parametrize("option", ["target", "groups", "sequence_id"])
def test_it_has_no_columns_to_name(write, option):
    path = write(HEADER + "1:a\n2:b\n", "some.ts")
    with pytest.raises(InputError, match=f"no columns to name in '{option}'"):
        load_dataset(path, **{option: "y"})


def test_a_file_that_cannot_be_read(tmp_path, write):
    with pytest.raises(InputError, match=r"There is no file .*other\.ts"):
        load_dataset(tmp_path / "other.ts")
    with pytest.raises(InputError, match=r"is not UTF-8 text \(byte 0"):
        load_dataset(write(b"\xff", "some.ts"))
