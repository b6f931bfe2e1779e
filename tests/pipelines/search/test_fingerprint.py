"""What an evaluation depends on, and what it does not."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import keras
import pytest
from sklearn.model_selection import KFold

from pipelines.search import Candidate, fingerprinted

ROOT = Path(__file__).parents[3]
SCRIPT = """
from sklearn.model_selection import KFold
from pipelines import load_dataset, make_pipeline
from pipelines.search import Candidate, fingerprinted
iris = load_dataset("iris")
(one,) = fingerprinted(
    [Candidate(0, {"model__hidden_layer_sizes": (50,)}, {}, "it")],
    make_pipeline(iris, preset="plain", random_state=0), iris.X, iris.y,
    splits=list(KFold(3).split(iris.X)), metrics=["accuracy"],
)
print(one.fingerprint)
"""


def fingerprint(dataset, pipeline, folds=3, metrics=("accuracy",), number=0, **params):
    candidate = Candidate(number, {f"model__{k}": v for k, v in params.items()}, {}, "it")
    (one,) = fingerprinted(
        [candidate],
        pipeline,
        dataset.X,
        dataset.y,
        splits=list(KFold(folds).split(dataset.X)),
        metrics=metrics,
    )
    return one.fingerprint


def test_equal_in_every_process(capsys):
    elsewhere = subprocess.run(
        [sys.executable, "-c", SCRIPT], check=True, capture_output=True, text=True, cwd=ROOT
    ).stdout
    exec(SCRIPT, {})
    assert capsys.readouterr().out == elsewhere
    assert len(elsewhere.strip()) == 32


def test_a_default_that_is_spelt_out_is_the_same(classes, quick):
    plain = fingerprint(classes, quick(classes))
    assert fingerprint(classes, quick(classes), activation="relu") == plain
    assert fingerprint(classes, quick(classes), number=7) == plain


def test_the_order_of_a_dict_is_none(classes, quick):
    factors = {"bias": 0.1, "scale": 6.0}
    one = fingerprint(classes, quick(classes), learning_rate_factors=factors)
    turned = dict(reversed(factors.items()))
    assert fingerprint(classes, quick(classes), learning_rate_factors=turned) == one
    factors["scale"] = 1.0
    assert fingerprint(classes, quick(classes), learning_rate_factors=factors) != one


@pytest.mark.parametrize(
    "other",
    [
        {"activation": "elu"},
        {"learning_rate": 0.5},
        {"hidden_layer_sizes": (4, 4)},
        {"random_state": 1},
        {"folds": 4},
        {"metrics": ("f1_macro",)},
    ],
    ids=lambda other: next(iter(other)),
)
def test_what_counts(classes, quick, other):
    assert fingerprint(classes, quick(classes), **other) != fingerprint(classes, quick(classes))


def test_data_and_preprocessing_count(classes, quick):
    plain = fingerprint(classes, quick(classes))
    changed = classes.X.copy()
    changed.iloc[3, 1] += 1e-6
    assert fingerprint(replace(classes, X=changed), quick(classes)) != plain
    renamed = classes.X.rename(columns={"length": "depth"})
    assert fingerprint(replace(classes, X=renamed), quick(classes)) != plain
    assert fingerprint(classes, quick(classes, scaling="robust")) != plain


def test_what_cannot_be_pickled_has_none(classes, quick):
    callback = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: None)
    assert fingerprint(classes, quick(classes), callbacks=[callback]) is None


def test_a_network_to_begin_with_counts_by_what_it_has_learned(classes, quick):
    """Its parameters do not tell; and it is the same wherever it comes from."""
    sources = [quick(classes).fit(classes.X, classes.y) for _ in range(2)]
    other = quick(classes).set_params(model__random_state=5).fit(classes.X, classes.y)
    prints = [fingerprint(classes, quick(classes), init_from=one) for one in (*sources, other)]
    assert prints[0] == prints[1]
    assert len({*prints, fingerprint(classes, quick(classes))}) == 3
