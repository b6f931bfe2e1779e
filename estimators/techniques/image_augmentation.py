"""Images that are never the same twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from numbers import Integral, Real
from typing import Any

from estimators._sklearn import Interval
from estimators.techniques.rule import without_effect
from estimators.techniques.technique import (
    Hyperparameter,
    NetworkPlan,
    Params,
    Reference,
    SearchDomain,
    Stage,
    Summary,
    Technique,
)

__all__ = ["ImageAugmentation"]

SIMARD_2003 = Reference(
    "Simard2003", "Simard et al. 2003", "https://doi.org/10.1109/ICDAR.2003.1227801"
)
ZHONG_2017 = Reference("Zhong2017", "Zhong et al. 2017", "https://arxiv.org/abs/1708.04896")

_CHANGES = ("random_shift", "random_flip", "random_erasing")
_IMAGE = {"data": "image"}


class ImageAugmentation(Technique):
    """In training, each image is shifted, mirrored and partly erased, anew in each step."""

    hyperparameters = (
        Hyperparameter(
            "image_shape",
            None,
            (tuple, list, None),
            "tuple of int, or None",
            "Height, width and, where there are several, channels of the image that a row of X "
            "holds, one row of pixels after another; None for a square with one channel. Only "
            "what changes images reads it.",
        ),
        Hyperparameter(
            "random_shift",
            0,
            (Interval(Integral, 0, None, closed="left"),),
            "int",
            "Most pixels by which each image is shifted in training, along both axes "
            "[Simard2003]_; pixels of the edge follow.",
            role="dynamic",
            search=(SearchDomain([0, 1, 2], when=_IMAGE),),
        ),
        Hyperparameter(
            "random_flip",
            False,
            ("boolean",),
            "bool",
            "Whether images are mirrored left to right in training, one of two. Not where left and "
            "right differ in meaning, as in writing.",
        ),
        Hyperparameter(
            "random_erasing",
            0.0,
            (Interval(Real, 0, 1, closed="both"),),
            "float",
            "Probability, in training, that a rectangle of 2 to 33 % of an image is painted over "
            "[Zhong2017]_.",
            role="dynamic",
            search=(SearchDomain([0.0, 0.25, 0.5], when=_IMAGE),),
        ),
    )
    rules = (
        without_effect(
            "image_shape",
            None,
            "random_shift, random_flip or random_erasing",
            lambda setting: any(setting[name] for name in _CHANGES),
            str(SIMARD_2003),
        ),
    )
    references = (SIMARD_2003, ZHONG_2017)
    summary = (
        Summary(
            "`random_shift`, `random_flip`, `random_erasing`, `image_shape`",
            "0 or more pixels; off or on; [0, 1]; height, width and channels",
            "of images alone",
            (SIMARD_2003, ZHONG_2017),
        ),
    )

    def faults(self, params: Params) -> Iterator[str]:
        shape = params["image_shape"]
        if shape is None or not isinstance(shape, tuple | list):
            return
        if len(shape) not in (2, 3) or not all(
            isinstance(side, Integral) and int(side) > 0 for side in shape
        ):
            yield (
                f"image_shape={shape!r} of {{estimator}} is no shape of an image: give height, "
                "width and, where there are several, channels, such as (28, 28)."
            )

    def resolve(self, params: Params) -> Params:
        shape = params["image_shape"]
        return {
            "image_shape": tuple(int(side) for side in shape) if shape else None,
            "random_shift": int(params["random_shift"]),
            "random_flip": bool(params["random_flip"]),
            "random_erasing": float(params["random_erasing"]),
        }

    def layers(self, stage: Stage, plan: NetworkPlan) -> Sequence[Callable[..., Any]]:
        changes = {name: plan.params[name] for name in _CHANGES}
        if stage != "input" or not any(changes.values()):
            return []
        from estimators import layers

        return [
            layers.ImageAugmentation(
                plan.params["image_shape"], **changes, seed=next(plan.seeds), name="augmentation"
            )
        ]

    def layers_by_row(self) -> tuple[type, ...]:
        from estimators import layers

        return (layers.ImageAugmentation,)
