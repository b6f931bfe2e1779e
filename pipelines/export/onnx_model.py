"""A fitted pipeline as one ONNX model, preprocessing included."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import onnx
import pandas as pd
from numpy.typing import NDArray
from onnx import TensorProto
from sklearn.base import BaseEstimator, is_classifier
from sklearn.compose import ColumnTransformer
from sklearn.utils.validation import check_is_fitted

from estimators.base import KerasNetwork
from pipelines.data.dates import parse_dates
from pipelines.errors import InputError
from pipelines.export._tf2onnx import network_to_onnx
from pipelines.export.graph import OPSET, Graph
from pipelines.export.preprocessing import (
    is_categorical,
    preprocessed_table,
    steps_of,
    transformed,
)
from pipelines.preprocessing import AsText, DateParts

__all__ = ["onnx_inputs", "to_onnx"]

_MATRIX = "X"
_KINDS = "columns"
_EPOCH = pd.Timestamp(0)


def to_onnx(pipeline: BaseEstimator) -> onnx.ModelProto:
    """Make an ONNX model that predicts what a pipeline does.

    Parameters
    ----------
    pipeline : Pipeline
        Fitted; of :func:`pipelines.make_pipeline`, or scikit-learn's scalers and imputer before an
        estimator of this project; or such an estimator alone.

    Returns
    -------
    onnx.ModelProto
        Where the pipeline was fitted on a DataFrame, it has an input of shape (n_rows, 1) for each
        column, by its name: float64 for numbers, with nan where one is missing; text for
        categories, empty where one is missing; for dates float64, seconds since 1970 in UTC. Else
        it has one input "X" of shape (n_rows, n_features), float64. :func:`onnx_inputs` makes them
        of a table. Outputs are "label" and "probabilities" (n_rows, n_classes) of a classifier,
        and "prediction" of a regressor. They equal the pipeline's to float32's rounding, some 1e-6
        of a probability or of the target's deviation.

    Raises
    ------
    InputError
        If a part has no translation.

    Examples
    --------
    >>> import onnxruntime
    >>> from pipelines import load_dataset, make_pipeline
    >>> iris = load_dataset("iris")
    >>> pipeline = make_pipeline(iris, preset="plain", epochs=2).fit(iris.X, iris.y)
    >>> model = to_onnx(pipeline)
    >>> session = onnxruntime.InferenceSession(model.SerializeToString())
    >>> labels, probabilities = session.run(None, onnx_inputs(model, iris.X))
    >>> bool(np.allclose(probabilities, pipeline.predict_proba(iris.X), atol=1e-6))
    True
    """
    check_is_fitted(pipeline)
    *steps, estimator = steps_of(pipeline)
    _check_network(estimator)
    graph = Graph()
    if steps and isinstance(steps[0], ColumnTransformer):
        first, *rest = steps
        kinds = _kinds(first)
        columns = {
            name: graph.input(
                name, "string" if kind == "category" else "double", 1, _described(kind)
            )
            for name, kind in kinds.items()
        }
        x = preprocessed_table(graph, first, columns, _codes_of(estimator))
        if rest:
            x = transformed(graph, rest, graph("Cast", x, to=TensorProto.DOUBLE))
    else:
        if estimator.feature_encoder_.categories_:
            raise InputError(
                "A network that encodes categories of its own has a translation to ONNX only "
                "behind the preprocessing of pipelines.make_pipeline; put it there."
            )
        kinds = {}
        x = transformed(graph, steps, graph.input(_MATRIX, "double", pipeline.n_features_in_))
    x = graph("Cast", x, to=TensorProto.FLOAT)
    (outputs,) = graph.include(network_to_onnx(estimator.model_, OPSET), [x], "network_")
    outputs = graph("Cast", outputs, to=TensorProto.DOUBLE)
    if is_classifier(estimator):
        _add_classes(graph, estimator, outputs)
    else:
        _add_values(graph, estimator, outputs)
    return graph.model({_KINDS: json.dumps(kinds)})


def onnx_inputs(model: onnx.ModelProto, X: pd.DataFrame | NDArray[Any]) -> dict[str, NDArray[Any]]:
    """Make the inputs of an ONNX model of a table.

    Parameters
    ----------
    model : onnx.ModelProto
        Of :func:`to_onnx`.
    X : DataFrame or ndarray of shape (n_rows, n_columns)
        As the pipeline takes it.

    Returns
    -------
    dict of str to ndarray
        For ``onnxruntime.InferenceSession.run``.
    """
    properties = {entry.key: entry.value for entry in model.metadata_props}
    kinds: dict[str, str] = json.loads(properties[_KINDS])
    if not kinds:
        return {_MATRIX: np.asarray(X, dtype=np.float64)}
    return {name: _column(X[name], kind)[:, None] for name, kind in kinds.items()}


def _column(column: pd.Series, kind: str) -> NDArray[Any]:
    if kind == "number":
        return column.to_numpy(np.float64, na_value=np.nan)
    if kind == "category":
        text = np.asarray(AsText().fit_transform(column.to_frame()))[:, 0]
        return np.where(column.isna(), "", text).astype(object)
    dates = parse_dates(column, kind.removeprefix("date "))
    return ((dates - _EPOCH) / pd.Timedelta(seconds=1)).to_numpy(np.float64, na_value=np.nan)


def _kinds(preprocessing: ColumnTransformer) -> dict[str, str]:
    """What each column holds: "number", "category" or "date" and its format."""
    kinds: dict[str, str] = {}
    for _, transformer, chosen in preprocessing.transformers_:
        if transformer == "drop":
            continue
        steps = steps_of(transformer)
        for name in chosen:
            kinds[name] = "number"
            if is_categorical(transformer):
                kinds[name] = "category"
            elif steps and isinstance(steps[0], DateParts):
                kinds[name] = f"date {steps[0].formats[name]}"
    return {name: kinds[name] for name in preprocessing.feature_names_in_ if name in kinds}


def _described(kind: str) -> str:
    if kind == "category":
        return "text, empty where it is missing"
    if kind == "number":
        return "number, nan where it is missing"
    return "seconds since 1970 in UTC, nan where there is no date"


def _codes_of(estimator: KerasNetwork) -> Any:
    """From the values of a column, as the preprocessing gives them, to the network's codes."""
    encoder = estimator.feature_encoder_

    def codes(position: int, values: NDArray[Any]) -> NDArray[Any]:
        levels = pd.Index(encoder.categories_[position])
        return np.append(encoder.codes_[position], 0)[levels.get_indexer(pd.Index(values))]

    return codes


