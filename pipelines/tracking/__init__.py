"""Recording searches and their models in MLflow; the only package that imports it."""

import lazy_loader

# Only what is asked for is imported: MLflow takes seconds, and its writer needs no TensorFlow.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
