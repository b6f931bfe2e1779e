"""Preprocessing: from the columns of a data set to the numbers that a network learns from."""

from pipelines.preprocessing.categories import ENCODINGS, AsText, CategoryEncoder
from pipelines.preprocessing.channels import ChannelScaler, SequenceImputer
from pipelines.preprocessing.date_parts import DateParts
from pipelines.preprocessing.preprocessor import make_preprocessor
from pipelines.preprocessing.scaling import SCALINGS, NumericScaler, RobustClipScaler, Scaling

__all__ = [
    "ENCODINGS",
    "SCALINGS",
    "AsText",
    "CategoryEncoder",
    "ChannelScaler",
    "DateParts",
    "NumericScaler",
    "RobustClipScaler",
    "Scaling",
    "SequenceImputer",
    "make_preprocessor",
]
