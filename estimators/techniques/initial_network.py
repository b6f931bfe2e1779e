"""A trained network whose weights a new one begins with."""

from __future__ import annotations

import os

from estimators._sklearn import HasMethods, StrOptions
from estimators.techniques.references import YOSINSKI_2014
from estimators.techniques.rule import Rule, without_effect
from estimators.techniques.technique import (
    Hyperparameter,
    Reference,
    Summary,
    Technique,
)

__all__ = ["InitialNetwork"]

LEVIN_2023 = Reference("Levin2023", "Levin et al. 2023", "https://arxiv.org/abs/2206.15306")


class InitialNetwork(Technique):
    """What was learned from other rows, or for another target, is where training begins."""

    hyperparameters = (
        Hyperparameter(
            "init_from",
            None,
            (HasMethods("fit"), str, os.PathLike, None),
            "estimator, str, path or None",
            "Trained network whose weights this one begins with, where layers are of one shape "
            "[Yosinski2014]_: a fitted estimator, a pipeline or search that ends in one; or where "
            "to load it from, the path of a saved pipeline or model, ``runs:/<run id>`` or "
            "``models:/<name>@<alias>``. Columns are matched by name where both inputs have names, "
            "so that the tables may differ [Levin2023]_; new ones begin as the initializer says. "
            "``transferred_`` tells what was taken. The source stays as it is, and ``clone`` keeps "
            "it; in a grid of scikit-learn's searches, which clone values, wrap it in "
            "``sklearn.frozen.FrozenEstimator``.",
            role="initialization",
            may_change=True,
        ),
        Hyperparameter(
            "init_layers",
            "hidden",
            (StrOptions({"hidden", "all"}),),
            '{"hidden", "all"}',
            'Which layers ``init_from`` gives: "hidden" leaves the output to the initializer, '
            '"all" takes it as well, for the same target on other rows.',
            role="initialization",
            may_change=True,
        ),
    )
    rules = (
        without_effect(
            "init_layers",
            "hidden",
            "init_from",
            lambda setting: setting["init_from"] is not None,
            str(YOSINSKI_2014),
        ),
        Rule(
            "one beginning",
            lambda setting: (
                setting["init_from"] is not None
                and setting.params.get("data_initialization", False)
            ),
            "data_initialization adapts each layer to random ones that init_from then replaces",
            "use one of the two",
            str(YOSINSKI_2014),
        ),
    )
    references = (LEVIN_2023, YOSINSKI_2014)
    summary = (
        Summary(
            "`init_from`, `init_layers`",
            "none, a fitted estimator, the path of a saved one, `runs:/...` or `models:/...`; "
            "hidden, all",
            "layers of one shape are taken, columns by name; not with data_initialization",
            (YOSINSKI_2014, LEVIN_2023),
        ),
    )
