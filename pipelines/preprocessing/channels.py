"""Preprocessing of sequences, channel by channel."""

from __future__ import annotations

import warnings
from numbers import Integral
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from pipelines.preprocessing.scaling import LEARNED, NumericScaler
from pipelines.sklearn_internals import Interval, StrOptions, fit_context

__all__ = ["CHANNEL_SCALINGS", "ChannelScaler", "SequenceImputer"]

CHANNEL_SCALINGS = (*LEARNED, "none")


class _SequenceTransformer(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Takes sequences as an array of three axes, or the same flat, and gives back what it took."""

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "n_channels": [Interval(Integral, 1, None, closed="left"), None],
    }
    n_channels: int | None

    def _sequences(self, X: ArrayLike, *, reset: bool) -> np.ndarray:
        """Return X as float64 of shape (n_rows, n_steps, n_channels); nan is allowed."""
        ndim = getattr(X, "ndim", None) or np.ndim(X)
        width = self.n_channels
        if ndim == 3:
            array = np.asarray(X)
            if width not in (None, array.shape[2]):
                raise ValueError(
                    f"X has {array.shape[2]} channels, but n_channels={width}: leave n_channels at "
                    "None for an array of three axes."
                )
            width = array.shape[2]
            X = array.reshape(len(array), -1)
        elif width is None:
            raise ValueError(
                "Sequences in a flat table need n_channels, the number of columns of a step; got "
                "None: set it, or pass an array of rows, steps and channels."
            )
        values = validate_data(self, X, reset=reset, dtype="float64", ensure_all_finite="allow-nan")
        if values.shape[1] % width:
            raise ValueError(
                f"X has {values.shape[1]} columns, which are no whole number of steps of "
                f"n_channels={width}: set n_channels to a divisor of {values.shape[1]}."
            )
        return values.reshape(len(values), -1, width)

    def _as_given(self, sequences: np.ndarray, X: ArrayLike) -> np.ndarray:
        is_flat = (getattr(X, "ndim", None) or np.ndim(X)) == 2
        return sequences.reshape(len(sequences), -1) if is_flat else sequences

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.three_d_array = True
        tags.transformer_tags.preserves_dtype = []
        return tags


class SequenceImputer(_SequenceTransformer):
    """Fill gaps of sequences: with the value before, or the channel's median at the beginning.

    Steps at the end of a sequence of which all channels are missing are no gap, but padding, and
    stay nan.

    Parameters
    ----------
    n_channels : int, default=None
        Columns of a step of a flat table; None takes arrays of three axes only.

    Attributes
    ----------
    medians_ : ndarray of shape (n_channels,)
        Of the rows trained on; 0 for a channel that has no value there.
    n_features_in_ : int

    Examples
    --------
    >>> gaps = [[np.nan, 1.0, np.nan, 3.0, np.nan]]
    >>> SequenceImputer(n_channels=1).fit_transform(gaps).tolist()
    [[2.0, 1.0, 1.0, 3.0, nan]]
    """

    def __init__(self, *, n_channels: int | None = None) -> None:
        self.n_channels = n_channels

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: ArrayLike, y: object = None) -> Self:
        """Learn the medians of X, of shape (n_rows, n_steps, n_channels) or flat."""
        sequences = self._sequences(X, reset=True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # of a channel without values
            medians = np.nanmedian(sequences, axis=(0, 1))
        self.medians_: np.ndarray = np.nan_to_num(medians)
        return self

    def transform(self, X: ArrayLike) -> np.ndarray:
        """Return X, of shape (n_rows, n_steps, n_channels) or flat, without gaps, as float64."""
        check_is_fitted(self, "medians_")
        sequences = self._sequences(X, reset=False)
        padding = _padding(sequences)
        missing = np.isnan(sequences)
        if (missing == padding[:, :, None]).all():
            return self._as_given(sequences, X)
        steps = np.arange(sequences.shape[1])[None, :, None]
        last = np.maximum.accumulate(np.where(missing, 0, steps), axis=1)
        filled = np.take_along_axis(sequences, last, axis=1)
        filled = np.where(np.isnan(filled), self.medians_, filled)
        return self._as_given(np.where(padding[:, :, None], np.nan, filled), X)


class ChannelScaler(_SequenceTransformer):
    """Scale sequences, each channel over all rows and steps, by one of several methods.

    Steps of nan at the end of a sequence are padding: they count nowhere and stay nan.

    Parameters
    ----------
    method : {"standard", "robust", "robust_clip", "quantile", "minmax", "none"} or None, \
default="standard"
        As of :class:`pipelines.preprocessing.NumericScaler`.
    n_channels : int, default=None
        Columns of a step of a flat table; None takes arrays of three axes only.

    Attributes
    ----------
    scaler_ : NumericScaler
        Fitted on steps, of shape (n_channels,) each.
    n_features_in_ : int

    Examples
    --------
    >>> sequences = np.array([[[1.0], [3.0], [np.nan]], [[5.0], [7.0], [4.0]]])
    >>> ChannelScaler().fit_transform(sequences)[0].ravel().tolist()
    [-1.5, -0.5, nan]
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **_SequenceTransformer._parameter_constraints,
        "method": [StrOptions(set(CHANNEL_SCALINGS)), None],
    }

    def __init__(self, method: str | None = "standard", *, n_channels: int | None = None) -> None:
        self.method = method
        self.n_channels = n_channels

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: ArrayLike, y: object = None) -> Self:
        """Learn what the method needs from X, of shape (n_rows, n_steps, n_channels) or flat."""
        sequences = self._sequences(X, reset=True)
        self.scaler_ = NumericScaler(self.method).fit(sequences[~_padding(sequences)])
        return self

    def transform(self, X: ArrayLike) -> np.ndarray:
        """Return X, of shape (n_rows, n_steps, n_channels) or flat, scaled and as float32."""
        check_is_fitted(self, "scaler_")
        sequences = self._sequences(X, reset=False)
        is_step = ~_padding(sequences)
        scaled = np.full(sequences.shape, np.nan, np.float32)
        if is_step.any():
            scaled[is_step] = self.scaler_.transform(sequences[is_step])
        return self._as_given(scaled, X)


def _padding(sequences: np.ndarray) -> np.ndarray:
    """Which steps are padding: those at the end without a value, of shape (n_rows, n_steps)."""
    has_value = ~np.isnan(sequences).all(axis=2)
    return ~np.maximum.accumulate(has_value[:, ::-1], axis=1)[:, ::-1]
