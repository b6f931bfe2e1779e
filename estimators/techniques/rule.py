"""Rules on which hyperparameters go together."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from estimators.errors import RuleWarning

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "Rule",
    "Setting",
    "broken_rules",
    "enforce",
    "has",
    "without_effect",
    "without_rule_warnings",
]

_ENOUGH_ROWS = 1000
_warnings_are_off: ContextVar[bool] = ContextVar("warnings_are_off", default=False)


@dataclass(frozen=True)
class Setting:
    """What the rules judge: hyperparameters, and the input as the network will see it.

    Attributes
    ----------
    params : mapping of str to object
        The estimator's parameters, resolved; see :func:`estimators.techniques.resolve`.
    n_rows : int
        Number of rows to train on.
    input_mean, input_std : float
        Mean and standard deviation over all values of the input, but those of indicators, which
        are 0 or 1; 0 and 1 where it has no others.
    input_scale : float
        The largest mean (in size) or standard deviation of any column.
    target_mean, target_std : float
        Those of the target of a regression, of its column with the largest scale.
    mean_weight : float
        Mean weight of the rows; 1 without weights.
    """

    params: Mapping[str, Any]
    n_rows: int
    input_mean: float
    input_std: float
    input_scale: float
    target_mean: float = 0.0
    target_std: float = 1.0
    mean_weight: float = 1.0

    @classmethod
    def of(
        cls,
        params: Mapping[str, Any],
        X: NDArray[Any],
        y: NDArray[Any] | None = None,
        sample_weight: NDArray[Any] | None = None,
        *,
        n_rows: int | None = None,
    ) -> Setting:
        """Describe the parameters, the numbers ``X``, of shape (n_rows, n_numbers), and a target.

        ``y``, of shape (n_rows,) or (n_rows, n_outputs), is that of a regression, else None, and
        ``sample_weight`` holds what each row, or each step, weighs. ``n_rows`` is the number of
        rows to train on, where ``X`` holds others: a part of them, or the steps of sequences.
        """
        n_rows = len(X) if n_rows is None else n_rows
        more = {} if y is None else _target_scale(y)
        if sample_weight is not None:
            more["mean_weight"] = float(sample_weight[sample_weight > 0].mean(dtype=float))
        if not X.shape[1]:
            return cls(params, n_rows, input_mean=0.0, input_std=1.0, input_scale=1.0, **more)
        means, deviations = X.mean(axis=0, dtype=float), X.std(axis=0, dtype=float)
        others = ~_are_indicators(X)
        mean = float(means[others].mean()) if others.any() else 0.0
        spread = deviations[others] ** 2 + (means[others] - mean) ** 2
        return cls(
            params=params,
            n_rows=n_rows,
            input_mean=mean,
            input_std=float(np.sqrt(spread.mean())) if others.any() else 1.0,
            input_scale=float(max(np.abs(means).max(), deviations.max())),
            **more,
        )

    def __getitem__(self, name: str) -> Any:
        return self.params[name]

    @property
    def target_scale(self) -> float:
        """The mean (in size) or the standard deviation of the target, the larger one."""
        return max(abs(self.target_mean), self.target_std)

    @property
    def is_standardized(self) -> bool:
        """Whether the input looks as if it had mean 0 and standard deviation 1."""
        return abs(self.input_mean) <= 0.25 and 0.5 <= self.input_std <= 1.5

    @property
    def has_hidden_layers(self) -> bool:
        return np.size(self["hidden_layer_sizes"]) > 0


def _are_indicators(X: NDArray[Any]) -> NDArray[Any]:
    """Which columns hold 0 and 1 alone, as those of one-hot encoded categories do."""
    some = X[:_ENOUGH_ROWS]
    indicators: NDArray[Any] = ((some == 0) | (some == 1)).all(axis=0)
    return indicators


def _target_scale(y: NDArray[Any]) -> dict[str, float]:
    columns = y.reshape(len(y), -1)
    means, deviations = columns.mean(axis=0, dtype=float), columns.std(axis=0, dtype=float)
    worst = np.maximum(np.abs(means), deviations).argmax()
    return {"target_mean": float(means[worst]), "target_std": float(deviations[worst])}


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
        What is wrong, a format string over the parameters, the setting's attributes and ``words``.
    remedy : str
        What to do, a format string over the same.
    reference : str
        Paper or page behind the rule.
    fatal : bool
        Whether the combination cannot work at all.
    harmless : bool
        Whether the combination works as well as if what it is about were not set.
    words : callable
        Further words of the format strings, from a setting.
    """

    name: str
    broken_by: Callable[[Setting], bool]
    message: str
    remedy: str
    reference: str
    fatal: bool = False
    harmless: bool = False
    words: Callable[[Setting], Mapping[str, Any]] = lambda setting: {}

    def sentence(self, setting: Setting) -> str:
        """The rule's message and remedy in the words of a setting."""
        words = {
            **setting.params,
            "input_mean": setting.input_mean,
            "input_std": setting.input_std,
            "input_scale": setting.input_scale,
            "target_mean": setting.target_mean,
            "target_std": setting.target_std,
            "mean_weight": setting.mean_weight,
            **self.words(setting),
        }
        return (
            f"{self.name}: {self.message.format(**words)}; {self.remedy.format(**words)} "
            f"({self.reference})."
        )


def broken_rules(setting: Setting, rules: Iterable[Rule]) -> list[Rule]:
    """List the rules that a setting breaks, in their order."""
    return [rule for rule in rules if rule.broken_by(setting)]


def enforce(rules: Iterable[Rule], setting: Setting) -> None:
    """Warn of each rule that a setting breaks.

    Raises
    ------
    ValueError
        For rules without which nothing works, all of them named.

    Warns
    -----
    estimators.RuleWarning
    """
    broken = broken_rules(setting, rules)
    fatal = [rule.sentence(setting) for rule in broken if rule.fatal]
    if fatal:
        raise ValueError("\n".join(fatal))
    if _warnings_are_off.get():
        return
    for rule in broken:
        warnings.warn(rule.sentence(setting), RuleWarning, stacklevel=3)


@contextmanager
def without_rule_warnings() -> Iterator[None]:
    """Within, broken rules are not warned of again; in this thread alone, unlike a filter."""
    token = _warnings_are_off.set(True)
    try:
        yield
    finally:
        _warnings_are_off.reset(token)


def has(parameter: str, *values: Any) -> Callable[[Setting], bool]:
    """Whether a parameter of a setting has one of some values."""
    return lambda setting: setting[parameter] in values


def without_effect(
    parameter: str,
    default: Any,
    needs: str,
    has_effect: Callable[[Setting], bool],
    reference: str,
) -> Rule:
    """Make the rule that a parameter stays at its default where it has no effect.

    Parameters
    ----------
    parameter : str
    default : object
    needs : str
        What would give it an effect, for the sentence.
    has_effect : callable
        Whether it has one in a :class:`Setting`.
    reference : str

    Returns
    -------
    Rule
    """
    return Rule(
        name=f"{parameter} needs {needs}",
        broken_by=lambda setting: setting[parameter] != default and not has_effect(setting),
        message=f"{parameter}={{{parameter}!r}} has no effect here",
        remedy=f"leave {parameter} at {default!r} or use {needs}",
        reference=reference,
        harmless=True,
    )
