"""From the weights of a trained network to the first ones of another."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from estimators.errors import RuleWarning
from estimators.input_columns import InputChannels, InputColumns, matched_places
from estimators.source_network import SourceNetwork, source_of
from estimators.techniques.recurrence import CELL_TYPES
from estimators.techniques.references import YOSINSKI_2014

if TYPE_CHECKING:
    import keras
    from numpy.typing import NDArray

__all__ = ["transfer_weights"]

# From where on a column has another scale, which rows of another kind seldom give by themselves.
_FAR_MEAN = 3.0  # deviations
_FAR_RATIO = 10.0
_SMALL_SHARE = (
    0.2  # of the largest deviation: a column below it hardly varies, as margins of images
)
_N_NAMED = 4


def transfer_weights(estimator: Any, networks: Sequence[keras.Model]) -> list[dict[str, Any]]:
    """Let networks begin with the weights of the one that ``init_from`` names.

    Parameters
    ----------
    estimator : estimators.base.KerasNetwork
        Whose networks they are; its encoders are fitted.
    networks : sequence of keras.Model
        Changed in place. Of several each takes from another one of the source, if that has
        several.

    Returns
    -------
    list of dict
        A record for each weight array of the first network: "weight", its name; "shape"; "taken",
        the share of its numbers that the source gave; "how", why, or why not; "source". Empty
        where ``init_from`` is None.

    Warns
    -----
    estimators.RuleWarning
        Where nothing could be taken, or what was taken had an input of another scale or another
        activation.
    """
    init_from = getattr(estimator, "init_from", None)
    if init_from is None:
        return []
    source = source_of(init_from)
    transfers = [
        _Transfer(estimator, network, source, source.networks[n % len(source.networks)])
        for n, network in enumerate(networks)
    ]
    records, *_ = [[*transfer.run()] for transfer in transfers]
    for sentence in _faults(estimator, transfers[0], records):
        warnings.warn(f"{sentence} ({YOSINSKI_2014}).", RuleWarning, stacklevel=2)
    return records


@dataclass(frozen=True)
class _Transfer:
    """From one network to another."""

    estimator: Any
    network: keras.Model
    source: SourceNetwork
    from_network: keras.Model

    @property
    def columns(self) -> Sequence[str] | None:
        """Names of the input's columns, where there are any."""
        names = getattr(self.estimator, "feature_names_in_", None)
        return None if names is None else [str(name) for name in names]

    @property
    def by_name(self) -> bool:
        """Whether columns are matched by name."""
        return self.columns is not None and self.source.columns is not None

    @property
    def inputs(
        self,
    ) -> tuple[InputColumns, InputColumns] | tuple[InputChannels, InputChannels] | None:
        """The two inputs with what matches them; None where nothing does."""
        new, old = self.estimator, self.source.estimator
        names: tuple[Sequence[Any], Sequence[Any]]
        read_sequences = [hasattr(each, "n_channels_") for each in (new, old)]
        if all(read_sequences):
            return self._channels(new.n_channels_, old.n_channels_)
        if any(read_sequences):  # and a table
            return None
        if self.columns is not None and self.source.columns is not None:
            names = self.columns, self.source.columns
        elif new.n_features_in_ == old.n_features_in_:
            names = range(new.n_features_in_), range(old.n_features_in_)
        else:
            return None
        return (
            InputColumns(names[0], new.feature_encoder_, self.network),
            InputColumns(names[1], old.feature_encoder_, self.from_network),
        )

    def _channels(self, n_new: int, n_old: int) -> tuple[InputChannels, InputChannels] | None:
        """The channels of sequences, told by the columns of the first step."""
        if self.columns is not None and self.source.columns is not None:
            return InputChannels(self.columns[:n_new]), InputChannels(self.source.columns[:n_old])
        return (InputChannels(range(n_new)),) * 2 if n_new == n_old else None

    def run(self) -> Iterator[dict[str, Any]]:
        """Take what can be taken, and yield a record for each weight array."""
        old = {layer.name: layer for layer in self.from_network.layers}
        for layer in self.network.layers:
            there = _named_weights(old.get(layer.name))
            for name, weight in _named_weights(layer).items():
                taken, how = 0.0, self._obstacle(layer, old.get(layer.name), name, there)
                if how is None:
                    taken, how = self._take(layer, name, weight, there[name])
                yield {
                    "weight": f"{layer.name}/{name}",
                    "shape": " x ".join(map(str, weight.shape)),
                    "taken": taken,
                    "how": how,
                    "source": self.source.address,
                }

    def _obstacle(self, layer: Any, other: Any, name: str, there: Any) -> str | None:
        """Say why a weight array is not taken, if so."""
        if layer.name == "output" and self.estimator.init_layers == "hidden":
            return "the output is new, as init_layers='hidden' says"
        if layer.name == "output" and not self._has_same_target():
            return "the source has another target"
        if other is None:
            return "the source has none"
        kind, other_kind = _kind(layer), _kind(other)
        if kind != other_kind:
            return f"the source has a {other_kind}, not a {kind}"
        return None if name in there else "the source has none"

    def _has_same_target(self) -> bool:
        new, old = self.estimator.target_encoder_, self.source.estimator.target_encoder_
        if type(new) is not type(old) or new.n_outputs_ != old.n_outputs_:
            return False
        return not hasattr(new, "classes_") or np.array_equal(new.classes_, old.classes_)

    def _take(self, layer: Any, name: str, weight: Any, other: Any) -> tuple[float, str]:
        values, theirs = weight.numpy(), other.numpy()
        if layer.name == "output":
            theirs = self._in_target_unit(name, theirs)
        keyed = None if self.inputs is None else self.inputs[0].keys(f"{layer.name}/{name}")
        if keyed is None and _depends_on_input(layer, self.network) and name == "kernel":
            return 0.0, self._unmatched()
        if keyed is None:
            if values.shape != theirs.shape:
                return 0.0, f"the source has the shape {' x '.join(map(str, theirs.shape))}"
            weight.assign(theirs)
            return 1.0, "of one shape"
        assert self.inputs is not None
        return self._take_columns(layer, name, weight, values, theirs, keyed)

    def _unmatched(self) -> str:
        """Say why nothing matches the inputs."""
        new, old = self.estimator, self.source.estimator
        n_new, n_old = (getattr(each, "n_channels_", each.n_features_in_) for each in (new, old))
        kind = "channels" if hasattr(new, "n_channels_") else "columns"
        return (
            f"{n_old} {kind} in the source and {n_new} here, not all with names; a scaler names them "
            "after set_output(transform='pandas')"
        )

    def _take_columns(
        self,
        layer: Any,
        name: str,
        weight: Any,
        values: NDArray[Any],
        theirs: NDArray[Any],
        keyed: tuple[list[Any], int],
    ) -> tuple[float, str]:
        keys, axis = keyed
        assert self.inputs is not None
        other_keys, _ = self.inputs[1].keys(f"{layer.name}/{name}") or ([], axis)
        places, other_places = matched_places(keys, other_keys)
        shape = " x ".join(map(str, theirs.shape))
        values, theirs = np.moveaxis(values, axis, 0), np.moveaxis(theirs, axis, 0)
        if values.shape[1:] != theirs.shape[1:]:
            return 0.0, f"the source has the shape {shape}"
        values[places] = _gain(layer, len(keys), len(other_keys)) * theirs[other_places]
        weight.assign(np.moveaxis(values, 0, axis))
        way = "by name" if self.by_name else "by position"
        how = f"{len(places)} of {len(keys)} inputs {way}"
        new = [_written(key) for place, key in enumerate(keys) if place not in set(places.tolist())]
        if new:
            more = f" and {len(new) - _N_NAMED} more" if len(new) > _N_NAMED else ""
            how += f"; new: {', '.join(new[:_N_NAMED])}{more}"
        return len(places) / max(1, len(keys)), how

    def _in_target_unit(self, name: str, values: NDArray[Any]) -> NDArray[Any]:
        """Weights of an output that give the same values where targets are standardized otherwise."""
        (mean, deviation), (old_mean, old_deviation) = (
            _standardization(each.target_encoder_)
            for each in (self.estimator, self.source.estimator)
        )
        if name == "bias":
            values = values + (old_mean - mean) / old_deviation
        scaled: NDArray[Any] = values * (old_deviation / deviation)
        return scaled


