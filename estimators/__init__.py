"""Keras networks as scikit-learn estimators."""

import lazy_loader

# Only what is asked for is imported: TensorFlow takes seconds.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
