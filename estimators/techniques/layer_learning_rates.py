"""Learning rates by depth."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from numbers import Real

import numpy as np

from estimators._sklearn import Interval
from estimators.techniques.references import HOWARD_2018
from estimators.techniques.rule import Rule
from estimators.techniques.technique import (
    Hyperparameter,
    Params,
    Summary,
    Technique,
)
from estimators.techniques.weight_depth import hidden_layer_of

__all__ = ["LayerLearningRates"]


class LayerLearningRates(Technique):
    """Discriminative fine-tuning: what lies deeper below the output learns more slowly."""

    hyperparameters = (
        Hyperparameter(
            "layer_learning_rates",
            1.0,
            (Interval(Real, 0, None, closed="neither"), "array-like"),
            "float or sequence of float",
            "Factor of the learning rate from a layer to the one before it: the output has the "
            "learning rate itself, the last hidden layer that times the factor, the one before it "
            "times its square, and so on; 1 / 2.6 is what [Howard2018]_ found to work. A sequence "
            "has the factor of each hidden layer, from the input on, 0 or more.",
        ),
    )
    rules = (
        Rule(
            "the first layers learn the most slowly",
            lambda setting: (
                isinstance(rates := setting["layer_learning_rates"], tuple)
                and list(rates) != sorted(rates)
            ),
            "with layer_learning_rates={layer_learning_rates} a layer learns faster than one that "
            "is nearer to the output, though the first layers are the ones that tasks have in common",
            "let the factors grow from the input on, or be equal",
            str(HOWARD_2018),
        ),
    )
    references = (HOWARD_2018,)
    summary = (
        Summary(
            "`layer_learning_rates`",
            "a factor from a layer to the one before it, or one for each hidden layer",
            "the first layers learn the most slowly",
            (HOWARD_2018,),
        ),
    )

    def faults(self, params: Params) -> Iterator[str]:
        rates = params["layer_learning_rates"]
        if isinstance(rates, str) or not isinstance(rates, Iterable):
            return
        listed = [*rates]
        wrong = [
            rate
            for rate in listed
            if not isinstance(rate, Real)
            or isinstance(rate, bool | np.bool_)
            or not 0 <= float(rate) < float("inf")
        ]
        if wrong:
            yield (
                "The 'layer_learning_rates' parameter of {estimator} must hold numbers of 0 or "
                f"more, one a hidden layer. Got {wrong[0]!r} among {rates!r}."
            )
        elif len(listed) != np.size(params["hidden_layer_sizes"]):
            yield (
                "The 'layer_learning_rates' parameter of {estimator} must be one number, or one a "
                f"hidden layer, {np.size(params['hidden_layer_sizes'])}. Got {rates!r}."
            )

    def resolve(self, params: Params) -> Params:
        """A factor for each hidden layer; 1.0 where all of them are 1."""
        rates, n_layers = params["layer_learning_rates"], np.size(params["hidden_layer_sizes"])
        if isinstance(rates, Real):
            rates = [float(rates) ** (n_layers - number) for number in range(n_layers)]
        of_layers = tuple(float(rate) for rate in rates)
        return {"layer_learning_rates": of_layers if set(of_layers) - {1.0} else 1.0}

    def factors(self, path: str, params: Params) -> Mapping[str, float]:
        number, rates = hidden_layer_of(path), params["layer_learning_rates"]
        if number is None or not isinstance(rates, tuple):
            return {}
        return {"learning_rate": rates[number]}

    def needs_engine(self, params: Params) -> str | None:
        if not isinstance(params["layer_learning_rates"], tuple):
            return None
        return "layer_learning_rates are not Keras'"
