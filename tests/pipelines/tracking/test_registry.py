from __future__ import annotations

import logging

import pytest
from mlflow.exceptions import MlflowException

from pipelines.tracking import MLflowTracker, log_pipeline
from pipelines.tracking.registry import find_champion, register_model, registered_name


@pytest.fixture
def model(client, classifier):
    dataset, pipeline = classifier
    run_id = client.create_run(client.create_experiment("houses")).info.run_id
    return log_pipeline(client, run_id, pipeline, dataset.X), run_id


def register(client, model, champion):
    return register_model(
        client, "a/b: houses", *model, card="# Card", tags={"judged": "so"}, champion=champion
    )


def test_versions_under_a_name(client, model):
    assert find_champion(client, "a/b: houses") is None
    assert register(client, model, champion=False) == "1"
    assert find_champion(client, "a/b: houses") is None
    assert register(client, model, champion=True) == "2"
    assert register(client, model, champion=False) == "3"
    champion = find_champion(client, "a/b: houses")
    assert (champion.name, str(champion.version)) == (registered_name("a/b: houses"), "2")
    assert (champion.description, champion.tags["judged"]) == ("# Card", "so")
    assert (champion.source, champion.run_id) == model
    assert register(client, model, champion=True) == "4"
    assert str(find_champion(client, "a/b: houses").version) == "4"


def test_that_a_server_is_waited_for_is_not_told(client, model, monkeypatch, caplog):
    def create(*args, **kwargs):
        logging.getLogger("mlflow.store.model_registry.abstract_store").info("Waiting up to 300 s")
        return made(*args, **kwargs)

    made = client.create_model_version
    monkeypatch.setattr(client, "create_model_version", create)
    with caplog.at_level(logging.INFO, logger="mlflow"):
        assert register(client, model, champion=False) == "1"
    assert "Waiting" not in caplog.text


def test_what_the_registry_refuses_is_raised(client, model):
    with pytest.raises(MlflowException):
        register_model(client, "", *model, card="", tags={}, champion=True)


def test_the_tracker_registers_and_finds(client, classifier):
    dataset, pipeline = classifier
    with MLflowTracker(experiment="houses") as tracker:
        tracker.log_model(pipeline, dataset.X)
        model = tracker.kept_model()
        assert tracker.find_champion("houses") is None
        tags = {"development_digest": "abc"}
        name = tracker.register_model(model, "houses", card="", tags=tags, champion=True)
        champion = tracker.find_champion("houses")
    assert name == champion.name == "houses/1"
    assert champion.digest == "abc"
    assert champion.pipeline.predict(dataset.X).tolist() == pipeline.predict(dataset.X).tolist()


def test_what_cannot_be_registered_is_told_at_the_end(client):
    with (
        pytest.warns(RuntimeWarning, match=r"incomplete: the model is not registered \("),
        MLflowTracker(experiment="houses") as tracker,
    ):
        assert tracker.register_model("models:/m", "", card="", tags={}, champion=True) is None