def _shape_parameters(estimator: Any) -> str:
    """Say which hyperparameters decide what a layer is."""
    names = ("hidden_layer_sizes", "cell", "bidirectional", "layer_norm")
    if not hasattr(estimator, "cell"):
        return names[0]
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _standardization(encoder: Any) -> tuple[Any, Any]:
    scaler = getattr(encoder, "scaler_", None)
    return (0.0, 1.0) if scaler is None else (scaler.mean_, scaler.scale_)


def _named_weights(layer: Any) -> dict[str, Any]:
    """Weight arrays of a layer by name; those of the second direction come after the first's."""
    weights = [] if layer is None else layer.weights
    names = [weight.name for weight in weights]
    if hasattr(layer, "backward_layer"):
        half = len(names) // 2
        ways = ["forward"] * half + ["backward"] * half
        names = [f"{way}_{name}" for way, name in zip(ways, names, strict=True)]
    return dict(zip(names, weights, strict=True))


def _kind(layer: Any) -> str:
    """What a layer is; of recurrent ones, of which Keras has some too, the cells."""
    if hasattr(layer, "backward_layer"):
        return f"bidirectional {_kind(layer.forward_layer)}"
    name = type(layer).__name__
    if name != "Recurrent":
        return name
    normalized = " with layer normalization" if layer.layer_norm else ""
    return f"{CELL_TYPES[layer.cell]}{normalized}"


