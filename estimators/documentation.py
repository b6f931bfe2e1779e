"""Docstrings of the estimators, made from the techniques that they have."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Iterable
from string import Template
from typing import Any

from estimators.techniques import Hyperparameter, Reference, Technique

__all__ = ["documented", "hyperparameter_table"]

_INDENT = " " * 4
_WIDTH = 100

_ATTRIBUTES = """\
    model_ : keras.Model
        The trained network, compiled.
    history_ : dict of str to list of float
        Loss and metrics by epoch, over all calls of ``partial_fit`` and warm fits; names that
        begin with ``val_`` are of the validation rows.
    n_iter_ : int
        Epochs run so far.
    loss_ : float
        Training loss of the last epoch.
    best_epoch_ : int or None
        Epoch, from 1, whose weights early stopping kept; None without it.
    epoch_seconds_ : list of float
        Wall time of each epoch of the last fit, in seconds.
    seed_ : int
        Seed of the training, drawn from ``random_state``.
    transferred_ : list of dict
        What ``init_from`` gave: for each weight array "weight", "shape", "taken" (the share of its
        numbers), "how" (or why not) and "source".
    target_encoder_ : estimators.targets.ClassTarget or estimators.targets.ValueTarget
        Turns targets into what the network learns, and its outputs back; with ``return_sequences``
        one of :mod:`estimators.step_targets`.
    feature_encoder_ : estimators.features.FeatureEncoder
        Turns categories into codes.
    n_features_in_ : int
        Number of columns seen in fit.
    feature_names_in_ : ndarray of shape (``n_features_in_``,)
        Names of the columns, where the input had names that are all strings."""


def documented(estimator: Any) -> str | None:
    """Fill the places that an estimator's docstring marks.

    ``$parameters`` are the hyperparameters of its techniques, in the order of its signature,
    ``$attributes`` what every estimator has after a fit, and ``$references`` those that are cited.

    Parameters
    ----------
    estimator : type
        A subclass of :class:`estimators.base.KerasNetwork`.

    Returns
    -------
    str or None
        The docstring.
    """
    text = vars(estimator).get("__doc__")
    if text is None or "$parameters" not in text:
        return text
    known = {
        each.name: each for technique in estimator.techniques for each in technique.hyperparameters
    }
    names = list(inspect.signature(estimator.__init__).parameters)[1:]
    parameters = "\n".join(_entry(known[name]) for name in names)
    cited = set(re.findall(r"\[(\w+)\]_", parameters))
    references: dict[str, Reference] = {
        each.key: each for technique in estimator.techniques for each in technique.references
    }
    return Template(text).substitute(
        parameters=parameters.lstrip(),
        attributes=_ATTRIBUTES.lstrip(),
        references="\n".join(
            f"{_INDENT}.. [{key}] {references[key]}" for key in sorted(cited)
        ).lstrip(),
    )


def hyperparameter_table(techniques: Iterable[Technique]) -> str:
    """Write the table of hyperparameters that README has, in Markdown.

    Parameters
    ----------
    techniques : iterable of Technique

    Returns
    -------
    str
    """
    lines = ["| parameter | values | rule | from |", "| --- | --- | --- | --- |"]
    for technique in techniques:
        for row in technique.summary:
            sources = ", ".join(f"[{each.text}]({each.url})" for each in row.references)
            cells = (row.parameters, row.values, row.rule, sources)
            lines.append("".join(f"| {cell} " if cell else "| " for cell in cells) + "|")
    return "\n".join(lines)


def _entry(hyperparameter: Hyperparameter) -> str:
    default = hyperparameter.default
    written = f'"{default}"' if isinstance(default, str) else repr(default)
    head = f"{_INDENT}{hyperparameter.name} : {hyperparameter.type}, default={written}"
    return f"{head}\n" + textwrap.fill(
        hyperparameter.doc,
        width=_WIDTH,
        initial_indent=2 * _INDENT,
        subsequent_indent=2 * _INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )
