"""The space that a search draws configurations from, declared once, in YAML."""

from pipelines.space.default_space import default_space
from pipelines.space.domains import Choice, Domain, Layers, Range, Suggest
from pipelines.space.reading import parse_space, read_space
from pipelines.space.space import Entry, Space

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
