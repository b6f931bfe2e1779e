"""A fitted pipeline in a file without pickle, read with a fixed list of trusted types."""

from __future__ import annotations

from pathlib import Path

from sklearn.pipeline import Pipeline

from pipelines.optional_imports import ARRAY_PACKAGES, left_out

with left_out(*ARRAY_PACKAGES):
    import skops.io

__all__ = ["TRUSTED_TYPES", "dump_pipeline", "read_pipeline"]

# What skops does not trust by itself, though none of these does anything but hold state.
# The list stands here and not beside a model: a file must not vouch for itself.
TRUSTED_TYPES = (
    "estimators.classifier.KerasMLPClassifier",
    "estimators.features.FeatureEncoder",
    "estimators.recurrent_classifier.KerasRNNClassifier",
    "estimators.recurrent_regressor.KerasRNNRegressor",
    "estimators.regressor.KerasMLPRegressor",
    "estimators.step_targets.StepClassTarget",
    "estimators.step_targets.StepValueTarget",
    "estimators.targets.ClassTarget",
    "estimators.targets.ValueTarget",
    "numpy.dtype",
    "pipelines.preprocessing.categories.AsText",
    "pipelines.preprocessing.categories.CategoryEncoder",
    "pipelines.preprocessing.channels.ChannelScaler",
    "pipelines.preprocessing.channels.SequenceImputer",
    "pipelines.preprocessing.date_parts.DateParts",
    "pipelines.preprocessing.scaling.NumericScaler",
    "pipelines.preprocessing.scaling.RobustClipScaler",
)

# Where some of them were when older files were written.
FORMER_TYPES = ("pipelines.preprocessing.AsText", "pipelines.preprocessing.NumericScaler")


def dump_pipeline(pipeline: Pipeline, path: str | Path) -> None:
    """Write a fitted pipeline to a file without pickle, for `load_pipeline` and ``init_from``.

    Parameters
    ----------
    pipeline : sklearn.pipeline.Pipeline
        Or an estimator of this project alone.
    path : str or Path

    Raises
    ------
    TypeError
        If it holds objects of types that `read_pipeline` would refuse.
    """
    skops.io.dump(pipeline, path)
    refused = sorted(set(skops.io.get_untrusted_types(file=path)) - set(TRUSTED_TYPES))
    if refused:
        raise TypeError(
            f"A pipeline with objects of {', '.join(refused)} cannot be stored: "
            f"they are not among the types that are trusted in loading."
        )


def read_pipeline(path: str | Path) -> Pipeline:
    """Read a pipeline that `dump_pipeline` wrote; it runs no code from the file."""
    return skops.io.load(path, trusted=[*TRUSTED_TYPES, *FORMER_TYPES])
