from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.space import Choice, Layers, Range
from pipelines.space.domains import same


def answering(answers, asked=None):
    """A function that answers from a mapping, and writes down what it was asked."""

    def suggest(key, domain):
        if asked is not None:
            asked.append(key)
        return answers[key]

    return suggest


class TestSame:
    @pytest.mark.parametrize(
        ("one", "other", "expected"),
        [
            (1, 1.0, True),
            (0, False, False),
            (True, True, True),
            (None, False, False),
            ([100, 50], (100, 50), True),
            ((100,), (100, 50), False),
            ((1,), (True,), False),
            ("relu", "relu", True),
        ],
    )
    def test_values(self, one, other, expected):
        assert same(one, other) is expected
        assert same(other, one) is expected


class TestChoice:
    def test_one_value_is_not_asked_for(self):
        assert Choice((5,)).draw("epochs", answering({})) == 5
        assert Choice((5,)).find("epochs", 5) == {}

    @pytest.mark.parametrize("value", [None, "before_dense", 0.5, True, (100, 50)])
    def test_what_is_found_is_drawn(self, value):
        choice = Choice((None, "before_dense", 0.5, True, (100, 50), (100,)))
        found = choice.find("it", value)
        assert same(choice.draw("it", answering(found)), value)

    def test_sequences_are_told_as_text(self):
        choice = Choice(((100, 50), (50,)))
        assert choice.labels == ("100-50", "50")
        assert choice.draw("sizes", answering({"sizes": "100-50"})) == (100, 50)

    @pytest.mark.parametrize("value", [0, False, "tanh", None])
    def test_what_it_does_not_have(self, value):
        assert Choice((1, True, "relu")).find("it", value) is None


class TestRange:
    @pytest.mark.parametrize(
        ("space", "inside", "outside"),
        [
            (Range(0.0, 0.5), [0.0, 0.25, 0.5, 0], [-0.1, 0.51, True, None, "0.2"]),
            (Range(1, 5), [1, 5, 3.0], [0, 6, 2.5]),
            (Range(0.0, 0.5, step=0.1), [0.0, 0.1, 0.3, 0.5], [0.05, 0.31]),
            (Range(10, 50, step=20), [10, 30, 50], [20, 60]),
            (Range(1e-4, 0.1, log=True), [1e-4, 1e-3, 0.1], [0.0, 0.2]),
        ],
    )
    def test_what_lies_in_it(self, space, inside, outside):
        assert [space.find("it", value) for value in inside] == [{"it": value} for value in inside]
        assert [space.find("it", value) for value in outside] == [None] * len(outside)

    @pytest.mark.parametrize(
        ("space", "whole"),
        [
            (Range(1, 5), True),
            (Range(1, 5, step=2), True),
            (Range(1, 5, step=0.5), False),
            (Range(1, 5.0), False),
        ],
    )
    def test_whole_where_both_ends_are(self, space, whole):
        assert space.is_whole is whole


class TestLayers:
    def test_depth_then_each_width(self):
        asked = []
        answers = {"sizes depth": 2, "sizes 1": 50, "sizes 2": 10, "sizes 3": 10}
        layers = Layers(Range(1, 3), Choice((10, 50)))
        assert layers.draw("sizes", answering(answers, asked)) == (50, 10)
        assert asked == ["sizes depth", "sizes 1", "sizes 2"]

    @given(st.lists(st.sampled_from([10, 50, 100]), min_size=1, max_size=4))
    def test_what_is_found_is_drawn(self, sizes):
        layers = Layers(Range(1, 4), Choice((10, 50, 100)))
        assert layers.draw("sizes", answering(layers.find("sizes", sizes))) == tuple(sizes)

    def test_a_number_is_one_layer(self):
        layers = Layers(Range(1, 3), Range(1, 100))
        assert layers.find("sizes", 50) == {"sizes depth": 1, "sizes 1": 50}

    @pytest.mark.parametrize("sizes", [(10, 10, 10), (20,), ()])
    def test_what_it_does_not_have(self, sizes):
        assert Layers(Range(1, 2), Choice((10, 50))).find("sizes", sizes) is None
