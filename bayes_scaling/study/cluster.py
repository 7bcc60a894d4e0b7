"""The Dask cluster that a study runs on: one of its own on this machine, or any that has an address."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any, Final

import dask
from distributed import Client, LocalCluster

import bayes_scaling
from bayes_scaling.errors import InputError

CONNECT_SECONDS: Final = 10

_LOCAL_CONFIG: Final[dict[str, Any]] = {
    # A cell that kills two workers is tried once more with nothing beside it, see the runner.
    "distributed.scheduler.allowed-failures": 1,
    # Each worker has one thread, and so have the libraries in it: more workers, not more threads.
    "distributed.nanny.pre-spawn-environ": {
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "NUMBA_NUM_THREADS": "1",
        "JAX_PLATFORMS": "cpu",
        "MPLBACKEND": "Agg",
    },
    # By default a worker that is not back after 15 s is given up for good, and on a busy machine none is.
    "distributed.deploy.lost-worker-timeout": "1 hour",
    # Imported before a worker says that it is there, so that no cell waits for it.
    "distributed.worker.preload": ["bayes_scaling.study.run_cell"],
}


@contextmanager
def connect(address: str | None = None, n_workers: int | None = None) -> Iterator[Client]:
    """A client of a cluster; a local one ends with the block.

    Parameters
    ----------
    address : str, optional
        Of a running scheduler, e.g. ``"tcp://10.0.0.1:8786"``; default: a cluster of worker processes here.
    n_workers : int, optional
        Worker processes of the local cluster; default: one for each processor.

    Raises
    ------
    InputError
        When nothing answers at the address, or its workers have another version of this package.
    """
    if address is not None:
        with _remote(address) as client:
            yield client
        return
    with (
        dask.config.set(_LOCAL_CONFIG),
        LocalCluster(
            n_workers=n_workers or available_processors(),
            threads_per_worker=1,
            processes=True,
            dashboard_address="127.0.0.1:0",
            silence_logs=logging.CRITICAL,  # what becomes of a worker is in the results
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


@contextmanager
def _remote(address: str) -> Iterator[Client]:
    with _quiet_log():
        try:
            client = Client(address, timeout=CONNECT_SECONDS)
        except (OSError, ValueError) as error:
            raise InputError(
                f"no Dask scheduler answers at {address!r} ({error})",
                "the address of a running one, such as tcp://10.0.0.1:8786",
                "Start one with `dask scheduler`, or leave --scheduler out to run on this machine.",
                code="no_scheduler",
            ) from error
        try:
            _require_same_version(client)
            yield client
        finally:
            client.close(timeout=5)


@contextmanager
def _quiet_log() -> Iterator[None]:
    """Keep Dask's log quiet: a lost connection ends a study with one message, not with pages."""
    log = logging.getLogger("distributed")
    level = log.level
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(level)


def _require_same_version(client: Client) -> None:
    """Raise for workers with another version, whose results would be kept under keys of this one."""
    found = client.run(package_version, on_error="return")
    other = {worker: version for worker, version in found.items() if version != bayes_scaling.__version__}
    if other:
        worker, version = next(iter(other.items()))
        raise InputError(
            f"worker {worker} has bayes-scaling {version!r}",
            f"version {bayes_scaling.__version__} on every worker",
            "Install the same version everywhere.",
            code="worker_version",
        )


def package_version() -> str:
    """The version of this package where it is called."""
    return bayes_scaling.__version__


def dashboard_address(client: Client) -> str | None:
    """Where the dashboard of the cluster is; None where there is none, for want of bokeh."""
    if find_spec("bokeh") is None:
        return None
    return str(client.dashboard_link)


def available_processors() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
