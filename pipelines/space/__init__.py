"""The space that a search draws configurations from, declared once, in YAML."""

import lazy_loader

# Only what is asked for is imported: a wrong option is reported without scikit-learn.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
