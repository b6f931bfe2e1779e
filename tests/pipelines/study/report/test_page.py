from __future__ import annotations

import html
import re
from dataclasses import replace

import pytest
from pipelines.report.study_files import write_study
from pipelines.report.study_page import findings, report_study
from pipelines.techniques import ClaimsStudy, Row
from tests.pipelines.made_up_study import make_line

from pipelines.data import load_dataset
from pipelines.errors import InputError


@pytest.fixture(scope="module")
def claims():
    return ClaimsStudy(repeats=2, epochs=1).run(load_dataset("iris"))


@pytest.fixture
def report(study, claims):
    return report_study(study, claims=claims, dataset=load_dataset("digits"))


def words(source):
    """Text of a page, outside style and pictures."""
    source = re.sub(r"<(style|svg)\b.*?</\1>", "", source, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", source)).split())


def test_findings(study):
    assert findings(study) == [
        "Better than the relu: the selu.",
        "Not shown to differ from the relu: the prelu.",
        "Not trained to the end with every seed: the tanh.",
        "Of the 4 validation figures of the notebook, run as it ran: 4 reproduced.",
    ]


def test_far_rows_are_told(study):
    """With all rows the seeds differ by 0.0106 on average, without the far ones by nothing."""
    told = next(one for one in findings(_with_usual(study)) if "2 validation rows" in one)
    assert "varies between seeds by" in told
    assert told.endswith("without them by 0.00.")


def _with_usual(study):
    def usual(line):
        return replace(
            line,
            evaluations=tuple(
                replace(
                    one,
                    folds=tuple(
                        replace(
                            fold,
                            held_out_scores={**fold.held_out_scores, "usual": {"accuracy": 0.8}},
                        )
                        for fold in one.folds
                    ),
                )
                for one in line.evaluations
            ),
        )

    return replace(study, lines=tuple(map(usual, study.lines)), n_far=2)


class TestPage:
    def test_it_needs_nothing_else(self, report):
        assert not re.findall(r"<(?:link|script|img)\b", report.html)
        assert set(re.findall(r"https?://[^\s\"'<]+", report.html)) == {
            "http://www.w3.org/2000/svg",
            "http://www.w3.org/1999/xlink",
        }
        assert all(
            address.startswith(("#", "data:"))
            for address in re.findall(r"(?:href|src)=\"([^\"]*)\"", report.html)
        )

    def test_every_figure_is_in_it_and_described(self, report):
        shown = re.findall(r'<figure id="(\w+)">', report.html)
        assert sorted(shown) == sorted(drawing.name for drawing in report.drawings)
        assert report.html.count("<svg") == len(shown) == 8
        assert report.html.count("<figcaption>") == 8

    def test_ids_are_unique(self, report):
        ids = re.findall(r'\bid="([^"]+)"', report.html)
        groups = [
            one
            for one in ids
            if re.fullmatch(
                r"(figure|patch|line2d|axes|text|matplotlib|xtick|ytick|legend|FillBetween|QuadMesh|PathCollection|LineCollection|PolyCollection|FillBetweenPolyCollection|AxesImage)\.?.*_\d+",
                one,
            )
        ]
        others = [one for one in ids if one not in groups]
        assert len(others) == len(set(others))

    def test_verdicts_and_published_figures(self, report):
        told = words(report.html)
        assert "▲ better: +10.03 points" in told
        assert "✕ fails: 1 of 3 seeds did not come to their end" in told
        assert (
            "the prelu : Something else was run. The published figures match the row as run."
            in told
        )
        assert "notebook: 80.00 / 60.00" in told

    def test_claims(self, report, claims):
        told = words(report.html)
        for result in claims:
            assert f"{result.claim.text}" in told
        assert f"Of {len(claims)} claims about the techniques:" in told

    def test_links_lead_somewhere(self, report):
        ids = set(re.findall(r'\bid="([^"]+)"', report.html))
        targets = re.findall(r'<a href="#(\w+)"', report.html)
        assert targets
        assert set(targets) <= ids

    def test_names_are_text_and_never_html(self, study):
        attack = "<img src=x onerror=alert(1)>"
        row = Row("relu", attack, {}, {}, study.table["relu"].published)
        lines = (make_line(0, row, [0.8, 0.81, 0.79]), *study.lines[1:])
        page = report_study(replace(study, dataset=attack, lines=lines)).html
        assert "<img" not in page
        assert html.escape(attack) in page

    def test_data_without_a_published_table(self, study):
        rows = tuple(
            Row(row.name, row.label, row.as_described, row.as_described) for row in study.table.rows
        )
        table = replace(study.table, rows=rows, is_published=False)
        lines = tuple(
            make_line(number, row, [0.8, 0.8 + number / 100, 0.79])
            for number, row in enumerate(rows)
        )
        report = report_study(replace(study, table=table, lines=lines))
        assert "published" not in words(report.html)
        assert "published" not in {drawing.name for drawing in report.drawings}

    def test_one_seed(self, study):
        lines = tuple(replace(line, evaluations=line.evaluations[:1]) for line in study.lines)
        told = words(report_study(replace(study, lines=lines, seeds=(0,))).html)
        assert "no verdict: it takes two seeds or more" in told
        assert "with 1 seed and" in told


class TestMarkdown:
    def test_tables_have_as_many_cells_as_heads(self, report):
        tables = re.findall(r"(?:^\|.*\|\n)+", report.markdown, flags=re.MULTILINE)
        assert len(tables) == 5
        for table in tables:
            assert len({line.count("|") for line in table.splitlines()}) == 1, table

    def test_figures_are_those_beside_it(self, report):
        shown = re.findall(r"\]\(figures/(\w+)\.png\)", report.markdown)
        assert sorted(shown) == sorted(drawing.name for drawing in report.drawings)


def test_files(study, tmp_path):
    report = report_study(study, figures_path="made_up")
    page = write_study(study, report, tmp_path / "docs")
    assert page.read_text("utf-8") == report.html
    for figure in re.findall(r"\]\(([^)]+)\)", (page.parent / "made_up.md").read_text("utf-8")):
        assert (page.parent / figure).read_bytes().startswith(b"\x89PNG")
    assert (page.parent / "made_up.csv").read_text("utf-8").startswith("row,line,variant")


def test_a_folder_that_cannot_be_written_to(study, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"cannot be written to .*file: Not a directory; give"):
        write_study(study, report_study(study), tmp_path / "file")
