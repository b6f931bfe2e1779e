"""Evaluations as JSON, so that another search can take them over."""

from __future__ import annotations

import json
from dataclasses import asdict, fields

from pipelines.search.evaluation import Candidate, Evaluation, FoldResult

__all__ = ["dump_evaluation", "load_evaluation"]


def dump_evaluation(evaluation: Evaluation) -> str:
    """Write what came of a candidate, and by which name and fingerprint it went.

    Its parameters, which may be any objects, are left out.
    """
    own = {
        field.name: getattr(evaluation, field.name)
        for field in fields(Evaluation)
        if field.name not in ("candidate", "folds")
    }
    candidate = evaluation.candidate
    named = {"name": candidate.name, "fingerprint": candidate.fingerprint}
    return json.dumps({**named, **own, "folds": [asdict(fold) for fold in evaluation.folds]})


def load_evaluation(text: str) -> Evaluation:
    """Read what :func:`dump_evaluation` wrote.

    The candidate has a name and a fingerprint only; see :meth:`Evaluation.of`.
    """
    content = json.loads(text)
    candidate = Candidate(-1, {}, {}, content.pop("name"), content.pop("fingerprint"))
    folds = tuple(FoldResult(**fold) for fold in content.pop("folds"))
    warnings = tuple(content.pop("warnings"))
    unfinished = tuple(content.pop("unfinished"))
    return Evaluation(
        candidate=candidate, folds=folds, warnings=warnings, unfinished=unfinished, **content
    )
