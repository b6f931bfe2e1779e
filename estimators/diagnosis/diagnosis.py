"""What a diagnosis has found."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

import pandas as pd

from estimators.diagnosis.probe import Probe

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
    probes : dict of int to Probe
        What was seen of the layers, by the number of epochs behind the network.
    figures : dict of str to float
        Figures of the whole.
    n_epochs : int or None
        Epochs behind the weights of a trained network; None before a fit, or where it diverged.
    is_fitted : bool
        Whether there was a training, to its end or not.
    history : dict of str to list of float
        Curves of the fit.
    """

    findings: tuple[Finding, ...]
    probes: Mapping[int, Probe]
    figures: Mapping[str, float] = field(default_factory=dict)
    n_epochs: int | None = None
    is_fitted: bool = False
    history: Mapping[str, Sequence[float]] = field(default_factory=dict)

    @property
    def causes(self) -> list[str]:
        """Names of the causes."""
        return [finding.cause for finding in self.findings]

    @property
    def layers(self) -> pd.DataFrame:
        """Figures by layer; "when" is "before training" or "after training".

        The other columns are those of :class:`estimators.diagnosis.Probe`.
        """
        ends = {"before training": 0, "after training": self.n_epochs}
        tables = {when: self.probes[n].layers for when, n in ends.items() if n is not None}
        return _joined("when", tables)

    @property
    def by_epoch(self) -> pd.DataFrame:
        """Figures by layer and "epoch", 0 before the first, with "loss" and "clipped" of the whole network."""
        tables = {
            epoch: probe.layers.assign(loss=probe.loss, clipped=probe.clipped)
            for epoch, probe in self.probes.items()
        }
        return _joined("epoch", tables)

    @property
    def recorded(self) -> dict[str, float | list[float]]:
        """The figures as they are recorded, under names of one word.

        Those of the whole are numbers. Those of the layers, from the first hidden one to the
        output, are lists, of the trained network where there is one; a layer that lacks a figure
        has nan, and figures that no layer has are left out.
        """
        last = self.probes[self.n_epochs or 0]
        by_layer = last.layers[[*_BY_LAYER]].astype(float).dropna(axis="columns", how="all")
        whole = {
            re.sub(r"\W+", "_", name.replace("'s", "")): value
            for name, value in self.figures.items()
        }
        return {**whole, **by_layer.to_dict("list")}

    @property
    def recorded_by_epoch(self) -> dict[str, list[list[float]]]:
        """Figures of the whole network as they are recorded, lists of [epoch, value]; 0 is before the first.

        Of the layers it is the worst hidden one that counts, or the ratio of two of them.
        """
        figures: dict[str, Callable[[Probe], float]] = {
            "dead": lambda probe: probe.largest("dead"),
            "saturated": lambda probe: probe.largest("saturated"),
            "gradient_first_over_last_layer": lambda probe: probe.gradient_ratio,
            "variance_last_over_first_layer": lambda probe: probe.variance_ratio,
            "update_ratio": lambda probe: probe.update_ratio,
            "share_of_steps_clipped": lambda probe: probe.clipped,
        }
        seen = {
            name: [[epoch, figure(probe)] for epoch, probe in self.probes.items()]
            for name, figure in figures.items()
        }
        known = {
            name: [[epoch, value] for epoch, value in values if math.isfinite(value)]
            for name, values in seen.items()
        }
        return {name: values for name, values in known.items() if values}

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


def _joined(name: str, tables: Mapping[Any, pd.DataFrame]) -> pd.DataFrame:
    """Tables one below the other, with their keys in the first column."""
    joined = pd.concat(tables, names=[name, None])
    return joined.reset_index(name).reset_index(drop=True)
