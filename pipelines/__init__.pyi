from .ablation import explain_techniques
from .data import Dataset, load_dataset
from .errors import InputError
from .intervals import calibrate_intervals, predict_intervals
from .optuna_search import OptunaSearch
from .pipeline import make_pipeline
from .search import GridSearch

__all__ = [
    "Dataset",
    "GridSearch",
    "InputError",
    "OptunaSearch",
    "calibrate_intervals",
    "explain_techniques",
    "load_dataset",
    "make_pipeline",
    "predict_intervals",
]
