"""Do cheap figures of an untrained network say which to train: ``python -m benchmarks.predictors``.

Initializers and activations are combined in a deep network, each combination is trained with
several seeds, and what was known of it before, or after one epoch, is compared with the score that
it reached. Nothing was tuned: each predictor is as its paper has it, or has no constant.
"""

from __future__ import annotations

import itertools
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from benchmarks.diagnosis import BUNDLED, score_of, sources_of, tables_option
from benchmarks.faults import N_ROWS, TableRows, read_rows
from benchmarks.report import write_report

__all__ = ["PREDICTORS", "correlations", "markdown", "regrets"]

OF_FOLDER = ("abalone", "california", "cpu_act", "credit_default", "electricity", "letters")
ACTIVATIONS = ("relu", "elu", "selu", "silu", "tanh", "sigmoid")
INITIALIZERS = ("glorot_uniform", "he_normal", "lecun_normal", "orthogonal")
OPTIMIZERS = {"adam": 0.001, "sgd": 0.01}
LAYERS = (100, 50, 50, 50, 50)
EPOCHS = 20

# By name: what it is, and where it is from. All are made so that greater should be better.
PREDICTORS = {
    "variance": "minus the distance from 1, in powers of ten, of the ratio of the variances that "
    "enter the last and the first activation ([Mishkin and Matas 2016]"
    "(https://arxiv.org/abs/1511.06422) make them equal)",
    "gradient": "minus the same of the gradients at the first and the last hidden layer ([Glorot "
    "and Bengio 2010](https://proceedings.mlr.press/v9/glorot10a.html))",
    "synflow": "logarithm of the sum of weight times gradient in the network of absolute weights "
    "([Tanaka et al. 2020](https://arxiv.org/abs/2006.05467))",
    "near": "effective ranks of what enters and leaves the activations, summed over the layers "
    "([Husistein et al. 2024](https://arxiv.org/abs/2408.08776))",
    "first loss": "minus the loss before the first step over that of a constant",
    "first epoch": "minus the validation loss after one epoch",
    "other tables": "the mean rank that the combination had on the other tables: no look at the "
    "network at all",
}

# Those that look at an untrained network.
LOOKS = ("variance", "gradient", "synflow", "near", "first loss")
_GOOD = 0.5  # of what the median lacks


def effective_rank(matrix: np.ndarray) -> float:
    """The exponential of the entropy of the singular values [1]_.

    References
    ----------
    .. [1] O. Roy and M. Vetterli, "The effective rank: A measure of effective dimensionality",
       EUSIPCO, 2007.

    Examples
    --------
    >>> round(effective_rank(np.eye(4)), 6)
    4.0
    >>> round(effective_rank(np.ones((4, 4))), 6)
    1.0
    """
    values = np.linalg.svd(matrix.astype(float), compute_uv=False)
    shares = values[values > 0] / values.sum() if values.sum() > 0 else np.ones(1)
    return float(np.exp(-(shares * np.log(shares)).sum()))


def synflow(network: Any, n_inputs: int) -> float:
    """The logarithm of what flows through the absolute weights, one row of ones let in."""
    import tensorflow as tf

    # The logarithm of a product of five layers, of which float32 would lose the smallest.
    weights = [tf.abs(tf.cast(each, tf.float64)) for each in network.trainable_variables]
    kernels = [each for each in weights if len(each.shape) == 2]
    with tf.GradientTape() as tape:
        tape.watch(kernels)
        flow = tf.ones((1, n_inputs), tf.float64)
        for kernel in kernels:
            flow = flow @ kernel
        total = tf.reduce_sum(flow)
    gradients = tape.gradient(total, kernels)
    value = sum(float(tf.reduce_sum(w * g)) for w, g in zip(kernels, gradients, strict=True))
    return float(np.log(max(value, np.finfo(float).tiny)))


