from __future__ import annotations

import io

import pytest
from rich.console import Console

from pipelines.report import print_verdict, results_table

METRICS = ("accuracy", "f1_macro")


@pytest.fixture
def printed(judged):
    """A function that returns what is printed, line by line."""

    def lines(evaluations, width=80, suggestions=(), **how):
        console = Console(file=io.StringIO(), width=width)
        table = results_table(evaluations, METRICS)
        print_verdict(judged(evaluations, **how), table, console, suggestions=suggestions)
        return [line.rstrip() for line in console.file.getvalue().splitlines()]

    return lines


def ranking(lines):
    """The lines of the table, after the empty one."""
    return [line.split() for line in lines[lines.index("") + 1 :]]


def test_the_verdict_comes_first(printed, evaluations):
    lines = printed(evaluations)
    assert lines[0].startswith("Take selu, lecun_normal: validation accuracy 80.00 %")
    assert "- Not finished: 1 failed, 1 diverged." in lines


def test_later_lines_of_a_sentence_are_indented(printed, evaluations):
    lines = printed(evaluations, width=50)
    first = next(n for n, line in enumerate(lines) if line.startswith("- The fastest"))
    assert lines[first + 1].startswith("  ")


def test_ranks_names_and_numbers(printed, evaluations):
    table = ranking(printed(evaluations))
    assert table[0] == ["configuration", "accuracy", "%", "train", "training"]
    best = ["1", "selu,", "lecun_normal", "80.00", "±", "10.00", "85.00", "1.5", "s", "*"]
    assert table[1] == best
    assert table[2] == ["2", "elu", "70.00", "±", "10.00", "75.00", "1.0", "s", "○"]


def test_nothing_is_wider_than_80_columns(printed, complete):
    long = "hidden_layer_sizes 200-100-50, " * 4
    for line in printed([complete(0, long + "a", 0.5), complete(1, long + "b", 0.4)]):
        assert len(line) <= 80


def test_ten_are_shown_and_pruned_ones_only_counted(printed, complete, failed):
    many = [complete(n, f"number {n}", 0.5 - n / 100) for n in range(14)]
    late = [failed(20 + n, f"late {n}", "Too late.", status="pruned") for n in range(34)]
    lines = printed([*many, *late])
    assert "and 4 more, in results.csv and on the page of the run" in lines
    assert any("34 pruned" in line for line in lines)
    assert not any("late 0" in line or "number 10" in line for line in lines)


def test_reasons_stand_below_in_full(printed, failed, evaluations):
    reason = "ValueError: " + 20 * "very long "
    lines = printed([*evaluations, failed(4, "silu", reason.strip())])
    assert "relu failed: ValueError: it broke" in lines
    assert "tanh diverged: Training diverged." in lines
    assert f"silu failed: {reason.strip()}" in lines


def test_nothing_is_taken_for_markup(printed, complete, failed):
    lines = printed([complete(0, "[red]relu[/blue]", 0.5), failed(1, "[b]x", "[/b]")])
    assert "Take [red]relu[/blue]: " in lines[0]
    assert ranking(lines)[1][1] == "[red]relu[/blue]"
    assert "[b]x failed: [/b]" in lines


def test_a_warning_is_printed_once_with_those_it_is_about(printed, complete):
    evaluations = [complete(n, f"number {n}", 0.5, warnings=("Beware.",)) for n in range(5)]
    lines = printed([*evaluations, complete(5, "calm", 0.4)])
    assert [line for line in lines if "Beware." in line] == [
        "Warned of number 0; number 1; number 2 and 2 more: Beware."
    ]


def test_suggestions_stand_at_the_end(printed, evaluations):
    lines = printed(evaluations, suggestions=("Train longer.",))
    assert lines[-2:] == ["What to try next", "- Train longer."]


def test_standard_output_by_default(judged, evaluations, capsys):
    print_verdict(judged(evaluations), results_table(evaluations, METRICS))
    captured = capsys.readouterr()
    assert "lecun_normal" in captured.out
    assert captured.err == ""
