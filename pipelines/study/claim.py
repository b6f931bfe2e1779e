"""A claim about techniques, as it is declared and with its evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any, Literal

import yaml

from pipelines.study.claim_verdict import ClaimVerdict
from pipelines.study.result import ArmResult

__all__ = ["Claim", "ClaimResult", "read_claims"]

Expectation = Literal["greater", "less", "equal", "no gain", "chance"]
Measured = Literal["score", "gap", "seconds", "epochs", "dead", "drift", "failed"]


@dataclass(frozen=True)
class Claim:
    """A claim: how some arms differ from a reference arm in one quantity.

    Attributes
    ----------
    name, text : str
    quantity : str
        What is measured; see ``claims.yaml``.
    arms : tuple of str
    expect : {"greater", "less", "equal", "no gain", "chance"}
    reference : str or None
        None where the arms are compared with a constant prediction.
    """

    name: str
    text: str
    quantity: Measured
    arms: tuple[str, ...]
    expect: Expectation
    reference: str | None = None

    @property
    def all_arms(self) -> tuple[str, ...]:
        """The arms, and the reference where there is one."""
        return (*self.arms, self.reference) if self.reference else self.arms


@dataclass(frozen=True)
class ClaimResult:
    """A claim with its evidence.

    Attributes
    ----------
    claim : Claim
    verdict : ClaimVerdict
    arms : mapping of str to ArmResult
        The arms and the reference, by name.
    is_of_study : bool
        Whether the verdict is that of the study's own comparison.
    """

    claim: Claim
    verdict: ClaimVerdict
    arms: Mapping[str, ArmResult]
    is_of_study: bool = False


def read_claims(kind: str = "table") -> tuple[dict[str, Any], tuple[Claim, ...]]:
    """Read what is declared: the settings with the arms, and the claims about them.

    Parameters
    ----------
    kind : {"table", "image", "sequence"}, default="table"
        Of the data; sequences have claims of their own.
    """
    name = "sequence_claims.yaml" if kind == "sequence" else "claims.yaml"
    path = resources.files("pipelines.study").joinpath(name)
    declared = yaml.safe_load(path.read_text("utf-8"))
    claims = tuple(
        Claim(**{**claim, "arms": tuple(claim["arms"])}) for claim in declared.pop("claims")
    )
    return declared, claims
