from __future__ import annotations

import math

import pytest

from pipelines.transfer.result import SizeResult, TransferResult, verdict_words


def test_verdicts(size):
    words = {name: verdict_words(one) for name, one in size.comparisons.items()}
    assert words == {
        "frozen": "negative transfer",
        "thawed": "better",
        "fine-tuned": "no difference shown",
    }
    assert size.best == "thawed"
    assert "scratch" not in size.reused


def test_epochs_and_seconds_to_the_score_of_scratch(size):
    n_reached, epochs, seconds = size.reach("thawed")
    assert n_reached == 3
    assert epochs.mean == pytest.approx((1 + 2 + 2) / 3)
    assert seconds.mean == pytest.approx(epochs.mean / 2)
    n_reached, epochs, _ = size.reach("frozen")
    assert n_reached == 0
    assert math.isnan(epochs.mean)
    assert size.reach("fine-tuned")[0] == 2


def test_no_best_where_none_is_better(size):
    arms = {name: one for name, one in size.arms.items() if name != "thawed"}
    assert SizeResult(50, 3, arms).best is None


def test_table(size):
    result = TransferResult("it", "other", size.scratch.metric, (size,), "", (), {})
    table = result.table().set_index("arm")
    assert table.loc["thawed", "accuracy"] == pytest.approx(80)
    assert table.loc["thawed", "difference"] == pytest.approx(20)
    assert table.loc["frozen", "verdict"] == "negative transfer"
    assert table.loc["frozen", "n_reached"] == 0
    assert result.names == ["scratch", "frozen", "thawed", "fine-tuned"]
