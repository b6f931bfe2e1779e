"""Parts of dates by arithmetic alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

onnxruntime = pytest.importorskip("onnxruntime", reason="the extra onnx is not installed")

from pipelines.export.calendar import date_parts  # noqa: E402
from pipelines.export.graph import Graph  # noqa: E402
from pipelines.preprocessing import DateParts  # noqa: E402


def test_parts_are_those_of_the_preprocessing():
    """Every day of five centuries, leap years of all kinds among them, and no date at all."""
    days = pd.date_range("1799-12-30", "2203-03-02", freq="D", unit="s")
    when = days + pd.to_timedelta(np.arange(len(days)) % 86_400, unit="s")
    table = pd.DataFrame({"day": days, "when": when})
    table.iloc[5] = pd.NaT
    transformer = DateParts({"day": "datetime", "when": "datetime"}).fit(table)
    graph = Graph()
    inputs = [graph.input(name, "double", 1) for name in table]
    parts = date_parts(graph, inputs, transformer.with_clock_)
    expected = transformer.transform(table)
    graph.output(parts, "parts", "double", expected.shape[1])
    seconds = {
        name: ((column - pd.Timestamp(0)) / pd.Timedelta(seconds=1)).to_numpy()[:, None]
        for name, column in table.items()
    }
    session = onnxruntime.InferenceSession(graph.model({}).SerializeToString())
    (found,) = session.run(None, seconds)
    np.testing.assert_allclose(found, expected, atol=1e-9)
