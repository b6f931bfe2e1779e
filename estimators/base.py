"""What the two estimators have in common."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from estimators.configuration import prepare
from estimators.data_checks import DataChecks
from estimators.documentation import documented
from estimators.engine import NetworkKey, Rows, append_logs, epochs, predict_in_batches
from estimators.network import network_of
from estimators.network_file import counters_of, network_from_bytes, network_to_bytes
from estimators.objective import Objective
from estimators.techniques import (
    Setting,
    Technique,
    build_hyperparameters,
    check_parameters,
    check_unchanged,
    constraints_of,
    enforce,
    resolve,
)
from estimators.techniques.early_stopping import BestEpoch, set_aside
from estimators.techniques.optimizer import make_optimizer

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from estimators.targets import ClassTarget, ValueTarget

__all__ = ["KerasMLP"]

_JUDGED_ROWS = 1000


class KerasMLP(DataChecks):
    """Base of the estimators: from parameters and rows to a trained network.

    A subclass has a signature with the hyperparameters of its ``techniques``, stores them, and
    says how targets are encoded and what the network is compiled for.

    Attributes
    ----------
    techniques : tuple of Technique
        What the network can be trained with; constraints and documentation of the parameters are
        made from them.
    """

    techniques: ClassVar[tuple[Technique, ...]] = ()
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._parameter_constraints = constraints_of(cls.techniques)
        cls.__doc__ = documented(cls)

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        X_val: ArrayLike | None = None,
        y_val: ArrayLike | None = None,
    ) -> Self:
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
            stopping uses them instead of setting training rows aside.

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
        for _ in self.fit_epochs(X, y, sample_weight, X_val, y_val):
            pass
        return self

    def fit_epochs(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        X_val: ArrayLike | None = None,
        y_val: ArrayLike | None = None,
    ) -> Generator[dict[str, float], None, None]:
        """Train as :meth:`fit` does, and yield after each epoch.

        All work is done in steps of the iterator; closed before its end, it leaves the network as
        it is by then. Between the steps ``history_`` is up to date, and the weights of ``model_``
        are only where there are callbacks, which may look at them.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)
        y : array-like of shape (n_rows,) or (n_rows, n_outputs)
        sample_weight : array-like of shape (n_rows,), default=None
        X_val, y_val : array-like, default=None

        Yields
        ------
        dict of str to float
            Loss and metrics of the epoch, as they are in ``history_``.
        """
        if (X_val is None) != (y_val is None):
            missing = "X_val" if X_val is None else "y_val"
            raise ValueError(f"fit takes X_val and y_val together. Got no {missing}: pass it too.")
        yield from self._train(
            X,
            y,
            sample_weight,
            validation=None if X_val is None else (X_val, y_val),
            continues=self.warm_start and self.initialized_,
        )

    def partial_fit(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> Self:
        """Train for one epoch more, on these rows.

        Schedules take each call for one of ``epochs`` epochs, and end with the last of them.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)
        y : array-like of shape (n_rows,) or (n_rows, n_outputs)
        sample_weight : array-like of shape (n_rows,), default=None

        Returns
        -------
        self
        """
        for _ in self._train(X, y, sample_weight, continues=self.initialized_, is_partial=True):
            pass
        return self

    def initialize(self, X: ArrayLike, y: ArrayLike | None = None) -> Self:
        """Make the network for rows and targets, with its initial weights, without training it.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)
        y : array-like of shape (n_rows,) or (n_rows, n_outputs)

        Returns
        -------
        self
        """
        params = self._check_params()
        X, targets, _ = self._check_rows(X, y, None, reset=True)
        self._build(params, X, targets, y)
        self._initialize_weights(params, X)
        return self

    @property
    def n_iter_(self) -> int:
        """Epochs run so far."""
        return len(self._curve("loss"))

    @property
    def loss_(self) -> float:
        """Training loss of the last epoch."""
        return self._curve("loss")[-1]

    def _curve(self, name: str) -> list[float]:
        if not hasattr(self, "history_"):
            raise AttributeError(f"{type(self).__name__} is not fitted yet: call fit first.")
        return self.history_[name]

    def _train(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None,
        *,
        validation: tuple[Any, Any] | None = None,
        continues: bool,
        is_partial: bool = False,
        classes: ArrayLike | None = None,
    ) -> Generator[dict[str, float], None, None]:
        """Check, encode, build, train (for one epoch if partial) and keep; yield each epoch."""
        early_stopping = self.early_stopping and not is_partial
        params = self._check_params()
        if continues:
            self._check_unchanged(params)
        inputs, targets, weight = self._check_rows(X, y, sample_weight, reset=not continues)
        if not continues:
            self._build(params, inputs, targets, y, classes)
        if is_partial:
            params["weight_averaging"] = None  # a mean is one over a whole fit
        is_first = not hasattr(self, "history_")
        best = BestEpoch[Any](self.patience, self.min_delta) if early_stopping else None
        try:
            rows = Rows(inputs, self.target_encoder_.transform(targets), weight)
            validation_rows = None
            if validation is not None:
                X_val, y_val = self._validate_data(*validation)
                validation_rows = Rows(X_val, self.target_encoder_.transform(y_val))
            elif early_stopping:
                rows, validation_rows = set_aside(
                    rows, self.validation_fraction, self.seed_, self._strata(rows.y)
                )
            if not continues:
                self._initialize_weights(params, rows.X)
            training = epochs(
                self.model_,
                self._network_key(params),
                params,
                rows,
                validation=validation_rows,
                initial_epoch=self.current_epoch if not is_first else 0,
                n_epochs=1 if is_partial else self.epochs,
                scheduled=range(self.epochs) if is_partial else None,
                seed=self.seed_,
                best=best,
            )
            past = {} if is_first else self.history_
            self.history_: dict[str, list[float]] = {name: [*past[name]] for name in past}
            self.epoch_seconds_: list[float] = []
            self.best_epoch_: int | None = None
            with contextlib.closing(training):
                for logs, seconds in training:
                    append_logs(self.history_, logs)
                    self.epoch_seconds_.append(seconds)
                    yield logs
        except GeneratorExit:
            raise
        except BaseException:
            if is_first:  # a first fit that has failed leaves nothing to predict with
                for name in ("model_", "history_"):
                    self.__dict__.pop(name, None)
            raise
        self.best_epoch_ = best.epoch if best is not None else None

    def _check_params(self) -> dict[str, Any]:
        """Raise one error that names every fault of the parameters; return them resolved."""
        self._validate_params()
        return resolve(self.techniques, self.get_params(deep=False))

    def _validate_params(self) -> None:
        check_parameters(self.techniques, self.get_params(deep=False), type(self).__name__)

    def _build(
        self,
        params: dict[str, Any],
        X: NDArray[Any],
        y: NDArray[Any],
        all_y: ArrayLike | None,
        classes: ArrayLike | None = None,
    ) -> None:
        """Judge the rules, fit the target encoder, and make the network, compiled."""
        prepare()
        self.feature_encoder_.describe(X, embeds_numbers=params["numeric_embedding"] is not None)
        judged = self.feature_encoder_.numbers(X[:: max(1, len(X) // _JUDGED_ROWS)])
        setting = Setting.of(params, judged)
        enforce([rule for technique in self.techniques for rule in technique.rules], setting)
        self.seed_ = int(check_random_state(self.random_state).randint(np.iinfo(np.int32).max))
        self.target_encoder_ = self._fit_target_encoder(y, all_y, classes)
        network, objective = self._network_key(params), self._objective
        self.model_ = network_of(
            self.techniques,
            params,
            input_shape=network.input_shape,
            n_outputs=network.n_outputs,
            output_activation=network.output_activation,
            seed=self.seed_,
            features=network.features,
        )
        self.model_.compile(
            optimizer=make_optimizer(params, self.techniques),
            loss=objective.make_loss(),
            metrics=objective.make_metrics(),
        )
        self.model_.optimizer.build(self.model_.trainable_variables)
        for stale in ("history_", "best_epoch_"):
            self.__dict__.pop(stale, None)
        self._built_from = build_hyperparameters(self.techniques, params)

    def _initialize_weights(self, params: Mapping[str, Any], X: NDArray[Any]) -> None:
        """Adapt the first weights to the rows that the network is to learn from."""
        for technique in self.techniques:
            technique.initialize(self.model_, X, self.seed_, params)

    def _network_key(self, params: Mapping[str, Any]) -> NetworkKey:
        return NetworkKey.of(
            self.techniques,
            params,
            input_shape=(self.n_features_in_,),
            n_outputs=self.target_encoder_.n_outputs_,
            output_activation=self._output_activation,
            objective=self._objective,
            features=self.feature_encoder_.schema_,
        )

    def _check_unchanged(self, params: Mapping[str, Any]) -> None:
        """Refuse to go on with a network that the hyperparameters no longer describe."""
        if not hasattr(self, "_built_from"):
            return
        now = build_hyperparameters(self.techniques, params)
        changes = check_unchanged(self._built_from, now, type(self).__name__)
        if "learning_rate" in changes:
            self.model_.optimizer.learning_rate = changes["learning_rate"]
        self._built_from = now

    def _strata(self, y: NDArray[Any]) -> NDArray[Any] | None:
        return None

    @property
    def _output_activation(self) -> str:
        raise NotImplementedError

    @property
    def _objective(self) -> Objective:
        raise NotImplementedError

    def _fit_target_encoder(
        self, y: NDArray[Any], all_y: ArrayLike | None, classes: ArrayLike | None
    ) -> ClassTarget | ValueTarget:
        """Fit an encoder to the targets ``y`` of the rows that count, among all."""
        raise NotImplementedError

    def _outputs(self, X: ArrayLike) -> NDArray[Any]:
        """Outputs of the network, shape (n_rows, n_outputs), float32."""
        check_is_fitted(self, "model_")
        return predict_in_batches(self.model_, self._checked_input(X))

    def __getstate__(self) -> dict[str, Any]:
        state = dict(super().__getstate__())
        if "model_" in state:
            state["_draws"] = counters_of(state["model_"])
            state["model_"] = network_to_bytes(state["model_"])
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        state = dict(state)
        if "model_" in state:
            prepare()
            state["model_"] = network_from_bytes(state["model_"], state.pop("_draws"))
        super().__setstate__(state)
