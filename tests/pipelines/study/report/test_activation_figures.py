from __future__ import annotations

import numpy as np

from pipelines.study.report.activation_figures import (
    dead_info,
    moments_info,
    plot_dead,
    plot_moments,
)

ACTIVATIONS = {"mean": [0.1, 0.2], "deviation": [1.0, 1.1], "dead": [0.0, 0.5]}


def test_moments(tried):
    info = moments_info((tried("drift", [0.5, 0.6], [0.5, 0.6], activations=ACTIVATIONS),))
    assert info.labels == ["the arm", "the base"]
    assert info.means[0].tolist() == [[0.1, 0.2]] * 2
    assert info.deviations[1].tolist() == [[1.0, 1.1]] * 2
    assert len(plot_moments(info).axes) == 2


def test_dead_units_leave_out_what_diverged(tried):
    info = dead_info((tried("dead", [0.5, np.nan], [0.5, 0.6], activations=ACTIVATIONS),))
    assert info.shares[0].tolist() == [[0.0, 0.5]]
    assert info.shares[1].shape == (2, 2)
    assert plot_dead(info).axes[0].get_ylabel() == "dead units"


def test_other_quantities_are_not_in_them(tried):
    claims = (tried("score", [0.5, 0.6], [0.5, 0.6]),)
    assert moments_info(claims).labels == dead_info(claims).labels == []
    assert plot_dead(dead_info(claims))
    assert plot_moments(moments_info(claims))
