from .arms import ARMS, TransferArm
from .design import SourceDesign, design_names, read_design
from .page import transfer_markdown, transfer_page
from .plan import TransferPlan, plan_transfer, run_transfer
from .result import SizeResult, TransferResult

__all__ = [
    "ARMS",
    "SizeResult",
    "SourceDesign",
    "TransferArm",
    "TransferPlan",
    "TransferResult",
    "design_names",
    "plan_transfer",
    "read_design",
    "run_transfer",
    "transfer_markdown",
    "transfer_page",
]
