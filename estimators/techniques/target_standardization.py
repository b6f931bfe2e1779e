"""The target of a regression: standardized for the network, and kept within what was seen."""

from __future__ import annotations

from estimators.techniques.architecture import LECUN_1998
from estimators.techniques.references import HOLZMULLER_2024
from estimators.techniques.rule import Rule
from estimators.techniques.technique import Hyperparameter, SearchDomain, Summary, Technique

__all__ = ["TargetStandardization"]


class TargetStandardization(Technique):
    """The network learns a standardized target; predictions are in the target's own units."""

    hyperparameters = (
        Hyperparameter(
            "standardize_target",
            False,
            ("boolean",),
            "bool",
            "Whether the network learns each target column with mean 0 and deviation 1; predictions "
            "are in the target's own units all the same, and losses in ``history_`` are not.",
            role="training",
            rescales_loss=True,
        ),
        Hyperparameter(
            "clip_target",
            False,
            ("boolean",),
            "bool",
            "Whether predictions are clipped to the range of the target's values in ``fit`` "
            "[Holzmuller2024]_.",
            role="training",
            search=(SearchDomain([False, True]),),
        ),
    )
    rules = (
        Rule(
            "target of one scale",
            lambda setting: setting.target_scale > 10 and not setting["standardize_target"],
            "the target has mean {target_mean:.3g} and deviation {target_std:.3g}, and a network "
            "begins near 0",
            "set standardize_target=True",
            str(LECUN_1998),
        ),
    )
    references = (HOLZMULLER_2024, LECUN_1998)
    summary = (
        Summary(
            "`standardize_target`, `clip_target` (of regressors)",
            "off or on",
            "a target far from mean 0 and deviation 1 wants to be standardized",
            (HOLZMULLER_2024,),
        ),
    )
