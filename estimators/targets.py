"""Targets as the network sees them, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from scipy.special import logit
from sklearn.base import BaseEstimator
from sklearn.preprocessing import StandardScaler
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import check_is_fitted

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["ClassTarget", "ValueTarget", "check_numbers", "sorted_labels"]

_TEXT = ("text", "convert it, for example by y.astype(float)")
_DATES = ("dates or times", "convert them, for example to days since the first of them")
_NO_NUMBERS = {"U": _TEXT, "S": _TEXT, "M": _DATES, "m": _DATES}
_SMALLEST = np.finfo(np.float32).tiny


def check_numbers(y: NDArray[Any]) -> None:
    """Refuse targets that are text or dates where numbers are wanted.

    Raises
    ------
    ValueError

    Examples
    --------
    >>> check_numbers(np.array(["1.5", "2"]))
    Traceback (most recent call last):
    ValueError: A regressor needs numbers in y. Got text such as '1.5': convert it, for example by \
y.astype(float).
    """
    if y.dtype.kind not in _NO_NUMBERS:
        return
    what, remedy = _NO_NUMBERS[y.dtype.kind]
    some = f" such as {str(y.flat[0])!r}" if y.size else ""
    raise ValueError(f"A regressor needs numbers in y. Got {what}{some}: {remedy}.")


def sorted_labels(y: ArrayLike) -> NDArray[Any]:
    """Distinct labels in order.

    Raises
    ------
    ValueError
        If labels cannot be put in order, since they are of several kinds.

    Examples
    --------
    >>> sorted_labels(np.array(["b", "a", "b"])).tolist()
    ['a', 'b']
    """
    try:
        labels: NDArray[Any] = np.unique(y)
    except TypeError as error:
        kinds = {type(label): label for label in np.ravel(y).tolist()}
        some = " and ".join(map(repr, [*kinds.values()][:2]))
        raise ValueError(
            "A classifier needs labels of one kind in y, all text or all numbers, and none missing. "
            f"Got {some}: convert them, for example by y.astype(str), and leave out rows without one."
        ) from error
    return labels


class ClassTarget(BaseEstimator):
    """Class labels as network targets: binary, multiclass or multilabel.

    Parameters
    ----------
    classes : array-like of shape (n_classes,), default=None
        All labels that may ever come, where the first rows need not hold each of them.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted; for a multilabel target the numbers of its columns.
    type_ : {"binary", "multiclass", "multilabel-indicator"}
    n_outputs_ : int
        Width of the network's output: 1 for a binary target.
    output_activation_ : {"sigmoid", "softmax"}
    """

    def __init__(self, classes: ArrayLike | None = None):
        self.classes = classes

    def fit(self, y: NDArray[Any]) -> Self:
        """Learn the labels."""
        kind = type_of_target(y, input_name="y", raise_unknown=True)
        if kind == "multilabel-indicator":
            self.type_ = kind
            self.classes_: NDArray[Any] = np.arange(y.shape[1])
            self.n_outputs_ = y.shape[1]
        elif kind in ("binary", "multiclass"):
            self.classes_ = sorted_labels(y if self.classes is None else self.classes)
            if len(self.classes_) < 2:
                label = self.classes_.tolist()[0]
                raise ValueError(
                    f"A classifier needs at least 2 classes in y. Got 1 class: {label!r}."
                )
            self.type_ = "binary" if len(self.classes_) == 2 else "multiclass"
            self.n_outputs_ = 1 if self.type_ == "binary" else len(self.classes_)
        else:
            raise ValueError(
                f"Unknown label type: {kind}. A classifier needs class labels (one column) or a "
                "0/1 matrix (one column a label) in y; for numbers use KerasMLPRegressor."
            )
        self.output_activation_ = "softmax" if self.type_ == "multiclass" else "sigmoid"
        self._check(y)
        return self

    def transform(self, y: NDArray[Any]) -> NDArray[Any]:
        """Turn labels into network targets.

        Returns
        -------
        ndarray of shape (n_rows, 1) or (n_rows, n_labels), float32
        """
        check_is_fitted(self)
        self._check(y)
        if self.type_ == "multilabel-indicator":
            return np.asarray(y, dtype="float32")
        positions: NDArray[Any] = np.searchsorted(self.classes_, y)
        return positions.astype("float32").reshape(-1, 1)

    def _check(self, y: NDArray[Any]) -> None:
        if self.type_ == "multilabel-indicator":
            if y.ndim != 2 or y.shape[1] != self.n_outputs_:
                raise ValueError(
                    f"y must be a 0/1 matrix with {self.n_outputs_} columns as at the first fit. "
                    f"Got shape {y.shape}."
                )
            other = np.setdiff1d(y, (0, 1))
            if other.size:
                raise ValueError(
                    "A y of several columns must hold 0 and 1 alone, one column a label. Got "
                    f"{other[0]}: encode it, for example as (y > 0).astype(int)."
                )
            return
        if y.ndim != 1:
            raise ValueError(
                f"y must be one column of labels as at the first fit. Got shape {y.shape}."
            )
        new = np.setdiff1d(y, self.classes_)
        if new.size:
            raise ValueError(
                f"y holds labels that are not among the classes: {new.tolist()}. Known: "
                f"{self.classes_.tolist()}; leave these rows out, or train anew on rows of all classes, "
                "which the first partial_fit takes by name as classes."
            )

    def update(self, y: NDArray[Any]) -> None:
        """Take note of further labels, all of which are known."""

    def probabilities(self, outputs: NDArray[Any]) -> NDArray[Any]:
        """Probabilities from the network's outputs.

        Returns
        -------
        ndarray of shape (n_rows, n_classes), float64
            Rows sum to 1, but for a multilabel target, whose columns are independent.
        """
        outputs = outputs.astype("float64")
        if self.type_ == "binary":
            return np.hstack([1 - outputs, outputs])
        if self.type_ == "multiclass":
            outputs = outputs / outputs.sum(axis=1, keepdims=True)
        return outputs

    def decisions(self, outputs: NDArray[Any]) -> NDArray[Any]:
        """Log odds (binary, multilabel) or log probabilities (multiclass) of the outputs.

        Returns
        -------
        ndarray of shape (n_rows,) or (n_rows, n_classes), float64
        """
        outputs = outputs.astype("float64")
        if self.type_ == "multiclass":
            logs: NDArray[Any] = np.log(np.maximum(outputs, _SMALLEST))
            return logs
        odds: NDArray[Any] = logit(np.clip(outputs, _SMALLEST, 1 - np.finfo(np.float32).epsneg))
        return odds.ravel() if self.type_ == "binary" else odds

    def labels(self, outputs: NDArray[Any]) -> NDArray[Any]:
        """Labels of the network's outputs.

        Returns
        -------
        ndarray of shape (n_rows,) or (n_rows, n_labels)
        """
        if self.type_ == "multilabel-indicator":
            return (outputs > 0.5).astype(int)
        is_binary = self.type_ == "binary"
        positions = (outputs[:, 0] > 0.5).astype(int) if is_binary else outputs.argmax(axis=1)
        labels: NDArray[Any] = self.classes_[positions]
        return labels


class ValueTarget(BaseEstimator):
    """Numbers as network targets: one column or several.

    Parameters
    ----------
    standardize : bool, default=False
        Whether the network is to see each column with mean 0 and deviation 1.
    clip : bool, default=False
        Whether values are kept within the range of each column.

    Attributes
    ----------
    n_outputs_ : int
        Width of the network's output.
    is_column_ : bool
        Whether the target came with one dimension.
    scaler_ : StandardScaler or None
    range_ : pair of ndarray of shape (n_outputs,)
        Smallest and largest value of each column.
    """

    def __init__(self, standardize: bool = False, clip: bool = False):
        self.standardize = standardize
        self.clip = clip

    def fit(self, y: NDArray[Any]) -> Self:
        """Learn the shape, and the scale where it is wanted."""
        self.is_column_ = y.ndim == 1
        self.n_outputs_ = 1 if self.is_column_ else y.shape[1]
        columns = y.reshape(len(y), -1)
        self.scaler_ = StandardScaler().fit(columns) if self.standardize else None
        self.range_ = columns.min(axis=0), columns.max(axis=0)
        return self

    def update(self, y: NDArray[Any]) -> None:
        """Take note of further values: they widen the range, and leave the scale as it is."""
        columns, (low, high) = y.reshape(len(y), -1), self.range_
        self.range_ = np.minimum(low, columns.min(axis=0)), np.maximum(high, columns.max(axis=0))

    def transform(self, y: NDArray[Any]) -> NDArray[Any]:
        """Turn values into network targets.

        Returns
        -------
        ndarray of shape (n_rows, n_outputs), float32
        """
        check_is_fitted(self)
        y = y.reshape(len(y), -1)
        if y.shape[1] != self.n_outputs_:
            raise ValueError(
                f"y must have {self.n_outputs_} columns as at the first fit. Got {y.shape[1]}."
            )
        scaled: NDArray[Any] = y if self.scaler_ is None else self.scaler_.transform(y)
        return scaled.astype("float32")

    def values(self, outputs: NDArray[Any]) -> NDArray[Any]:
        """Values of the network's outputs.

        Returns
        -------
        ndarray of shape (n_rows,) or (n_rows, n_outputs), float64
        """
        values = outputs.astype("float64")
        if self.scaler_ is not None:
            values = self.scaler_.inverse_transform(values)
        if self.clip:
            values = np.clip(values, *self.range_)
        return values[:, 0] if self.is_column_ else values
