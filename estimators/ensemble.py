"""Networks in training, one or several side by side, and the one that averages their outputs."""

from __future__ import annotations

import multiprocessing
import time
import warnings
from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import keras
import numpy as np
from joblib import cpu_count
from numpy.typing import NDArray
from sklearn.model_selection import KFold, StratifiedKFold

from estimators.engine import NetworkKey, Rows, compile_ahead, epochs
from estimators.engine.training import EpochLogs
from estimators.techniques.early_stopping import BestEpoch, set_aside, validation_share

__all__ = ["Member", "average_networks", "seeds_of", "split_rows", "train", "variants_of"]


@dataclass
class Member:
    """A network in training: one of an ensemble, or the only one.

    Attributes
    ----------
    network : keras.Model
        Compiled.
    key : NetworkKey
    params : dict of str to object
        Resolved hyperparameters.
    seed : int
    rows, validation : Rows
        What it is trained and evaluated on; ``validation`` may be None.
    best : BestEpoch or None
        Where training stops early.
    n_alike : int
        Networks that are trained side by side by one program, of which it is one.
    """

    network: keras.Model
    key: NetworkKey
    params: dict[str, Any]
    seed: int
    rows: Rows = field(init=False)
    validation: Rows | None = None
    best: BestEpoch[Any] | None = None
    n_alike: int = 1

    @property
    def program(self) -> tuple[NetworkKey, int]:
        """What of it decides on the compiled program; the rows do too, and are as many for each member."""
        return self.key, self.params["batch_size"]

    def initialize(self, X: NDArray[Any]) -> None:
        """Adapt the first weights to the input that the network is to learn from."""
        for technique in self.key.techniques:
            technique.initialize(self.network, X, self.seed, self.params)

    def compile_ahead(self) -> None:
        """Begin to compile what training needs; see :func:`estimators.engine.compile_ahead`."""
        compile_ahead(
            self.network,
            self.key,
            self.params,
            self.rows,
            validation=self.validation,
            n_epochs=self.params["epochs"],
            n_alike=self.n_alike,
        )

    def epochs(self, **how: Any) -> Generator[EpochLogs, None, None]:
        """Train, and yield after each epoch; see :func:`estimators.engine.epochs`."""
        yield from epochs(
            self.network,
            self.key,
            self.params,
            self.rows,
            validation=self.validation,
            seed=self.seed,
            best=self.best,
            n_alike=self.n_alike,
            **how,
        )
        # Other validation rows are for looking on: nothing may be learned from them.
        validation = None if self.best is None else self.validation
        for technique in self.key.techniques:
            technique.after_training(self.network, validation, self.params)


def variants_of(params: Mapping[str, Any]) -> list[dict[str, Any]]:
    """List the hyperparameters of each network of an ensemble, as they were given.

    Returns
    -------
    list of dict
        Empty where there is one network, also one that its members share.

    Examples
    --------
    >>> params = {"n_members": 3, "member_params": [{}, {"dropout": 0.5}], "dropout": 0.0}
    >>> [each["dropout"] for each in variants_of(params)]
    [0.0, 0.5, 0.0]
    """
    n_members = params.get("n_members", 1)
    if n_members == 1 or params.get("member_sharing") is not None:
        return []
    variants = params["member_params"] or [{}]
    alone = {"n_members": 1, "member_params": None}
    return [{**params, **variants[i % len(variants)], **alone} for i in range(n_members)]


def seeds_of(seed: int, n_members: int) -> list[int]:
    """Draw a seed for each member; a lone one has the seed itself.

    Examples
    --------
    >>> seeds_of(7, 1)
    [7]
    """
    if n_members == 1:
        return [seed]
    return [int(each) for each in np.random.SeedSequence(seed).generate_state(n_members) >> 1]


