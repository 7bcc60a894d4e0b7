"""Cells that run for too long, as the scheduler sees them."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from distributed import Client

PLACES = 2
"""Cells that a worker's thread has at a time: one that it runs, and the next, so that it need not wait."""


@dataclass(frozen=True)
class Overrun:
    """A cell that has run for too long.

    Attributes
    ----------
    key : str
        Of its task.
    worker : str
        Address of the worker that is occupied with it.
    """

    key: str
    worker: str


@dataclass
class Watch:
    """Tells how long cells have been running.

    A worker reports the seconds of what it executes with each heartbeat. One that is stuck in a library, or stopped,
    sends none: then the time since the cell was first seen there counts, which may include a wait for the cell
    before it.

    Attributes
    ----------
    limit : float
        Seconds that a cell may take.
    """

    limit: float
    _first_seen: dict[tuple[str, str], float] = field(default_factory=dict)

    def overruns(self, client: Client) -> list[Overrun]:
        """Cells that have run for longer than the limit."""
        now = time.monotonic()
        seen = client.run_on_scheduler(tasks_on_workers)
        places = {(key, worker) for key, worker, _ in seen}
        self._first_seen = {place: self._first_seen.get(place, now) for place in places}
        return [
            Overrun(key, worker)
            for key, worker, seconds in seen
            if seconds > self.limit or now - self._first_seen[key, worker] > PLACES * self.limit + 5.0
        ]


def tasks_on_workers(dask_scheduler: Any) -> list[tuple[str, str, float]]:
    """Each task that a worker has, with the worker's address and the seconds for which it says to run it."""
    return [
        (str(task.key), worker.address, float(worker.executing.get(task, 0.0)))
        for worker in dask_scheduler.workers.values()
        for task in worker.processing
    ]


def restart(client: Client, workers: Iterable[str]) -> None:
    """End workers that are stuck; their nannies start new ones, and where there is no nanny they are let go."""
    client.restart_workers(sorted(set(workers)), timeout=30, raise_for_error=False)
