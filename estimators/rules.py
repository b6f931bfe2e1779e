"""The field's rules on which hyperparameters go together, as one table.

``RULES`` is read by :func:`broken_rules`; the estimators warn of each broken rule once, and raise
for one whose combination cannot work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from estimators.activations import ACTIVATIONS
from estimators.optimizers import OPTIMIZERS

__all__ = ["RULES", "Rule", "Setting", "broken_rules"]


@dataclass(frozen=True)
class Setting:
    """What the rules judge: hyperparameters, and the input as the network will see it.

    Attributes
    ----------
    params : mapping of str to object
        The estimator's parameters.
    n_rows : int
        Rows that are judged.
    input_mean, input_std : float
        Mean and standard deviation over all values of the input.
    input_scale : float
        The largest mean (in size) or standard deviation of any column.
    """

    params: Mapping[str, Any]
    n_rows: int
    input_mean: float
    input_std: float
    input_scale: float

    @classmethod
    def of(cls, params: Mapping[str, Any], X: np.ndarray) -> Setting:
        """Describe the parameters and the rows of ``X``, of shape (n_rows, n_features)."""
        means, deviations = X.mean(axis=0, dtype=float), X.std(axis=0, dtype=float)
        return cls(
            params=params,
            n_rows=len(X),
            input_mean=float(means.mean()),
            input_std=float(X.std(dtype=float)),
            input_scale=float(max(np.abs(means).max(), deviations.max())),
        )

    def __getitem__(self, name: str) -> Any:
        return self.params[name]

    @property
    def initializer(self) -> str:
        """Name of the kernel initializer, "auto" resolved."""
        name = self["kernel_initializer"]
        return ACTIVATIONS[self["activation"]].initializer if name == "auto" else name

    @property
    def is_lecun_normal(self) -> bool:
        """Whether the initializer is lecun_normal, by name or as variance scaling."""
        if self["kernel_initializer"] != "variance_scaling":
            return self.initializer == "lecun_normal"
        names = ("initializer_scale", "initializer_mode", "initializer_distribution")
        return tuple(self[name] for name in names) == (1.0, "fan_in", "truncated_normal")

    @property
    def standardized(self) -> bool:
        """Whether the input looks as if it had mean 0 and deviation 1."""
        return abs(self.input_mean) <= 0.25 and 0.5 <= self.input_std <= 1.5

    @property
    def has_hidden_layers(self) -> bool:
        return np.size(self["hidden_layer_sizes"]) > 0


@dataclass(frozen=True)
class Rule:
    """One rule of the field.

    Attributes
    ----------
    name : str
        What people know it by.
    broken_by : callable
        Whether a :class:`Setting` breaks it.
    message : str
        What is wrong, a format string over the estimator's parameters and ``initializer``,
        ``suited``, ``input_mean``, ``input_std``, ``input_scale``.
    mend : str
        What to do, a format string over the same.
    reference : str
        Paper or page behind the rule.
    fatal : bool
        Whether the combination cannot work at all.
    """

    name: str
    broken_by: Callable[[Setting], bool]
    message: str
    mend: str
    reference: str
    fatal: bool = False

    def sentence(self, setting: Setting) -> str:
        """The rule's message and mend in the words of a setting."""
        activation = ACTIVATIONS[setting["activation"]]
        words = {
            **setting.params,
            "initializer": setting.initializer,
            "suited": " or ".join(sorted(activation.suited_initializers)),
            "input_mean": setting.input_mean,
            "input_std": setting.input_std,
            "input_scale": setting.input_scale,
        }
        return (
            f"{self.name}: {self.message.format(**words)}; {self.mend.format(**words)} "
            f"({self.reference})."
        )


def _wrong_initializer(setting: Setting) -> bool:
    suited = ACTIVATIONS[setting["activation"]].suited_initializers
    return (
        setting.has_hidden_layers
        and setting.initializer not in suited
        and setting.initializer not in {"zeros", "ones"}
        and setting["activation"] != "selu"
    )


def _selu(setting: Setting) -> bool:
    return setting.has_hidden_layers and setting["activation"] == "selu"


_LECUN_1998 = "LeCun et al. 1998, https://doi.org/10.1007/3-540-49430-8_2"
_IOFFE_2015 = "Ioffe and Szegedy 2015, https://arxiv.org/abs/1502.03167"
_KLAMBAUER_2017 = ACTIVATIONS["selu"].reference


def _without_effect(parameter: str, neutral: Any, needs: str, heeded: Callable, page: str) -> Rule:
    return Rule(
        name=f"{parameter} needs {needs}",
        broken_by=lambda setting: setting[parameter] != neutral and not heeded(setting),
        message=f"{parameter}={{{parameter}!r}} has no effect here",
        mend=f"leave {parameter} at {neutral!r} or use {needs}",
        reference=page,
    )


def _optimizer_heeds(parameter: str) -> Callable[[Setting], bool]:
    return lambda setting: parameter in OPTIMIZERS[setting["optimizer"]].parameters


