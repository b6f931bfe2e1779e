"""What the two estimators have in common."""

from __future__ import annotations

import math
import warnings
from typing import Any

import keras
import numpy as np
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state

from estimators._scikeras import ScikerasEstimator
from estimators.constraints import NETWORK_CONSTRAINTS, check_parameters
from estimators.errors import RuleWarning
from estimators.network import build_network
from estimators.optimizers import make_optimizer
from estimators.rules import Setting, broken_rules
from estimators.training import DivergenceCheck, EpochTimer, Rows, predict_in_batches, train

__all__ = ["KerasMLP"]

_JUDGED_ROWS = 1000


class KerasMLP(ScikerasEstimator):
    """Base of the estimators: from parameters and rows to a trained network.

    A subclass stores the parameters, has a ``target_encoder``, and says with ``_loss`` and
    ``_metrics`` what the network is compiled for.
    """

    _parameter_constraints: dict[str, list[Any]] = NETWORK_CONSTRAINTS

    def fit(self, X, y, sample_weight=None, X_val=None, y_val=None):
        """Train a network on rows and targets.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)
            Input; numbers, no missing values, preferably standardized.
        y : array-like of shape (n_rows,) or (n_rows, n_outputs)
            Target.
        sample_weight : array-like of shape (n_rows,), default=None
            Weight of each row in the loss, 0 or more.
        X_val, y_val : array-like, default=None
            Rows to evaluate after each epoch, into ``history_`` as "val_loss" and so on. Early
            stopping heeds them instead of setting training rows aside.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            For impossible parameters (all of them named), or unfit data.
        estimators.DivergenceError
            When loss or weights become infinite or nan.
        """
        if (X_val is None) != (y_val is None):
            missing = "X_val" if X_val is None else "y_val"
            raise ValueError(f"fit takes X_val and y_val together. Got no {missing}: pass it too.")
        going_on = self.warm_start and self.initialized_
        self._prepare(going_on)
        self._fit(
            X=X,
            y=y,
            sample_weight=sample_weight,
            warm_start=going_on,
            epochs=self.epochs,
            initial_epoch=self.current_epoch if going_on else 0,
            early_stopping=self.early_stopping,
            X_val=X_val,
            y_val=y_val,
        )
        return self

    def partial_fit(self, X, y, sample_weight=None):
        """Train for one epoch more, on these rows.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)
        y : array-like of shape (n_rows,) or (n_rows, n_outputs)
        sample_weight : array-like of shape (n_rows,), default=None

        Returns
        -------
        self
        """
        self._prepare(going_on=self.initialized_)
        self._fit(
            X=X,
            y=y,
            sample_weight=sample_weight,
            warm_start=True,
            epochs=1,
            initial_epoch=self.current_epoch,
        )
        return self

    @property
    def n_iter_(self) -> int:
        """Epochs run so far."""
        return len(self._history("loss"))

    @property
    def loss_(self) -> float:
        """Training loss of the last epoch."""
        return self._history("loss")[-1]

    def _history(self, name: str) -> list[float]:
        if not hasattr(self, "history_"):
            raise AttributeError(f"{type(self).__name__} is not fitted yet: call fit first.")
        return self.history_[name]

    def _prepare(self, going_on: bool) -> None:
        self._validate_params()
        if not going_on:
            self.seed_ = int(check_random_state(self.random_state).randint(np.iinfo(np.int32).max))

    def _validate_params(self) -> None:
        """Raise one error that names every fault of the parameters."""
        check_parameters(
            self._parameter_constraints, self.get_params(deep=False), type(self).__name__
        )

    def initialize(self, X, y=None):
        """Make the network for rows and targets, with its initial weights, without training it.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)
        y : array-like of shape (n_rows,) or (n_rows, n_outputs)

        Returns
        -------
        self
        """
        self._prepare(going_on=False)
        return super().initialize(X, y)

    def _initialize(self, X, y=None):
        X, y = super()._initialize(X, y)
        for stale in ("history_", "best_epoch_"):
            vars(self).pop(stale, None)
        return X, y

    def _heed_rules(self, X: np.ndarray) -> None:
        judged = X[:: max(1, len(X) // _JUDGED_ROWS)]
        params = {**self.get_params(deep=False), "batch_norm": self._batch_norm}
        setting = Setting.of(params, judged)
        broken = broken_rules(setting)
        fatal = [rule.sentence(setting) for rule in broken if rule.fatal]
        if fatal:
            raise ValueError("\n".join(fatal))
        for rule in broken:
            warnings.warn(rule.sentence(setting), RuleWarning, stacklevel=2)

    @property
    def _batch_norm(self) -> str | None:
        if isinstance(self.batch_norm, str):
            return self.batch_norm
        return "after_dense" if self.batch_norm else None

    def _keras_build_fn(self) -> keras.Model:
        target = self.target_encoder_
        model = build_network(
            self.n_features_in_,
            target.n_outputs_,
            hidden_layer_sizes=[int(size) for size in np.atleast_1d(self.hidden_layer_sizes)],
            activation=self.activation,
            negative_slope=self.negative_slope,
            output_activation=self._output_activation,
            kernel_initializer=self.kernel_initializer,
            initializer_scale=self.initializer_scale,
            initializer_mode=self.initializer_mode,
            initializer_distribution=self.initializer_distribution,
            bias_initializer=self.bias_initializer,
            batch_norm=self._batch_norm,
            dropout=self.dropout,
            seed=self.seed_,
        )
        optimizer = make_optimizer(
            self.optimizer,
            learning_rate=self.learning_rate,
            momentum=self.momentum,
            nesterov=self.nesterov,
            weight_decay=self.weight_decay,
            clipnorm=self.clipnorm,
            clipvalue=self.clipvalue,
            global_clipnorm=self.global_clipnorm,
        )
        model.compile(optimizer=optimizer, loss=self._loss, metrics=self._metrics)
        return model

    def _fit_keras_model(
        self,
        X,
        y,
        sample_weight,
        warm_start,
        epochs,
        initial_epoch,
        early_stopping=False,
        X_val=None,
        y_val=None,
    ) -> None:
        rows = Rows(X, y, sample_weight)
        validation = None
        if X_val is not None:
            X_val, y_val = self._validate_data(X_val, y_val)
            validation = Rows(X_val, self.target_encoder_.transform(y_val))
        elif early_stopping:
            rows, validation = self._set_aside(rows)
        stopping = [self._stopping()] if early_stopping else []
        timer = EpochTimer()
        user = self.callbacks if self.callbacks is not None else []
        try:
            history = train(
                self.model_,
                rows,
                validation=validation,
                batch_size=self.batch_size,
                epochs=epochs,
                initial_epoch=initial_epoch,
                shuffle_seed=self.seed_ if self.shuffle else None,
                callbacks=[
                    timer,
                    *(user if isinstance(user, list) else [user]),
                    *stopping,
                    DivergenceCheck(self._divergence_mend()),
                ],
                verbose=int(self.verbose),
                engine=self.engine,
            )
        except BaseException:
            if not hasattr(self, "history_"):
                del self.model_  # a first fit that has failed leaves nothing to predict with
            raise
        past: dict[str, list[float]] = getattr(self, "history_", {}) if warm_start else {}
        self.history_: dict[str, list[float]] = _appended(past, history)
        self.epoch_seconds_ = timer.seconds
        self.best_epoch_ = stopping[0].best_epoch + 1 if stopping else None

    def _set_aside(self, rows: Rows) -> tuple[Rows, Rows]:
        """Split off the validation rows of early stopping."""
        try:
            kept, aside = train_test_split(
                np.arange(len(rows.X)),
                test_size=self.validation_fraction,
                random_state=self.seed_,
                stratify=self._strata(rows.y),
            )
        except ValueError as error:
            raise ValueError(
                f"early_stopping cannot set aside validation_fraction={self.validation_fraction} "
                f"of {len(rows.X)} rows: {error} Give more rows or another validation_fraction, "
                "or pass X_val and y_val to fit."
            ) from error
        return rows.take(kept), rows.take(aside)

    def _strata(self, y: np.ndarray) -> np.ndarray | None:
        return None

    def _stopping(self) -> keras.callbacks.EarlyStopping:
        return keras.callbacks.EarlyStopping(
            monitor="val_loss",
            mode="min",
            min_delta=self.min_delta,
            patience=self.patience,
            restore_best_weights=True,
        )

    def _divergence_mend(self) -> str:
        clipped = any((self.clipnorm, self.clipvalue, self.global_clipnorm))
        clip = "" if clipped else ", set global_clipnorm=1.0"
        return (
            f"Lower learning_rate={self.learning_rate!r}{clip}, or put a StandardScaler before the "
            "network (a regressor also has standardize_target)."
        )

    def _outputs(self, X) -> np.ndarray:
        X = self._checked_input(X)
        return predict_in_batches(self.model_, X)


def _appended(past: dict[str, list[float]], new: dict[str, list[float]]) -> dict[str, list[float]]:
    """Append curves; nan fills the epochs in which one was not measured."""
    n_past, n_new = len(past.get("loss", [])), len(new.get("loss", []))
    return {
        name: [*past.get(name, [math.nan] * n_past), *new.get(name, [math.nan] * n_new)]
        for name in [*past, *(name for name in new if name not in past)]
    }
