"""Whether a trained network is worth more to another data set than a new one."""

import lazy_loader

# Only what is asked for is imported: a wrong option is reported without the estimators.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