def _has(parameter: str, *values: Any) -> Callable[[Setting], bool]:
    return lambda setting: setting[parameter] in values


_INITIALIZERS_PAGE = "https://keras.io/api/layers/initializers"
_OPTIMIZERS_PAGE = "https://keras.io/api/optimizers"
_ACTIVATIONS_PAGE = "https://keras.io/api/layers/activation_layers"
_VARIANCE_SCALING = _has("kernel_initializer", "variance_scaling")

RULES: tuple[Rule, ...] = (
    Rule(
        "initializer matches activation",
        _wrong_initializer,
        "{activation} with {initializer} lets signals grow or fade from layer to layer",
        "use kernel_initializer='auto' or {suited}",
        "Glorot and Bengio 2010, https://proceedings.mlr.press/v9/glorot10a.html; "
        "He et al. 2015, https://arxiv.org/abs/1502.01852",
    ),
    Rule(
        "equal weights do not learn",
        lambda setting: setting.has_hidden_layers and setting.initializer in {"zeros", "ones"},
        "{initializer} gives all units of a layer the same weights and so the same gradients",
        "use kernel_initializer='auto' or another random initializer",
        "Goodfellow et al. 2016, section 8.4, https://www.deeplearningbook.org",
    ),
    Rule(
        "selu wants lecun_normal",
        lambda setting: (
            _selu(setting)
            and not setting.is_lecun_normal
            and setting.initializer not in {"zeros", "ones"}
        ),
        "under {initializer} the outputs of selu layers do not keep mean 0 and deviation 1",
        "use kernel_initializer='auto' or 'lecun_normal'",
        _KLAMBAUER_2017,
    ),
    Rule(
        "selu wants standardized input",
        lambda setting: (
            _selu(setting) and setting["batch_norm"] != "before_dense" and not setting.standardized
        ),
        "the input has mean {input_mean:.3g} and deviation {input_std:.3g}",
        "put a StandardScaler before the network, or use activation='elu'",
        _KLAMBAUER_2017,
    ),
    Rule(
        "selu wants plain layers",
        lambda setting: _selu(setting) and setting["batch_norm"] is not None,
        "batch_norm={batch_norm!r} takes the place of selu's own normalization",
        "use batch_norm=None, or another activation",
        _KLAMBAUER_2017,
    ),
    Rule(
        "input of one scale",
        lambda setting: (
            setting.has_hidden_layers
            and setting["activation"] != "selu"
            and setting["batch_norm"] is None
            and setting.input_scale > 10
        ),
        "a column of the input has a mean or deviation of {input_scale:.3g}",
        "put a StandardScaler before the network, or use batch_norm='before_dense'",
        f"{_LECUN_1998}; {_IOFFE_2015}",
    ),
    Rule(
        "no dropout with batch normalization",
        lambda setting: (
            setting.has_hidden_layers
            and setting["batch_norm"] is not None
            and setting["dropout"] > 0
        ),
        "dropout={dropout!r} shifts the variance that batch_norm={batch_norm!r} has learned",
        "use one of the two",
        "Li et al. 2018, https://arxiv.org/abs/1801.05134",
    ),
    Rule(
        "batch normalization wants batches",
        lambda setting: (
            setting.has_hidden_layers
            and setting["batch_norm"] is not None
            and min(setting["batch_size"], setting.n_rows) == 1
        ),
        "a batch of 1 row has no variance, so batch_norm={batch_norm!r} turns every input into 0",
        "use a batch_size (and a number of rows) of 2 or more, or batch_norm=None",
        _IOFFE_2015,
        fatal=True,
    ),
    _without_effect(
        "negative_slope",
        None,
        "activation 'leaky_relu' or 'prelu'",
        _has("activation", "leaky_relu", "prelu"),
        _ACTIVATIONS_PAGE,
    ),
    *(
        _without_effect(
            parameter,
            neutral,
            "kernel_initializer 'variance_scaling'",
            _VARIANCE_SCALING,
            _INITIALIZERS_PAGE,
        )
        for parameter, neutral in {
            "initializer_scale": 1.0,
            "initializer_mode": "fan_in",
            "initializer_distribution": "truncated_normal",
        }.items()
    ),
    _without_effect(
        "momentum",
        0.0,
        "optimizer 'sgd' or 'rmsprop'",
        _optimizer_heeds("momentum"),
        _OPTIMIZERS_PAGE,
    ),
    _without_effect(
        "nesterov",
        False,
        "optimizer 'sgd' with momentum",
        lambda setting: _optimizer_heeds("nesterov")(setting) and setting["momentum"] > 0,
        _OPTIMIZERS_PAGE,
    ),
)


def broken_rules(setting: Setting, rules: Iterable[Rule] = RULES) -> list[Rule]:
    """List the rules that a setting breaks, in the table's order."""
    return [rule for rule in rules if rule.broken_by(setting)]
