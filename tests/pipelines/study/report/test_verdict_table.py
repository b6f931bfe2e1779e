from __future__ import annotations

from dataclasses import replace

from pipelines.study.report.verdict_table import verdict_rows


def test_order_and_marks(study):
    rows = verdict_rows(study)
    assert [(row.name, row.verdict, row.mark) for row in rows] == [
        ("the selu", "better", "▲"),
        ("the prelu", "no difference shown", "○"),
        ("the relu", "baseline", ""),
        ("the tanh", "fails", "✕"),
    ]
    assert [row.is_baseline for row in rows] == [False, False, True, False]


def test_cells(study):
    best = verdict_rows(study)[0]
    assert best.cells["validation"] == "90.03 [87.18, 92.89]"
    assert best.cells["train"].startswith("95.03 [")
    assert best.cells["test"].startswith("89.03 [")
    assert best.time == "2.00"
    assert best.reach == "1.0 epochs, 2.00 s"
    assert best.verdicts == {"validation": "better", "test": "better"}


def test_better(study):
    sentence = verdict_rows(study)[0].sentence
    # (0.10033 / 0.0015275) sqrt(3) = 113.8 on 2 degrees of freedom; g has the factor 0.5642
    assert sentence == (
        "better: +10.03 points [+9.65, +10.41]; better in 3 of 3 seeds, p < 0.001, g = +37.1"
    )


def test_no_difference_says_what_could_have_been_seen(study):
    sentence = verdict_rows(study)[1].sentence
    assert sentence.startswith("no difference shown: +0.33 points [-1.10, +1.77]; better in 1 of")
    assert sentence.endswith("would be seen in 4 of 5 such studies")


def test_fails(study):
    last = verdict_rows(study)[-1]
    assert last.sentence == "fails: 1 of 3 seeds did not come to their end"
    assert last.reach == "never"


def test_one_seed(study):
    arms = tuple(replace(arm, runs=arm.runs[:1]) for arm in study.arms)
    rows = verdict_rows(replace(study, arms=arms, seeds=(0,)))
    assert rows[0].sentence == "no verdict: it takes two seeds or more"
    assert rows[0].cells["validation"] == "90.00"
