from .files import SUFFIXES, check_export, export_model
from .onnx_model import onnx_inputs, to_onnx

__all__ = ["SUFFIXES", "check_export", "export_model", "onnx_inputs", "to_onnx"]
