from __future__ import annotations

from dataclasses import replace

from pipelines.study.report.published_table import published_rows


def test_rows(study):
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
    assert (tanh.against_output.mark, tanh.against_output.kind) == ("≈", "within the spread")


def test_what_never_trained_to_the_end_does_not_agree(study, make_result):
    broken = make_result("tanh", [None, None, None])
    rows = published_rows(replace(study, arms=(*study.arms[:4], broken)))
    assert (rows[-1].described.text, rows[-1].described.kind) == ("diverged", "off")