def split_rows(
    rows: Rows, fraction: float | str, seed: int, strata: NDArray[Any] | None, n_members: int
) -> list[tuple[Rows, Rows]]:
    """Split off validation rows for each member: the folds of a cross-validation, one after another.

    Parameters
    ----------
    rows : Rows
    fraction : float or "auto"
        Share of the validation rows, see
        :func:`estimators.techniques.early_stopping.validation_share`; the number of folds is its inverse, rounded. Where there are
        more members than folds, another cross-validation follows.
    seed : int
    strata : ndarray of shape (n_rows,), or None
        Classes whose shares both parts keep.
    n_members : int

    Returns
    -------
    list of (training, validation)

    Raises
    ------
    ValueError
        If there are too few rows.
    """
    fraction = validation_share(fraction, len(rows.X))
    if n_members == 1:
        return [set_aside(rows, fraction, seed, strata)]
    n_folds = max(2, round(1 / fraction))
    splits: list[tuple[Rows, Rows]] = []
    while len(splits) < n_members:
        kind = KFold if strata is None else StratifiedKFold
        folds = kind(n_folds, shuffle=True, random_state=(seed + len(splits)) % 2**32)
        try:
            with warnings.catch_warnings():  # a class with fewer rows than folds is in some of them
                warnings.filterwarnings("ignore", "The least populated class")
                found = [*folds.split(rows.X, strata)]
        except ValueError as error:
            raise ValueError(
                f"early_stopping cannot split {len(rows.X)} rows into {n_folds} folds, as "
                f"validation_fraction={fraction} of an ensemble wants: {error} Give more rows or "
                "a larger validation_fraction, or pass X_val and y_val to fit."
            ) from error
        splits += [(rows.take(kept), rows.take(aside)) for kept, aside in found]
    return splits[:n_members]


def train(
    trainings: Sequence[Generator[EpochLogs, None, None]],
) -> Generator[EpochLogs, None, None]:
    """Advance trainings by an epoch at a time, side by side on the cores that there are.

    Parameters
    ----------
    trainings : sequence of generator
        Of :meth:`Member.epochs`. Each may end before the others.

    Yields
    ------
    EpochLogs
        Means over the members that are still being trained, and the wall time of the epoch of all.
    """
    with ExitStack() as stack:
        for training in trainings:
            stack.enter_context(closing(training))
        if len(trainings) == 1:
            yield from trainings[0]
            return
        pool = stack.enter_context(ThreadPoolExecutor(min(len(trainings), _n_cores())))
        left = [*trainings]
        while left:
            began = time.perf_counter()
            steps = [*pool.map(lambda training: next(training, None), left)]
            left = [training for training, step in zip(left, steps, strict=True) if step]
            trained = [step for step in steps if step]
            if trained:
                logs, seconds = _mean([step.logs for step in trained]), time.perf_counter() - began
                yield EpochLogs(logs, seconds, partial(_write_models, trained))


def _write_models(trained: Sequence[EpochLogs]) -> None:
    for step in trained:
        step.write_model()


def _mean(logs: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {name: float(np.mean([each[name] for each in logs])) for name in logs[0]}


def _n_cores() -> int:
    """Cores that this process may take for itself: one where it is a worker among several."""
    if multiprocessing.parent_process() is not None:
        return 1
    n_cores: int = cpu_count()
    return n_cores


def average_networks(networks: Sequence[keras.Model]) -> keras.Model:
    """Make the network whose outputs are the mean of some networks' outputs.

    Parameters
    ----------
    networks : sequence of keras.Model
        With inputs of one shape; they are renamed.

    Returns
    -------
    keras.Model
        The network itself where there is one.
    """
    if len(networks) == 1:
        return networks[0]
    inputs = keras.Input(networks[0].input_shape[1:], dtype="float32")
    outputs = []
    for number, network in enumerate(networks):
        network.name = f"member_{number}"
        outputs.append(network(inputs))
    mean = keras.layers.Average(name="mean", dtype="float32")(outputs)
    return keras.Model(inputs, mean, name="ensemble")
