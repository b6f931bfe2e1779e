"""Fitted transformers of tables as ONNX operations, one function each."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from onnx import TensorProto
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler, QuantileTransformer, RobustScaler, StandardScaler

from pipelines.errors import InputError, listed
from pipelines.export.calendar import date_parts
from pipelines.export.graph import Graph
from pipelines.export.normal_quantile import normal_scores
from pipelines.preprocessing import (
    AsText,
    CategoryEncoder,
    DateParts,
    NumericScaler,
    RobustClipScaler,
)
from pipelines.preprocessing.scaling import FLOAT32_MAX

__all__ = ["NetworkCodes", "preprocessed_table", "transformed"]

NetworkCodes: TypeAlias = Callable[[int, NDArray[Any]], NDArray[Any]]
"""From the position of a column before the network, and its values, to the network's codes."""

_MISSING = AsText().fit_transform([[None]])[0, 0]
_BEND = 3.0  # as RobustClipScaler has it


def preprocessed_table(
    graph: Graph,
    preprocessing: ColumnTransformer,
    columns: Mapping[str, str],
    codes_of: NetworkCodes,
) -> str:
    """Add the preprocessing of a table.

    Parameters
    ----------
    graph : Graph
    preprocessing : ColumnTransformer
        Fitted on a DataFrame.
    columns : mapping of str to str
        Tensor of each column by name, of shape (n_rows, 1): text where it is a category, else
        float64.
    codes_of : callable
        Of the columns that are left to the network to encode.

    Returns
    -------
    str
        Tensor of shape (n_rows, n_outputs), float32.

    Raises
    ------
    InputError
        If a transformer has no translation.
    """
    parts: list[str] = []
    for name, transformer, chosen in preprocessing.transformers_:
        if transformer == "drop" or len(chosen) == 0:
            continue
        inputs = [columns[column] for column in chosen]
        steps = steps_of(transformer)
        if is_categorical(transformer):
            begin = preprocessing.output_indices_[name].start
            parts += _categories(graph, steps[-1], inputs, codes_of, begin)
        elif steps and isinstance(steps[0], DateParts):
            parts.append(
                transformed(graph, steps[1:], date_parts(graph, inputs, steps[0].with_clock_))
            )
        else:
            parts.append(transformed(graph, steps, graph("Concat", *inputs, axis=1)))
    numbers = [graph("Cast", part, to=TensorProto.FLOAT) for part in parts]
    return graph("Concat", *numbers, axis=1)


def steps_of(transformer: Any) -> list[BaseEstimator]:
    """The transformers in a row that one is."""
    if isinstance(transformer, Pipeline):
        return [step for _, step in transformer.steps if step not in (None, "passthrough")]
    return [] if transformer == "passthrough" else [transformer]


def is_categorical(transformer: Any) -> bool:
    """Whether it encodes categories that are text."""
    return [type(step) for step in steps_of(transformer)] == [AsText, CategoryEncoder]


def transformed(graph: Graph, steps: Sequence[BaseEstimator], x: str) -> str:
    """Add transformers of numbers, one after another.

    Parameters
    ----------
    graph : Graph
    steps : sequence of transformer
        Fitted.
    x : str
        Tensor of shape (n_rows, n_columns), float64.

    Returns
    -------
    str

    Raises
    ------
    InputError
        If one has no translation.
    """
    for step in steps:
        translation = _TRANSLATIONS.get(type(step))
        if translation is None:
            known = [kind.__name__ for kind in _TRANSLATIONS]
            raise InputError(
                f"A {type(step).__name__} in the preprocessing has no translation to ONNX; those "
                f"that have one are {listed(known)}. Take one of them, or keep the pipeline as it is."
            )
        x = translation(graph, step, x)
    return x


def _imputer(graph: Graph, imputer: SimpleImputer, x: str) -> str:
    lost = np.isnan(np.asarray(imputer.statistics_, dtype=float))
    if lost.any() or (
        imputer.missing_values is not np.nan and not np.isnan(imputer.missing_values)
    ):
        raise InputError(
            "A SimpleImputer that drops empty columns, or fills in other values than nan, has no "
            "translation to ONNX; set keep_empty_features=True and missing_values=nan."
        )
    is_missing = graph("IsNaN", x)
    filled = graph("Where", is_missing, imputer.statistics_.astype(float)[None], x)
    if imputer.indicator_ is None:
        return filled
    marked = graph("Gather", is_missing, imputer.indicator_.features_.astype(np.int64), axis=1)
    return graph("Concat", filled, graph("Cast", marked, to=TensorProto.DOUBLE), axis=1)


