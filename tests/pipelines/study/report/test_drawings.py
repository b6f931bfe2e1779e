from __future__ import annotations

from dataclasses import replace

from pipelines.study.report.drawings import study_drawings


def test_figures_with_captions(study, study_with_far_rows):
    drawings = {drawing.name: drawing for drawing in study_drawings(study)}
    assert list(drawings) == ["differences", "published", "curves", "times"]
    assert "from the relu on the validation rows, with" in drawings["differences"].caption
    far = study_drawings(study_with_far_rows)[0]
    assert "on the validation rows without the 2 far ones, with" in far.caption


def test_the_baseline_diverged(study, make_result):
    broken = make_result("relu", [None, None, None])
    diverged = replace(study, arms=(broken, *study.arms[1:]))
    assert len(study_drawings(diverged)) == 4
