from __future__ import annotations

import html
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from pipelines.report import NextSteps, render_page, worth_of


class Page(HTMLParser):
    """Cells of the tables row by row, pairs of the list, resources, and text outside scripts."""

    def __init__(self, source):
        super().__init__()
        self.rows, self.terms, self.resources, self.text = [], [], [], []
        self.tags = []
        self._open = []
        self.feed(source)

    def handle_starttag(self, tag, attributes):
        self._open.append(tag)
        self.tags.append(tag)
        self.resources += [value for name, value in attributes if name in ("src", "href")]
        if tag == "tr":
            self.rows.append([])

    def handle_endtag(self, tag):
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data):
        inside = self._open[-1] if self._open else ""
        if inside in ("script", "style"):
            return
        self.text.append(data)
        if inside in ("td", "th"):
            self.rows[-1].append(data)
        if inside in ("dt", "dd"):
            self.terms.append(data)


@pytest.fixture(scope="module")
def render(judged, baselines):
    """A function that renders the page of some evaluations."""

    def make(evaluations, judged_with=None, **changes):
        values = {"title": "Grid search on digits", "facts": {"dataset": "digits", "folds": 3}}
        verdict = judged(evaluations, **{"baselines": baselines, **(judged_with or {})})
        worth = worth_of(evaluations, verdict.metric, test_ratio=0.5)
        return render_page(evaluations, verdict, worth, **{**values, **changes})

    return make


@pytest.fixture(scope="module")
def source(render, evaluations):
    return render(evaluations)


def sections(source):
    return re.findall(r'<h2 id="(.*?)"', source)


def test_nothing_is_loaded_from_elsewhere(source):
    page = Page(source)
    own = [one for one in page.resources if not one.startswith("#")]
    assert own == ["https://doi.org/10.1023/A:1024068626366"]  # a link to read
    assert not {"link", "img", "iframe"} & {*page.tags}
    assert "@import" not in source
    assert "url(" not in source


def test_the_verdict_comes_first_and_the_settings_are_closed(source):
    page = Page(source)
    assert "<title>Grid search on digits</title>" in source
    assert page.terms == ["dataset", "digits", "folds", "3"]
    places = [
        source.index(one) for one in ("Take selu, lecun_normal", "<table", "<details", "<dl>")
    ]
    assert places == sorted(places)


def test_what_it_tells(source):
    assert sections(source) == ["compared", "worth", "ranking", "learning", "method"]


def test_tables(source):
    rows = Page(source).rows
    assert rows[1][:3] == ["selu, lecun_normal", "80.00 ± 10.00", "98.77"]
    assert ["gradient boosting", "not fitted: too many rows"] in rows
    start = next(n for n, row in enumerate(rows) if row and row[0] == "rank")
    assert rows[start + 1][:5] == ["1", "selu, lecun_normal", "80.00", "10.00", "85.00"]
    assert rows[start + 2][:2] == ["2", "elu"]
    assert len(rows) == start + 3


def test_what_failed_has_its_reason(source):
    text = " ".join("".join(Page(source).text).split())
    assert "failed relu: ValueError: it broke" in text
    assert "diverged tanh: Training diverged." in text


def test_pruned_trials_are_folded_away(render, evaluations, failed):
    late = [failed(4 + n, f"#{n}", "Too late.", status="pruned") for n in range(34)]
    source = render([*evaluations, *late], judged_with={"n_first": 2})
    assert "<summary>34 pruned trials</summary>" in source
    assert source.count('class="bad"') == 2  # the failed and the diverged one
    assert "history" in sections(source)


def test_names_are_text_and_never_html(render, complete, failed):
    attack = "<img src=x onerror=alert(1)></script>"
    source = render(
        [complete(0, attack, 0.5), failed(1, "b", f"ValueError: {attack}")],
        title=attack,
        facts={attack: attack},
        warnings=[attack],
    )
    page = Page(source)
    assert "img" not in page.tags
    assert "<img" not in source
    assert source.count(html.escape(attack)) >= 8


def test_a_single_configuration(render, complete):
    source = render([complete(0, "defaults", 0.5)])
    assert "There is nothing to compare it with" in source
    assert "Not varied: activation defaults, epochs 20." in source
    assert "Differences from the winner" in source  # of what it is compared with
    alone = render([complete(0, "defaults", 0.5)], judged_with={"baselines": []})
    assert "Differences from the winner" not in alone


def test_one_split_has_no_intervals(render, of_folds, baselines):
    single = [
        replace(one, validation={name: scores[:1] for name, scores in one.validation.items()})
        for one in baselines
    ]
    evaluations = [of_folds(0, "a", [0.9]), of_folds(1, "b", [0.8])]
    source = render(evaluations, judged_with={"baselines": single})
    assert "cannot be said from one split" in source
    assert "Differences from the winner" not in source


def test_names_link_to_their_runs(render, evaluations):
    source = render(evaluations, run_address=lambda number: f"http://here/#/{number}")
    assert source.count('href="http://here/#/') == len(evaluations)


def test_several_objectives_are_shown_against_each_other(render, evaluations):
    source = render(evaluations, objectives=("score", "n_weights", "fit_seconds"), front={2})
    assert source.split('id="front"')[1].split("<h2")[0].count('class="chart plot"') == 2


def test_many_configurations_are_shown_on_request_and_the_page_stays_light(render, complete):
    many = [complete(n, f"number {n}", 0.9 - n / 1000) for n in range(100)]
    source = render(many)
    assert source.count(" hidden><td") == 85
    assert "show all 100" in source
    assert len(source) < 250_000


def test_warnings_of_the_data_and_of_configurations(render, evaluations):
    text = "".join(Page(render(evaluations, warnings=["A column looks like dates."])).text)
    assert "A column looks like dates." in text
    assert "selu, lecun_normal: Beware." in text


def test_what_to_try_next_is_ready_to_paste(render, evaluations):
    steps = NextSteps(("Train longer.",), "grids:\n- epochs: [20, 40]\n")
    source = render(evaluations, steps=steps, command="mlflow run . -e grid -P grid=next.yaml")
    assert "<li>Train longer.</li>" in source
    assert '<pre id="grid">grids:\n- epochs: [20, 40]\n</pre>' in source
    assert '<pre id="command">mlflow run . -e grid -P grid=next.yaml</pre>' in source
    assert "next" in sections(source)
