from __future__ import annotations

import re

import pytest

from estimators.techniques import RECURRENT_CLASSIFIER_TECHNIQUES, check_parameters, defaults

RATE = "high learning rate wants clipping"
SCALE = "input of one scale"


def test_the_defaults_break_nothing(recurrent_rules):
    assert recurrent_rules.broken() == {}


@pytest.mark.parametrize(
    ("params", "breaks"),
    [
        ({"learning_rate": 0.01}, True),
        ({"learning_rate": 0.009}, False),
        ({"learning_rate": 0.5, "clipnorm": 1.0}, False),
        ({"learning_rate": 0.5, "clipvalue": 1.0}, False),
        ({"learning_rate": 0.5, "global_clipnorm": 1.0}, False),
        ({"learning_rate": 0.05, "optimizer": "sgd"}, False),
        ({"learning_rate": 0.1, "optimizer": "sgd"}, True),
    ],
)
def test_a_high_rate_wants_clipping(params, breaks, recurrent_rules):
    assert (RATE in recurrent_rules.broken(**params)) is breaks


def test_the_sentence_names_remedy_and_paper(recurrent_rules):
    sentence = recurrent_rules.broken(learning_rate=0.1)[RATE]
    assert re.search(
        r"learning_rate=0.1 of adam.*global_clipnorm=1.0.*Pascanu et al. 2013", sentence
    )


def test_channels_want_one_scale(recurrent_rules):
    assert SCALE in recurrent_rules.broken(factor=100)
    assert SCALE not in recurrent_rules.broken(factor=5)
    assert SCALE not in recurrent_rules.broken(factor=100, batch_norm=True)


@pytest.mark.parametrize(
    ("sizes", "sentence"),
    [((), "one recurrent layer or more"), ((4, 0), "ints of 1 or more"), ((True,), "Got True")],
)
def test_impossible_sizes(sizes, sentence):
    params = {**defaults(RECURRENT_CLASSIFIER_TECHNIQUES), "hidden_layer_sizes": sizes}
    with pytest.raises(ValueError, match=sentence):
        check_parameters(RECURRENT_CLASSIFIER_TECHNIQUES, params, "Estimator")
