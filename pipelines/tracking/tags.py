"""Names of tags and files in MLflow: its own documented ones, and those of this project."""

__all__ = [
    "CANDIDATE_TAG",
    "EVALUATION_FILE",
    "FINGERPRINT_TAG",
    "HEARTBEAT_TAG",
    "NOTE_TAG",
    "ORIGIN_TAGS",
    "OUTCOME_TAG",
    "PARENT_RUN_TAG",
    "PRIMARY_METRIC_TAG",
    "PROCESS_TAG",
    "RUN_COLOR_TAG",
    "SEARCH_TAG",
    "WORTHS_TAG",
]

# MLflow's.
PARENT_RUN_TAG = "mlflow.parentRunId"
NOTE_TAG = "mlflow.note.content"
RUN_COLOR_TAG = "mlflow.runColor"
ORIGIN_TAGS = (
    "mlflow.user",
    "mlflow.source.name",
    "mlflow.source.type",
    "mlflow.source.git.commit",
)

# MLflow's, of an experiment.
PRIMARY_METRIC_TAG = "mlflow.experiment.primaryMetric.name"

# Of a candidate's run; the search is told by the id of its run.
CANDIDATE_TAG = "candidate"
SEARCH_TAG = "search"
FINGERPRINT_TAG = "fingerprint"
OUTCOME_TAG = "outcome"
EVALUATION_FILE = "evaluation.json"

# Of a parent run: which process searches, in JSON; when it was last alive, in Unix seconds.
PROCESS_TAG = "search.process"
HEARTBEAT_TAG = "search.heartbeat"

# Of a parent run: what techniques were worth on its data, in JSON.
WORTHS_TAG = "techniques.worth"