def _check_network(estimator: Any) -> None:
    if not isinstance(estimator, KerasNetwork):
        raise InputError(
            f"A {type(estimator).__name__} is no network of this project; export one that is, or "
            "take skl2onnx."
        )
    if len(estimator.model_.input_shape) != 2:
        raise InputError("A network of sequences has no translation to ONNX; export it as keras.")


def _add_classes(graph: Graph, estimator: Any, outputs: str) -> None:
    target = estimator.target_encoder_
    n_classes = len(target.classes_)
    if target.type_ == "multilabel-indicator":
        labels = graph("Cast", graph("Less", 0.5, outputs), to=TensorProto.INT64)
        graph.output(labels, "label", "int64", n_classes)
        graph.output(outputs, "probabilities", "double", n_classes)
        return
    if target.type_ == "binary":
        second = graph("Cast", graph("Less", 0.5, outputs), to=TensorProto.INT64)
        position = graph("Reshape", second, np.array([-1]))
        probabilities = graph("Concat", graph("Sub", 1.0, outputs), outputs, axis=1)
    else:
        position = graph("ArgMax", outputs, axis=1, keepdims=0)
        total = graph("ReduceSum", outputs, np.array([1]), keepdims=1)
        probabilities = graph("Div", outputs, total)
    classes, kind = _class_constants(target.classes_)
    graph.output(graph("Gather", classes, position, axis=0), "label", kind)
    graph.output(probabilities, "probabilities", "double", n_classes)


def _class_constants(classes: NDArray[Any]) -> tuple[NDArray[Any], str]:
    if classes.dtype.kind in "iub":
        return classes.astype(np.int64), "int64"
    if classes.dtype.kind == "f":
        return classes.astype(np.float64), "double"
    return np.array([str(label) for label in classes], dtype=object), "string"


def _add_values(graph: Graph, estimator: Any, outputs: str) -> None:
    target = estimator.target_encoder_
    if target.scaler_ is not None:
        scaled = graph("Mul", outputs, target.scaler_.scale_[None])
        outputs = graph("Add", scaled, target.scaler_.mean_[None])
    if target.clip:
        low, high = (np.asarray(bound, dtype=np.float64)[None] for bound in target.range_)
        outputs = graph("Min", graph("Max", outputs, low), high)
    if target.is_column_:
        graph.output(graph("Reshape", outputs, np.array([-1])), "prediction", "double")
    else:
        graph.output(outputs, "prediction", "double", target.n_outputs_)
