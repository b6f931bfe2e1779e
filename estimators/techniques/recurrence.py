"""Depth, width and cells of a recurrent network: the recurrent layers themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np

from estimators._sklearn import Interval, StrOptions
from estimators.techniques.architecture import LECUN_1998, faulty_sizes, resolved_sizes
from estimators.techniques.gradient_clipping import PASCANU_2013, is_clipped
from estimators.techniques.initializer import kernel_initializer_of
from estimators.techniques.parametrization import glorot_dense
from estimators.techniques.recurrent_initializer import recurrent_initializer_of
from estimators.techniques.rule import Rule, Setting
from estimators.techniques.technique import (
    Hyperparameter,
    NetworkPlan,
    Params,
    Reference,
    SearchDomain,
    Stage,
    Summary,
    Technique,
)

if TYPE_CHECKING:
    import keras

__all__ = ["CELL_TYPES", "Recurrence"]

# Names of Keras' classes.
CELL_TYPES: dict[str, str] = {"simple": "SimpleRNN", "lstm": "LSTM", "gru": "GRU"}

ELMAN_1990 = Reference("Elman1990", "Elman 1990", "https://doi.org/10.1207/s15516709cog1402_1")
HOCHREITER_1997 = Reference(
    "Hochreiter1997",
    "Hochreiter and Schmidhuber 1997",
    "https://doi.org/10.1162/neco.1997.9.8.1735",
)
CHO_2014 = Reference("Cho2014", "Cho et al. 2014", "https://arxiv.org/abs/1406.1078")
GRAVES_2012 = Reference("Graves2012", "Graves 2012", "https://doi.org/10.1007/978-3-642-24797-2")
SCHUSTER_1997 = Reference(
    "Schuster1997", "Schuster and Paliwal 1997", "https://doi.org/10.1109/78.650093"
)

# From here on a step without clipping is a gamble: by optimizers that bring gradients to one size,
# and by plain gradient descent.
_HIGH_RATE = 0.01
_HIGH_RATE_OF_SGD = 0.1

_HIGH_RATE_WANTS_CLIPPING = Rule(
    "high learning rate wants clipping",
    lambda setting: _has_high_rate(setting) and not is_clipped(setting.params),
    "learning_rate={learning_rate!r} of {optimizer} without clipping: gradients through many steps "
    "of a sequence explode now and then, and one of them undoes what was learned",
    "set global_clipnorm=1.0, or lower learning_rate",
    str(PASCANU_2013),
)
_INPUT_OF_ONE_SCALE = Rule(
    "input of one scale",
    lambda setting: setting["batch_norm"] is None and setting.input_scale > 10,
    "a channel of the input has a mean or deviation of {input_scale:.3g}, under which gates are "
    "open or closed for good",
    "put a StandardScaler before the network",
    str(LECUN_1998),
)


def _has_high_rate(setting: Setting) -> bool:
    rate = setting["learning_rate"]
    bound = _HIGH_RATE_OF_SGD if setting["optimizer"] == "sgd" else _HIGH_RATE
    return isinstance(rate, float) and rate >= bound


class Recurrence(Technique):
    """Recurrent layers: how many there are, how wide each is, and of which cells."""

    hyperparameters = (
        Hyperparameter(
            "hidden_layer_sizes",
            (64,),
            ("array-like", Interval(Integral, 1, None, closed="left")),
            "int or sequence of int",
            "Units of each recurrent layer, from the input on; in each direction.",
            search=(SearchDomain({"depth": {"low": 1, "high": 3}, "width": [16, 32, 64, 128]}),),
        ),
        Hyperparameter(
            "cell",
            "lstm",
            (StrOptions(set(CELL_TYPES)),),
            '{"simple", "lstm", "gru"}',
            'Cells: "simple" [Elman1990]_, which forgets soon, "lstm" [Hochreiter1997]_ or "gru" '
            "[Cho2014]_, with Keras' defaults (the gate by which an LSTM remembers begins with a "
            "bias of 1; a GRU resets after its product).",
            search=(SearchDomain([*CELL_TYPES]),),
        ),
        Hyperparameter(
            "bidirectional",
            False,
            ("boolean",),
            "bool",
            "Whether each layer reads the steps in both directions, by weights of its own, and "
            "gives both outputs on [Schuster1997]_.",
            search=(SearchDomain([False, True]),),
        ),
        Hyperparameter(
            "return_sequences",
            False,
            ("boolean",),
            "bool",
            "Whether the network gives an output in each step of a row, not one a row, and targets "
            "are of shape (n_rows, n_steps) or (n_rows, n_steps, n_outputs) [Graves2012]_. Steps "
            "of nan count neither in the loss nor in metrics and score.",
        ),
    )
    rules = (_HIGH_RATE_WANTS_CLIPPING, _INPUT_OF_ONE_SCALE)
    references = (
        CHO_2014,
        ELMAN_1990,
        GRAVES_2012,
        HOCHREITER_1997,
        LECUN_1998,
        SCHUSTER_1997,
    )
    summary = (
        Summary(
            "`hidden_layer_sizes`, `cell`, `bidirectional`",
            "one number a layer; simple, lstm, gru; off or on",
            "a high learning rate wants clipping",
            (HOCHREITER_1997, CHO_2014, SCHUSTER_1997, PASCANU_2013),
        ),
        Summary(
            "`return_sequences`",
            "off or on",
            "an output in each step, not one a row",
            (GRAVES_2012,),
        ),
    )

    def faults(self, params: Params) -> Iterator[str]:
        yield from faulty_sizes(params)
        if np.size(params["hidden_layer_sizes"]) == 0:
            yield (
                "The 'hidden_layer_sizes' parameter of {estimator} must name one recurrent layer "
                f"or more. Got {params['hidden_layer_sizes']!r}."
            )

    def resolve(self, params: Params) -> Params:
        return {**resolved_sizes(params), "return_sequences": bool(params["return_sequences"])}

    def layers(self, stage: Stage, plan: NetworkPlan) -> Sequence[Callable[..., Any]]:
        import keras

        if stage == "output":
            return [
                glorot_dense(plan, plan.n_outputs, activation=plan.output_activation, name="output")
            ]
        if stage != "dense":
            return []
        name = f"recurrent_{plan.index}"
        if not plan.params["bidirectional"]:
            return [_layer(plan, name)]
        there, back = _layer(plan, "forward"), _layer(plan, "backward", go_backwards=True)
        return [keras.layers.Bidirectional(there, backward_layer=back, name=name)]

    def layers_by_row(self) -> tuple[type, ...]:
        import keras

        from estimators import layers

        kinds = (getattr(keras.layers, name) for name in CELL_TYPES.values())
        return (*kinds, keras.layers.Bidirectional, layers.Recurrent)


def _layer(plan: NetworkPlan, name: str, *, go_backwards: bool = False) -> keras.layers.Layer:
    """Make a recurrent layer, one of Keras' own where Keras has it and nobody minds its speed."""
    import keras

    from estimators import layers

    params = plan.params
    arguments: dict[str, Any] = {
        "activation": params["activation"],
        "return_sequences": params["return_sequences"]
        or plan.index + 1 < len(params["hidden_layer_sizes"]),
        "go_backwards": go_backwards,
        "kernel_initializer": kernel_initializer_of(plan),
        "recurrent_initializer": recurrent_initializer_of(plan),
        "bias_initializer": params["bias_initializer"],
        "seed": next(plan.seeds),
        "name": name,
        "dtype": "float32",
    }
    units, cell = params["hidden_layer_sizes"][plan.index], params["cell"]
    # keras.layers.Bidirectional makes a layer anew, and SimpleRNN then forgets its seed.
    loses_seed = cell == "simple" and params["bidirectional"]
    is_own = params["layer_norm"] or params["recurrent_dropout"] or loses_seed
    if plan.for_engine or is_own:
        return layers.Recurrent(
            units,
            cell,
            layer_norm=params["layer_norm"],
            recurrent_dropout=params["recurrent_dropout"],
            **arguments,
        )
    return getattr(keras.layers, CELL_TYPES[cell])(units, **arguments)
