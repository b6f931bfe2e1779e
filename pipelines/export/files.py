"""Models in files of other formats."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from pipelines.errors import InputError, check_choice, check_installed
from pipelines.output import check_output_file

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator

__all__ = ["SUFFIXES", "check_export", "export_model"]

SUFFIXES = MappingProxyType({"onnx": ".onnx", "keras": ".keras"})
"""Of the file of each format."""


def check_export(path: Path, format: str) -> None:
    """Refuse what could not be written in the end.

    Raises
    ------
    InputError
    """
    check_choice("format", format, SUFFIXES)
    check_output_file(path, [SUFFIXES[format]])
    if format == "onnx":
        for package in ("onnx", "tf2onnx"):
            check_installed(package, extra="onnx", needed_by="format=onnx")


def export_model(pipeline: BaseEstimator, path: Path, format: str = "onnx") -> str:
    """Write a fitted pipeline, or its network, to a file that needs nothing of this project.

    Parameters
    ----------
    pipeline : Pipeline
        Fitted, see :func:`pipelines.export.to_onnx`.
    path : Path
        File, whose name ends in the format.
    format : {"onnx", "keras"}, default="onnx"
        - "onnx": the whole pipeline, preprocessing included (:func:`pipelines.export.to_onnx`);
        - "keras": its network in Keras' own layers, without the preprocessing before it
          (:func:`estimators.plain_network`).

    Returns
    -------
    str
        A sentence that says what is in the file.

    Raises
    ------
    InputError
        If a part has no equivalent in the format.
    """
    check_export(path, format)
    path.absolute().parent.mkdir(parents=True, exist_ok=True)
    if format == "onnx":
        from pipelines.export.onnx_model import to_onnx

        model = to_onnx(pipeline)
        path.write_bytes(model.SerializeToString())
        inputs = "an input for each column" if len(model.graph.input) > 1 else "one input"
        outputs = " and ".join(output.name for output in model.graph.output)
        return f"Wrote the pipeline to {path}: {inputs}, and {outputs} as output."
    from estimators import plain_network

    try:
        network = plain_network(pipeline[-1] if hasattr(pipeline, "steps") else pipeline)
    except ValueError as error:
        raise InputError(str(error)) from error
    network.save(path)
    shape = " x ".join(str(size) for size in network.input_shape[1:])
    return (
        f"Wrote the network to {path}: its input is the {shape} numbers of a row that the pipeline's "
        "preprocessing makes, which is not in the file."
    )
