from __future__ import annotations

import math
from xml.etree import ElementTree

import pytest

from pipelines.report import printed_metric
from pipelines.report.figures import (
    curves_info,
    history_info,
    pareto_info,
    plot_curves,
    plot_history,
    plot_pareto,
    plot_tradeoff,
    tradeoff_info,
)

ACCURACY = printed_metric("accuracy")


def marks(source, tag):
    return [one.attrib for one in ElementTree.fromstring(source).iter(tag)]


class TestTradeoff:
    @pytest.fixture
    def info(self, of_folds, judged):
        evaluations = [
            of_folds(0, "far", [0.2, 0.21, 0.19], epoch_seconds=0.2),
            of_folds(1, "best", [0.9, 0.8, 0.85], epoch_seconds=0.5),
            of_folds(2, "next", [0.85, 0.85, 0.82], epoch_seconds=0.1),
        ]
        return tradeoff_info(judged(evaluations))

    def test_numbers_are_printed_ones_and_the_time_is_without_compiling(self, info):
        assert info.names == ["best", "next", "far"]
        assert info.seconds == pytest.approx([1.0, 0.2, 0.4])  # two epochs each
        assert info.scores == pytest.approx([85.0, 84.0, 20.0])
        assert info.deviations[0] == pytest.approx(100 * 0.05 * math.sqrt(2 / 3))
        assert info.are_tied == [True, True, False]
        assert info.title == "validation accuracy in %"

    def test_picture(self, info):
        source = plot_tradeoff(info)
        assert [one["class"] for one in marks(source, "circle")] == ["base", "first", "first"]
        assert "the best" in [one.text for one in ElementTree.fromstring(source).iter("text")]
        assert marks(source, "circle")[1]["data-tip"].startswith("best: 85 ± 4.1, 1.0 s")


class TestCurves:
    def test_numbers_of_the_first(self, evaluations):
        info = curves_info([evaluations[2], evaluations[1]], n_best=1)
        assert info.names == ["selu, lecun_normal"]
        assert info.train == [[3.0, 2.0, 1.0]]
        assert info.validation == [[6.0, 4.0, 2.0]]

    def test_picture(self, evaluations):
        source = plot_curves(curves_info([evaluations[2], evaluations[1]]))
        classes = [one["class"] for one in marks(source, "polyline")]
        assert classes == ["series-0 dotted", "series-0", "series-1 dotted", "series-1"]
        assert marks(source, "polyline")[1]["data-tip"].startswith("selu, lecun_normal, validation")

    def test_without_validation_rows_and_of_one_epoch(self, complete):
        info = curves_info([complete(0, "a", 0.5, curves={"loss": [2.0]})])
        assert info.validation == [None]
        assert [one["class"] for one in marks(plot_curves(info), "polyline")] == ["series-0 dotted"]


class TestHistory:
    @pytest.fixture
    def info(self, complete, failed):
        scores = [0.5, 0.4, 0.7, 0.6]
        evaluations = [complete(n, f"#{n}", score) for n, score in enumerate(scores)]
        evaluations.append(failed(4, "#4", "Too late.", status="pruned"))
        return history_info(evaluations, ACCURACY, n_first=2)

    def test_numbers(self, info):
        assert info.numbers == [0, 1, 2, 3]
        assert info.scores == pytest.approx([50, 40, 70, 60])
        assert info.best == pytest.approx([50, 50, 70, 70])
        assert info.pruned == [4]

    def test_of_errors_the_best_is_the_least(self, complete):
        error = printed_metric("neg_log_loss")
        scores = [-0.5, -0.7, -0.3]
        evaluations = [
            complete(n, "a", 0.5, validation_scores={"neg_log_loss": score})
            for n, score in enumerate(scores)
        ]
        assert history_info(evaluations, error, 1).best == pytest.approx([0.5, 0.5, 0.3])

    def test_picture(self, info):
        kinds = [one["class"] for one in marks(plot_history(info), "circle")]
        assert kinds == ["base", "second", "second", "first", "first"]
        (line,) = marks(plot_history(info), "polyline")
        assert line["class"] == "good"


class TestPareto:
    def test_numbers_and_picture(self, complete):
        evaluations = [complete(0, "a", 0.5, n_weights=10), complete(1, "b", 0.4, n_weights=20)]
        info = pareto_info(evaluations, {0}, ("score", "n_weights"), ACCURACY)
        assert (info.x, info.y) == ([10, 20], pytest.approx([50, 40]))
        assert info.are_in_front == [True, False]
        assert (info.x_label, info.y_label) == ("n_weights", "validation accuracy in %")
        assert [one["class"] for one in marks(plot_pareto(info), "circle")] == ["base", "first"]
