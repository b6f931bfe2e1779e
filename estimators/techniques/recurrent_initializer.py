"""Initial weights from a recurrent layer's state to itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from estimators._sklearn import StrOptions
from estimators.techniques.initializer import INITIALIZERS
from estimators.techniques.rule import Rule
from estimators.techniques.technique import (
    Hyperparameter,
    NetworkPlan,
    Reference,
    SearchDomain,
    Summary,
    Technique,
)

if TYPE_CHECKING:
    import keras

__all__ = ["RECURRENT_INITIALIZERS", "RecurrentInitializer", "recurrent_initializer_of"]

SAXE_2014 = Reference("Saxe2014", "Saxe et al. 2014", "https://arxiv.org/abs/1312.6120")
LE_2015 = Reference("Le2015", "Le et al. 2015", "https://arxiv.org/abs/1504.00941")

RECURRENT_INITIALIZERS = (
    *("orthogonal", "identity", "glorot_normal", "glorot_uniform"),
    *("he_normal", "he_uniform", "lecun_normal", "lecun_uniform"),
)


def recurrent_initializer_of(plan: NetworkPlan) -> keras.initializers.Initializer:
    """Make the initializer of a recurrent kernel, with a seed of its own."""
    import keras

    name, seed = plan.params["recurrent_initializer"], next(plan.seeds)
    if name == "identity":
        return keras.initializers.Identity()
    return getattr(keras.initializers, INITIALIZERS[name])(seed=seed)


class RecurrentInitializer(Technique):
    """How the weights through time begin."""

    hyperparameters = (
        Hyperparameter(
            "recurrent_initializer",
            "orthogonal",
            (StrOptions(set(RECURRENT_INITIALIZERS)),),
            '{"orthogonal", "identity", "glorot_normal", "glorot_uniform", "he_normal", '
            '"he_uniform", "lecun_normal", "lecun_uniform"}',
            "Initial weights from the state of a recurrent layer to its next one, which are applied "
            'once a step: "orthogonal" keeps the length of what they are applied to [Saxe2014]_; '
            '"identity" is for simple cells under relu [Le2015]_.',
            role="initialization",
            search=(SearchDomain(["orthogonal", "glorot_uniform"]),),
        ),
    )
    rules = (
        Rule(
            "identity is for simple cells",
            lambda setting: (
                setting["recurrent_initializer"] == "identity" and setting["cell"] != "simple"
            ),
            "identity gives the state of a {cell} to its first gate alone",
            "use recurrent_initializer='orthogonal', or cell='simple' with activation='relu'",
            str(LE_2015),
        ),
        Rule(
            "repeated products keep their length",
            lambda setting: (
                setting["cell"] == "simple"
                and setting["recurrent_initializer"] not in ("orthogonal", "identity")
            ),
            "{recurrent_initializer}, applied in each step, lets the state of a simple cell grow or "
            "fade with the number of steps",
            "use recurrent_initializer='orthogonal' or, under relu, 'identity'",
            f"{SAXE_2014}; {LE_2015}",
        ),
    )
    references = (LE_2015, SAXE_2014)
    summary = (
        Summary(
            "`recurrent_initializer`",
            "orthogonal, identity, glorot_*, he_*, lecun_* (normal, uniform)",
            "simple cells want orthogonal or, under relu, identity",
            (SAXE_2014, LE_2015),
        ),
    )
