"""What the estimators have in common."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from estimators.compile_ahead import AheadCompiling
from estimators.configuration import prepare
from estimators.data_checks import DataChecks
from estimators.documentation import documented
from estimators.engine import NetworkKey, Rows, append_logs, predict_in_batches
from estimators.ensemble import Member, average_networks, seeds_of, split_rows, train, variants_of
from estimators.network import network_of
from estimators.network_file import counters_of, network_from_bytes, network_to_bytes
from estimators.objective import Objective
from estimators.parameter_checks import ParameterChecks
from estimators.techniques import (
    Setting,
    Technique,
    build_hyperparameters,
    constraints_of,
    enforce,
    hyperparameters_of,
    resolve,
)
from estimators.techniques.early_stopping import BestEpoch, stops_early
from estimators.techniques.optimizer import make_optimizer
from estimators.weight_transfer import transfer_weights

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from estimators.targets import ClassTarget, ValueTarget

__all__ = ["KerasNetwork"]


class KerasNetwork(AheadCompiling, ParameterChecks, DataChecks):
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
    _write_model: Callable[[], None]  # while epochs are yielded
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
            Numbers without missing values, preferably standardized, and categories.
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
        it is by then. Between the steps ``history_`` is up to date, and so are predictions;
        :meth:`update_model` brings the weights of ``model_`` up to date, which costs too much to
        be done after each epoch unasked.

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

    def update_model(self) -> Self:
        """Bring the weights of ``model_`` to what was learned so far, between two epochs.

        Of averaged weights (``weight_averaging``) it has those that are trained. Elsewhere the
        weights are up to date, and nothing happens.

        Returns
        -------
        self
        """
        if hasattr(self, "_write_model"):
            self._write_model()
        return self

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
        data = self._check_rows(X, y, None, reset=True)
        members = self._build(params, *data, y)
        for member in members:
            member.initialize(data[0])
        self.transferred_ = transfer_weights(self, [each.network for each in members])
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
        params = self._check_params()
        if is_partial:
            self._check_partial(params)
        if continues:
            self._check_unchanged(params)
        data = self._check_rows(X, y, sample_weight, reset=not continues)
        if continues:
            members = [Member(self.model_, self._network_key(params), params, self.seed_)]
        else:
            members = self._build(params, *data, y, classes)
        is_first = not hasattr(self, "history_")
        try:
            self._distribute(members, data, validation, is_partial)
            if continues:
                self.target_encoder_.update(data[1])
            else:
                for member in members:
                    member.initialize(member.rows.X)
                self.transferred_ = transfer_weights(self, [each.network for each in members])
            trainings = [
                member.epochs(
                    initial_epoch=self.current_epoch if not is_first else 0,
                    n_epochs=1 if is_partial else member.params["epochs"],
                    scheduled=range(self.epochs) if is_partial else None,
                )
                for member in members
            ]
            past = {} if is_first else self.history_
            self.history_: dict[str, list[float]] = {name: [*past[name]] for name in past}
            self.epoch_seconds_: list[float] = []
            self.best_epoch_: int | list[int | None] | None = None
            with contextlib.closing(train(trainings)) as training:
                for logs, seconds, self._write_model in training:
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
        finally:
            self.__dict__.pop("_write_model", None)
        epochs = [member.best.epoch for member in members if member.best is not None]
        if epochs:
            self.best_epoch_ = epochs if len(members) > 1 else epochs[0]

    def _distribute(
        self, members: Sequence[Member], data: Sequence[Any], validation: Any, is_partial: bool
    ) -> None:
        """Give each member its rows to train on and those to watch, of what was checked."""
        rows, watched = Rows(data[0], self.target_encoder_.transform(data[1]), data[2]), None
        if validation is not None:
            watched = Rows(*self.network_data(*validation))
        parts: list[tuple[Rows, Rows | None]] = [(rows, watched)] * len(members)
        early_stopping = not is_partial and stops_early(self.early_stopping, len(rows.X))
        if early_stopping and watched is None:
            strata, fraction = self._strata(rows.y), self.validation_fraction
            parts = [*split_rows(rows, fraction, self.seed_, strata, len(members))]
        for member, part in zip(members, parts, strict=True):
            member.rows, member.validation = part
            member.n_alike = sum(each.program == member.program for each in members)
            if early_stopping:
                member.best = BestEpoch(member.params["patience"], member.params["min_delta"])

    def _build(
        self,
        params: dict[str, Any],
        X: NDArray[Any],
        y: NDArray[Any],
        sample_weight: NDArray[Any] | None,
        all_y: ArrayLike | None,
        classes: ArrayLike | None = None,
    ) -> list[Member]:
        """Judge the rules, fit the encoders, and make the networks, compiled."""
        prepare()
        variants = variants_of(hyperparameters_of(self))
        resolved = [resolve(self.techniques, each) for each in variants] or [params]
        target = y if self._has_numeric_target else None
        described = self._describe(X, resolved)
        setting = Setting.of(params, described, target, sample_weight, n_rows=len(X))
        enforce([rule for technique in self.techniques for rule in technique.rules], setting)
        self.seed_ = int(check_random_state(self.random_state).randint(np.iinfo(np.int32).max))
        self.target_encoder_ = self._fit_target_encoder(y, all_y, classes)
        seeds = seeds_of(self.seed_, len(resolved))
        members = [self._member(*each) for each in zip(resolved, seeds, strict=True)]
        self.model_ = average_networks([member.network for member in members])
        if len(members) > 1:  # for Keras to evaluate; each member has an optimizer of its own
            objective = self._objective
            self.model_.compile("sgd", objective.make_loss(), metrics=objective.make_metrics())
            self.model_.optimizer.build(self.model_.trainable_variables)
        for stale in ("history_", "best_epoch_"):
            self.__dict__.pop(stale, None)
        self._built_from = build_hyperparameters(self.techniques, params)
        return members

    def _member(self, params: dict[str, Any], seed: int) -> Member:
        key, objective = self._network_key(params), self._objective
        network = network_of(
            self.techniques,
            params,
            input_shape=key.input_shape,
            n_outputs=key.n_outputs,
            output_activation=key.output_activation,
            seed=seed,
            features=key.features,
        )
        network.compile(
            optimizer=make_optimizer(params, self.techniques),
            loss=objective.make_loss(),
            metrics=objective.make_metrics(),
        )
        network.optimizer.build(network.trainable_variables)
        return Member(network, key, params, seed)

    def _network_key(self, params: Mapping[str, Any]) -> NetworkKey:
        return NetworkKey.of(
            self.techniques,
            params,
            input_shape=self._input_shape,
            n_outputs=self.target_encoder_.n_outputs_,
            output_activation=self._output_activation,
            objective=self._objective,
            features=self._feature_schema,
        )

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
        if not hasattr(self, "model_"):
            check_is_fitted(self, "model_")
        return predict_in_batches(self.update_model().model_, self._checked_input(X))

    def __getstate__(self) -> dict[str, Any]:
        self.update_model()
        state = dict(super().__getstate__())
        state.pop("_write_model", None)
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
