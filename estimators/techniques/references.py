"""Papers that several techniques are from."""

from __future__ import annotations

from estimators.techniques.technique import Reference

__all__ = ["HOLZMULLER_2024"]

HOLZMULLER_2024 = Reference(
    "Holzmuller2024", "Holzmüller et al. 2024", "https://arxiv.org/abs/2407.04491"
)
