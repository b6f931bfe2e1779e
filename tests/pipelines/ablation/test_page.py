"""The page, in words and in a real browser."""

from __future__ import annotations

import json
import re
from html import escape, unescape

import pytest

from pipelines.ablation.page import network_rows, render_ablation, worth_rows

# The page in a frame of some width, and what its script, and clicks in it, have made of it.
FRAME = """<!doctype html><body><iframe id="frame" width="{width}" height="900" srcdoc="{page}"></iframe>
<script>
frame.onload = () => {{
  const inner = frame.contentDocument, root = inner.documentElement;
  const table = inner.querySelector("table.sortable");
  const first = () => table.tBodies[0].rows[0].cells[1].firstChild.textContent;
  const before = first();
  table.tHead.rows[0].cells[2].click();
  const mark = inner.querySelector("[data-tip]");
  mark.dispatchEvent(new PointerEvent("pointermove", {{bubbles: true, clientX: 5, clientY: 5}}));
  const tip = inner.getElementById("tip");
  const cut = [...inner.querySelectorAll(".chart svg *")].filter(one => {{
    const box = one.getBoundingClientRect();
    return box.width && (box.left < -1 || box.right > root.clientWidth + 1);
  }});
  const bars = [...inner.querySelectorAll("rect.bar")].map(one => one.getBoundingClientRect().width);
  const result = {{
    overflow: root.scrollWidth - root.clientWidth, before, after: first(), bars, cut: cut.length,
    tip: tip.hidden ? null : tip.textContent, expected: mark.dataset.tip,
    row: getComputedStyle(table.tBodies[0].rows[0]).display,
  }};
  const told = document.createElement("output");
  told.textContent = JSON.stringify(result);
  document.body.append(told);
}};
</script></body>"""


@pytest.fixture(scope="module")
def ablation(judged, scores):
    return judged({**scores, "activation left out of best": None})


@pytest.fixture(scope="module")
def page(ablation):
    return render_ablation(
        ablation,
        title="What each technique is worth on a_data_set_with_a_long_name",
        facts={"best": "runs:/" + "0123456789abcdef" * 6},
        warnings=["'id' looks like an identifier"],
        run_address=lambda number: f"http://127.0.0.1:5000/#/runs/{number}",
    )


def test_techniques_in_words(ablation):
    rows = {row.name: row for row in worth_rows(ablation)}
    dropout = rows["dropout"]
    assert (dropout.in_best, dropout.alone, dropout.time_text) == ("+24.95 ▲", "+25.05 ▲", "+100 %")
    assert dropout.tips[1].startswith("better: +24.95 points [")
    activation = rows["activation"]
    assert (activation.in_best, activation.time_text) == ("fails without ▲", "-")
    assert activation.tips[1] == "better: fails without it in 4 of 4 pairs"


def test_whose_failure_it_is_in_words(judged, scores):
    failing = {"dropout added to plain": None, "best": None, "dropout left out of best": None}
    dropout = worth_rows(judged({**scores, **failing}))[1]
    assert (dropout.alone, dropout.in_best) == ("fails ✕", "both fail -")
    assert dropout.tips[0] == "fails: fails in 4 of 4 pairs"
    assert dropout.tips[1] == "no verdict: fails with it in 4 and without it in 4 of 4 pairs"


def test_an_interval_is_within_what_the_metric_can_be(judged, scores):
    wild = judged({**scores, "best": [[0.9, 1.0], [0.7, 1.0]]})
    rows = {row.name: row for row in network_rows(wild, lambda number: None)}
    assert rows["best"].interval.endswith(", 100.00]")


def test_networks_in_words(ablation):
    rows = network_rows(ablation, lambda number: str(number))
    assert [row.name for row in rows if row.is_end] == ["best", "plain"]
    assert rows[-1].name == "activation left out of best"
    assert (rows[-1].score, rows[-1].epoch_seconds) == ("fails", "-")
    numbers = {group.name: str(group.number) for group in ablation.plan.groups}
    assert all(row.link == numbers[row.name] for row in rows)


def test_the_page_begins_with_the_verdict(page):
    texts = unescape(re.sub(r"<[^>]+>", " ", page.partition("<body>")[2]))
    verdict = texts.index("Activation and dropout carry the gain of best over plain")
    assert verdict < texts.index("From plain to best") < texts.index("What failed")
    assert "activation left out of best: Training diverged." in texts
    assert re.search(r"dropout added to plain; best.*: Beware\.|best; dropout added.*Beware", texts)
    assert "'id' looks like an identifier" in texts
    assert len(page) < 500_000


@pytest.fixture(scope="module", params=[390, 1440])
def seen(request, page, browse, tmp_path_factory):
    """What the browser made of the page at a width, and what it complained of."""
    file = tmp_path_factory.mktemp("page") / "frame.html"
    file.write_text(FRAME.format(width=request.param, page=escape(page)), "utf-8")
    shown, console = browse(file.as_uri())
    told = re.search(r"<output>(.*?)</output>", shown, re.DOTALL)
    assert told, console[-2000:]
    return request.param, json.loads(unescape(told.group(1))), console


def test_nothing_is_wider_than_the_page(seen):
    _, told, _ = seen
    assert told["overflow"] == 0
    assert told["cut"] == 0


def test_a_phone_has_cards(seen):
    width, told, _ = seen
    assert told["row"] == ("block" if width == 390 else "table-row")


def test_no_error_on_the_console(seen):
    assert "CONSOLE" not in seen[2]


def test_a_click_sorts_by_the_gain(seen):
    _, told, _ = seen
    assert told["before"] == "activation"
    assert told["after"] == "dropout"


def test_a_mark_tells_what_it_is(seen):
    _, told, _ = seen
    assert told["tip"] == told["expected"]
    assert told["tip"].startswith("plain: 60.15")


def test_the_longest_bar_is_that_of_the_greatest_step(seen):
    _, told, _ = seen
    assert told["bars"].index(max(told["bars"])) == 1  # activation, dropout, minibatches
    assert max(told["bars"]) > 50
