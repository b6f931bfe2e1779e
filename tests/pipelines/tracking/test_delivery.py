"""Records reach the store in order, each once, whatever happens to it on the way."""

from __future__ import annotations

import pytest
import tenacity
from mlflow.exceptions import MlflowException, RestException
from pipelines.tracking.records import RunEnded, RunStarted

from pipelines.tracking.delivery import Delivery, UndeliveredError
from pipelines.tracking.journal import Journal


class Store:
    """Takes records, or raises what it is told to."""

    def __init__(self, *troubles, healthy=True):
        self.taken = []
        self.troubles = list(troubles)
        self.healthy = healthy
        self.run_ids = {None: "parent"}
        self.doubtful = False

    def apply(self, record):
        if self.troubles and (trouble := self.troubles.pop(0)) is not None:
            raise trouble
        self.taken.append(record)
        if isinstance(record, RunStarted):
            self.run_ids[record.candidate] = f"run {record.candidate}"

    def answers(self):
        return self.healthy


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr(tenacity.nap.time, "sleep", lambda seconds: None)


@pytest.fixture
def journal(tmp_path):
    journal = Journal(tmp_path / "journal")
    journal.append(RunStarted(0, "it", {}, {}, 1.0))
    journal.append(RunEnded(0, "FINISHED", 2.0))
    return journal


def away():
    return ConnectionError("refused")


def broken():
    return MlflowException("API request failed", error_code=1)  # INTERNAL_ERROR


def refusal():
    return RestException({"error_code": "INVALID_PARAMETER_VALUE", "message": "too long"})


def test_in_order_and_noted(journal):
    store = Store()
    Delivery(journal, store).deliver()
    assert [type(record).__name__ for record in store.taken] == ["RunStarted", "RunEnded"]
    state = Journal(journal.folder).delivered()
    assert (state.n_records, state.run_ids) == (2, {0: "run 0"})


@pytest.mark.parametrize("trouble", [away, broken], ids=["away", "500"])
def test_a_store_in_trouble_is_tried_until_it_takes_the_record(journal, trouble):
    store = Store(*[trouble() for _ in range(40)], healthy=False)
    delivery = Delivery(journal, store)
    delivery.deliver()
    assert len(store.taken) == 2
    assert delivery.state.refused == []
    assert store.doubtful  # a request may have been carried out without an answer


def test_what_is_refused_is_left_out(journal):
    store = Store(None, refusal())
    delivery = Delivery(journal, store)
    delivery.deliver()
    assert len(store.taken) == 1
    assert delivery.state.refused == ["INVALID_PARAMETER_VALUE: too long"]
    assert delivery.state.n_records == 2


def test_what_a_healthy_store_fails_on_again_and_again_is_left_out(journal):
    store = Store(*[broken() for _ in range(5)])
    delivery = Delivery(journal, store)
    delivery.deliver()
    assert delivery.state.refused == ["API request failed"]
    assert [type(record).__name__ for record in store.taken] == ["RunEnded"]


def test_the_next_writer_goes_on_where_the_last_one_gave_up(journal):
    hopeless = Store(None, *[away() for _ in range(100)], healthy=False)
    with pytest.raises(UndeliveredError, match="refused"):
        Delivery(journal, hopeless, is_over=lambda seconds: True).deliver()
    assert len(hopeless.taken) == 1
    store = Store()
    delivery = Delivery(Journal(journal.folder), store)
    delivery.deliver()
    assert [type(record).__name__ for record in store.taken] == ["RunEnded"]
    assert delivery.state.n_records == 2


def test_a_search_that_was_killed_has_its_runs_ended(journal):
    journal.append(RunStarted(1, "half-done", {}, {}, 3.0))
    store = Store()
    delivery = Delivery(journal, store)
    delivery.deliver_to_the_end()
    ended = [(r.candidate, r.status) for r in store.taken if isinstance(r, RunEnded)]
    assert ended == [(0, "FINISHED"), (1, "KILLED"), (None, "KILLED")]
    assert delivery.status == "KILLED"


def test_a_search_that_ended_by_itself_is_left_as_it_is(journal):
    journal.append(RunEnded(None, "FINISHED", 3.0))
    store = Store()
    delivery = Delivery(journal, store)
    delivery.deliver_to_the_end()
    assert len(store.taken) == 3
    assert delivery.status == "FINISHED"
