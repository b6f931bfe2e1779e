"""Learning rates by kind of weight."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from numbers import Real

from estimators.techniques.references import HOLZMULLER_2024
from estimators.techniques.technique import (
    Hyperparameter,
    Params,
    Summary,
    Technique,
)
from estimators.techniques.weight_kind import WEIGHT_KINDS, weight_kind

__all__ = ["LearningRateFactors"]


class LearningRateFactors(Technique):
    """Some kinds of weights learn faster than others."""

    hyperparameters = (
        Hyperparameter(
            "learning_rate_factors",
            None,
            (dict, None),
            "dict or None",
            'Factor of the learning rate by kind of weight, "kernel", "bias", "activation", "scale" '
            'or "embedding"; 1 for those that are left out, 0 leaves weights as they are. RealMLP '
            "has 0.1 for biases, activations and embeddings of numbers, 6 for scales of the input "
            "[Holzmuller2024]_.",
        ),
    )
    references = (HOLZMULLER_2024,)
    summary = (
        Summary(
            "`learning_rate_factors`",
            "none, or a dict by kind of weight (" + ", ".join(WEIGHT_KINDS) + ")",
            "",
            (HOLZMULLER_2024,),
        ),
    )

    def faults(self, params: Params) -> Iterator[str]:
        factors = params["learning_rate_factors"]
        if not isinstance(factors, dict):
            return
        wrong = {
            kind: factor
            for kind, factor in factors.items()
            if kind not in WEIGHT_KINDS
            or not isinstance(factor, Real)
            or isinstance(factor, bool)
            or not 0 <= float(factor) < float("inf")
        }
        if wrong:
            yield (
                "The 'learning_rate_factors' parameter of {estimator} must have numbers of 0 or "
                f"more by kind of weight, which is one of {', '.join(WEIGHT_KINDS)}. Got {wrong!r}."
            )

    def resolve(self, params: Params) -> Params:
        """A tuple of pairs, sorted, without factors of 1; None where nothing is left."""
        factors = dict(params["learning_rate_factors"] or ())
        pairs = sorted((kind, float(factor)) for kind, factor in factors.items() if factor != 1)
        return {"learning_rate_factors": tuple(pairs) or None}

    def factors(self, path: str, params: Params) -> Mapping[str, float]:
        factors = dict(params["learning_rate_factors"] or ())
        return {"learning_rate": factors.get(weight_kind(path), 1.0)}

    def needs_engine(self, params: Params) -> str | None:
        if params["learning_rate_factors"] is None:
            return None
        return "learning_rate_factors are not Keras'"
