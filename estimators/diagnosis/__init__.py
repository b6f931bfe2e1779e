"""Why a configuration fails or learns slowly."""

from estimators.diagnosis.causes import CAUSES, Cause
from estimators.diagnosis.diagnose import diagnose
from estimators.diagnosis.diagnosis import Diagnosis, Finding
from estimators.diagnosis.probe import Probe
from estimators.diagnosis.thresholds import THRESHOLDS, Threshold
from estimators.diagnosis.training import EpochProbes, diagnose_training

__all__ = [
    "CAUSES",
    "THRESHOLDS",
    "Cause",
    "Diagnosis",
    "EpochProbes",
    "Finding",
    "Probe",
    "Threshold",
    "diagnose",
    "diagnose_training",
]
