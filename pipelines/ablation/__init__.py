"""Ablation studies: what each technique is worth between a plain network and the best one."""

from pipelines.ablation.change import Change
from pipelines.ablation.plan import AblationPlan, Network, plan_ablation
from pipelines.ablation.result import Ablation, NetworkResult, TechniqueWorth
from pipelines.ablation.run import explain_techniques, run_ablation

__all__ = [
    "Ablation",
    "AblationPlan",
    "Change",
    "Network",
    "NetworkResult",
    "TechniqueWorth",
    "explain_techniques",
    "plan_ablation",
    "run_ablation",
]
