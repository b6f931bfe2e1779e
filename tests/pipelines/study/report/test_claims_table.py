from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from pipelines.study.report import claim_rows


@pytest.mark.parametrize(
    ("quantity", "values", "reference", "evidence"),
    [
        (
            "score",
            [0.9, 0.91, 0.9],
            [0.8, 0.8, 0.8],
            r"the arm 90\.33 \(p = 0\.001\); against the base 80\.00",
        ),
        ("gap", [0.1, 0.11, 0.1], [0.05, 0.05, 0.05], r"the arm \+10\.33 .* the base \+5\.00"),
        ("seconds", np.log([2, 2, 2.1]), np.log([1, 1, 1]), r"the arm 2\.03 .* the base 1\.00"),
        (
            "epochs",
            [2.0, np.nan, 3.0],
            [5.0, 5.0, 5.0],
            r"the arm 2\.5 \(2 of 3 seeds\); against the base 5\.0",
        ),
        ("epochs", [np.nan] * 3, [5.0, 5.0, 5.0], r"the arm never; against the base 5\.0"),
        ("dead", [0.0, 0.0, 0.1], [0.5, 0.5, 0.5], r"the arm 3\.3 % .* the base 50\.0 %"),
        ("drift", [1.0, 1.1, 1.2], [0.2, 0.2, 0.2], r"the arm 1\.10 .* the base 0\.20"),
        ("failed", [0, 0, 0], [1, 1, 1], r"the arm 0 of 3 \(p = 0\.100\); against the base 3 of 3"),
    ],
)
def test_evidence(tried, quantity, values, reference, evidence):
    (row,) = claim_rows((tried(quantity, list(values), list(reference)),))
    assert re.fullmatch(evidence, row.evidence), row.evidence


def test_verdict_and_mark(tried):
    (row,) = claim_rows((tried("score", [0.9, 0.91, 0.9], [0.8, 0.8, 0.8]),))
    assert (row.verdict, row.mark, row.text) == ("supported", "✓", "It helps.")
    assert row.measured == "validation accuracy in %"


def test_what_the_study_judged_is_said(tried):
    claim = replace(tried("score", [0.9, 0.91, 0.9], [0.8, 0.8, 0.8]), is_of_study=True)
    (row,) = claim_rows((claim,))
    assert row.measured == "validation accuracy in %, as judged above"
