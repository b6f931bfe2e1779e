"""Searching for the multilayer perceptron that trains fast and well on a data set."""

import lazy_loader

# Only what is asked for is imported: not every process needs TensorFlow.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
