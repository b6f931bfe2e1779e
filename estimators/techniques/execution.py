"""How a fit is run: no technique, but parameters of every estimator."""

from __future__ import annotations

from collections.abc import Iterator

from estimators._sklearn import InstanceOfKeras, StrOptions
from estimators.techniques.technique import Hyperparameter, Params, Technique

__all__ = ["ENGINES", "Execution"]

ENGINES = ("auto", "compiled", "uncompiled", "keras")

_CALLBACK = InstanceOfKeras("keras.callbacks.Callback")


class Execution(Technique):
    """Engine, seed, callbacks and what is shown."""

    hyperparameters = (
        Hyperparameter(
            "engine",
            "auto",
            (StrOptions(set(ENGINES)),),
            '{"auto", "compiled", "uncompiled", "keras"}',
            'What trains: one XLA program an epoch ("compiled"), the same without XLA '
            '("uncompiled") or ``keras.Model.fit`` ("keras"); all three do the same mathematics. '
            '"auto" compiles from 2,000 steps on, of sequences from 6,000 timesteps of batches on, and '
            "takes Model.fit where a callback needs batches, "
            "the network has layers that the engine does not know, or the rows take more than two "
            "fifths of the memory. Some techniques, which Keras does not have, are for the engine "
            "alone, and an error says so.",
            role="training",
        ),
        Hyperparameter(
            "warm_start",
            False,
            ("boolean",),
            "bool",
            "Whether ``fit`` goes on from the weights, optimizer and history of the last one.",
            role="training",
        ),
        Hyperparameter(
            "callbacks",
            None,
            (_CALLBACK, list, None),
            "keras.callbacks.Callback or list of them",
            "Told of the training as by ``keras.Model.fit``.",
            role="training",
        ),
        Hyperparameter(
            "random_state",
            None,
            ("random_state",),
            "int, RandomState instance or None",
            "Seed of initial weights, order of the rows, dropout, random slopes and validation "
            "rows. An int gives the same network bit for bit; no global state is touched.",
            role="training",
        ),
        Hyperparameter(
            "verbose",
            0,
            ("verbose",),
            "int or bool",
            "0 is silent, 1 shows a progress bar, 2 a line an epoch.",
            role="training",
        ),
    )

    def faults(self, params: Params) -> Iterator[str]:
        callbacks = params["callbacks"]
        if isinstance(callbacks, list) and not all(map(_CALLBACK.is_satisfied_by, callbacks)):
            yield (
                "The 'callbacks' parameter of {estimator} must hold keras.callbacks.Callback "
                f"instances. Got {callbacks!r}."
            )
