from __future__ import annotations

import math
from dataclasses import replace

import pytest

from pipelines.report.figures import (
    curves_info,
    parallel_info,
    plot_curves,
    plot_parallel,
    plot_tradeoff,
    tradeoff_info,
)
from pipelines.search import Candidate


def configured(evaluation, **hyperparameters):
    candidate = Candidate(0, {}, hyperparameters, evaluation.candidate.name)
    return replace(evaluation, candidate=candidate)


class TestTradeoff:
    def test_numbers(self, evaluations):
        info = tradeoff_info(evaluations, "accuracy")
        assert info.names == ["elu", "selu, lecun_normal"]
        assert info.seconds == [1.5, 1.5]
        assert info.scores == pytest.approx([0.7, 0.8])
        assert info.deviations == pytest.approx([0.1, 0.1])
        assert info.metric == "accuracy"

    def test_picture(self, evaluations):
        info = tradeoff_info(evaluations, "f1_macro")
        figure = plot_tradeoff(info)
        (points,) = figure.data
        assert list(points.x) == info.seconds
        assert list(points.y) == info.scores
        assert list(points.text) == info.names
        assert list(points.error_y.array) == info.deviations
        assert "validation f1_macro" in figure.layout.yaxis.title.text
        assert "seconds" in figure.layout.xaxis.title.text

    def test_the_best_is_named(self, complete):
        scores = {"a": 0.1, "b": math.nan, "c": 0.9, "d": 0.7}
        evaluations = [
            complete(n, *item, fit_seconds=n) for n, item in enumerate(scores.items(), start=1)
        ]
        (note,) = plot_tradeoff(tradeoff_info(evaluations, "accuracy")).layout.annotations
        assert (note.text, note.x, note.y) == ("c", 3, pytest.approx(0.9))


class TestCurves:
    def test_numbers_best_first(self, evaluations):
        info = curves_info(evaluations, "accuracy")
        assert info.names == ["selu, lecun_normal", "elu"]
        assert info.train == [[3.0, 2.0, 1.0], [2.0, 1.0]]
        assert info.validation == [[6.0, 4.0, 2.0], [4.0, 2.0]]

    def test_only_some_and_a_score_that_is_no_number_is_no_good(self, complete):
        scores = [0.1, math.nan, 0.5, 0.3]
        evaluations = [complete(n, f"{score}", score) for n, score in enumerate(scores)]
        assert curves_info(evaluations, "accuracy", n_best=2).names == ["0.5", "0.3"]
        assert curves_info(evaluations, "accuracy").names == ["0.5", "0.3", "0.1", "nan"]

    def test_curves_without_validation_rows(self, complete):
        info = curves_info([complete(0, "a", 0.5, curves={"loss": [2.0, 1.0]})], "accuracy")
        assert info.validation == [None]
        (curve,) = plot_curves(info).data
        assert (list(curve.y), curve.line.dash, curve.showlegend) == ([2.0, 1.0], "dot", True)

    def test_picture(self, evaluations):
        info = curves_info(evaluations, "accuracy")
        figure = plot_curves(info)
        drawn = [(curve.name, curve.line.dash, list(curve.y)) for curve in figure.data]
        assert drawn == [
            ("selu, lecun_normal", "dot", [3.0, 2.0, 1.0]),
            ("selu, lecun_normal", "solid", [6.0, 4.0, 2.0]),
            ("elu", "dot", [2.0, 1.0]),
            ("elu", "solid", [4.0, 2.0]),
        ]
        assert [list(curve.x) for curve in figure.data][:3] == [[1, 2, 3], [1, 2, 3], [1, 2]]
        assert [curve.showlegend for curve in figure.data] == [False, True, False, True]
        colours = [curve.line.color for curve in figure.data]
        assert colours[0] == colours[1] != colours[2] == colours[3]


class TestParallel:
    def test_numbers_of_what_varies(self, complete, failed):
        evaluations = [
            configured(complete(0, "a", 0.5), layers=(8, 4), rate=0.1, clip=None, epochs=20),
            configured(failed(1, "b", "broke"), layers=(9,), rate=0.2, clip=1.0, epochs=30),
            configured(complete(2, "c", 0.7), layers=(8,), rate=0.3, clip=1.0, epochs=20),
        ]
        info = parallel_info(evaluations, "accuracy")
        assert info.columns == {
            "layers": [(8, 4), (8,)],
            "rate": [0.1, 0.3],
            "clip": [None, 1.0],
        }
        assert info.scores == pytest.approx([0.5, 0.7])
        assert info.metric == "accuracy"

    def test_picture(self, complete):
        evaluations = [
            configured(complete(0, "a", 0.5), layers=(8, 4), rate=0.1, norm=None, slow=True),
            configured(complete(1, "b", 0.7), layers=(8,), rate=0.3, norm="after", slow=False),
        ]
        figure = plot_parallel(parallel_info(evaluations, "accuracy"))
        (lines,) = figure.data
        layers, rate, norm, slow, score = lines.dimensions
        assert (layers.label, layers.ticktext, layers.values) == ("layers", ("8", "8-4"), (1, 0))
        assert (rate.label, rate.ticktext, rate.values) == ("rate", None, (0.1, 0.3))
        assert (norm.label, norm.ticktext, norm.values) == ("norm", ("after", "none"), (1, 0))
        assert (slow.label, slow.ticktext, slow.values) == ("slow", ("false", "true"), (1, 0))
        assert layers.tickvals == (0, 1)
        assert score.label == "validation accuracy"
        assert score.values == pytest.approx((0.5, 0.7))
        assert lines.line.color == pytest.approx((0.5, 0.7))