def _standard(graph: Graph, scaler: StandardScaler, x: str) -> str:
    return _shifted(graph, x, scaler.mean_ if scaler.with_mean else None, scaler.scale_)


def _robust(graph: Graph, scaler: RobustScaler, x: str) -> str:
    return _shifted(graph, x, scaler.center_, scaler.scale_)


def _robust_clip(graph: Graph, scaler: RobustClipScaler, x: str) -> str:
    scaled = _robust(graph, scaler, x)
    share = graph("Div", scaled, _BEND)
    bent = graph("Sqrt", graph("Add", 1.0, graph("Mul", share, share)))
    return graph("Div", scaled, bent)


def _shifted(graph: Graph, x: str, centre: NDArray | None, scale: NDArray | None) -> str:
    if centre is not None:
        x = graph("Sub", x, centre[None])
    return x if scale is None else graph("Div", x, scale[None])


def _minmax(graph: Graph, scaler: MinMaxScaler, x: str) -> str:
    scaled = graph("Add", graph("Mul", x, scaler.scale_[None]), scaler.min_[None])
    if not scaler.clip:
        return scaled
    return graph("Clip", scaled, *(float(bound) for bound in scaler.feature_range))


def _quantile(graph: Graph, transformer: QuantileTransformer, x: str) -> str:
    if transformer.output_distribution != "normal":
        raise InputError(
            "A QuantileTransformer to the uniform distribution has no translation to ONNX; take "
            "output_distribution='normal'."
        )
    return normal_scores(graph, x, transformer.quantiles_, transformer.references_)


def _numeric_scaler(graph: Graph, scaler: NumericScaler, x: str) -> str:
    if scaler.scaler_ is not None:
        x = transformed(graph, [scaler.scaler_], x)
    elif scaler.method == "pixels" and scaler.pixel_max is not None:
        x = graph("Div", x, float(scaler.pixel_max))
    return graph("Clip", x, -float(FLOAT32_MAX), float(FLOAT32_MAX))


_TRANSLATIONS: dict[type, Callable[[Graph, Any, str], str]] = {
    MinMaxScaler: _minmax,
    NumericScaler: _numeric_scaler,
    QuantileTransformer: _quantile,
    RobustClipScaler: _robust_clip,
    RobustScaler: _robust,
    SimpleImputer: _imputer,
    StandardScaler: _standard,
}


def _categories(
    graph: Graph,
    encoder: CategoryEncoder,
    columns: Sequence[str],
    codes_of: NetworkCodes,
    begin: int,
) -> list[str]:
    """Look each category up in a table of what the encoder makes of it."""
    parts = []
    for at, column in enumerate(columns):
        texts, rows = _encoded_texts(encoder, at)
        if encoder.method == "embedding":
            rows = codes_of(begin + at, rows[:, 0])[:, None]
        row_of_text = graph(
            "LabelEncoder",
            column,
            domain="ai.onnx.ml",
            keys_strings=texts,
            values_int64s=[*range(len(texts))],
            default_int64=len(texts),
        )
        flat = graph("Reshape", row_of_text, np.array([-1]))
        parts.append(graph("Gather", rows.astype(np.float32), flat, axis=0))
    return parts


def _encoded_texts(encoder: CategoryEncoder, at: int) -> tuple[list[str], NDArray[Any]]:
    """The texts that a column's encoder knows, and its outputs for each and for an unknown one.

    The encoder itself is asked, so that what it makes of rare and of unknown ones is its affair.
    """
    known = encoder.encoder_.categories_
    texts = [str(text) for text in known[at]]
    unknown = "?" * (1 + max(map(len, texts)))
    keys = [*texts, *([""] if "" not in texts else [])]  # an empty text is a missing value
    values = [*texts, *([_MISSING] if len(keys) > len(texts) else []), unknown]
    probes = np.empty((len(values), len(known)), dtype=object)
    for place, categories in enumerate(known):
        probes[:, place] = values if place == at else categories[0]
    names = getattr(encoder, "feature_names_in_", None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of unknown categories
        outputs = np.asarray(encoder.transform(pd.DataFrame(probes, columns=names)), dtype=float)
    ends = np.cumsum([_n_outputs(encoder, place) for place in range(len(known))])
    width = _n_outputs(encoder, at)
    return keys, outputs[:, ends[at] - width : ends[at]]


def _n_outputs(encoder: CategoryEncoder, at: int) -> int:
    if encoder.method == "embedding":
        return 1
    n_categories = len(encoder.encoder_.categories_[at])
    rare = encoder.encoder_.infrequent_categories_[at]
    return n_categories if rare is None else n_categories - len(rare) + 1
