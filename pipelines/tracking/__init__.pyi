from .configurations import read_configuration
from .delivery import upload_journals
from .journal import JOURNALS_FOLDER
from .model import TrackedModel, load_model, load_pipeline, log_pipeline, searched_data
from .pipeline_file import dump_pipeline
from .searches import read_search
from .tracker import MLflowTracker

__all__ = [
    "JOURNALS_FOLDER",
    "MLflowTracker",
    "TrackedModel",
    "dump_pipeline",
    "load_model",
    "load_pipeline",
    "log_pipeline",
    "read_configuration",
    "read_search",
    "searched_data",
    "upload_journals",
]
