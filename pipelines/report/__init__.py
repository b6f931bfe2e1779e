"""What people look at: progress, verdict, figures and the HTML page."""

import lazy_loader

# Only what is asked for is imported: a search shows its progress long before it has a page.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
