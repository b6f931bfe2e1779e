"""Studies of training techniques: arms run with several seeds, compared and judged."""

from pipelines.study.arm import VARIANTS, Arm, Variant, factorial_arms, technique_arm
from pipelines.study.claim import Claim, ClaimResult, read_claims
from pipelines.study.claim_verdict import ClaimVerdict, Support, judge
from pipelines.study.claims import Claims, plan_claims
from pipelines.study.design import Design, Figures, Publication, design_for
from pipelines.study.effects import Effect, factor_effects
from pipelines.study.experiment import Experiment, make_experiment, run_experiments
from pipelines.study.metric import Metric, metric_for
from pipelines.study.reproduction import Reproduction, matching_variant, reproduction_of
from pipelines.study.result import ArmResult, Quantity
from pipelines.study.split import StudySplit, rows_in_range, split_dataset
from pipelines.study.study import Reach, StudyResult, plan_study, run_study

__all__ = [
    "VARIANTS",
    "Arm",
    "ArmResult",
    "Claim",
    "ClaimResult",
    "ClaimVerdict",
    "Claims",
    "Design",
    "Effect",
    "Experiment",
    "Figures",
    "Metric",
    "Publication",
    "Quantity",
    "Reach",
    "Reproduction",
    "StudyResult",
    "StudySplit",
    "Support",
    "Variant",
    "design_for",
    "factor_effects",
    "factorial_arms",
    "judge",
    "make_experiment",
    "matching_variant",
    "metric_for",
    "plan_claims",
    "plan_study",
    "read_claims",
    "reproduction_of",
    "rows_in_range",
    "run_experiments",
    "run_study",
    "split_dataset",
    "technique_arm",
]
