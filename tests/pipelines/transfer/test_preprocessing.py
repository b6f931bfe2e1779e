from __future__ import annotations

import re

import numpy as np
import pytest

from pipelines.errors import InputError
from pipelines.transfer.preprocessing import choose_preprocessing

ROWS = np.arange(100)


def test_taken_with_the_network_where_the_columns_are_there(tables, source):
    chosen = choose_preprocessing("auto", source, tables("like", columns="cabd"), ROWS)
    assert chosen.taken
    assert chosen.sentence == "Preprocessing is the source's, as it was fitted there."


@pytest.mark.parametrize("wanted", ["auto", "source", "new"])
def test_another_scale_is_told(tables, source, wanted):
    chosen = choose_preprocessing(wanted, source, tables("elsewhere", shift=3.0), ROWS)
    assert chosen.taken is (wanted != "new")
    assert re.search(
        r"\b[abc] by \+[23]\.\d deviations, (1|1\.\d|0\.\d+) times as wide", chosen.sentence
    )
    told = {
        True: "The target's rows lie elsewhere: ",
        False: "What the source knew as another place is brought to the middle, which the network "
        "cannot know: ",
    }
    assert told[chosen.taken] in chosen.sentence


def test_fitted_anew_where_columns_are_missing(tables, source):
    target = tables("narrow", columns="ad")
    chosen = choose_preprocessing("auto", source, target, ROWS)
    assert not chosen.taken
    assert "for they have no column 'b', 'c'" in chosen.sentence
    sentence = (
        "preprocessing=source needs the source's columns, but narrow has no column 'b', 'c'; use"
    )
    with pytest.raises(InputError, match=re.escape(sentence)):
        choose_preprocessing("source", source, target, ROWS)
