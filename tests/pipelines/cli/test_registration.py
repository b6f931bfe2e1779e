from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from pipelines import Dataset, InputError
from pipelines.cli.registration import register_best
from pipelines.tracker import Champion

RNG = np.random.default_rng(0)
X = pd.DataFrame(RNG.normal(size=(200, 2)), columns=["a", "b"])
DATA = Dataset("sums", X, X["a"] + RNG.normal(size=200) / 9, "regression", "table", "made up")
DEVELOPMENT, TEST = DATA.split()


class Registry:
    """What a tracker needs here."""

    def __init__(self, champion=None):
        self.champion = champion

    def find_champion(self, name):
        if isinstance(self.champion, Exception):
            raise self.champion
        return self.champion

    def register_model(self, model, name, *, card, tags, champion):
        self.registered = (model, name, card, champion)
        self.tags = tags
        return f"{name}/7"


def fitted(*columns):
    model = make_pipeline(StandardScaler(), LinearRegression())
    return model.fit(DEVELOPMENT.X[list(columns)], DEVELOPMENT.y)


def registered(pipeline, champion):
    registry = Registry(champion)
    arguments = ("models:/m", "# Card", DEVELOPMENT, TEST, "r2", registry)
    return register_best(pipeline, *arguments), registry


def test_the_first_one_is_the_champion():
    sentence, registry = registered(fitted("a"), None)
    assert sentence == "Registered as sums/7, the champion: there was none."
    assert registry.registered == ("models:/m", "sums", "# Card", True)
    assert registry.tags["development_digest"] == DEVELOPMENT.digest
    assert registry.tags["test_digest"] == TEST.digest


def test_one_that_is_shown_to_be_better():
    present = Champion("sums/6", fitted("b"), DEVELOPMENT.digest)
    sentence, registry = registered(fitted("a"), present)
    assert sentence.startswith("Registered as sums/7, the champion in place of sums/6: r2 0.9")
    assert sentence.endswith("on the same 40 rows.")
    assert registry.registered[-1] is True


@pytest.mark.parametrize(
    ("columns", "shown"), [(["b"], "shown to be worse"), (["a"], "not shown to be better")]
)
def test_one_that_is_not(columns, shown):
    present = Champion("sums/6", fitted("a"), "of other rows")
    sentence, registry = registered(fitted(*columns), present)
    assert f"sums/7, which is {shown} than sums/6: r2" in sentence
    assert sentence.endswith("some of them may be ones that sums/6 was trained on.")
    assert registry.registered[-1] is False


def test_a_champion_that_cannot_be_asked():
    other = make_pipeline(StandardScaler(), LinearRegression())
    other.fit(DEVELOPMENT.X.rename(columns={"a": "c"}), DEVELOPMENT.y)
    for present in (Champion("sums/6", other, ""), InputError("no model")):
        sentence, registry = registered(fitted("a"), present)
        assert "cannot predict these rows (" in sentence
        assert registry.registered[-1] is False
