"""What is experimental in Optuna and used here; the only module that touches it.

Optuna warns of each use, which is not shown. ``tests/pipelines/optuna_search/test_experimental.py``
says of each name what breaks when it goes.
"""

from __future__ import annotations

from typing import Any

import optuna
from optuna.samplers import TPESampler
from optuna.storages import GrpcStorageProxy, RDBStorage, RetryHeartbeatStaleTrialCallback
from optuna.study import Study

from pipelines.search.capture_warnings import capture_warnings

__all__ = ["fail_stale_trials", "heartbeat_database", "storage_proxy", "tpe_sampler"]

_MAX_RETRIES = 2


def heartbeat_database(
    address: str, *, interval: int, grace_period: int, engine_kwargs: dict[str, Any]
) -> RDBStorage:
    """Open a database in which workers record heartbeats.

    Parameters
    ----------
    address : str
        SQLAlchemy URL.
    interval, grace_period : int
        Seconds between two heartbeats, and after which a trial without one is stale.
    engine_kwargs : dict
        Of SQLAlchemy's engine.
    """
    with capture_warnings():
        return RDBStorage(
            address,
            engine_kwargs=engine_kwargs,
            heartbeat_interval=interval,
            grace_period=grace_period,
            heartbeat_stale_trial_callback=RetryHeartbeatStaleTrialCallback(max_retry=_MAX_RETRIES),
        )


def fail_stale_trials(study: Study) -> None:
    """Fail trials whose heartbeats have ceased; a new trial like each of them is queued."""
    with capture_warnings():
        optuna.storages.fail_stale_trials(study)


def storage_proxy(host: str, port: int) -> GrpcStorageProxy:
    """A client of Optuna's storage proxy."""
    with capture_warnings():
        return GrpcStorageProxy(host=host, port=port)


def tpe_sampler(seed: int, *, grouped: bool) -> TPESampler:
    """A TPE sampler that leaves alone what other workers are trying.

    Parameters
    ----------
    seed : int
    grouped : bool
        Whether those hyperparameters are drawn together that are set together, or each alone.
    """
    with capture_warnings():
        return TPESampler(seed=seed, multivariate=grouped, group=grouped, constant_liar=True)
