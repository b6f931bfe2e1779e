"""Searching for the best configuration of a pipeline."""

import lazy_loader

# Only what is asked for is imported: a wrong option is reported without the estimators.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
