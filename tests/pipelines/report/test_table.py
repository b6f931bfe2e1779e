from __future__ import annotations

import pandas as pd
import pytest

from pipelines.report import results_table

METRICS = ("accuracy", "f1_macro")


class TestResultsTable:
    def test_order_and_ranks(self, evaluations):
        table = results_table(evaluations, METRICS)
        assert table["configuration"].tolist() == ["selu, lecun_normal", "elu", "relu", "tanh"]
        assert table["rank"].tolist() == [1, 2, pd.NA, pd.NA]
        assert table["status"].tolist() == ["complete", "complete", "failed", "diverged"]
        assert table["reason"].tolist() == ["", "", "ValueError: it broke", "Training diverged."]
        assert table.index.tolist() == [0, 1, 2, 3]

    def test_columns(self, evaluations):
        assert results_table(evaluations, METRICS).columns.tolist() == [
            "rank",
            "configuration",
            "validation_accuracy",
            "validation_accuracy_std",
            "train_accuracy",
            "validation_f1_macro",
            "validation_f1_macro_std",
            "train_f1_macro",
            "fit_seconds",
            "epoch_seconds",
            "epochs_run",
            "weights",
            "status",
            "reason",
            "warnings",
            "diagnosis",
            "activation",
            "epochs",
        ]

    def test_numbers(self, evaluations):
        best = results_table(evaluations, METRICS).iloc[0]
        assert best["validation_accuracy"] == pytest.approx(0.8)
        assert best["validation_accuracy_std"] == pytest.approx(0.1)
        assert best["train_accuracy"] == pytest.approx(0.85)
        assert best["validation_f1_macro"] == pytest.approx(0.7)
        assert best["train_f1_macro"] == pytest.approx(0.75)
        assert best["fit_seconds"] == pytest.approx(1.5)
        assert best["epoch_seconds"] == pytest.approx(0.5)
        assert (best["epochs_run"], best["epochs"]) == (3, 20)
        assert best["weights"] == 1234
        assert best["warnings"] == "Beware.\nSo."

    def test_nothing_was_measured_of_what_failed(self, evaluations):
        measured = results_table(evaluations, METRICS).loc[2:, "validation_accuracy":"weights"]
        assert measured.isna().all(axis=None)

    def test_the_first_metric_ranks(self, complete):
        evaluations = [complete(0, "a", 0.9), complete(1, "b", 0.5)]
        backwards = [
            complete(2, "c", 0.1, validation_scores={"accuracy": 0.1, "f1_macro": 0.95}),
            *evaluations,
        ]
        assert results_table(backwards, METRICS)["configuration"].tolist() == ["a", "b", "c"]
        assert results_table(backwards, METRICS[::-1])["configuration"].tolist() == ["c", "a", "b"]

    def test_equal_scores_share_a_rank_and_keep_their_order(self, complete):
        scores = {"a": 0.5, "b": 0.9, "c": 0.9, "d": 0.1}
        evaluations = [complete(n, *item) for n, item in enumerate(scores.items())]
        table = results_table(evaluations, METRICS)
        assert table["configuration"].tolist() == ["b", "c", "a", "d"]
        assert table["rank"].tolist() == [1, 1, 3, 4]
