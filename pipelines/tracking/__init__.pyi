from .delivery import upload_journals
from .journal import JOURNALS_FOLDER
from .model import load_pipeline, log_pipeline
from .tracker import MLflowTracker

__all__ = [
    "JOURNALS_FOLDER",
    "MLflowTracker",
    "load_pipeline",
    "log_pipeline",
    "upload_journals",
]
