"""Optimizers, by name."""

from __future__ import annotations

from dataclasses import dataclass

import keras

__all__ = ["OPTIMIZERS", "Optimizer", "make_optimizer"]


@dataclass(frozen=True)
class Optimizer:
    """A Keras optimizer and which of the estimators' parameters it knows."""

    factory: type[keras.optimizers.Optimizer]
    parameters: frozenset[str] = frozenset()


OPTIMIZERS: dict[str, Optimizer] = {
    "sgd": Optimizer(keras.optimizers.SGD, frozenset({"momentum", "nesterov"})),
    "rmsprop": Optimizer(keras.optimizers.RMSprop, frozenset({"momentum"})),
    "adagrad": Optimizer(keras.optimizers.Adagrad),
    "adadelta": Optimizer(keras.optimizers.Adadelta),
    "adam": Optimizer(keras.optimizers.Adam),
    "adamw": Optimizer(keras.optimizers.AdamW),
    "adamax": Optimizer(keras.optimizers.Adamax),
    "nadam": Optimizer(keras.optimizers.Nadam),
    "lion": Optimizer(keras.optimizers.Lion),
}


def make_optimizer(
    name: str,
    *,
    learning_rate: float | keras.optimizers.schedules.LearningRateSchedule,
    momentum: float = 0.0,
    nesterov: bool = False,
    weight_decay: float = 0.0,
    clipnorm: float | None = None,
    clipvalue: float | None = None,
    global_clipnorm: float | None = None,
) -> keras.optimizers.Optimizer:
    """Make a Keras optimizer from its name; parameters that it does not know are left out.

    Parameters
    ----------
    name : str
        A key of ``OPTIMIZERS``.
    learning_rate : float or keras.optimizers.schedules.LearningRateSchedule
    momentum, nesterov
        Of "sgd", and the first also of "rmsprop".
    weight_decay : float, default=0.0
        Decoupled decay of the weights a step, as a fraction of the learning rate
        (https://arxiv.org/abs/1711.05101); 0 is none.
    clipnorm, clipvalue, global_clipnorm : float, default=None
        At most one of them; see the estimators.

    Returns
    -------
    keras.optimizers.Optimizer
    """
    optimizer = OPTIMIZERS[name]
    if not isinstance(learning_rate, keras.optimizers.schedules.LearningRateSchedule):
        learning_rate = float(learning_rate)  # Keras takes no other number
    known = {
        key: float(value) if key == "momentum" else value
        for key, value in {"momentum": momentum, "nesterov": nesterov}.items()
        if key in optimizer.parameters
    }
    clips = {"clipnorm": clipnorm, "clipvalue": clipvalue, "global_clipnorm": global_clipnorm}
    none = 0.0 if name == "adamw" else None  # AdamW refuses None
    return optimizer.factory(
        name=name,  # else Keras counts, and TensorFlow keeps 36 kB for ever for each new name
        learning_rate=learning_rate,
        weight_decay=float(weight_decay) or none,
        **{name: value and float(value) for name, value in clips.items()},
        **known,
    )
