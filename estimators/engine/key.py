"""What a compiled program was compiled for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from estimators.engine.rows import Rows
from estimators.objective import Objective
from estimators.techniques import Technique, defaults, resolve

if TYPE_CHECKING:
    import keras

    from estimators.features import FeatureSchema

__all__ = ["NetworkKey", "ProgramKey", "bucket"]

_VALIDATION_ROWS_AT_ONCE = 1024

# Stands for a dynamic value where a network is built to be traced.
_PLACEHOLDER = 0.5


@dataclass(frozen=True)
class NetworkKey:
    """What a network computes, and its optimizer does with it, whatever its weights are.

    Attributes
    ----------
    techniques : tuple of Technique
    settings : tuple of (str, object)
        The hyperparameters with the role "static", and by name True for each dynamic value
        that a program is given, else the one that it has built in: None, 0 or a default.
    input_shape : tuple of int
    n_outputs : int
    output_activation : str
    objective : Objective
    features : FeatureSchema or None
        What the columns of the input are; None where all of them are plain numbers.
    """

    techniques: tuple[Technique, ...]
    settings: tuple[tuple[str, Any], ...]
    input_shape: tuple[int, ...]
    n_outputs: int
    output_activation: str
    objective: Objective
    features: FeatureSchema | None = None

    @classmethod
    def of(
        cls,
        techniques: Sequence[Technique],
        params: Mapping[str, Any],
        *,
        input_shape: tuple[int, ...],
        n_outputs: int,
        output_activation: str,
        objective: Objective,
        features: FeatureSchema | None = None,
    ) -> NetworkKey:
        """Make the key of resolved hyperparameters."""
        settings = []
        for technique in techniques:
            for each in technique.hyperparameters:
                value = params[each.name]
                if each.role == "static":
                    settings.append((each.name, _hashable(value)))
                elif each.role == "dynamic":
                    is_given = _is_set(value) and value != each.built_in
                    settings.append((each.name, True if is_given else value))
        return cls(
            tuple(techniques),
            tuple(settings),
            input_shape,
            n_outputs,
            output_activation,
            objective,
            features,
        )

    @property
    def dynamic_names(self) -> list[str]:
        """The hyperparameters whose values a program is given, in order."""
        return [
            each.name
            for technique in self.techniques
            for each in technique.hyperparameters
            if each.role == "dynamic" and dict(self.settings)[each.name] is True
        ]

    @property
    def params(self) -> dict[str, Any]:
        """Hyperparameters of which such a network can be built, with any weights."""
        own = {
            name: _PLACEHOLDER if name in self.dynamic_names else value
            for name, value in self.settings
        }
        return {**resolve(self.techniques, defaults(self.techniques)), **own}


@dataclass(frozen=True)
class ProgramKey:
    """Everything that a compiled program was compiled for.

    Attributes
    ----------
    network : NetworkKey
    variables : tuple of (tuple of int, str, bool)
        Shape, type and whether it is trained, of each of the network's variables.
    target_shape : tuple of int
        Without the axis of the rows.
    n_rows : int
        Training rows that there is room for.
    batch_size : int
    weighted, validation_weighted : bool
        Whether the rows have weights.
    n_validation : int
        Validation rows that there is room for; 0 without validation.
    validation_batch_size : int
    jit : bool
        Whether XLA compiles it.
    """

    network: NetworkKey
    variables: tuple[tuple[tuple[int, ...], str, bool], ...]
    target_shape: tuple[int, ...]
    n_rows: int
    batch_size: int
    weighted: bool
    validation_weighted: bool
    n_validation: int
    validation_batch_size: int
    jit: bool

    @classmethod
    def of(
        cls,
        network: NetworkKey,
        model: keras.Model,
        rows: Rows,
        validation: Rows | None,
        *,
        batch_size: int,
        jit: bool,
    ) -> ProgramKey:
        """Make the key of the program that trains a model on some rows."""
        n_validation = 0 if validation is None else bucket(len(validation.X))
        trained = {id(variable) for variable in model.trainable_variables}
        return cls(
            network=network,
            variables=tuple(
                (tuple(variable.shape), str(variable.dtype), id(variable) in trained)
                for variable in model.variables
            ),
            target_shape=rows.y.shape[1:],
            n_rows=bucket(len(rows.X)),
            batch_size=min(batch_size, bucket(len(rows.X))),
            weighted=rows.sample_weight is not None,
            validation_weighted=validation is not None and validation.sample_weight is not None,
            n_validation=n_validation,
            validation_batch_size=min(_VALIDATION_ROWS_AT_ONCE, n_validation),
            jit=jit,
        )

    @property
    def n_steps(self) -> int:
        """Steps that there is room for in an epoch."""
        return -(-self.n_rows // self.batch_size)


def bucket(n: int) -> int:
    """Round a number of rows up, by an eighth at most, so that nearly equal numbers are one.

    Examples
    --------
    >>> [bucket(n) for n in (5, 666, 667, 7740, 54000)]
    [5, 704, 704, 8192, 57344]
    """
    step = 1 << max(0, n.bit_length() - 4)
    return -(-n // step) * step


def _is_set(value: Any) -> bool:
    return not (value is None or (isinstance(value, float | int) and not value))


def _hashable(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return tuple(_hashable(item) for item in value)
    if isinstance(value, np.ndarray):
        return value.shape, value.tobytes()
    return value
