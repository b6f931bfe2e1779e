"""A fitted model on rows that it has not seen: what it gets right, by what, and what it gets wrong."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.inspection import permutation_importance
from sklearn.metrics import confusion_matrix, precision_recall_curve
from sklearn.pipeline import Pipeline

from pipelines.data import Dataset
from pipelines.data.step_targets import is_by_step, real_steps
from pipelines.report.metric import PrintedMetric
from pipelines.search import as_rows, score
from pipelines.statistics import Interval, mean_interval

__all__ = ["Calibration", "Inspection", "Thresholds", "WrongRow", "inspect_model"]

_MOST_COLUMNS = 100
_MOST_ROWS = 2000
_N_REPEATS = 5
_N_WRONG = 8
_N_BINS = 10
_FEWEST_IN_BIN = 5


@dataclass(frozen=True)
class Calibration:
    """How often predictions of a probability are right.

    Attributes
    ----------
    predicted, observed : ndarray of shape (n_bins,)
        Of the rows in a bin the mean probability of the predicted class, and the share of them
        that are of that class.
    counts : ndarray of shape (n_bins,)
    error : float
        Mean distance of both, by row: the expected calibration error [1]_.

    References
    ----------
    .. [1] C. Guo et al., "On Calibration of Modern Neural Networks", ICML 2017.
    """

    predicted: np.ndarray
    observed: np.ndarray
    counts: np.ndarray
    error: float


@dataclass(frozen=True)
class Thresholds:
    """Precision and recall of the second of two classes by the probability that it takes."""

    positive: str
    thresholds: np.ndarray
    precision: np.ndarray
    recall: np.ndarray


@dataclass(frozen=True)
class WrongRow:
    """A row that is predicted badly.

    Attributes
    ----------
    label : str
        Of the row in the table, by step with the number of the step, from 0.
    actual, predicted, detail : str
        In words; the detail is the error, or the probability of the actual class.
    values : mapping of str to str
        Of the columns that matter most, by step of the channels.
    pixels : ndarray of shape (height, width) or None
        Between 0 and 1, of an image.
    """

    label: str
    actual: str
    predicted: str
    detail: str
    values: Mapping[str, str]
    pixels: np.ndarray | None = None


@dataclass(frozen=True)
class Inspection:
    """What a fitted model does on held-out rows.

    Attributes
    ----------
    target : str
        Name of the target.
    metric : PrintedMetric
        In which importances are measured.
    actual, predicted : ndarray of shape (n_rows,)
        By step of shape (n_real_steps,), as if each were a row, as in all that follows.
    classes : tuple of str
        Empty for regression.
    confusion : ndarray of shape (n_classes, n_classes) or None
        Rows by actual and predicted class.
    calibration : Calibration or None
    thresholds : Thresholds or None
        Of two classes.
    importances : dict of str to Interval
        How much worse the metric gets where a column's values are shuffled, the most first; of
        sequences a channel's, each whole.
    why_no_importances : str
        Empty where there are some.
    wrong : tuple of WrongRow
        The worst first.
    unit : {"column", "channel"}
        What importances are of.
    n_sequences : int or None
        How many sequences the steps belong to, where each has an answer.
    """

    target: str
    metric: PrintedMetric
    actual: np.ndarray
    predicted: np.ndarray
    classes: tuple[str, ...]
    confusion: np.ndarray | None
    calibration: Calibration | None
    thresholds: Thresholds | None
    importances: dict[str, Interval]
    why_no_importances: str
    wrong: tuple[WrongRow, ...]
    unit: str = "column"
    n_sequences: int | None = None

    @property
    def answered(self) -> str:
        """What has an answer, "row" or "step"."""
        return "row" if self.n_sequences is None else "step"


def inspect_model(
    pipeline: Pipeline, test: Dataset, metric: PrintedMetric, *, random_state: int = 0
) -> Inspection:
    """Inspect a fitted pipeline on held-out rows.

    Parameters
    ----------
    pipeline : Pipeline
    test : Dataset
    metric : PrintedMetric
        By which columns are judged.
    random_state : int, default=0
        Of the shuffles.

    Returns
    -------
    Inspection
    """
    X = test.X
    model, y = as_rows(pipeline, X, test.y)
    predicted = np.asarray(model.predict(X))
    n_sequences = len(X) if test.by_step else None
    importances, why = _importances(pipeline, test, metric, random_state)
    unit = "channel" if test.channels else "column"
    if test.task == "regression":
        errors = np.abs(predicted - y.to_numpy())
        return Inspection(
            target=test.target,
            metric=metric,
            actual=y.to_numpy(),
            predicted=predicted,
            classes=(),
            confusion=None,
            calibration=None,
            thresholds=None,
            importances=importances,
            why_no_importances=why,
            wrong=_wrong_rows(
                test,
                y,
                np.argsort(-errors, kind="stable")[:_N_WRONG],
                [f"{value:.4g}" for value in predicted],
                [f"{value - actual:+.4g}" for value, actual in zip(predicted, y, strict=True)],
                [*importances],
            ),
            unit=unit,
            n_sequences=n_sequences,
        )
    labels = [*model.classes_]
    probabilities = model.predict_proba(X)
    places = pd.Index(labels).get_indexer(pd.Index(y))
    own = np.where(places < 0, 0.0, probabilities[np.arange(len(y)), np.maximum(places, 0)])
    missed = np.flatnonzero(predicted != y.to_numpy())
    worst = missed[np.argsort(own[missed], kind="stable")][:_N_WRONG]
    known = sorted({*labels, *y}, key=str) if (places < 0).any() else labels
    return Inspection(
        target=test.target,
        metric=metric,
        actual=y.to_numpy(),
        predicted=predicted,
        classes=tuple(map(str, known)),
        confusion=confusion_matrix(y, predicted, labels=known),
        calibration=_calibration(probabilities.max(axis=1), predicted == y.to_numpy()),
        thresholds=_thresholds(labels, probabilities, y),
        importances=importances,
        why_no_importances=why,
        wrong=_wrong_rows(
            test,
            y,
            worst,
            [*map(str, predicted)],
            [f"{100 * one:.2g} %" for one in own],
            [*importances],
        ),
        unit=unit,
        n_sequences=n_sequences,
    )


def _importances(
    pipeline: Pipeline, test: Dataset, metric: PrintedMetric, random_state: int
) -> tuple[dict[str, Interval], str]:
    n_columns = test.X.shape[1]
    if test.kind == "image":
        return {}, "A pixel alone says little: its neighbours tell the same."
    names = [*map(str, test.channels or test.X.columns)]
    if len(names) > _MOST_COLUMNS:
        return {}, f"Not computed for {n_columns} columns, more than {_MOST_COLUMNS}."
    rows = np.random.default_rng(random_state).permutation(len(test.X))[:_MOST_ROWS]
    X, y = test.X.iloc[rows], test.y.iloc[rows]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a class that is missing among the rows
            if test.channels:
                losses = _channel_losses(pipeline, X, y, metric, len(names), random_state)
            else:
                losses = permutation_importance(
                    pipeline,
                    X,
                    y,
                    scoring=metric.scorer,
                    n_repeats=_N_REPEATS,
                    random_state=random_state,
                ).importances
    except ValueError as error:
        return {}, f"Not computed: {' '.join(str(error).split())}"
    order = np.argsort(-losses.mean(axis=1), kind="stable")
    return {names[place]: mean_interval(losses[place]) for place in order}, ""


def _channel_losses(
    pipeline: Pipeline,
    X: pd.DataFrame,
    y: pd.Series | pd.DataFrame,
    metric: PrintedMetric,
    n_channels: int,
    random_state: int,
) -> np.ndarray:
    """What is lost where a channel, with all of its steps, is that of another row.

    It is of shape (n_channels, n_repeats). Where each step has an answer, there are as many of them
    as before: a sequence that is shorter than the one whose channel it becomes is repeated.
    """
    generator = np.random.default_rng(random_state)
    scorer = metric.scorer

    def scored(inputs: pd.DataFrame) -> float:
        return score(pipeline, inputs, y, [scorer], required=scorer)[scorer]

    whole = scored(X)
    real = real_steps(X, y.shape[1]) if is_by_step(y) else None
    losses = np.zeros((n_channels, _N_REPEATS))
    for channel, repeat in np.ndindex(losses.shape):
        values = X.to_numpy(copy=True)
        own, others = values[:, channel::n_channels], generator.permutation(len(X))
        taken = own[others]
        if real is not None:
            places = np.arange(real.shape[1]) % real[others].sum(axis=1)[:, None]
            taken = np.where(real, np.take_along_axis(taken, places, axis=1), np.nan)
        values[:, channel::n_channels] = taken
        losses[channel, repeat] = whole - scored(
            pd.DataFrame(values, columns=X.columns, index=X.index)
        )
    return losses


def _calibration(confidence: np.ndarray, is_right: np.ndarray) -> Calibration:
    bins = np.minimum((confidence * _N_BINS).astype(int), _N_BINS - 1)
    used = [one for one in range(_N_BINS) if (bins == one).any()]
    counts = np.array([(bins == one).sum() for one in used])
    predicted = np.array([confidence[bins == one].mean() for one in used])
    observed = np.array([is_right[bins == one].mean() for one in used])
    error = float((counts * np.abs(predicted - observed)).sum() / counts.sum())
    many = counts >= _FEWEST_IN_BIN
    return Calibration(predicted[many], observed[many], counts[many], error)


def _thresholds(labels: Sequence, probabilities: np.ndarray, y: pd.Series) -> Thresholds | None:
    is_positive = (y == labels[-1]).to_numpy()
    if len(labels) != 2 or not is_positive.any() or is_positive.all():
        return None
    precision, recall, thresholds = precision_recall_curve(is_positive, probabilities[:, 1])
    return Thresholds(str(labels[-1]), thresholds, precision[:-1], recall[:-1])


def _wrong_rows(
    test: Dataset,
    y: pd.Series,
    places: np.ndarray,
    predicted: Sequence[str],
    details: Sequence[str],
    columns: Sequence[str],
) -> tuple[WrongRow, ...]:
    rows = []
    real = real_steps(test.X, test.y.shape[1]) if test.by_step else np.ones((len(y), 1), bool)
    where = np.argwhere(real)[places]
    for place, (number, step) in zip(places, where, strict=True):
        row = test.X.iloc[number]
        label = str(test.X.index[number])
        if test.by_step:
            row = pd.Series(test.sequences[number, step], index=test.channels)
            label += f", step {step}"
        pixels = None
        if test.image_shape is not None and test.pixel_max:
            pixels = row.to_numpy(dtype=float).reshape(test.image_shape) / test.pixel_max
        actual = y.iloc[place]
        rows.append(
            WrongRow(
                label=label,
                actual=f"{actual:.4g}" if test.task == "regression" else str(actual),
                predicted=predicted[place],
                detail=details[place],
                values={name: _value(row[name]) for name in columns[:4] if name in row},
                pixels=pixels,
            )
        )
    return tuple(rows)


def _value(value: object) -> str:
    if isinstance(value, float | np.floating):
        return f"{value:.4g}"
    return str(value)
