from __future__ import annotations

import io

import pandas as pd
import pytest
from rich.console import Console

from pipelines.report import print_results, results_table

METRICS = ("accuracy", "f1_macro")


def printed(evaluations, metric="accuracy", width=100):
    """What is printed, line by line."""
    console = Console(file=io.StringIO(), width=width)
    print_results(results_table(evaluations, METRICS), metric, console)
    return console.file.getvalue().splitlines()


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


class TestPrintResults:
    def test_ranks_names_and_numbers(self, evaluations):
        lines = printed(evaluations)
        assert lines[0].split() == ["configuration", "accuracy", "±", "std", "train", "fit", "s"]
        best = ["1", "selu,", "lecun_normal", "0.8000", "0.1000", "0.8500", "1.50"]
        assert lines[1].split() == best
        assert lines[2].split() == ["2", "elu", "0.7000", "0.1000", "0.7500", "1.50"]
        assert lines[3].split() == ["relu", "failed"]
        assert lines[4].split() == ["tanh", "diverged"]

    def test_reasons_stand_below_in_full(self, failed, evaluations):
        reason = "ValueError: " + 20 * "very long "
        lines = printed([*evaluations, failed(4, "silu", reason.strip())])
        assert "relu failed: ValueError: it broke" in lines
        assert "tanh diverged: Training diverged." in lines
        assert f"silu failed: {reason.strip()}" in lines

    def test_pruned_ones_need_no_reason(self, failed, evaluations):
        lines = printed([*evaluations, failed(4, "silu", "Too late.", status="pruned")])
        assert lines[5].split() == ["silu", "pruned"]
        assert not any("Too late." in line for line in lines)

    def test_another_metric(self, evaluations):
        assert "0.7000 0.1000 0.7500" in " ".join(
            printed(evaluations, metric="f1_macro")[1].split()
        )

    def test_nothing_is_taken_for_markup(self, complete, failed):
        lines = printed([complete(0, "[red]relu[/blue]", 0.5), failed(1, "[b]x", "[/b]")])
        assert "[red]relu[/blue]" in lines[1]
        assert lines[2].split() == ["[b]x", "failed"]
        assert lines[3] == "[b]x failed: [/b]"

    def test_a_narrow_terminal_cuts_no_number(self, evaluations):
        text = " ".join(" ".join(printed(evaluations, width=50)).split())
        assert "0.8000 0.1000 0.8500 1.50" in text

    def test_a_warning_is_printed_once_with_those_it_is_about(self, complete):
        evaluations = [complete(n, f"number {n}", 0.5, warnings=("Beware.",)) for n in range(5)]
        text = printed([*evaluations, complete(5, "calm", 0.4)])
        assert [line for line in text if "Beware." in line] == [
            "Warned of number 0; number 1; number 2 and 2 more: Beware."
        ]

    def test_standard_output_by_default(self, evaluations, capsys):
        print_results(results_table(evaluations, METRICS), "accuracy")
        captured = capsys.readouterr()
        assert "lecun_normal" in captured.out
        assert captured.err == ""
