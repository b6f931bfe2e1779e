"""Data sets: scikit-learn's bundled ones, two downloaded ones and the user's own tables."""

import lazy_loader

# Only what is asked for is imported: a wrong option is reported without pandas.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
