from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from pipelines.search import Candidate, Evaluation
from pipelines.transfer import plan_transfer, run_transfer, transfer_markdown, transfer_page
from pipelines.transfer.page import curves_info, plot_curves
from pipelines.transfer.sentences import answer, findings


@pytest.fixture(scope="module")
def result(tables, source):
    plan = plan_transfer(
        tables("second half"),
        source,
        source_name="<first> half",
        arms=["frozen", "fine-tuned"],
        shares=[0.05, 0.5],
        repeats=3,
        epochs=3,
    )
    return run_transfer(plan)


def test_learning_curves(result):
    info = curves_info(result)
    assert info.n_rows == [6, 60]
    assert [*info.curves] == ["scratch", "frozen", "fine-tuned"]
    for curve, name in zip(info.curves.values(), info.curves, strict=True):
        values = result.sizes[0].arms[name].values("validation")
        assert curve[0].mean == pytest.approx(values.mean())
        assert curve[0].low < curve[0].mean < curve[0].high
    drawn = ElementTree.fromstring(plot_curves(info))
    assert len([*drawn.iter("polygon")]) == len([*drawn.iter("polyline")]) == 3
    assert len([*drawn.iter("circle")]) == 6


def test_page(result):
    page = transfer_page(result)
    assert "<h1>From &lt;first&gt; half to second half</h1>" in page
    for text in (*findings(result), answer(result)):
        assert text.split(" <")[0].replace("'", "&#39;") in page
    assert "6 rows, 30 epochs" in page
    assert page.count('<tr class="baseline">') == 2
    assert "the output is new, as init_layers=&#39;hidden&#39; says" in page
    assert "http" not in page.split("<script>")[0]


def test_where_all_networks_of_a_size_failed_the_others_are_told_of(result):
    first, second = result.sizes
    failed = tuple(Evaluation.failed(Candidate(n, {}, {}, "it"), "died") for n in range(3))
    nothing = {name: replace(one, runs=failed) for name, one in first.arms.items()}
    partly = replace(result, sizes=(replace(first, arms=nothing), second))
    page = transfer_page(partly)
    assert "60 rows: " in page
    assert "| frozen |" in transfer_markdown(partly)


def test_markdown(result):
    text = transfer_markdown(result)
    assert text.startswith("# From <first> half to second half\n")
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert len(rows) == 2 + 2 * 3
    assert all(row.count("|") == rows[0].count("|") for row in rows)


@pytest.mark.parametrize("width", [390, 1440])
def test_charts_fill_the_page_in_a_browser(result, look_at, width):
    seen, console = look_at(transfer_page(result), width)
    assert seen["overflow"] == seen["cut"] == 0
    assert min(seen["filled"]) > 0.75
    assert "CONSOLE" not in console
