"""Names of the tags and files by which runs and evaluations are found again."""

__all__ = [
    "CANDIDATE_TAG",
    "EVALUATION_FILE",
    "FINGERPRINT_TAG",
    "HEARTBEAT_TAG",
    "OUTCOME_TAG",
    "PROCESS_TAG",
    "SEARCH_TAG",
]

# Of a candidate's run; the search is told by the id of its run.
CANDIDATE_TAG = "candidate"
SEARCH_TAG = "search"
FINGERPRINT_TAG = "fingerprint"
OUTCOME_TAG = "outcome"
EVALUATION_FILE = "evaluation.json"

# Of a parent run: which process searches, in JSON; when it was last alive, in Unix seconds.
PROCESS_TAG = "search.process"
HEARTBEAT_TAG = "search.heartbeat"
