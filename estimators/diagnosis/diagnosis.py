"""What a diagnosis has found."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

import pandas as pd

__all__ = ["Diagnosis", "Finding"]

_BY_LAYER = ("dead", "saturated", "equal", "variance", "gradient_norm", "update_ratio")

_SHOWN = "{:.3g}".format


@dataclass(frozen=True)
class Finding:
    """A cause with its evidence and its remedies.

    Attributes
    ----------
    cause : str
        Such as "vanishing gradients".
    evidence : str
        A clause with the figures that show it.
    advice : str
        A sentence that says what to do.
    remedies : tuple of dict
        Hyperparameters to set, in the order in which to try them.
    """

    cause: str
    evidence: str
    advice: str
    remedies: tuple[dict[str, Any], ...] = ()

    @property
    def remedy(self) -> dict[str, Any]:
        """The first of the remedies; empty where no hyperparameter helps."""
        return dict(self.remedies[0]) if self.remedies else {}

    @property
    def sentence(self) -> str:
        """Cause, evidence and advice."""
        return f"{self.cause[0].upper()}{self.cause[1:]}: {self.evidence}. {self.advice}"

    def __str__(self) -> str:
        return self.sentence


@dataclass(frozen=True)
class Diagnosis:
    """What :func:`estimators.diagnose` has found.

    Attributes
    ----------
    findings : tuple of Finding
        The root causes first; empty where nothing was found.
    layers : DataFrame
        Figures by layer; "when" is "before training" or "after training", the other columns are
        those of :class:`estimators.diagnosis.Probe`.
    figures : dict of str to float
        Figures of the whole.
    is_fitted : bool
        Whether it is of a trained network, or of one before its first step.
    by_epoch : DataFrame
        The figures of ``layers`` after some epochs, with "epoch", from 1, and of the whole network
        "loss" and "clipped"; empty where nobody looked between the epochs.
    history : dict of str to list of float
        Curves of the fit.
    """

    findings: tuple[Finding, ...]
    layers: pd.DataFrame
    figures: Mapping[str, float] = field(default_factory=dict)
    is_fitted: bool = False
    by_epoch: pd.DataFrame = field(default_factory=pd.DataFrame)
    history: Mapping[str, Sequence[float]] = field(default_factory=dict)

    @property
    def causes(self) -> list[str]:
        """Names of the causes."""
        return [finding.cause for finding in self.findings]

    @property
    def recorded(self) -> dict[str, float | list[float]]:
        """The figures as they are recorded, under names of one word.

        Those of the whole are numbers. Those of the layers, from the first hidden one to the
        output, are lists, of the trained network where there is one; a layer that lacks a figure
        has nan, and figures that no layer has are left out.
        """
        last = self.layers[self.layers["when"] == self.layers["when"].iloc[-1]]
        by_layer = last[[*_BY_LAYER]].astype(float).dropna(axis="columns", how="all")
        whole = {
            re.sub(r"\W+", "_", name.replace("'s", "")): value
            for name, value in self.figures.items()
        }
        return {**whole, **by_layer.to_dict("list")}

    def __repr__(self) -> str:
        when = "after training" if self.is_fitted else "before training"
        if not self.findings:
            told = [f"Diagnosis {when}: nothing found."]
        else:
            told = [f"Diagnosis {when}:", *(f"- {finding}" for finding in self.findings)]
        figures = ", ".join(f"{name} {value:.3g}" for name, value in self.figures.items())
        table = self.layers.to_string(index=False, float_format=_SHOWN, na_rep="-")
        return "\n".join([*told, "", figures, "", table])

    def _repr_html_(self) -> str:
        when = "after training" if self.is_fitted else "before training"
        items = "".join(f"<li>{escape(str(finding))}</li>" for finding in self.findings)
        told = f"<ul>{items}</ul>" if items else "<p>Nothing found.</p>"
        figures = ", ".join(f"{name} {value:.3g}" for name, value in self.figures.items())
        table = self.layers.to_html(index=False, float_format=_SHOWN, na_rep="-", border=0)
        return f"<p><b>Diagnosis {when}</b></p>{told}<p>{escape(figures)}</p>{table}"
