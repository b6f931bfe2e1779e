from .default_space import default_space
from .domains import Choice, Domain, Layers, Range, Suggest
from .reading import parse_space, read_space
from .space import Entry, Space

__all__ = [
    "Choice",
    "Domain",
    "Entry",
    "Layers",
    "Range",
    "Space",
    "Suggest",
    "default_space",
    "parse_space",
    "read_space",
]