def before_training(estimator: Any, rows: TableRows) -> dict[str, float]:
    """The figures of a network before its first step, by predictor."""
    from estimators.diagnosis.measure import measure, rows_of
    from estimators.diagnosis.taps import TappedNetwork

    first = estimator.initialize(rows.X, rows.y)
    figures = measure(estimator, rows.X, rows.y)
    _, batch = rows_of(first, rows.X, rows.y)
    passed = TappedNetwork(first.model_).run(first.model_.loss, batch)
    matrices = [*passed.before[:-1], *(each for each in passed.after[:-1] if each is not None)]
    probe = figures.initial
    assert probe is not None
    return {
        "variance": -abs(np.log10(probe.variance_ratio)),
        "gradient": -abs(np.log10(probe.gradient_ratio)),
        "synflow": synflow(first.model_, rows.X.shape[1]),
        "near": sum(map(effective_rank, matrices)),
        "first loss": -probe.loss / figures.constant,
    }


def runs(tables: list[tuple[str, Path | None]], n_seeds: int) -> Iterator[dict[str, Any]]:
    """Train every combination on every table, seed by seed."""
    import estimators

    combinations = list(itertools.product(OPTIMIZERS, ACTIVATIONS, INITIALIZERS))
    for seed, (name, folder) in itertools.product(range(n_seeds), tables):
        began = time.perf_counter()
        rows = read_rows(name, folder, seed)
        kind = estimators.KerasMLPClassifier if rows.classifies else estimators.KerasMLPRegressor
        for optimizer, activation, initializer in combinations:
            estimator = kind(
                LAYERS,
                activation=activation,
                kernel_initializer=initializer,
                optimizer=optimizer,
                learning_rate=OPTIMIZERS[optimizer],
                epochs=EPOCHS,
                early_stopping=False,
                random_state=seed,
            )
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                figures = before_training(estimator, rows)
                try:
                    estimator.fit(rows.X, rows.y, X_val=rows.X_val, y_val=rows.y_val)
                    figures["first epoch"] = -estimator.history_["val_loss"][0]
                    score = score_of(estimator, rows)
                except estimators.DivergenceError:
                    figures["first epoch"], score = -np.inf, -np.inf
            yield {
                "table": name,
                "seed": seed,
                "optimizer": optimizer,
                "activation": activation,
                "initializer": initializer,
                "score": score,
                **figures,
            }
        print(f"{name} {seed}: {time.perf_counter() - began:.0f} s", file=sys.stderr)


def by_combination(samples: list[dict[str, Any]]) -> pd.DataFrame:
    """Samples, with the mean score of each combination on a table in place of its seeds' own.

    A predictor that looks at one network is to foretell how good such networks are.
    """
    frame = pd.DataFrame(samples).replace(-np.inf, -1e9)
    keys = ["table", "optimizer", "activation", "initializer"]
    frame["reached"] = frame.groupby(keys)["score"].transform("mean")
    means = frame.drop_duplicates(keys).set_index(keys)["reached"]
    ranks = means.groupby(level=["table", "optimizer"]).rank().unstack("table")
    elsewhere = pd.DataFrame(
        {table: ranks.drop(columns=table).mean(axis=1) for table in ranks}
    ).stack()
    elsewhere.index.names = ["optimizer", "activation", "initializer", "table"]
    return frame.join(elsewhere.rename("other tables"), on=elsewhere.index.names)


def _by_group(
    samples: list[dict[str, Any]], figure: Callable[[pd.Series, pd.Series], float]
) -> pd.DataFrame:
    rows = [
        {
            "table": table,
            "optimizer": optimizer,
            "predictor": predictor,
            "value": figure(group[predictor], group["reached"]),
        }
        for (table, optimizer, _), group in by_combination(samples).groupby(
            ["table", "optimizer", "seed"]
        )
        for predictor in PREDICTORS
    ]
    # Seeds of a table are not independent: a table is one observation.
    return pd.DataFrame(rows).groupby(["predictor", "optimizer", "table"])["value"].mean().unstack()


def correlations(samples: list[dict[str, Any]]) -> pd.DataFrame:
    """Spearman's correlation with the score reached, by predictor and optimizer, table by table.

    Parameters
    ----------
    samples : list of dict
        "table", "seed", "optimizer", "activation", "initializer", "score" and the predictors.
    """
    return _by_group(samples, lambda found, reached: float(spearmanr(found, reached)[0]))


def regrets(samples: list[dict[str, Any]]) -> pd.DataFrame:
    """What the combination that a predictor puts first lacks of the best one's score.

    As a share of what one drawn at random lacks: 0 is the best one, 1 no better than chance.
    """

    def regret(found: pd.Series, reached: pd.Series) -> float:
        chance = float(reached.max() - reached.median())
        return float(reached.max() - reached.loc[found.idxmax()]) / chance if chance else 0.0

    return _by_group(samples, regret)


