"""Ranks mapped to a normal distribution."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.preprocessing import QuantileTransformer

onnxruntime = pytest.importorskip("onnxruntime", reason="the extra onnx is not installed")

from pipelines.export.graph import Graph  # noqa: E402
from pipelines.export.normal_quantile import normal_scores  # noqa: E402

RNG = np.random.default_rng(0)


def scores(x, quantiles, references):
    graph = Graph()
    found = normal_scores(graph, graph.input("x", "double", x.shape[1]), quantiles, references)
    graph.output(found, "scores", "double", x.shape[1])
    session = onnxruntime.InferenceSession(graph.model({}).SerializeToString())
    return session.run(None, {"x": x})[0]


@pytest.mark.parametrize("n_quantiles", [2, 7, 8, 1000])
def test_scores_are_those_of_scikit_learn(n_quantiles):
    """Ties within, constant columns, what lies on a quantile, beside one, and far outside."""
    X = np.column_stack(
        [
            RNG.normal(size=2000),
            RNG.integers(0, 4, 2000),
            np.where(RNG.random(2000) < 0.7, 0.0, RNG.exponential(size=2000)),
            np.full(2000, 3.0),
        ]
    )
    transformer = QuantileTransformer(
        n_quantiles=n_quantiles, output_distribution="normal", random_state=0
    ).fit(X)
    quantiles = transformer.quantiles_
    for x in (X, 3 * X - 1, quantiles, quantiles + 1e-9, quantiles - 1e-9):
        found = scores(x, quantiles, transformer.references_)
        np.testing.assert_allclose(found, transformer.transform(x), atol=1e-9)


def test_the_quantile_function():
    """Between two quantiles, 0 and 1, the rank is the number itself."""
    ranks = np.concatenate([np.linspace(1e-6, 1 - 1e-6, 10_001), np.logspace(-6.5, -1, 100)])
    found = scores(ranks[:, None], np.array([[0.0], [1.0]]), np.array([0.0, 1.0]))[:, 0]
    np.testing.assert_allclose(found, norm.ppf(ranks), rtol=1e-10, atol=1e-12)
