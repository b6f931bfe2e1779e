"""Fit after fit, nothing piles up."""

from __future__ import annotations

import gc

import keras
import psutil
import pytest

MIXED = [
    {},
    {"activation": "selu"},
    {"batch_norm": "after_dense"},
    {"dropout": 0.2, "optimizer": "sgd"},
]


def networks():
    gc.collect()
    return sum(isinstance(each, keras.Model) for each in gc.get_objects())


def test_networks_are_freed(regression):
    for settings in MIXED:
        regression.fit(**settings)
    before = networks()
    for repetition in range(3):
        for settings in MIXED:
            regression.fit(random_state=repetition, **settings).predict(regression.X)
    assert networks() <= before


@pytest.mark.slow
def test_process_stays_as_large_as_it_is(classification):
    process = psutil.Process()

    def fit(number):
        model = classification.fit(random_state=number, **MIXED[number % len(MIXED)])
        model.predict(classification.X)

    for number in range(20):
        fit(number)
    gc.collect()
    before = process.memory_info().rss
    for number in range(100):
        fit(number)
    gc.collect()
    assert process.memory_info().rss - before < 8e6  # a new name for each variable takes 15e6