def _depends_on_input(layer: Any, network: keras.Model) -> bool:
    return layer is next(
        each
        for each in network.layers
        if hasattr(each, "kernel") or each.name.startswith("recurrent_")
    )


def _gain(layer: Any, n_inputs: int, n_before: int) -> float:
    """What keeps products of a layer that divides by the root of its number of inputs the same."""
    is_tangent = type(layer).__name__ == "NeuralTangentDense"
    divides = getattr(layer, "neural_tangent", is_tangent)
    return float(np.sqrt(n_inputs / n_before)) if divides and n_before else 1.0


def _written(key: Any) -> str:
    """A column, and its level where it is one."""
    if not isinstance(key, tuple):
        return str(key)
    name, *rest = key
    return f"{name}={rest[-1]}" if rest and rest[0] == "level" else str(name)


def _faults(
    estimator: Any, transfer: _Transfer, records: Sequence[dict[str, Any]]
) -> Iterator[str]:
    """Yield what would bite silently, a sentence each without its end."""
    old = transfer.source.estimator
    if not any(record["taken"] for record in records):
        reasons = dict.fromkeys(record["how"] for record in records)
        yield (
            f"layers of one shape: init_from gives nothing, for {'; '.join(reasons)}; give both "
            f"networks the same {_shape_parameters(estimator)}, or leave init_from out"
        )
        return
    first, *_ = [one for one in records if "kernel" in one["weight"]]
    if estimator.frozen_layers and estimator.unfreeze_at is None and first["taken"] < 1:
        yield (
            f"frozen layers have learned before: of {first['weight']} the source gave "
            f"{first['how']}, and frozen_layers={estimator.frozen_layers} leaves the rest random; "
            "set unfreeze_at, or frozen_layers=0"
        )
    activations = getattr(estimator, "activation", None), getattr(old, "activation", None)
    if activations[0] != activations[1]:
        yield (
            f"one activation: the source learned with activation={activations[1]!r}, not "
            f"{activations[0]!r}; use the source's"
        )
    yield from _far_columns(estimator, transfer)


def _far_columns(estimator: Any, transfer: _Transfer) -> Iterator[str]:
    scales = [
        getattr(getattr(each, "feature_encoder_", None), "scale_of_numbers_", None)
        for each in (estimator, transfer.source.estimator)
    ]
    if transfer.inputs is None or None in scales:
        return
    both: tuple[InputColumns | InputChannels, ...] = transfer.inputs
    new, old = (
        {inputs.names[column]: scale for column, scale in (known or {}).items()}
        for inputs, known in zip(both, scales, strict=True)
    )
    if not new or not old:  # nothing but categories
        return
    least = _SMALL_SHARE * max(scale[1] for scale in (*new.values(), *old.values()))
    far = [
        f"{name!r} has mean {new[name][0]:.3g} and deviation {new[name][1]:.3g}, in the source "
        f"{old[name][0]:.3g} and {old[name][1]:.3g}"
        for name in new
        if name in old and _is_far(new[name], old[name], least)
    ]
    if far:
        more = f", and {len(far) - 1} more such columns" * (len(far) > 1)
        yield (
            f"input of one scale: the column {far[0]}{more}; unless it is the source's own "
            "preprocessing that gives this, put that before the network, FrozenEstimator(source[:-1])"
        )


def _is_far(scale: Sequence[float], other: Sequence[float], least: float) -> bool:
    (mean, deviation), (other_mean, other_deviation) = scale, other
    largest = max(deviation, other_deviation)
    if not deviation or not other_deviation or largest < least:
        return False
    ratio = deviation / other_deviation
    return abs(mean - other_mean) > _FAR_MEAN * largest or not 1 / _FAR_RATIO <= ratio <= _FAR_RATIO
