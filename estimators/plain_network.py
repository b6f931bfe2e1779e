"""A trained network in Keras' own layers alone, which loads without this project."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from estimators import layers as ours
from estimators.base import KerasNetwork
from estimators.techniques.recurrence import CELL_TYPES

__all__ = ["plain_network"]

_PADDING = -1e38  # in place of nan, which Masking does not know


def plain_network(estimator: KerasNetwork) -> keras.Model:
    """Make a network of Keras' own layers that predicts what an estimator does.

    Its file (``network.save("network.keras")``) loads with ``keras.models.load_model`` where only
    Keras is installed, and can be trained further there, without what the engine alone does.

    Parameters
    ----------
    estimator : KerasMLPClassifier, KerasMLPRegressor or a recurrent one
        Fitted.

    Returns
    -------
    keras.Model
        Uncompiled, of float32. Its input is the estimator's own; a category is a code there: the
        position of its level in the estimator's ``feature_encoder_.categories_``, from 1 on, or 0
        for one that no row had. Outputs are the probability of the second class or of each class
        or label, or values in the target's units. They equal the estimator's to float32's
        rounding.

    Raises
    ------
    ValueError
        Where a layer has no equivalent among Keras' own, a recurrent one with layer normalization
        in its cells, or where the estimator is no network of this project.

    Examples
    --------
    >>> from estimators import KerasMLPRegressor
    >>> X = np.random.default_rng(0).normal(size=(20, 3))
    >>> model = KerasMLPRegressor((4,), activation="mish", epochs=2, random_state=0).fit(X, X[:, 0])
    >>> outputs = plain_network(model).predict(X, verbose=0)[:, 0]
    >>> bool(np.allclose(outputs, model.predict(X), atol=1e-6))
    True
    """
    if not isinstance(estimator, KerasNetwork):
        raise ValueError(f"A {type(estimator).__name__} is no network of this project.")
    check_is_fitted(estimator, "model_")
    network = _plain(estimator.model_)
    target = estimator.target_encoder_
    outputs = network.output
    if (scaler := getattr(target, "scaler_", None)) is not None:
        scale, mean = scaler.scale_.tolist(), scaler.mean_.tolist()
        outputs = keras.layers.Rescaling(scale, mean, name="target_units")(outputs)
    if getattr(target, "clip", False):
        outputs = keras.ops.clip(outputs, *(bound.tolist() for bound in target.range_))
    if outputs is network.output:
        return network
    return keras.Model(network.input, outputs, name="mlp")


def _plain(model: keras.Model) -> keras.Model:
    """The same graph, each layer in its translation."""
    if isinstance(model, keras.Sequential):
        inputs = outputs = keras.Input(model.input_shape[1:], dtype="float32")
        for layer in model.layers:
            outputs = _translated(layer, outputs)
        return keras.Model(inputs, outputs, name=model.name)
    return keras.models.clone_model(
        model,
        input_tensors=keras.Input(model.input_shape[1:], dtype="float32"),
        clone_function=lambda layer: layer,
        call_function=lambda layer, *args, **kwargs: _translated(layer, *args),
    )


def _translated(layer: keras.layers.Layer, inputs: Any) -> Any:
    """Outputs of a layer's translation."""
    if isinstance(layer, keras.Model):
        return _plain(layer)(inputs)
    translation = _TRANSLATIONS.get(type(layer))
    if translation is not None:
        return translation(layer, inputs)
    if not type(layer).__module__.startswith("keras."):
        raise _lacking(layer)
    return _with_weights(type(layer).from_config(_config(layer)), inputs, layer.get_weights())


def _lacking(layer: keras.layers.Layer) -> ValueError:
    return ValueError(
        f"The layer {layer.name!r} is a {type(layer).__name__}, which Keras has no layer of its own "
        "for: export a network without it, or keep the model as the pipeline that it is."
    )


def _config(layer: keras.layers.Layer) -> dict[str, Any]:
    """Configuration of a layer of Keras', with Keras' own activation."""
    config: dict[str, Any] = layer.get_config()
    if getattr(layer, "activation", None) is ours.mish:
        config["activation"] = "mish"
    return config


def _with_weights(layer: keras.layers.Layer, inputs: Any, weights: Sequence[NDArray[Any]]) -> Any:
    outputs = layer(inputs)
    layer.set_weights(weights)
    return outputs


def _scaled(inputs: Any, scale: NDArray[Any], name: str, bias: NDArray[Any] | None = None) -> Any:
    """Multiply by a learned scale of the last axes, and perhaps add a bias of the same shape."""
    axes = "abcd"[: len(inputs.shape) - 1]
    of_scale = axes[-scale.ndim :]
    layer = keras.layers.EinsumDense(
        f"r{axes},{of_scale}->r{axes}",
        output_shape=tuple(inputs.shape[1:]),
        bias_axes=None if bias is None else of_scale,
        name=name,
    )
    return _with_weights(layer, inputs, [scale] if bias is None else [scale, bias])


