"""What people look at of a study: the page, its figures, the ranking on the terminal."""

from pipelines.study.report.claims_table import ClaimRow, claim_rows
from pipelines.study.report.console import print_study
from pipelines.study.report.files import write_report
from pipelines.study.report.findings import findings
from pipelines.study.report.page import StudyReport, report_study
from pipelines.study.report.results_table import arm_measurements, results_table

__all__ = [
    "ClaimRow",
    "StudyReport",
    "arm_measurements",
    "claim_rows",
    "findings",
    "print_study",
    "report_study",
    "results_table",
    "write_report",
]
