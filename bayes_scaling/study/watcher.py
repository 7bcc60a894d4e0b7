"""Whoever watches a study: told what there is to do, and how it goes on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class StudyStart:
    """What is known when a study starts to work.

    Attributes
    ----------
    n_cells, n_there, n_senseless : int
        Cells of the grid; those that an earlier run has finished; combinations left out as meaningless.
    n_workers : int
    dashboard : str, optional
        Address of the dashboard.
    """

    n_cells: int
    n_there: int
    n_senseless: int
    n_workers: int
    dashboard: str | None

    @property
    def n_pending(self) -> int:
        """Cells to run."""
        return self.n_cells - self.n_there


class Watcher(Protocol):
    """Hears of a study's progress."""

    def started(self, start: StudyStart) -> None:
        """Take note of what is to be done."""

    def progressed(self, done: int, total: int, failed: int) -> None:
        """Take note of the cells finished, those to run and those failed."""


class SilentWatcher:
    """Says nothing."""

    def started(self, start: StudyStart) -> None:
        """Take note of what is to be done."""

    def progressed(self, done: int, total: int, failed: int) -> None:
        """Take note of the cells finished, those to run and those failed."""
