from __future__ import annotations

import pytest

from pipelines.ablation.table import networks_table, recorded_worths, worths_table
from pipelines.tracking.worths import dump_worths


def test_the_table_of_techniques(judged, scores):
    table = worths_table(judged(scores)).set_index("technique")
    assert [*table.index] == ["activation", "dropout", "minibatches"]
    dropout = table.loc["dropout"]
    assert dropout["hyperparameters"] == "dropout 0.1 instead of 0"
    assert dropout["alone"] == pytest.approx(0.2505)
    assert dropout["in_best_verdict"] == "better"
    assert dropout["time_ratio"] == 2.0


def test_the_table_of_networks(judged, scores):
    table = networks_table(judged({**scores, "dropout left out of best": None}))
    assert len(table) == 8
    assert table["network"].iloc[-1] == "dropout left out of best"
    assert table["reason"].iloc[-1] == "Training diverged."
    best = table.set_index("network").loc["best"]
    assert best["techniques"] == "activation, dropout, minibatches"
    assert best["accuracy"] == pytest.approx(0.9015)


def test_what_later_searches_read(judged, scores):
    found = {next(iter(one.hyperparameters)): one for one in recorded_worths(judged(scores))}
    assert found["dropout"].hyperparameters == {"dropout": 0.1}
    assert found["dropout"].verdict == "better"
    assert found["activation"].verdict == "no difference shown"
    assert {(one.dataset, one.task) for one in found.values()} == {("wine", "classification")}


def test_where_all_fails_nothing_is_recorded(judged, scores):
    assert dump_worths(recorded_worths(judged(dict.fromkeys(scores)))) == ""
