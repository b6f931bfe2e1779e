from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pipelines.data import Dataset
from pipelines.data.sequences import flat_table
from pipelines.study.report.gradients import gradients_info, plot_gradients


def sequences(task):
    generator = np.random.default_rng(0)
    X = generator.normal(size=(60, 20, 2))
    X[:, 15:] = np.nan
    X[:5, 15:18] = 1.0  # a few are longer; none has the last two steps
    y = pd.Series(X[:, 0, 0]) if task == "regression" else pd.Series(np.repeat(list("abc"), 20))
    table = flat_table(X, ["u", "v"])
    return Dataset("some", table, y, task, "sequence", "", channels=("u", "v"))


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_the_first_steps_matter_less_than_the_last(task):
    info = gradients_info(sequences(task))
    norms = dict(zip(info.names, info.norms, strict=True))
    assert len(norms) == 6
    for one in norms.values():
        assert np.isfinite(one[:18]).all()
        assert (one[:18] > 0).all()
        assert np.isnan(one[18:]).all()
        assert one[0] < one[14]


def test_a_line_for_each_network():
    figure = plot_gradients(gradients_info(sequences("regression")))
    (axes,) = figure.axes
    assert [line.get_label() for line in axes.lines][:2] == [
        "simple, orthogonal",
        "simple, glorot uniform",
    ]
    assert len(axes.lines[0].get_xdata()) == 20