def _dense(layer: ours.NeuralTangentDense, inputs: Any) -> Any:
    kernel, *bias = layer.get_weights()
    dense = keras.layers.Dense.from_config(_config(layer))
    return _with_weights(dense, inputs, [kernel / math.sqrt(len(kernel)), *bias])


def _leaky_relu(layer: ours.LeakyReLU, inputs: Any) -> Any:
    return keras.layers.LeakyReLU(layer.negative_slope, name=layer.name)(inputs)


def _randomized_leaky_relu(layer: ours.RandomizedLeakyReLU, inputs: Any) -> Any:
    return keras.layers.LeakyReLU(2 / (layer.lower + layer.upper), name=layer.name)(inputs)


def _dropout(layer: ours.Dropout, inputs: Any) -> Any:
    is_alpha = isinstance(layer, ours.AlphaDropout)
    kind = keras.layers.AlphaDropout if is_alpha else keras.layers.Dropout
    return kind(layer.rate, seed=layer.seed, name=layer.name)(inputs)


def _parametric_activation(layer: ours.ParametricActivation, inputs: Any) -> Any:
    name = layer.name
    function = layer.activation  # of one name in all layers
    renamed = type(function).from_config({**function.get_config(), "name": f"{name}_function"})
    renamed.build(inputs.shape)
    renamed.set_weights(function.get_weights())
    activated = _translated(renamed, inputs)
    difference = keras.layers.Subtract(name=f"{name}_difference")([activated, inputs])
    share = _scaled(difference, layer.alpha.numpy(), f"{name}_share")
    return keras.layers.Add(name=name)([inputs, share])


def _feature_scale(layer: ours.FeatureScale, inputs: Any) -> Any:
    return _scaled(inputs, layer.scale.numpy(), layer.name)


def _member_scale(layer: ours.MemberScale, inputs: Any) -> Any:
    scale = layer.scale.numpy()
    members = keras.layers.EinsumDense("ri,mi->rmi", output_shape=scale.shape, name=layer.name)
    return _with_weights(members, inputs, [scale])


def _batch_ensemble_dense(layer: ours.BatchEnsembleDense, inputs: Any) -> Any:
    name, outputs = layer.name, inputs
    if layer.scale_inputs:
        outputs = _scaled(outputs, layer.input_scale.numpy(), f"{name}_input_scale")
    kernel, gain = layer.kernel.numpy(), _gain(layer, inputs)
    dense = keras.layers.Dense(layer.units, use_bias=False, name=f"{name}_kernel")
    outputs = _with_weights(dense, outputs, [kernel])
    bias = None if layer.bias is None else layer.bias.numpy()
    outputs = _scaled(outputs, layer.output_scale.numpy() * gain, f"{name}_output_scale", bias)
    return keras.layers.Activation(_activation(layer), name=name)(outputs)


def _member_dense(layer: ours.MemberDense, inputs: Any) -> Any:
    dense = keras.layers.EinsumDense(
        "rmi,mio->rmo",
        output_shape=(layer.n_members, layer.units),
        bias_axes=None if layer.bias is None else "mo",
        activation=_activation(layer),
        name=layer.name,
    )
    bias = [] if layer.bias is None else [layer.bias.numpy()]
    return _with_weights(dense, inputs, [layer.kernel.numpy() * _gain(layer, inputs), *bias])


def _gain(layer: Any, inputs: Any) -> np.float32:
    return np.float32(1 / math.sqrt(inputs.shape[-1]) if layer.neural_tangent else 1)


def _activation(layer: Any) -> Any:
    return "mish" if layer.activation is ours.mish else layer.activation


def _features(layer: ours.Features, inputs: Any) -> Any:
    """Numbers, their embeddings, and each category by a table of its codes' vectors."""
    parts = [_columns(inputs, layer.numbers)] if layer.numbers else []
    if layer.embedded and layer.n_bins:
        parts.append(_piecewise_linear(layer, _columns(inputs, layer.embedded)))
    if layer.embedded and layer.n_frequencies:
        parts.append(_periodic(layer, _columns(inputs, layer.embedded)))
    for column, table in layer.tables():
        name = f"{layer.name}_category_{column}"
        vectors = keras.layers.Embedding(*table.shape, name=name)
        found = _with_weights(vectors, _columns(inputs, [column]), [table])
        parts.append(keras.layers.Flatten(name=f"{name}_vector")(found))
    return keras.layers.Concatenate(name=layer.name)(parts) if len(parts) > 1 else parts[0]


