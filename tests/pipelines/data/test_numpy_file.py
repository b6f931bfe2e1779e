from __future__ import annotations

import numpy as np
import pytest

from pipelines.data import DataWarning, load_dataset
from pipelines.errors import InputError

X = np.arange(24.0).reshape(4, 3, 2)
Y = np.array(["a", "b", "a", "b"])


@pytest.fixture
def save(tmp_path):
    def save_arrays(**arrays):
        np.savez(tmp_path / "some.npz", **arrays)
        return tmp_path / "some.npz"

    return save_arrays


def test_an_archive(save):
    dataset = load_dataset(save(X=X, y=Y))
    np.testing.assert_array_equal(dataset.sequences, X)
    assert (dataset.y.tolist(), dataset.y.name) == (Y.tolist(), "y")
    assert (dataset.name, dataset.channels) == ("some", ("channel_0", "channel_1"))


def test_other_names_and_groups(save):
    path = save(signals=X, kind=Y, patient=np.array([1, 1, 2, 2]))
    dataset = load_dataset(path, target="kind", groups="patient")
    assert dataset.groups.tolist() == [1, 1, 2, 2]
    development, test = dataset.split(0.5)
    assert not {*development.groups} & {*test.groups}


def test_later_sequences_are_held_out(save):
    path = save(X=X, y=np.array([0.5, 1.5, 2.5, 3.5]), year=np.array([2003, 2001, 2004, 2002]))
    dataset = load_dataset(path, time="year")
    assert dataset.times.tolist() == [2001, 2002, 2003, 2004]
    assert dataset.y.tolist() == [1.5, 3.5, 0.5, 2.5]
    np.testing.assert_array_equal(dataset.sequences, X[[1, 3, 0, 2]])
    assert dataset.split(0.25)[1].y.tolist() == [2.5]


def test_arrays_in_files_of_their_own(tmp_path):
    np.save(tmp_path / "signals.npy", X)
    np.save(tmp_path / "labels.npy", Y)
    dataset = load_dataset(tmp_path / "signals.npy", target="labels.npy")
    np.testing.assert_array_equal(dataset.sequences, X)
    with pytest.raises(InputError, match="the target is another file: name it as target"):
        load_dataset(tmp_path / "signals.npy")
    with pytest.raises(InputError, match=r"There is no file .*label.npy .*'labels.npy'"):
        load_dataset(tmp_path / "signals.npy", target="label.npy")


def test_targets_of_steps(save):
    padded = X.copy()
    padded[1, 2] = np.nan
    y = np.array([[1, 2, 1], [2, 1, 9], [1, 1, 1], [2, 2, 2]])
    with pytest.warns(DataWarning, match="'y' differs within . of . sequences"):
        dataset = load_dataset(save(X=padded, y=y, year=np.array([4, 3, 2, 1])), time="year")
    assert (dataset.by_step, dataset.task) == (True, "classification")
    assert dataset.y.to_numpy().tolist() == [[2, 2, 2], [1, 1, 1], [2, 1, 1], [1, 2, 1]]
    assert dataset.targets.tolist() == [2, 2, 2, 1, 1, 1, 2, 1, 1, 2, 1]


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"X": X[:, :, 0], "y": Y}, r"needs one array of three axes.*X \(4, 3\).*a last axis of 1"),
        ({"X": X, "Z": X, "y": Y}, "needs one array of three axes"),
        ({"X": X}, r"has no array 'y'; it has 'X': name the target"),
        ({"X": X, "y": Y[:3]}, r"a value for each of 4 sequences, but its shape is \(3,\)"),
        ({"X": X, "y": X[:, :2, 0]}, r"its shape is \(4, 2\); .* a target one for each step"),
        ({"X": X.astype(str), "y": Y}, "must be numbers"),
        ({"X": X, "y": np.array([1.0, np.nan, 2.0, 3.0])}, "needs a target, but 'y' is missing"),
        ({"X": X.astype(object), "y": Y}, "no objects"),
    ],
)
def test_refused(save, arrays, message):
    with pytest.raises(InputError, match=message):
        load_dataset(save(**arrays))


def test_a_file_that_is_none(tmp_path, write):
    with pytest.raises(InputError, match=r"There is no file .*other\.npz"):
        load_dataset(tmp_path / "other.npz")
    with pytest.raises(InputError, match=r"some\.npz cannot be read as \.npz"):
        load_dataset(write("no archive", "some.npz"))


def test_it_has_no_columns_to_drop(save):
    with pytest.raises(InputError, match="no columns to name in 'drop'"):
        load_dataset(save(X=X, y=Y), drop=["a"])
