"""Bounds on the gradients, in three kinds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from numbers import Real
from typing import TYPE_CHECKING

from estimators._sklearn import Interval
from estimators.techniques.technique import (
    Hyperparameter,
    Params,
    Reference,
    SearchDomain,
    Summary,
    Technique,
)

if TYPE_CHECKING:
    import tensorflow as tf

__all__ = ["GradientClipping", "is_clipped"]

PASCANU_2013 = Reference("Pascanu2013", "Pascanu et al. 2013", "https://arxiv.org/abs/1211.5063")

_KINDS = ("clipnorm", "clipvalue", "global_clipnorm")


def _bound(name: str, doc: str, low: float, high: float) -> Hyperparameter:
    return Hyperparameter(
        name,
        None,
        (Interval(Real, 0, None, closed="neither"), None),
        "float",
        doc,
        role="dynamic",
        search=(
            SearchDomain({"low": low, "high": high, "log": True}, when={"clipping": name}),
            SearchDomain(
                None, when={"clipping": ["none", *(one for one in _KINDS if one != name)]}
            ),
        ),
    )


def is_clipped(params: Params) -> bool:
    """Whether gradients are bounded in any of the three ways."""
    return any(params[name] is not None for name in _KINDS)


class GradientClipping(Technique):
    """Gradients that are too large are made smaller before the optimizer gets them."""

    hyperparameters = (
        _bound(
            "clipnorm",
            "Largest norm that the gradient of each weight array may have; longer ones are scaled "
            "down.",
            0.1,
            10.0,
        ),
        _bound("clipvalue", "Largest size that an entry of a gradient may have.", 0.01, 1.0),
        _bound(
            "global_clipnorm",
            "Largest norm that all gradients together may have [Pascanu2013]_. At most one of the "
            "three may be set.",
            0.1,
            10.0,
        ),
    )
    references = (PASCANU_2013,)
    choices = {"clipping": SearchDomain(["none", *_KINDS])}
    summary = (
        Summary(
            "`clipnorm`, `clipvalue`, `global_clipnorm`",
            "at most one",
            "keeps steps from exploding",
            (PASCANU_2013,),
        ),
    )

    def faults(self, params: Params) -> Iterator[str]:
        given = [name for name in _KINDS if params[name] is not None]
        if len(given) > 1:
            yield (
                "At most one of the parameters clipnorm, clipvalue and global_clipnorm of "
                f"{{estimator}} may be set. Got {', '.join(f'{n}={params[n]!r}' for n in given)}: "
                "leave all but one at None."
            )

    def resolve(self, params: Params) -> Params:
        return {name: params[name] and float(params[name]) for name in _KINDS}

    def optimizer_arguments(self, params: Params) -> Params:
        return {name: params[name] for name in _KINDS}

    def change_gradients(
        self, gradients: Sequence[tf.Tensor], params: Params
    ) -> Sequence[tf.Tensor]:
        import tensorflow as tf

        if params["clipnorm"] is not None:
            return [tf.clip_by_norm(gradient, params["clipnorm"]) for gradient in gradients]
        if params["clipvalue"] is not None:
            bound = params["clipvalue"]
            return [tf.clip_by_value(gradient, -bound, bound) for gradient in gradients]
        if params["global_clipnorm"] is not None:
            return list(tf.clip_by_global_norm(gradients, params["global_clipnorm"])[0])
        return gradients