def _columns(inputs: Any, columns: Sequence[int]) -> Any:
    return keras.ops.take(inputs, list(columns), axis=1)


def _piecewise_linear(layer: ours.Features, numbers: Any) -> Any:
    name = f"{layer.name}_bin"
    edges = layer.bin_edges.numpy()
    lower, width = edges[:, :-1].T, np.diff(edges).T
    tiny = np.finfo(np.float32).tiny
    slope = np.where(width >= tiny, 1 / np.maximum(width, tiny), np.float32(0))
    repeated = keras.layers.RepeatVector(layer.n_bins, name=f"{name}_numbers")(numbers)
    above = keras.layers.Rescaling(1.0, (-lower).tolist(), name=f"{name}_above")(repeated)
    share = keras.layers.Rescaling(slope.tolist(), name=f"{name}_share")(above)
    share = keras.layers.ReLU(max_value=1.0, name=f"{name}_clipped")(share)
    kernel, bias = layer.numeric_bin_kernel.numpy(), layer.numeric_bin_bias.numpy()
    return _embedded(share, "rbn,nbk->rnk", kernel, bias, name)


def _periodic(layer: ours.Features, numbers: Any) -> Any:
    name = f"{layer.name}_wave"
    kernel = layer.numeric_frequency_kernel.numpy()
    turns = keras.layers.EinsumDense(
        "rn,nf->rnf", output_shape=kernel.shape, bias_axes="nf", name=f"{name}_turns"
    )
    phase = layer.numeric_frequency_bias.numpy() / np.float32(2 * math.pi)
    angle = _with_weights(turns, numbers, [kernel, phase])
    waves = keras.ops.cos((angle - keras.ops.round(angle)) * (2 * math.pi))
    kernel, bias = layer.numeric_wave_kernel.numpy(), layer.numeric_wave_bias.numpy()
    return _embedded(waves, "rnf,nfk->rnk", kernel, bias, name)


def _embedded(
    inputs: Any, equation: str, kernel: NDArray[Any], bias: NDArray[Any], name: str
) -> Any:
    product = keras.layers.EinsumDense(
        equation, output_shape=bias.shape, bias_axes="nk", name=f"{name}_embedding"
    )
    outputs = _with_weights(product, inputs, [kernel, bias])
    return keras.layers.Flatten(name=f"{name}_outputs")(outputs)


def _padded_steps(layer: ours.PaddedSteps, inputs: Any) -> Any:
    filled = keras.ops.nan_to_num(inputs, nan=_PADDING)
    return keras.layers.Masking(_PADDING, name=layer.name)(filled)


def _bidirectional(layer: keras.layers.Bidirectional, inputs: Any) -> Any:
    both = keras.layers.Bidirectional(
        _recurrent(layer.forward_layer),
        backward_layer=_recurrent(layer.backward_layer),
        name=layer.name,
    )
    return _with_weights(both, inputs, layer.get_weights())


def _recurrent(layer: keras.layers.Layer) -> keras.layers.Layer:
    """Keras' own layer of a recurrent one, unbuilt."""
    if not isinstance(layer, ours.Recurrent):
        return type(layer).from_config(layer.get_config())
    if layer.layer_norm:
        raise _lacking(layer)
    kind: type[keras.layers.Layer] = getattr(keras.layers, CELL_TYPES[layer.cell])
    return kind(
        layer.units,
        activation=layer.activation,
        recurrent_dropout=layer.recurrent_dropout,
        return_sequences=layer.return_sequences,
        go_backwards=layer.go_backwards,
        seed=layer.seed,
        name=layer.name,
    )


_TRANSLATIONS: dict[type, Callable[[Any, Any], Any]] = {
    keras.layers.Bidirectional: _bidirectional,
    ours.AlphaDropout: _dropout,
    ours.BatchEnsembleDense: _batch_ensemble_dense,
    ours.Dropout: _dropout,
    ours.FeatureScale: _feature_scale,
    ours.Features: _features,
    ours.ImageAugmentation: lambda layer, inputs: inputs,  # of training alone
    ours.LeakyReLU: _leaky_relu,
    ours.MemberDense: _member_dense,
    ours.MemberScale: _member_scale,
    ours.NeuralTangentDense: _dense,
    ours.PaddedSteps: _padded_steps,
    ours.ParametricActivation: _parametric_activation,
    ours.RandomizedLeakyReLU: _randomized_leaky_relu,
    ours.Recurrent: lambda layer, inputs: _with_weights(
        _recurrent(layer), inputs, layer.get_weights()
    ),
}
