from __future__ import annotations

import pytest

from pipelines.cli.types import Names, Optional


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        (" , ", ()),
        ("id", ("id",)),
        ("id, sold_at,", ("id", "sold_at")),
        ('"income, gross"', ("income, gross",)),
        ('id, "income, gross" ,town', ("id", "income, gross", "town")),
        ("5' 11\"", ("5' 11\"",)),
    ],
)
def test_names(text, expected):
    assert Names().convert(text, None, None) == expected


@pytest.mark.parametrize(("text", "expected"), [("", None), ("3", 3)])
def test_an_empty_text_is_none(text, expected):
    assert Optional(int).convert(text, None, None) == expected
