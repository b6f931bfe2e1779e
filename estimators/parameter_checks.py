"""What an estimator's parameters are checked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from estimators.ensemble import variants_of
from estimators.techniques import (
    Technique,
    build_hyperparameters,
    check_parameters,
    check_unchanged,
    hyperparameters_of,
    resolve,
)

if TYPE_CHECKING:
    import keras

__all__ = ["ParameterChecks"]


class ParameterChecks:
    """Part of the estimators: refuses parameters before anything is built from them."""

    techniques: ClassVar[tuple[Technique, ...]]
    model_: keras.Model
    _built_from: dict[str, Any]

    def _check_params(self) -> dict[str, Any]:
        """Raise one error that names every fault of the parameters; return them resolved."""
        self._validate_params()
        return resolve(self.techniques, hyperparameters_of(self))

    def _validate_params(self) -> None:
        params = hyperparameters_of(self)
        check_parameters(self.techniques, params, type(self).__name__)
        for each in variants_of(params):
            check_parameters(self.techniques, each, type(self).__name__)

    def _check_partial(self, params: dict[str, Any]) -> None:
        """Refuse an ensemble, and drop what is over a whole fit."""
        if params.get("n_members", 1) > 1 and params.get("member_sharing") is None:
            raise ValueError(
                f"partial_fit trains one network, but n_members={params['n_members']} makes an "
                "ensemble: set n_members=1, or call fit."
            )
        params["weight_averaging"] = None  # a mean is one over a whole fit

    def _check_unchanged(self, params: Mapping[str, Any]) -> None:
        """Refuse to go on with a network that the hyperparameters no longer describe."""
        if not hasattr(self, "_built_from"):
            return
        now = build_hyperparameters(self.techniques, params)
        changes = check_unchanged(self._built_from, now, type(self).__name__)
        if "learning_rate" in changes:
            self.model_.optimizer.learning_rate = changes["learning_rate"]
        self._built_from = now
