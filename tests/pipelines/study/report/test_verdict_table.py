from __future__ import annotations

import math
from dataclasses import replace

import pytest
from pipelines.report.study_tables import (
    line_measurements,
    published_rows,
    study_table,
    verdict_rows,
)
from tests.pipelines.made_up_study import make_line


class TestVerdicts:
    def test_rows(self, study):
        rows = verdict_rows(study)
        assert [(row.name, row.verdict, row.mark) for row in rows] == [
            ("the selu", "better", "▲"),
            ("the prelu", "no difference shown", "○"),
            ("the relu", "baseline", ""),
            ("the tanh", "fails", "✕"),
        ]
        assert [row.is_baseline for row in rows] == [False, False, True, False]

    def test_cells(self, study):
        best = verdict_rows(study)[0]
        assert best.validation == "90.03 [87.18, 92.89]"
        assert best.train.startswith("95.03 [")
        assert best.test.startswith("89.03 [")
        assert best.time == "2.00"
        assert best.reach == "1.0 epochs, 2.00 s"
        assert (best.validation_verdict, best.test_verdict) == ("better", "better")

    def test_better(self, study):
        sentence = verdict_rows(study)[0].sentence
        # (0.10033 / 0.0015275) sqrt(3) = 113.8 on 2 degrees of freedom; g has the factor 0.5642
        assert sentence == (
            "better: +10.03 points [+9.65, +10.41]; better in 3 of 3 seeds, p < 0.001, g = +37.1"
        )

    def test_no_difference_says_what_could_have_been_seen(self, study):
        sentence = verdict_rows(study)[1].sentence
        assert sentence.startswith(
            "no difference shown: +0.33 points [-1.10, +1.77]; better in 1 of"
        )
        assert sentence.endswith("would be seen in 4 of 5 such studies")

    def test_fails(self, study):
        last = verdict_rows(study)[-1]
        assert last.sentence == "fails: 1 of 3 seeds did not come to their end"
        assert last.reach == "never"

    def test_one_seed(self, study):
        lines = tuple(replace(line, evaluations=line.evaluations[:1]) for line in study.lines)
        rows = verdict_rows(replace(study, lines=lines, seeds=(0,)))
        assert rows[0].sentence == "no verdict: it takes two seeds or more"
        assert rows[0].validation == "90.00"


class TestPublished:
    def test_rows(self, study):
        relu, selu, prelu, tanh = published_rows(study)
        assert relu.table == "80.00 / 80.00"
        assert (relu.described.mark, relu.as_run, relu.output) == ("✓", None, None)
        assert (selu.time, selu.our_time) == ("1.20", "2.00")
        assert prelu.described.kind == "off"
        assert prelu.described.off == "published 10.33 points lower"
        assert prelu.as_run.kind == "reproduced"
        assert prelu.as_run.text.startswith("80.00 / 70.00 [")
        assert (prelu.matches, prelu.discrepancy) == ("as run", "Something else was run.")
        assert tanh.output == "80.00 / 60.00"
        assert tanh.against_output.kind == "reproduced"

    def test_what_never_trained_to_the_end_does_not_agree(self, study):
        tanh = study.table["tanh"]
        broken = make_line(4, tanh, [None, None, None])
        rows = published_rows(replace(study, lines=(*study.lines[:4], broken)))
        assert (rows[-1].described.text, rows[-1].described.kind) == ("diverged", "off")


class TestTable:
    def test_a_row_a_line(self, study):
        table = study_table(study)
        assert table["line"].tolist() == [line.name for line in study.lines]
        assert table["variant"].tolist()[:4] == ["as described and as run"] * 2 + [
            "as described",
            "as run",
        ]
        assert table["validation"].tolist() == pytest.approx(
            [0.8, 0.9003, 0.8033, 0.7, 0.605], abs=1e-4
        )
        assert table["failed"].tolist() == [0, 0, 0, 0, 1]
        assert table["validation_verdict"].tolist() == [
            "",
            "better",
            "no difference shown",
            "",
            "fails",
        ]
        assert table["published_validation"].tolist() == [0.80, 0.902, 0.70, 0.70, 0.99]
        assert table["activation"].tolist() == ["relu", "selu", "prelu", "prelu", "tanh"]

    def test_measurements_of_a_line(self, study):
        measured = line_measurements(study, study.lines[1])
        assert measured["over_seeds.validation"] == pytest.approx(0.90033, abs=1e-5)
        assert measured["over_seeds.validation_low"] == pytest.approx(0.8717, abs=1e-4)
        assert measured["over_seeds.epoch_time_ratio"] == pytest.approx(2.0)
        assert measured["over_seeds.epochs_to_baseline"] == 1.0
        assert measured["over_seeds.reached_baseline"] == 3
        assert math.isnan(measured["over_seeds.usual"])
