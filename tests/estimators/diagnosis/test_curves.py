"""Figures of learning curves, worked out by hand."""

from __future__ import annotations

import math

import pytest

from estimators.diagnosis.curves import CurveFigures


def test_by_hand():
    history = {"loss": [8, 6, 4, 4.4, 2], "val_loss": [8, 4, 6, 6, 5]}
    figures = CurveFigures.of(history, constant=4.0)
    assert (figures.first, figures.last, figures.least, figures.worst) == (2, 0.5, 0.5, 2)
    assert figures.swings == 0.25  # one of four rises by 0.1
    assert (figures.best_epoch, figures.validation_least, figures.validation_last) == (2, 1, 1.25)
    assert figures.fall == pytest.approx(0.25)  # of the validation loss, from epoch 4 to 5
    assert figures.falls_by == pytest.approx(1 / 6)


def test_without_validation_rows():
    figures = CurveFigures.of({"loss": [4.0, 2.0]}, constant=1.0)
    assert figures.best_epoch == 0
    assert math.isnan(figures.validation_last)
    assert figures.fall == 2.0


def test_one_epoch():
    figures = CurveFigures.of({"loss": [4.0]}, constant=2.0)
    assert (figures.n_epochs, figures.fall, figures.swings) == (1, 0.0, 0.0)


@pytest.mark.filterwarnings("error")
def test_a_fit_that_diverged():
    figures = CurveFigures.of({"loss": [1.0, 3.0, math.nan]}, constant=1.0)
    assert not figures.is_finite
    assert (figures.n_epochs, figures.last, figures.swings) == (3, 3.0, 1.0)
    assert not CurveFigures.of({"loss": [math.nan]}, constant=1.0).is_finite
