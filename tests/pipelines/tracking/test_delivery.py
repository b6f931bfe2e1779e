"""Records reach MLflow in order, each once, whatever happens to it on the way."""

from __future__ import annotations

import pytest
from mlflow.exceptions import MlflowException, RestException

from pipelines.errors import InputError
from pipelines.processes import this_process
from pipelines.tracking.delivery import Delivery, UndeliveredError, upload_journals
from pipelines.tracking.journal import Journal


class Runs:
    """Takes calls, or raises what it is told to."""

    def __init__(self, *troubles, healthy=True):
        self.calls = []
        self.followed = []
        self.troubles = list(troubles)
        self.healthy = healthy
        self.run_ids = {None: "parent"}
        self.running = {}
        self.may_exist = False
        self.client = self

    def call(self, record):
        if self.troubles and (trouble := self.troubles.pop(0)) is not None:
            raise trouble
        self.calls.append((record["call"], record["candidate"]))
        return {"run_id": "a"} if record["call"] == "create_run" else {}

    def follow(self, record, note):
        self.followed.append((record["call"], note))
        if record["call"] == "create_run":
            self.running[record["candidate"]] = None
        elif record["call"] == "set_terminated":
            del self.running[record["candidate"]]

    def log_epochs(self, candidate):
        self.call({"call": "log_epochs", "candidate": candidate})

    def get_run(self, run_id):
        assert run_id == "parent"
        if not self.healthy:
            raise OSError("away")


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr("pipelines.tracking.delivery.time.sleep", lambda seconds: None)


@pytest.fixture
def journal(tmp_path):
    journal = Journal.below(tmp_path / "searches")
    journal.make_folder()
    process = {**this_process(), "pid": 999999999}
    journal.records.append({"call": "open_parent_run", "candidate": None, "process": process})
    journal.notes.append({"run_id": "parent", "experiment_id": "0", "origin": {}})
    journal.records.append({"call": "create_run", "candidate": 0})
    journal.records.append({"call": "set_terminated", "candidate": 0})
    return journal


BOTH = [("create_run", 0), ("set_terminated", 0)]


def delivery_of(journal, runs, *, gives_up=False):
    return Delivery(journal, runs, gives_up=lambda seconds: gives_up)


def notes_of(journal):
    return Journal(journal.folder).all_notes()[1:]


def away():
    return ConnectionError("refused")


def broken():
    return MlflowException("API request failed", error_code=1)  # INTERNAL_ERROR


def refusal():
    return RestException({"error_code": "INVALID_PARAMETER_VALUE", "message": "too long"})


def test_in_order_and_noted(journal):
    runs = Runs()
    delivery_of(journal, runs).deliver()
    assert runs.calls == BOTH
    assert notes_of(journal) == [{"run_id": "a"}, {}]


@pytest.mark.parametrize("trouble", [away, broken], ids=["away", "500"])
def test_while_mlflow_is_in_trouble_a_record_is_tried_again(journal, trouble):
    runs = Runs(*[trouble() for _ in range(40)], healthy=False)
    delivery_of(journal, runs).deliver()
    assert runs.calls == BOTH
    assert notes_of(journal) == [{"run_id": "a"}, {}]
    assert runs.may_exist  # a request may have been carried out without an answer


def test_what_is_refused_is_left_out(journal):
    runs = Runs(None, refusal())
    delivery_of(journal, runs).deliver()
    assert runs.calls == BOTH[:1]
    assert notes_of(journal) == [
        {"run_id": "a"},
        {"refused": "INVALID_PARAMETER_VALUE: too long"},
    ]


def test_what_always_fails_while_mlflow_answers_is_left_out(journal):
    runs = Runs(*[broken() for _ in range(5)])
    delivery_of(journal, runs).deliver()
    assert notes_of(journal) == [{"refused": "API request failed"}, {}]
    assert runs.calls == BOTH[1:]


def test_the_next_delivery_goes_on_where_the_last_one_gave_up(journal):
    hopeless = Runs(None, *[away() for _ in range(100)], healthy=False)
    with pytest.raises(UndeliveredError, match="refused"):
        delivery_of(journal, hopeless, gives_up=True).deliver()
    assert hopeless.calls == BOTH[:1]
    runs = Runs()
    delivery_of(Journal(journal.folder), runs).deliver()
    assert runs.calls == BOTH[1:]
    assert runs.followed[1] == ("create_run", {"run_id": "a"})
    assert notes_of(journal) == [{"run_id": "a"}, {}]


def test_half_a_note_of_a_killed_process_does_not_count(journal):
    delivery_of(journal, Runs()).deliver()
    content = journal.notes.path.read_bytes()
    journal.notes.path.write_bytes(content[:-1])  # of the last note, {}
    runs = Runs()
    delivery_of(Journal(journal.folder), runs).deliver()
    assert runs.calls == BOTH[1:]
    again = Runs()
    delivery_of(Journal(journal.folder), again).deliver()
    assert again.calls == []


def test_a_search_that_was_killed_has_its_runs_ended(journal):
    journal.records.append({"call": "create_run", "candidate": 1})
    runs = Runs()
    delivery = delivery_of(journal, runs)
    delivery.finish()
    end = [("log_epochs", 1), ("set_terminated", 1), ("set_terminated", None)]
    assert runs.calls == [*BOTH, ("create_run", 1), *end]
    assert delivery.status == "KILLED"


def test_a_search_that_ended_is_left_as_it_is(journal):
    end = {"call": "end_search", "candidate": None, "status": "FINISHED", "end_time": 3}
    journal.records.append(end)
    runs = Runs()
    delivery = delivery_of(journal, runs)
    delivery.finish()
    assert runs.calls == [*BOTH, ("set_terminated", None)]
    assert delivery.status == "FINISHED"


def test_epochs_that_fail_to_be_delivered_are_left_for_later(journal):
    for candidate in (1, 2):
        journal.records.append({"call": "create_run", "candidate": candidate})
    runs = Runs()
    delivery = delivery_of(journal, runs)
    delivery.deliver()
    runs.calls.clear()
    runs.troubles = [away()]
    delivery.deliver_epochs()
    assert runs.calls == []  # the second one would have to wait for the network, too
    runs.troubles = [refusal()]
    delivery.deliver_epochs()
    assert runs.calls == [("log_epochs", 2)]
    delivery.deliver_epochs()
    assert runs.calls == [("log_epochs", 2), ("log_epochs", 1), ("log_epochs", 2)]


def upload(journal):
    return list(upload_journals(journal.folder.parent))


def test_a_journal_without_a_parent_run_is_removed(journal):
    journal.notes.path.unlink()
    assert upload(journal) == []
    assert not journal.folder.exists()


@pytest.mark.parametrize("opened", [True, False])
def test_the_journal_of_a_living_search_is_left_alone(tmp_path, opened):
    journal = Journal.below(tmp_path / "searches")
    journal.make_folder()
    first = {"call": "open_parent_run", "candidate": None, "process": this_process()}
    journal.records.append(first)
    if opened:
        journal.notes.append({"run_id": "parent", "experiment_id": "0", "origin": {}})
    assert upload(journal) == []
    assert journal.all_records() == [first]


def test_a_journal_that_is_being_delivered_is_left_alone(journal):
    with journal.lock():
        assert upload(journal) == []
    assert journal.folder.exists()


def test_a_journal_of_another_store_is_kept(journal, client):
    with pytest.raises(InputError, match=f"parent that {journal.folder} belongs to is not at sql"):
        upload(journal)
    assert journal.folder.exists()
