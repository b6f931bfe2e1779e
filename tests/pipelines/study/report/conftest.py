"""Claims with made-up evidence, and a study with far rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from pipelines.study import Claim, ClaimResult, StudyResult, judge


@pytest.fixture(scope="session")
def tried(make_result) -> Callable[..., ClaimResult]:
    """A function that makes a claim about an arm and a reference, from what was measured."""

    def make(quantity, values, reference, *, expect="greater", activations=None) -> ClaimResult:
        verdict = judge(
            {"the arm": np.array(values)},
            np.array(reference),
            expect=expect,
            margin=0.01,
            are_failures=quantity == "failed",
        )
        trained = [None if np.isnan(value) else value for value in values]
        arms = {
            "arm": make_result("arm", trained, activations=activations),
            "base": make_result("base", reference, activations=activations),
        }
        claim = Claim("name", "It helps.", quantity, ("arm",), expect, "base")
        return ClaimResult(claim, verdict, arms)

    return make


@pytest.fixture
def study_with_far_rows(study) -> StudyResult:
    """The study, of which two validation rows are far outside; without them all scores are equal."""
    arms = tuple(
        replace(
            arm,
            runs=tuple(
                replace(
                    run,
                    folds=tuple(
                        replace(fold, held_out_scores={"in_range": {"accuracy": 0.8}})
                        for fold in run.folds
                    ),
                )
                for run in arm.runs
            ),
        )
        for arm in study.arms
    )
    return replace(study, arms=arms, n_far=2)
