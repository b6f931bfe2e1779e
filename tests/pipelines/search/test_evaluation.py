from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from estimators import Finding
from pipelines.search import (
    Candidate,
    Evaluation,
    FoldResult,
    dump_evaluation,
    load_evaluation,
)


def fold(score, losses=(1.0,), **details):
    values = {
        "train_scores": {"accuracy": score + 0.1},
        "validation_scores": {"accuracy": score},
        "fit_seconds": 1.0,
        "score_seconds": 0.1,
        "epoch_seconds": 0.5,
        "predict_microseconds": 3.0,
        "n_weights": 7,
        "n_epochs": len(losses),
        "curves": {"loss": list(losses)},
    }
    return FoldResult(**{**values, **details})


def complete(*folds):
    return Evaluation(Candidate(0, {}, {}, "it"), "complete", None, folds, 0.0, 1.0)


class TestEvaluation:
    def test_means_and_deviation_over_the_folds(self):
        result = complete(fold(0.5, fit_seconds=1.0), fold(0.6), fold(0.7, fit_seconds=4.0))
        assert result.validation_mean("accuracy") == pytest.approx(0.6)
        assert result.train_mean("accuracy") == pytest.approx(0.7)
        assert result.validation_std("accuracy") == pytest.approx(math.sqrt(0.02 / 3))
        assert result.fit_seconds == pytest.approx(2.0)
        assert result.scores("accuracy", "validation").tolist() == [0.5, 0.6, 0.7]

    def test_curves_are_means_over_the_folds_that_got_so_far(self):
        result = complete(fold(0.5, [4.0, 2.0, 1.0]), fold(0.6, [2.0]), fold(0.7, [3.0, 4.0]))
        assert result.curves == {"loss": [3.0, 3.0, 1.0]}

    def test_an_epoch_in_which_one_fold_measured_nothing(self):
        result = complete(fold(0.5, [4.0, math.nan]), fold(0.6, [2.0, 1.0]))
        assert result.curves == {"loss": [3.0, 1.0]}

    @pytest.mark.filterwarnings("error")
    def test_an_epoch_in_which_no_fold_measured_anything(self):
        result = complete(fold(0.5, [math.nan, 4.0]), fold(0.6, [math.nan]))
        first, second = result.curves["loss"]
        assert math.isnan(first)
        assert second == 4.0

    @pytest.mark.filterwarnings("error")
    def test_of_nothing_everything_is_nan(self):
        result = complete()
        numbers = [
            result.validation_mean("accuracy"),
            result.validation_std("accuracy"),
            result.train_mean("accuracy"),
            result.fit_seconds,
        ]
        assert np.isnan(numbers).all()
        assert result.curves == {}
        assert result.scores("accuracy", "train").shape == (0,)


class TestJSON:
    def test_what_is_written_is_read(self):
        candidate = Candidate(3, {"model__activation": "relu"}, {}, "relu", fingerprint="abc")
        evaluation = replace(
            complete(fold(0.5, activations={"dead": [0.25]}), fold(0.6, [2.0, 1.0])),
            candidate=candidate,
            warnings=("careful",),
            findings=(Finding("dead units", "90 % of them", "Do this.", ({"dropout": 0.0},)),),
            figures={"score": 0.5, "dead": [0.9, 0.0]},
            figures_by_epoch={"dead": [[0, 0.0], [3, 0.9]]},
        )
        read = load_evaluation(dump_evaluation(evaluation))
        assert (read.candidate.name, read.candidate.fingerprint) == ("relu", "abc")
        assert read.of(candidate) == evaluation

    def test_one_of_a_version_that_did_not_diagnose(self):
        content = json.loads(dump_evaluation(complete(fold(0.5))))
        del content["findings"], content["figures"], content["figures_by_epoch"]
        read = load_evaluation(json.dumps(content))
        assert (read.findings, read.figures) == ((), {})

    def test_one_that_was_not_finished(self):
        evaluation = Evaluation(
            Candidate(0, {}, {}, "it"),
            "pruned",
            "Pruned after epoch 1.",
            (),
            1.0,
            2.0,
            unfinished=({"loss": [1.0]}, {}),
        )
        read = load_evaluation(dump_evaluation(evaluation))
        assert read.of(evaluation.candidate) == evaluation
