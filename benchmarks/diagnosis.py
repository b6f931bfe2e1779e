"""How well faults are told from healthy configurations: ``python -m benchmarks.diagnosis``.

Each fault is injected into healthy configurations, drawn at random, on small parts of tables; each
healthy one is diagnosed as well. A healthy configuration trains for as many epochs as its
validation loss falls and is at least as good as a linear model; a fault counts where it makes the
configuration worse. Thresholds were set on other tables, with ``--tables-of thresholds``.
"""

from __future__ import annotations

import itertools
import json
import pickle
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd

from benchmarks.faults import FAULTS, Case, Fault, TableRows, draw_healthy, read_rows
from benchmarks.report import report_path, write_report

__all__ = ["markdown", "recall_and_precision"]

BUNDLED = ("breast_cancer", "diabetes", "digits", "wine")
OF_FOLDER = ("ames", "california", "credit_default", "diamonds", "electricity", "adult")
OF_THRESHOLDS = ("abalone", "cpu_act", "letters", "students", "telco", "wine_quality")

# Seeds of the tables that thresholds were set on do not come again.
HIST: dict = {}
FIRST_SEED = {"test": 10_000, "thresholds": 0}

_WORSE = 0.05
_N_TRIES = 6
_FEWEST = 5


def score_of(estimator: Any, rows: TableRows) -> float:
    """Score of the validation rows: r2, or accuracy from the most frequent class's (0) to 1."""
    from estimators.diagnosis.figures import network_score

    predicted = estimator.predict(rows.X_val)
    return network_score(rows.y_val, predicted, classifies=rows.classifies)


def linear_score_of(rows: TableRows) -> float:
    """The same of a linear model."""
    from sklearn.linear_model import Ridge, RidgeClassifier

    model = (RidgeClassifier if rows.classifies else Ridge)(alpha=1.0).fit(rows.X, rows.y)
    return score_of(model, rows)


def run(case: Case) -> tuple[Any, float]:
    """Fit and measure a case: its figures and its validation score, -inf where it diverges."""
    from estimators import DivergenceError
    from estimators.diagnosis.measure import measure

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            estimator = case.fit()
        except DivergenceError as error:
            history = {"loss": [1.0] * (error.epoch - 1) + [np.nan]}
            return measure(case.unfitted(), case.rows.X, case.rows.y, history), -np.inf
        figures = measure(estimator, case.rows.X, case.rows.y)
        HIST[id(figures)] = estimator.history_
        return figures, score_of(estimator, case.rows)


def losses_of(case: Case) -> list[float]:
    """The validation loss by epoch; none of it where training diverges."""
    from estimators import DivergenceError

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return case.fit().history_["val_loss"]
        except DivergenceError:
            return [np.inf]


def healthy_case(rows: TableRows, seed: int, fault: Fault, random: np.random.Generator) -> Any:
    """A healthy configuration that a fault can get into, with its figures and score."""
    fixed = fault.fixed(random)
    least = linear_score_of(rows) - _WORSE
    for attempt in range(_N_TRIES):
        pilot = draw_healthy(rows, seed * 100 + attempt, **fixed)
        losses = losses_of(pilot)
        epochs = int(np.argmin(losses)) + 1
        if not (_FEWEST <= epochs < 0.9 * pilot.params["epochs"]):
            continue  # at the edge nobody knows how long it should train
        early = {"early_stopping": True, "patience": 5} if random.uniform() < 0.3 else {}
        case = Case(rows, {**pilot.params, "epochs": epochs, **early})
        figures, score = run(case)
        if score >= least:
            return case, figures, score
    return None


def runs(
    tables: list[tuple[str, Path | None]], n_each: int, first_seed: int
) -> Iterator[dict[str, Any]]:
    """Measure all cases: first a healthy one, then the same with the fault."""
    for number, fault in itertools.product(range(n_each), FAULTS):
        place = number + FAULTS.index(fault)
        for step in range(len(tables)):
            name, folder = tables[(place + step) % len(tables)]
            seed = first_seed + 1000 * number + FAULTS.index(fault)
            rows = read_rows(name, folder, seed)
            if not (fault.of_regression and rows.classifies):
                break
        random = np.random.default_rng([first_seed, number, FAULTS.index(fault)])
        began = time.perf_counter()
        found = healthy_case(rows, seed, fault, random)
        if found is None:
            print(f"no healthy configuration for {fault.cause} on {name}", file=sys.stderr)
            continue
        case, figures, score = found
        common = {"table": name, "seed": seed}
        yield {**common, "injected": None, "score": score, "figures": figures, "healthy": score}
        faulty = fault.inject(case, random)
        figures, worse = run(faulty)
        seconds = time.perf_counter() - began
        print(f"{number} {fault.cause} on {name}: {score:.2f} -> {worse:.2f}, {seconds:.1f} s", file=sys.stderr)
        yield {**common, "injected": fault.cause, "score": worse, "figures": figures, "healthy": score}


def judged(sample: dict[str, Any]) -> dict[str, Any]:
    """What a diagnosis says of a case that was measured."""
    from estimators.diagnosis.causes import found_causes

    harms = sample["score"] < sample["healthy"] - _WORSE
    return {
        **{name: sample[name] for name in ("table", "seed", "injected", "score", "healthy")},
        "harms": bool(harms) if sample["injected"] else None,
        "found": [cause.name for cause in found_causes(sample["figures"])],
    }


def recall_and_precision(samples: list[dict[str, Any]]) -> pd.DataFrame:
    """Recall and precision by cause, of the faults that harm beside all healthy ones.

    Parameters
    ----------
    samples : list of dict
        With "injected" (None for a healthy one), "harms" and "found".

    Returns
    -------
    DataFrame
        By cause: "injected", "harmful", "recall", "recall_of_all", "precision", "false" (findings
        in cases without the fault) and "healthy_false" (those among them in healthy ones).
    """
    table = {}
    counted = [each for each in samples if each["injected"] is None or each["harms"]]
    for fault in FAULTS:
        cause = fault.cause
        every = [each for each in samples if each["injected"] == cause]
        harmful = [each for each in every if each["harms"]]
        hits = sum(cause in each["found"] for each in harmful)
        false = [each for each in counted if each["injected"] != cause and cause in each["found"]]
        table[cause] = {
            "injected": len(every),
            "harmful": len(harmful),
            "recall": hits / len(harmful) if harmful else np.nan,
            "recall_of_all": np.mean([cause in each["found"] for each in every]) if every else np.nan,
            "precision": hits / (hits + len(false)) if hits + len(false) else np.nan,
            "false": len(false),
            "healthy_false": sum(each["injected"] is None for each in false),
        }
    return pd.DataFrame(table).T
