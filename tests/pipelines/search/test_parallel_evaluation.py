"""Many candidates: the order of what is told, what is resumed, and workers that die."""

from __future__ import annotations

import os
import signal
import threading
from dataclasses import replace

import joblib
import pytest

from pipelines.search import Candidate, Evaluation, SearchObserver, evaluate_all
from pipelines.search.parallel_evaluation import limit_n_jobs


class Diary(SearchObserver):
    def __init__(self):
        self.events = []

    def on_candidate_begin(self, candidate):
        self.events.append(("begin", candidate.number))

    def on_candidate_end(self, evaluation):
        self.events.append(("end", evaluation.candidate.number))

    def on_candidate_resumed(self, evaluation):
        self.events.append(("resumed", evaluation.candidate.number))


def candidates(n):
    return [Candidate(i, {}, {}, f"number {i}", fingerprint=f"print {i}") for i in range(n)]


def done(candidate, folder=None):
    return Evaluation(candidate, "complete", None, (), 1.0, 2.0)


def killed_once(candidate, folder):
    """Number 2 takes its worker with it, the first time."""
    mark = folder / "was here"
    if candidate.number == 2 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return done(candidate)


def killed_always(candidate, folder):
    if candidate.number == 2:
        with open(folder / "deaths", "a") as deaths:
            deaths.write("x")
        os.kill(os.getpid(), signal.SIGKILL)
    return done(candidate)


WORKERS = set()


def count_workers(candidate, barrier):
    barrier.wait(timeout=60)
    WORKERS.add(threading.get_ident())
    return done(candidate)


def test_one_after_another_the_next_candidate_is_compiled_before_one_is_evaluated():
    events = []

    def compile_candidate(candidate, folder):
        events.append(("compile", candidate.number))

    def evaluate(candidate, folder):
        events.append(("evaluate", candidate.number))
        return done(candidate)

    evaluate_all(candidates(3), evaluate, "a folder", compile_candidate=compile_candidate)
    compiled = [("compile", number) for number in range(3)]
    evaluated = [("evaluate", number) for number in range(3)]
    assert events == [*compiled[:2], evaluated[0], compiled[2], *evaluated[1:]]


def test_known_candidates_are_not_compiled():
    known = {"print 1": done(candidates(2)[1])}
    compiled = []
    evaluate_all(
        candidates(3),
        done,
        resume=lambda fingerprints: known,
        compile_candidate=lambda candidate: compiled.append(candidate.number),
    )
    assert compiled == [0, 2]


def test_side_by_side_no_core_is_idle_for_compiling():
    def compile_candidate(candidate):
        pytest.fail("it was called")

    assert (
        len(evaluate_all(candidates(3), done, n_jobs=2, compile_candidate=compile_candidate)) == 3
    )


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_in_order_and_told_once_each(n_jobs):
    diary = Diary()
    found = evaluate_all(candidates(5), done, n_jobs=n_jobs, observers=[diary])
    assert [evaluation.candidate.number for evaluation in found] == [0, 1, 2, 3, 4]
    for number in range(5):
        assert diary.events.count(("begin", number)) == diary.events.count(("end", number)) == 1
        assert diary.events.index(("begin", number)) < diary.events.index(("end", number))
    running = 0
    for what, _ in diary.events:
        running += 1 if what == "begin" else -1
        assert running <= n_jobs


def test_what_is_known_is_not_evaluated_again():
    def find(fingerprints):
        assert list(fingerprints) == ["print 0", "print 1", "print 2"]
        elsewhere = Candidate(9, {}, {}, "another name", fingerprint="print 1")
        return {"print 1": replace(done(elsewhere), started_at=0.5)}

    diary = Diary()
    found = evaluate_all(candidates(3), done, observers=[diary], resume=find)
    assert found[1].candidate == candidates(3)[1]
    assert found[1].started_at == 0.5
    assert [number for what, number in diary.events if what == "begin"] == [0, 2]
    assert ("resumed", 1) in diary.events


def test_a_worker_that_dies_is_given_another_chance(tmp_path):
    diary = Diary()
    found = evaluate_all(candidates(6), killed_once, tmp_path, n_jobs=2, observers=[diary])
    assert [evaluation.status for evaluation in found] == ["complete"] * 6
    assert sorted(number for what, number in diary.events if what == "begin") == list(range(6))


def test_what_kills_its_worker_twice_has_failed_and_the_rest_goes_on(tmp_path):
    found = evaluate_all(candidates(6), killed_always, tmp_path, n_jobs=2)
    assert [evaluation.status for evaluation in found] == [
        "failed" if number == 2 else "complete" for number in range(6)
    ]
    assert "died twice" in found[2].reason
    assert (tmp_path / "deaths").read_text() == "xx"


def test_data_is_handed_to_every_call():
    def add(candidate, a, b):
        return replace(done(candidate), reason=str(a + b))

    with joblib.parallel_config(backend="threading"):
        found = evaluate_all(candidates(3), add, 1, 2, n_jobs=2)
    assert [evaluation.reason for evaluation in found] == ["3"] * 3


def write_epoch(candidate, folder=None, epoch_writers=()):
    for write in epoch_writers:
        write(1, {"loss": 0.5})
    return done(candidate)


class FileWriter:
    """Writes epochs to a file of the candidate's."""

    def __init__(self, path):
        self.path = path

    def __call__(self, epoch, logs):
        self.path.write_text(f"{epoch} {logs['loss']}")


class Writing(Diary):
    def __init__(self, folder):
        super().__init__()
        self.folder = folder

    def epoch_writer(self, candidate):
        if candidate.number == 1:
            return None
        return FileWriter(self.folder / candidate.name)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_epoch_writers_go_to_the_workers(tmp_path, n_jobs):
    observers = [Diary(), Writing(tmp_path)]
    evaluate_all(candidates(3), write_epoch, n_jobs=n_jobs, observers=observers)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        "number 0": "1 0.5",
        "number 2": "1 0.5",
    }


class TestLimit:
    @pytest.fixture(autouse=True)
    def four_cores(self, monkeypatch):
        monkeypatch.setattr("pipelines.search.parallel_evaluation.cpu_count", lambda: 4)

    @pytest.mark.parametrize(
        ("n_jobs", "n_candidates", "expected"),
        [(None, 9, 1), (1, 9, 1), (3, 9, 3), (3, 2, 2), (4, 1, 2), (100_000, 3, 3)],
    )
    @pytest.mark.filterwarnings("error")
    def test_no_more_than_candidates(self, n_jobs, n_candidates, expected):
        assert limit_n_jobs(n_jobs, n_candidates) == expected

    def test_more_than_cores_is_told(self):
        message = "n_jobs=100000 is more than this machine has cores; 4 configurations are evalua"
        with pytest.warns(UserWarning, match=message):
            assert limit_n_jobs(100_000, 50) == 4

    def test_workers_are_no_more_than_cores(self):
        """Of threads, to which the same limit goes as to processes."""
        barrier = threading.Barrier(4)  # so many have to be there at once, or it breaks
        with (
            joblib.parallel_config(backend="threading"),
            pytest.warns(UserWarning, match="4 configurations are evaluated at once"),
        ):
            assert len(evaluate_all(candidates(8), count_workers, barrier, n_jobs=64)) == 8
        assert len(WORKERS) == 4
