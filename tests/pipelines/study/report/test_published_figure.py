from __future__ import annotations

import pytest

from pipelines.study.report.published_figure import plot_published, published_info


def text_of(figure):
    return {text.get_text() for text in figure.findobj(lambda part: hasattr(part, "get_text"))}


def test_numbers(study):
    info = published_info(study)
    assert info.labels == ["the relu", "the selu", "the prelu", "the tanh"]
    assert info.table == pytest.approx([80, 90.2, 70, 99])
    assert info.output == [None, None, None, pytest.approx(60)]
    mean, one_run = info.described[0]
    assert (mean.mean, one_run.mean) == pytest.approx((80, 80))
    assert one_run.high - 80 == pytest.approx(2 * (mean.high - 80))  # sqrt(1 + 3)
    assert info.as_run[0] is None
    assert info.as_run[2][0].mean == pytest.approx(70)


def test_picture(study):
    figure = plot_published(published_info(study))
    assert {"published, in the table", "ours, as run"} <= text_of(figure)
