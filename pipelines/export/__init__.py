"""Models for where this project is not installed: ONNX, and plain Keras."""

import lazy_loader

# Only what is asked for is imported: ONNX is an extra.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
