"""Residual connections around hidden layers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from estimators.techniques.parametrization import projection
from estimators.techniques.technique import (
    Hyperparameter,
    NetworkPlan,
    Reference,
    Summary,
    Technique,
)

__all__ = ["Residual"]

HE_2016 = Reference("He2016", "He et al. 2016", "https://arxiv.org/abs/1512.03385")
GORISHNIY_2021 = Reference(
    "Gorishniy2021", "Gorishniy et al. 2021", "https://arxiv.org/abs/2106.11959"
)


class Residual(Technique):
    """Layers that learn what is to be added to their input."""

    hyperparameters = (
        Hyperparameter(
            "residual",
            False,
            ("boolean",),
            "bool",
            "Whether the input of each hidden layer is added to its output, after activation and "
            "dropout, and by a learned projection where the widths differ [He2016]_; the first "
            "layer, which brings the input to its width, has no such connection, as in residual "
            "networks for tables [Gorishniy2021]_.",
        ),
    )
    references = (HE_2016, GORISHNIY_2021)
    summary = (
        Summary(
            "`residual`",
            "off or on",
            "from the second hidden layer on; projected where widths differ",
            (HE_2016, GORISHNIY_2021),
        ),
    )

    def hidden_layer(
        self, layers: Sequence[Callable[..., Any]], plan: NetworkPlan
    ) -> Sequence[Callable[..., Any]]:
        sizes, index = plan.params["hidden_layer_sizes"], plan.index
        if not plan.params["residual"] or index == 0:
            return layers
        import keras

        added = keras.layers.Add(name=f"residual_{index}", dtype="float32")
        projected: Callable[..., Any] = _unchanged
        if sizes[index] != sizes[index - 1]:
            projected = projection(plan, sizes[index], name=f"projection_{index}")

        def with_shortcut(inputs: Any) -> Any:
            outputs = inputs
            for layer in layers:
                outputs = layer(outputs)
            return added([projected(inputs), outputs])

        return [with_shortcut]


def _unchanged(inputs: Any) -> Any:
    return inputs
