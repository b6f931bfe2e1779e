from __future__ import annotations

import pytest
from click.testing import CliRunner

from pipelines import InputError
from pipelines.cli.compare import compare


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "of two searches or more, but runs names 0; give their ids"),
        (["--runs=a"], "but runs names 1"),
        (["--runs=a,b", "--output=a.pdf"], "The format of a.pdf cannot be told"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_read(options, message):
    error = CliRunner().invoke(compare, options).exception
    assert isinstance(error, InputError)
    assert message in str(error)