def markdown(samples: list[dict[str, Any]], minutes: float) -> str:
    """Write the figures as a report for people."""
    tables = sorted({each["table"] for each in samples})
    n_seeds = len({each["seed"] for each in samples})
    lines = [
        "# Cheap predictors",
        "",
        f"Can it be seen before training which initializer and activation will do well? "
        f"{len(ACTIVATIONS)} activations times {len(INITIALIZERS)} initializers, in networks of the "
        f"layers {'-'.join(map(str, LAYERS))}, with adam (rate {OPTIMIZERS['adam']}) and sgd (rate "
        f"{OPTIMIZERS['sgd']}), {EPOCHS} epochs, {n_seeds} seeds, on {N_ROWS} rows each of "
        f"{len(tables)} tables: {', '.join(tables)}. Spearman's rank correlation of what a predictor "
        "says of one network with the mean validation score (r2, or accuracy from the most "
        "frequent class's) that such networks reach; mean over the tables, with the 95 % interval "
        "of a t distribution, a table being one observation. The regret is what the predictor's "
        "first choice lacks of the best score, as a share of what the median lacks; median over "
        f"the tables. The whole took {minutes:.0f} minutes; `make bench-predictors` repeats it.",
    ]
    correlation, regret = correlations(samples), regrets(samples)
    lines += ["", *_findings(correlation, regret)]
    for optimizer in OPTIMIZERS:
        lines += [
            "",
            f"## {optimizer}",
            "",
            "| predictor | correlation | 95 % interval | above 0 | regret |",
            "| --- | ---: | ---: | ---: | ---: |",
        ]
        for predictor in PREDICTORS:
            values = correlation.loc[predictor, optimizer].dropna()
            low, high = _interval(values)
            lines.append(
                f"| {predictor} | {values.mean():.2f} | [{low:.2f}, {high:.2f}] | "
                f"{(values > 0).sum()} of {len(values)} tables | "
                f"{regret.loc[predictor, optimizer].median():.2f} |"
            )
    lines += ["", "## The predictors", ""]
    lines += [f"- **{name}**: {what}." for name, what in PREDICTORS.items()]
    return "\n".join(lines) + "\n"


def _findings(correlation: pd.DataFrame, regret: pd.DataFrame) -> Iterator[str]:
    """Say which predictors rank better than chance, and what a first choice by them is worth."""
    choose_well = False
    for optimizer in OPTIMIZERS:
        shown = [
            predictor
            for predictor in PREDICTORS
            if _interval(correlation.loc[predictor, optimizer].dropna())[0] > 0
        ]
        medians = {name: regret.loc[name, optimizer].median() for name in PREDICTORS}
        best = min(LOOKS, key=medians.__getitem__)
        elsewhere = medians["other tables"]
        choose_well |= medians[best] < _GOOD
        yield (
            f"- Better than by chance with {optimizer}: {', '.join(shown) or 'none'}. The first choice by "
            f"{best}, the best look at an untrained network, lacks "
            f"{medians[best]:.2f} of what the median combination lacks; that of other tables "
            f"{elsewhere:.2f}."
        )
    if not choose_well:
        yield (
            "- So no look at an untrained network chooses well, and none orders Optuna's first trials: "
            "they are the presets and their variants, which were chosen by their worth on tables."
        )


def _interval(values: pd.Series) -> tuple[float, float]:
    from scipy.stats import t

    half = t.ppf(0.975, len(values) - 1) * values.sem()
    return max(-1.0, values.mean() - half), min(1.0, values.mean() + half)


@click.command()
@tables_option
@click.option("--seeds", default=3, show_default=True)
def main(folder: Path | None, seeds: int) -> None:
    """Measure, and write predictors.json and predictors.md."""
    tables = sources_of(BUNDLED, OF_FOLDER, folder)
    began = time.perf_counter()
    samples = list(runs(tables, seeds))
    text = markdown(samples, (time.perf_counter() - began) / 60)
    write_report("predictors", {"samples": samples}, text)


if __name__ == "__main__":
    main()
