from __future__ import annotations

import re

import numpy as np
import pytest
from pipelines.report.claims_figures import dead_info, layers_info, plot_dead, plot_layers
from pipelines.report.claims_table import claim_rows
from pipelines.techniques import ClaimResult, judge
from pipelines.techniques.claims import Claim
from tests.pipelines.made_up_study import make_line, make_row

ARM, REFERENCE = make_row("arm"), make_row("base")


def tried(quantity, values, reference, *, expect="greater", layers=None):
    claim = Claim("name", "It helps.", quantity, ("arm",), expect, "base")
    judgement = judge(
        {"the arm": np.array(values)},
        np.array(reference),
        expect=expect,
        margin=0.01,
        are_failures=quantity == "failed",
    )
    lines = {
        "arm": make_line(0, ARM, [None if v != v else v for v in values], layers=layers),
        "base": make_line(1, REFERENCE, reference, layers=layers),
    }
    return ClaimResult(claim, judgement, lines)


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
def test_evidence(quantity, values, reference, evidence):

    (row,) = claim_rows((tried(quantity, list(values), list(reference)),))
    assert re.fullmatch(evidence, row.evidence), row.evidence


def test_verdict_and_mark():
    (row,) = claim_rows((tried("score", [0.9, 0.91, 0.9], [0.8, 0.8, 0.8]),))
    assert (row.verdict, row.mark, row.text) == ("supported", "✓", "It helps.")
    assert row.measured == "validation accuracy in %"


class TestFigures:
    LAYERS = {"mean": [0.1, 0.2], "deviation": [1.0, 1.1], "dead": [0.0, 0.5]}

    def test_layers(self):
        info = layers_info((tried("drift", [0.5, 0.6], [0.5, 0.6], layers=self.LAYERS),))
        assert info.labels == ["the arm", "the base"]
        assert info.means[0].tolist() == [[0.1, 0.2]] * 2
        assert info.deviations[1].tolist() == [[1.0, 1.1]] * 2
        assert len(plot_layers(info).axes) == 2

    def test_dead_units_leave_out_what_diverged(self):
        info = dead_info((tried("dead", [0.5, np.nan], [0.5, 0.6], layers=self.LAYERS),))
        assert info.shares[0].tolist() == [[0.0, 0.5]]
        assert info.shares[1].shape == (2, 2)
        assert plot_dead(info).axes[0].get_ylabel() == "dead units"

    def test_other_quantities_are_not_in_them(self):
        claims = (tried("score", [0.5, 0.6], [0.5, 0.6]),)
        assert layers_info(claims).labels == dead_info(claims).labels == []
        assert plot_dead(dead_info(claims))
        assert plot_layers(layers_info(claims))
