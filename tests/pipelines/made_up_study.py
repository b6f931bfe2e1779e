"""Results of a study that nobody ran."""

from __future__ import annotations

from pipelines.search import Candidate, Evaluation, FoldResult
from pipelines.techniques import Line, LineResult, Measure, Published, Row, StudyResult, Table

ACCURACY = Measure("accuracy", "%", 100, 2, "accuracy", "accuracy", 1.0, True, 0.005)


def make_fold(score, *, train=None, last_epoch=None, epoch_seconds=1.0, curve=None, layers=None):
    curve = curve or [score - 0.1, score]
    return FoldResult(
        train_scores={"accuracy": score + 0.05 if train is None else train},
        validation_scores={"accuracy": score},
        fit_seconds=10.0,
        score_seconds=0.1,
        epoch_seconds=epoch_seconds,
        predict_microseconds=1.0,
        n_weights=100,
        n_epochs=len(curve),
        curves={
            "accuracy": [0.5, score if last_epoch is None else last_epoch],
            "val_accuracy": curve,
        },
        held_out_scores={"test": {"accuracy": score - 0.01}},
        layers=layers or {},
    )


def make_line(number, row, scores, *, variants=("as described", "as run"), **details):
    """A line with a score a seed; None for a seed that diverged."""
    line = Line(number, row, variants, {"activation": row.name, "epochs": 2})
    evaluations = []
    for seed, score in enumerate(scores):
        candidate = Candidate(100 * number + seed, {}, {}, f"{row.label}, seed {seed}")
        folds = () if score is None else (make_fold(score, **details),)
        status, reason = ("complete", None) if folds else ("diverged", "Training diverged.")
        evaluations.append(Evaluation(candidate, status, reason, folds, float(seed), seed + 5.0))
    return LineResult(line, ACCURACY, tuple(evaluations))


def make_row(name, published=None, *, as_run=None, output=None):
    described = {"activation": name}
    return Row(
        name=name,
        label=f"the {name}",
        as_described=described,
        as_run=as_run or described,
        published=published,
        output=output,
        discrepancy="Something else was run." if as_run else "",
    )


def make_study():
    """A baseline, a better row, a row that was run otherwise, and one that fails."""
    relu = make_row("relu", Published(0.80, 0.80, 10.0))
    selu = make_row("selu", Published(0.90, 0.902, 12.0))
    prelu = make_row("prelu", Published(0.80, 0.70), as_run={"activation": "tanh"})
    tanh = make_row("tanh", Published(0.80, 0.99), output=Published(0.8, 0.6))
    lines = (
        make_line(0, relu, [0.80, 0.81, 0.79]),
        make_line(1, selu, [0.90, 0.912, 0.889], epoch_seconds=2.0, curve=[0.85, 0.9]),
        make_line(2, prelu, [0.80, 0.81, 0.80], variants=("as described",)),
        make_line(3, prelu, [0.70, 0.71, 0.69], variants=("as run",), last_epoch=0.8),
        make_line(4, tanh, [0.60, None, 0.61]),
    )
    table = Table((relu, selu, prelu, tanh), "relu", {}, is_published=True)
    return StudyResult("made_up", table, ACCURACY, (0, 1, 2), lines, 0, {"data set": "made up"})
