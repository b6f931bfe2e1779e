"""The network: a pure function from hyperparameters to a Keras model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from estimators.features import FeatureSchema
from estimators.techniques import TECHNIQUES, NetworkPlan, Technique, check_parameters, resolve
from estimators.techniques import defaults as default_hyperparameters
from estimators.techniques.technique import Stage

if TYPE_CHECKING:
    import keras

__all__ = ["build_network", "network_of"]

_HIDDEN_STAGES: tuple[Stage, ...] = tuple(
    stage for stage in get_args(Stage) if stage not in ("input", "output")
)


def build_network(
    n_features: int,
    n_outputs: int,
    *,
    output_activation: str = "linear",
    seed: int | None = None,
    **hyperparameters: Any,
) -> keras.Model:
    """Build an uncompiled multilayer perceptron.

    Parameters
    ----------
    n_features, n_outputs : int
        Width of the input and of the output.
    output_activation : {"linear", "sigmoid", "softmax"}, default="linear"
        Activation of the output.
    seed : int, default=None
        Seed of the initial weights and of every random layer. The same seed gives the same
        network, whatever ran before; no global state is read or written.
    **hyperparameters
        Those of the estimators that are about the network, such as ``hidden_layer_sizes``; see
        :class:`estimators.KerasMLPClassifier`. All features are numbers; what an estimator takes
        from the rows it is fitted to (edges of bins, ``data_initialization``) stays as it begins.

    Returns
    -------
    keras.Model

    Raises
    ------
    ValueError
        For impossible hyperparameters (all of them named).

    Examples
    --------
    >>> network = build_network(8, 1, hidden_layer_sizes=(100, 50), batch_norm="before_dense")
    >>> [layer.name for layer in network.layers][:4]
    ['batch_norm_0', 'dense_0', 'activation_0', 'batch_norm_1']
    >>> network.count_params()
    6433
    """
    defaults = default_hyperparameters()
    for name in hyperparameters:
        if name not in defaults:
            raise TypeError(f"build_network() got an unexpected keyword argument {name!r}")
    params = {**defaults, **hyperparameters}
    check_parameters(TECHNIQUES, params, "build_network")
    columns = tuple(range(n_features))
    embeds_numbers = params["numeric_embedding"] is not None
    return network_of(
        TECHNIQUES,
        resolve(TECHNIQUES, params),
        input_shape=(n_features,),
        n_outputs=n_outputs,
        output_activation=output_activation,
        seed=seed,
        features=FeatureSchema(columns, embedded=columns) if embeds_numbers else None,
    )


def network_of(
    techniques: Sequence[Technique],
    params: dict[str, Any],
    *,
    input_shape: tuple[int, ...],
    n_outputs: int,
    output_activation: str,
    seed: int | None,
    features: FeatureSchema | None = None,
    for_engine: bool = False,
) -> keras.Model:
    """Build the network of resolved hyperparameters.

    Parameters
    ----------
    techniques : sequence of Technique
        What builds it: each is asked for its layers, stage by stage.
    params : mapping of str to object
    input_shape : tuple of int
        Without the axis of the rows.
    n_outputs : int
    output_activation : str
    seed : int or None
    features : FeatureSchema, default=None
    for_engine : bool, default=False
        See :class:`estimators.techniques.NetworkPlan` for both.

    Returns
    -------
    keras.Model
        A ``keras.Sequential`` where all parts are layers.
    """
    import keras

    plan = NetworkPlan(
        params,
        _seeds(seed),
        n_outputs,
        output_activation,
        features=features,
        for_engine=for_engine,
    )
    parts: Sequence[Callable[..., Any]] = [
        *_parts(techniques, "input", plan),
        *(
            part
            for index in range(len(params["hidden_layer_sizes"]))
            for part in _hidden_layer(techniques, replace(plan, index=index))
        ),
        *_parts(techniques, "output", plan),
    ]
    for technique in techniques:
        parts = technique.finish(parts, plan)
    network = _joined(keras.Input(input_shape, dtype="float32"), parts)
    for technique in techniques:
        technique.complete(network, plan)
    return network


def _joined(inputs: Any, parts: Sequence[Callable[..., Any]]) -> keras.Model:
    import keras

    if all(isinstance(part, keras.layers.Layer) for part in parts):
        return keras.Sequential([inputs, *parts], name="mlp")
    outputs = inputs
    for part in parts:
        outputs = part(outputs)
    return keras.Model(inputs, outputs, name="mlp")


def _hidden_layer(
    techniques: Sequence[Technique], plan: NetworkPlan
) -> Sequence[Callable[..., Any]]:
    layers: Sequence[Callable[..., Any]] = [
        part for stage in _HIDDEN_STAGES for part in _parts(techniques, stage, plan)
    ]
    for technique in techniques:
        layers = technique.hidden_layer(layers, plan)
    return layers


def _parts(
    techniques: Sequence[Technique], stage: Stage, plan: NetworkPlan
) -> Iterator[Callable[..., Any]]:
    for technique in techniques:
        for part in technique.layers(stage, plan):
            if hasattr(part, "dtype_policy"):
                part.dtype_policy = "float32"  # whatever Keras' global policy says
            yield part


def _seeds(seed: int | None) -> Iterator[int]:
    """Yield independent seeds, the same ones for the same seed."""
    sequence = np.random.SeedSequence(seed)
    while True:
        (child,) = sequence.spawn(1)
        yield int(child.generate_state(1)[0] >> 1)
