from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from pipelines.report import ProgressBar, printed_metric

ESCAPE = "\x1b"


def watch(console, evaluations):
    bar = ProgressBar(printed_metric("accuracy"), console)
    bar.on_search_begin(len(evaluations), 2)
    for evaluation in evaluations:
        bar.on_candidate_begin(evaluation.candidate)
        bar.on_candidate_end(evaluation)
    bar.on_search_end()
    return console.file.getvalue()


def plain(text):
    return re.sub(rf"{ESCAPE}\[[0-9;?]*[A-Za-z]", "", text)


def test_without_a_terminal_a_line_a_configuration(evaluations):
    console = Console(file=io.StringIO(), width=60)
    assert watch(console, evaluations).splitlines() == [
        "1/4 relu: failed",
        "2/4 elu: accuracy 70.00 %",
        "3/4 selu, lecun_normal: accuracy 80.00 %",
        "4/4 tanh: diverged",
    ]


def test_a_name_is_not_markup_and_is_not_broken(complete):
    name = "[red]" + 30 * "long "
    console = Console(file=io.StringIO(), width=60)
    assert watch(console, [complete(0, name, 0.5)]) == f"1/1 {name}: accuracy 50.00 %\n"


def test_in_a_terminal_a_bar_with_the_best_so_far(evaluations):
    console = Console(file=io.StringIO(), force_terminal=True, width=100, legacy_windows=False)
    text = plain(watch(console, evaluations))
    assert "best accuracy 80.00 %" in text
    assert "4/4" in text
    assert "left" in text
    assert "1/4 relu" not in text


def test_the_best_stays_when_a_worse_one_follows(complete):
    console = Console(file=io.StringIO(), force_terminal=True, width=100, legacy_windows=False)
    text = plain(watch(console, [complete(0, "a", 0.9), complete(1, "b", 0.2)]))
    assert "best accuracy 90.00 %" in text
    assert "20.00" not in text


def test_in_a_terminal_before_anything_succeeded(failed):
    console = Console(file=io.StringIO(), force_terminal=True, width=100, legacy_windows=False)
    assert "none yet" in plain(watch(console, [failed(0, "a", "broke")]))


def test_the_terminal_is_given_back(evaluations):
    console = Console(file=io.StringIO(), force_terminal=True, width=100, legacy_windows=False)
    text = watch(console, evaluations)
    assert text.rindex(f"{ESCAPE}[?25h") > text.rindex(f"{ESCAPE}[?25l")  # the cursor


@pytest.mark.parametrize("metric", ["accuracy", "f1_macro"])
def test_standard_error_by_default(evaluations, capsys, metric):
    bar = ProgressBar(printed_metric(metric))
    bar.on_search_begin(1, 2)
    bar.on_candidate_end(evaluations[2])
    bar.on_search_end()
    captured = capsys.readouterr()
    assert captured.out == ""
    expected = {"accuracy": "accuracy 80.00 %", "f1_macro": "f1 macro 0.7000"}[metric]
    assert captured.err == f"1/1 selu, lecun_normal: {expected}\n"
