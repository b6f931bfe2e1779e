from __future__ import annotations

import html
import re
from dataclasses import replace

import numpy as np
import pytest

from pipelines.data import load_dataset
from pipelines.study.report import report_study

ACTIVATIONS = {"mean": [0.1, 0.2], "deviation": [1.0, 1.1], "dead": [0.0, 0.5]}


@pytest.fixture(scope="module")
def claims(tried):
    """One of each kind that is shown in a way of its own."""
    results = [
        tried("score", [0.9, 0.91, 0.9], [0.8, 0.8, 0.8]),
        tried("drift", [0.5, 0.6], [0.1, 0.2], activations=ACTIVATIONS),
        tried("dead", [0.5, np.nan], [0.5, 0.6], activations=ACTIVATIONS),
        tried("failed", [0, 0, 0], [1, 1, 1]),
    ]
    return tuple(
        replace(
            result, claim=replace(result.claim, name=f"claim_{number}", text=f"It helps {number}.")
        )
        for number, result in enumerate(results)
    )


@pytest.fixture(scope="module")
def report(study, claims):
    return report_study(study, claims=claims, dataset=load_dataset("digits"))


def words(source):
    """Text of a page, outside style and pictures."""
    source = re.sub(r"<(style|svg)\b.*?</\1>", "", source, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", source)).split())


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
        assert len(shown) == report.html.count("<figcaption>") == 8
        # The differences are a chart of HTML, the others drawings.
        assert report.html.count('<svg role="img"') == 7
        assert report.html.count('<div class="chart strips">') == 1

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

    def test_names_are_text_and_never_html(self, study, make_result):
        attack = "<img src=x onerror=alert(1)>"
        arms = (make_result("relu", [0.8, 0.81, 0.79], label=attack), *study.arms[1:])
        design = replace(study.design, title=attack)
        page = report_study(replace(study, design=design, arms=arms)).html
        assert "<img" not in page
        assert html.escape(attack) in page

    def test_data_without_a_published_table(self, study, make_result):
        design = replace(study.design, publications=())
        arms = tuple(
            make_result(name, [0.8, 0.8 + number / 100, 0.79])
            for number, name in enumerate(["relu", "selu", "prelu", "tanh"])
        )
        report = report_study(replace(study, design=design, arms=arms))
        assert "published" not in words(report.html)
        assert "published" not in {drawing.name for drawing in report.drawings}

    def test_one_seed(self, study):
        arms = tuple(replace(arm, runs=arm.runs[:1]) for arm in study.arms)
        told = words(report_study(replace(study, arms=arms, seeds=(0,))).html)
        assert "no verdict: it takes two seeds or more" in told
        assert "with 1 seed and" in told


class TestMarkdown:
    def test_tables_have_as_many_cells_as_heads(self, report):
        tables = re.findall(r"(?:^\|.*\|\n)+", report.markdown, flags=re.MULTILINE)
        assert len(tables) == 5
        for table in tables:
            assert len({line.count("|") for line in table.splitlines()}) == 1, table

    def test_without_images_there_are_paths_and_captions(self, report):
        plain = report.plain_markdown
        assert "![" not in plain
        assert "Figure `figures/differences.png`: How far each technique is from the relu" in plain
        assert plain.count("Figure `") == 8

    def test_figures_are_those_beside_it(self, report):
        shown = re.findall(r"\]\(figures/(\w+)\.png\)", report.markdown)
        assert sorted(shown) == sorted(drawing.name for drawing in report.drawings)
