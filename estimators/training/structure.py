"""What a compiled program depends on, as a key."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import keras

from estimators.training.rows import Rows
from estimators.training.run_time_value import run_time_parameters

__all__ = ["ProgramKey", "bucket", "program_key"]

_VALIDATION_ROWS_AT_ONCE = 1024

# What does not change the computation: names, and what only the initial state depends on.
_IRRELEVANT = frozenset({"name", "seed", "build_config", "shared_object_id"})


@dataclass(frozen=True)
class ProgramKey:
    """Everything that a compiled program was compiled for.

    Attributes
    ----------
    structure : str
        Layers, loss, metrics and optimizer with those values that are built in.
    schedule : type or None
        Class of the learning rate's schedule, which may be the user's own.
    n_rows : int
        Training rows that there is room for.
    n_features, n_outputs : int
    batch_size : int
    weighted, validation_weighted : bool
        Whether the rows have weights.
    n_validation : int
        Validation rows that there is room for; 0 without validation.
    validation_batch_size : int
    jit : bool
        Whether XLA compiles it.
    """

    structure: str
    schedule: type | None
    n_rows: int
    n_features: int
    n_outputs: int
    batch_size: int
    weighted: bool
    validation_weighted: bool
    n_validation: int
    validation_batch_size: int
    jit: bool


def bucket(n: int) -> int:
    """Round a number of rows up, by an eighth at most, so that nearly equal numbers are one.

    Examples
    --------
    >>> [bucket(n) for n in (5, 666, 667, 7740, 54000)]
    [5, 704, 704, 8192, 57344]
    """
    step = 1 << max(0, n.bit_length() - 4)
    return -(-n // step) * step


def program_key(
    model: keras.Model, rows: Rows, validation: Rows | None, *, batch_size: int, jit: bool
) -> ProgramKey:
    """Name the program that trains a compiled model on some rows.

    Parameters
    ----------
    model : keras.Model
        Compiled with a loss and metrics that Keras can serialize.
    rows, validation : Rows
    batch_size : int
    jit : bool

    Returns
    -------
    ProgramKey
    """
    batch_size = min(batch_size, bucket(len(rows.X)))
    n_validation = 0 if validation is None else bucket(len(validation.X))
    validation_batch_size = min(_VALIDATION_ROWS_AT_ONCE, n_validation)
    return ProgramKey(
        structure=_structure(model),
        schedule=_schedule(model.optimizer),
        n_rows=bucket(len(rows.X)),
        n_features=rows.X.shape[1],
        n_outputs=rows.y.shape[1],
        batch_size=batch_size,
        weighted=rows.sample_weight is not None,
        validation_weighted=validation is not None and validation.sample_weight is not None,
        n_validation=n_validation,
        validation_batch_size=validation_batch_size,
        jit=jit,
    )


def _schedule(optimizer: keras.optimizers.Optimizer) -> type | None:
    # Keras has no public way to ask an optimizer for the schedule itself.
    rate = optimizer._learning_rate
    is_schedule = isinstance(rate, keras.optimizers.schedules.LearningRateSchedule)
    return type(rate) if is_schedule else None


def _structure(model: keras.Model) -> str:
    varying: dict[int, set[str]] = {}
    for owner, name in run_time_parameters(model):
        varying.setdefault(id(owner), set()).add(name)
    layers = [
        (type(layer).__name__, _relevant(layer.get_config(), varying.get(id(layer), set())))
        for layer in model.layers
    ]
    compiled = model.get_compile_config()
    optimizer = compiled["optimizer"]
    settings = _relevant(optimizer["config"], varying.get(id(model.optimizer), set()))
    if isinstance(settings["learning_rate"], float):
        del settings["learning_rate"]  # one of the optimizer's variables
    return json.dumps(
        {
            "layers": layers,
            "optimizer": (optimizer["class_name"], settings),
            "loss": compiled["loss"],
            "metrics": compiled["metrics"],
        },
        sort_keys=True,
        default=str,
    )


def _relevant(config: dict[str, Any], varying: set[str]) -> dict[str, Any]:
    return {
        name: "run time" if name in varying else value
        for name, value in config.items()
        if name not in _IRRELEVANT and not name.endswith("_initializer")
    }
