from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import KFold, StratifiedKFold

from pipelines.data.digest import folds_digest

Y = pd.Series(np.arange(60) % 3, name="y")
SPLITS = list(KFold(3, shuffle=True, random_state=0).split(Y))


def test_equal_folds_of_equal_targets():
    again = KFold(3, shuffle=True, random_state=0).split(Y)
    assert folds_digest(Y.rename("z").set_axis(range(5, 65)), again) == folds_digest(Y, SPLITS)


@pytest.mark.parametrize(
    ("y", "splits"),
    [
        (Y.mask(Y.index == 7, 9), SPLITS),
        (Y, SPLITS[::-1]),
        (Y, [(validation, train) for train, validation in SPLITS]),
        (Y, list(KFold(3, shuffle=True, random_state=1).split(Y))),
        (Y, list(StratifiedKFold(3).split(Y, Y))),
    ],
    ids=["another target", "another order", "other sides", "another seed", "another splitter"],
)
def test_other_folds(y, splits):
    assert folds_digest(y, splits) != folds_digest(Y, SPLITS)
