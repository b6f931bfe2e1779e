from __future__ import annotations

import pytest

from pipelines.study.report import report_study
from pipelines.study.report.effects_table import effect_rows
from pipelines.study.report.findings import findings


@pytest.fixture(scope="module")
def combinations(factorial_study):
    return factorial_study(
        [
            [0.80, 0.81, 0.79],
            [0.80, 0.80, 0.80],
            [0.80, 0.82, 0.79],
            [0.80, 0.81, 0.80],
            [0.60, 0.61, 0.59],
            [0.60, 0.62, 0.58],
            [0.70, 0.711, 0.69],
            [0.70, 0.72, 0.68],
        ]
    )


def test_rows(combinations):
    rows = {row.name: row for row in effect_rows(combinations)}
    assert [*rows] == [
        "simple instead of lstm",
        "clipnorm instead of no clipping",
        "layer norm instead of no norm",
    ]
    assert rows["simple instead of lstm"].within == {}
    clipping = rows["clipnorm instead of no clipping"]
    assert [*clipping.within] == ["lstm", "simple"]
    assert (clipping.within["simple"].mark, clipping.within["lstm"].mark) == ("▲", "○")
    assert clipping.within["simple"].text.startswith("+10.02 [")
    assert clipping.within["simple"].sentence.startswith("better: +10.02 points [")


def test_sentences(combinations):
    better, worse, unknown, *others = findings(combinations)
    assert better.startswith("Better over all combinations: clipnorm instead of no clipping (+5.")
    assert worse.startswith("Worse over all combinations: simple instead of lstm (-15.")
    assert unknown.startswith("Not shown to matter over all combinations: layer norm instead of")
    assert not any("over all combinations" in one for one in others)


def test_page_and_markdown_have_a_row_for_each(combinations):
    report = report_study(combinations)
    assert report.html.count(" instead of ") == 3 + 3  # sentences and rows
    (row,) = [line for line in report.markdown.splitlines() if "| clipnorm instead of" in line]
    assert [cell[:1] for cell in row.split(" | ")[2:]] == ["▲", "○", "▲"]


def test_a_study_without_factors_has_no_such_section(study):
    report = report_study(study)
    assert "over all combinations" not in report.html + report.markdown
