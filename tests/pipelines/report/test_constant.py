from __future__ import annotations

import numpy as np
import pandas as pd

from pipelines.report.constant import constant_scores

ROWS = np.arange(8)
SPLITS = [(ROWS[:4], ROWS[4:]), (ROWS[4:], ROWS[:4])]
Y = pd.Series([*"aaba", *"bbab"])


def test_the_baseline_counts_where_it_was_fitted(baselines):
    scores = constant_scores("accuracy", SPLITS, baselines=baselines, y=Y)
    assert scores.tolist() == [0.25, 0.35]


def test_the_most_frequent_class_of_the_training_rows():
    assert constant_scores("accuracy", SPLITS, y=Y).tolist() == [0.25, 0.25]


def test_what_holds_of_every_constant():
    assert constant_scores("r2", SPLITS, y=Y).tolist() == [0.0, 0.0]
    assert constant_scores("roc_auc", SPLITS).tolist() == [0.5, 0.5]


def test_what_is_not_known():
    assert constant_scores("accuracy", SPLITS) is None
    assert constant_scores("neg_root_mean_squared_error", SPLITS, y=Y) is None
