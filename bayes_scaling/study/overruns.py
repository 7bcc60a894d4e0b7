"""Cells that run for too long, as the scheduler sees them."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from distributed import Client

PLACES: Final = 2
"""Cells that a worker's thread has at a time: one that it runs, and the next, so that it need not wait."""

_SILENCE_SECONDS: Final = 5.0
"""Beyond the limit, how long a worker may be silent: its heartbeats are seconds apart."""


@dataclass(frozen=True)
class Overrun:
    """A cell that has run for too long.

    Attributes
    ----------
    key : str
        Of its task.
    worker : str
        Address of the worker that is occupied with it.
    is_certain : bool
        False when the worker is silent, so that the cell may also have waited there for another.
    """

    key: str
    worker: str
    is_certain: bool


def overruns(client: Client, limit: float) -> list[Overrun]:
    """Cells that have run for more than so many seconds.

    A worker reports for how long it has run a cell with each heartbeat. One that is stuck in a library, or
    stopped, sends none: silence for longer than the limit counts as well.
    """
    return [
        Overrun(key, worker, seconds > limit)
        for key, worker, seconds, silence in client.run_on_scheduler(tasks_on_workers)
        if seconds > limit or silence > limit + _SILENCE_SECONDS
    ]


def tasks_on_workers(dask_scheduler: Any) -> list[tuple[str, str, float, float]]:
    """Each task that a worker has: key, worker, seconds for which it says to run it, seconds since it said so."""
    now = time.time()
    return [
        (str(task.key), worker.address, float(worker.executing.get(task, 0.0)), now - worker.last_seen)
        for worker in dask_scheduler.workers.values()
        for task in worker.processing
    ]


def restart(client: Client, workers: Iterable[str]) -> None:
    """End workers that are stuck; their nannies start new ones, and where there is no nanny they are let go."""
    client.restart_workers(sorted(set(workers)), timeout=30, raise_for_error=False)
