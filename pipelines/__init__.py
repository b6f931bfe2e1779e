"""Searching for the multilayer perceptron that trains fast and well on a data set."""

from pipelines.data import Dataset, load_dataset
from pipelines.errors import InputError
from pipelines.pipeline import make_pipeline
from pipelines.search import GridSearch

__all__ = ["Dataset", "GridSearch", "InputError", "load_dataset", "make_pipeline"]
