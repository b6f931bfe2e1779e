"""The techniques study: published comparisons of techniques, run with several seeds and judged."""

from pipelines.techniques.agreement import Agreement, agreement_of, matching_variant
from pipelines.techniques.claims import Claim, ClaimResult, ClaimsStudy
from pipelines.techniques.judgement import Judgement, Support, judge
from pipelines.techniques.measure import Measure, measure_for
from pipelines.techniques.plan import Line, Plan, make_plan
from pipelines.techniques.result import LineResult, Quantity, Reach, StudyResult
from pipelines.techniques.splits import Rows, split_rows, usual_rows
from pipelines.techniques.statistics import Comparison, Interval, compare
from pipelines.techniques.study import TechniquesStudy
from pipelines.techniques.table import Published, Row, Table, Variant, choose_rows, table_for

__all__ = [
    "Agreement",
    "Claim",
    "ClaimResult",
    "ClaimsStudy",
    "Comparison",
    "Interval",
    "Judgement",
    "Line",
    "LineResult",
    "Measure",
    "Plan",
    "Published",
    "Quantity",
    "Reach",
    "Row",
    "Rows",
    "StudyResult",
    "Support",
    "Table",
    "TechniquesStudy",
    "Variant",
    "agreement_of",
    "choose_rows",
    "compare",
    "judge",
    "make_plan",
    "matching_variant",
    "measure_for",
    "split_rows",
    "table_for",
    "usual_rows",
]
