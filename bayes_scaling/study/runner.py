"""The cells of a plan on a Dask cluster: handed out a few at a time, kept as they come, and none waited for forever."""

from __future__ import annotations

import queue
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from distributed import CancelledError, Client, Future, KilledWorker
from distributed.comm import CommClosedError

from bayes_scaling.errors import BayesScalingError
from bayes_scaling.priors import PopulationFile
from bayes_scaling.study.columns import FAILED
from bayes_scaling.study.interrupts import Interrupts, heard_interrupts
from bayes_scaling.study.overruns import PLACES, overruns, restart
from bayes_scaling.study.plan import Plan, PlannedCell
from bayes_scaling.study.run_cell import finished_row, run_cell
from bayes_scaling.study.spec import StudySpec
from bayes_scaling.study.store import Store
from bayes_scaling.study.table import pack, unpack
from bayes_scaling.study.teaching import teach

CellFunction = Callable[..., dict[str, Any]]
"""What runs a cell: :func:`~bayes_scaling.study.run_cell.run_cell`, or another of its signature."""

OnProgress = Callable[[int, int, int], None]
"""Called with cells finished, cells to run and cells failed so far."""

_LOOK_SECONDS: Final = 1.0
_LAST_TRY: Final = "alone"


class StudyStoppedError(BayesScalingError):
    """The study could not go on; the message says why, what is finished and how to go on."""


@dataclass
class Runner:
    """Runs cells until none is left.

    At any time a thread of the cluster has at most :data:`~bayes_scaling.study.overruns.PLACES` cells, so that a
    worker's death touches few of them. Dask runs those again. A cell whose workers keep dying or fall silent is
    run once more at the end with nothing beside it, which tells the one that does it from its neighbours.

    Attributes
    ----------
    client : Client
    store : Store
    spec : StudySpec
    plan : Plan
    on_progress : callable, optional
    run : callable
        What runs a cell.
    """

    client: Client
    store: Store
    spec: StudySpec
    plan: Plan
    on_progress: OnProgress | None = None
    run: CellFunction = run_cell
    n_finished: int = 0
    n_failed: int = 0
    _events: queue.SimpleQueue[Future] = field(default_factory=queue.SimpleQueue)
    _running: dict[str, tuple[PlannedCell, Future]] = field(default_factory=dict)
    _lessons: dict[str, Future] = field(default_factory=dict)
    _suspects: deque[PlannedCell] = field(default_factory=deque)
    _n_submitted: int = 0
    _n_pending: int = 0
    _tables: Future | None = None

    def work(self, pending: list[PlannedCell]) -> None:
        """Run the cells, writing each result before the next is waited for.

        Raises
        ------
        StudyStoppedError
            When results cannot be written, or the scheduler is gone.
        KeyboardInterrupt
            When the user asks to stop; what is finished has been written.
        """
        self._n_pending = len(pending)
        try:
            self._tables = self.client.submit(unpack, pack(self.plan.tables), pure=False)
            self._teach({planned.prior for planned in pending if planned.prior in self.plan.lessons})
            with heard_interrupts() as interrupts:
                self._run_all(deque(pending), interrupts)
        except (CommClosedError, CancelledError, TimeoutError) as error:
            raise self._stopped("the connection to the scheduler is lost") from error
        except OSError as error:
            raise self._stopped(f"{error.filename or 'a file'}: {error.strerror or error}") from error
        finally:
            self._let_go()

    def _run_all(self, waiting: deque[PlannedCell], interrupts: Interrupts) -> None:
        looked = time.monotonic()
        while waiting or self._running or self._suspects:
            interrupts.raise_if_asked()
            self._hand_out(waiting)
            self._keep(self._arrived())
            if time.monotonic() - looked > min(_LOOK_SECONDS, self.spec.cell_timeout / 4):
                self._give_up_overruns()
                looked = time.monotonic()

    def _teach(self, keys: set[str | None]) -> None:
        """Have the priors fitted that no earlier run has left in the store."""
        for key in sorted(key for key in keys if key is not None):
            kept = self.store.read_prior(key)
            if kept is not None:
                self._lessons[key] = self.client.submit(_handed_on, kept, pure=False)
                continue
            future = self.client.submit(
                teach, self._tables, self.plan.lessons[key], key=f"teach-{key}-{time.time_ns()}", priority=1
            )
            self._lessons[key] = future
            future.add_done_callback(self._events.put)

    def _hand_out(self, waiting: deque[PlannedCell]) -> None:
        n_threads = sum(self.client.nthreads().values())
        while waiting and len(self._running) < PLACES * max(n_threads, 1):
            self._submit(waiting.popleft())
        if not waiting and not self._running and self._suspects:
            self._submit(self._suspects.popleft(), is_last_try=True)

    def _submit(self, planned: PlannedCell, *, is_last_try: bool = False) -> None:
        self._n_submitted += 1
        # Tries have names of their own, since the scheduler remembers the deaths around a name.
        name = f"{_LAST_TRY if is_last_try else 'cell'}-{planned.key}-{self._n_submitted}-{time.time_ns()}"
        settings = self.spec.settings.get(planned.cell.method, {})
        prior = self._lessons.get(planned.prior) if planned.prior else None
        future = self.client.submit(self.run, self._tables, prior, planned, settings, key=name, pure=False)
        self._running[name] = planned, future
        future.add_done_callback(self._events.put)

    def _arrived(self) -> list[Future]:
        """Futures that have come to an end; waits a moment for the first, and for no other."""
        try:
            arrived = [self._events.get(timeout=_LOOK_SECONDS / 4)]
        except queue.Empty:
            return []
        while not self._events.empty():
            arrived.append(self._events.get())
        return arrived

    def _keep(self, futures: list[Future]) -> None:
        """Write what has come in."""
        rows: list[Mapping[str, Any]] = []
        for future in futures:
            if future.key in self._running:
                planned, _ = self._running.pop(future.key)
                row = self._outcome(planned, future)
                rows += [] if row is None else [row]
            elif future.status == "finished":
                self._keep_prior(future)
        self._write(rows)

    def _write(self, rows: list[Mapping[str, Any]]) -> None:
        if not rows:
            return
        self.store.add(rows)
        self.n_finished += len(rows)
        self.n_failed += sum(row["status"] == FAILED for row in rows)
        if self.on_progress is not None:
            self.on_progress(self.n_finished, self._n_pending, self.n_failed)

    def _keep_prior(self, future: Future) -> None:
        key = next((key for key, lesson in self._lessons.items() if lesson.key == future.key), None)
        if key is not None:
            prior: PopulationFile = future.result()
            self.store.write_prior(key, prior)

    def _outcome(self, planned: PlannedCell, future: Future) -> Mapping[str, Any] | None:
        """The row of a cell; None when it will be tried again."""
        if future.status == "finished":
            row: Mapping[str, Any] = future.result()
            return row
        if future.status != "error":
            raise CancelledError(future.key)  # not by us: what we cancel is no longer among the running
        problem = future.exception()
        if isinstance(problem, KilledWorker):
            if not _is_last_try(future.key):
                self._suspects.append(planned)
                return None
            return _failed(planned, "its worker was killed each time, the last time with nothing beside it")
        return _failed(planned, f"{type(problem).__name__}: {problem}")

    def _give_up_overruns(self) -> None:
        """End the workers of cells that have run for too long, and list those as failed."""
        found = [each for each in overruns(self.client, self.spec.cell_timeout) if each.key in self._running]
        if not found:
            return
        rows: list[Mapping[str, Any]] = []
        for overrun in found:
            planned, future = self._running.pop(overrun.key)
            future.cancel(reason="timed out")
            if overrun.is_certain or _is_last_try(overrun.key):
                rows.append(_failed(planned, f"timed out after {self.spec.cell_timeout:g} s"))
            else:
                self._suspects.append(planned)
        restart(self.client, [overrun.worker for overrun in found])
        self._write(rows)

    def _stopped(self, reason: str) -> StudyStoppedError:
        done = f"{self.n_finished} of {self._n_pending} cells are finished and kept in {self.store.folder}"
        return StudyStoppedError(
            f"The study stopped: {reason}. {done}. Run the same command to go on with the rest"
        )

    def _let_go(self) -> None:
        """Cancel what still runs, so that a cluster which goes on is not left with it."""
        try:
            self.client.cancel([future for _, future in self._running.values()], force=True)
        except (OSError, CancelledError):
            self._running.clear()  # no scheduler is there to be told
        self._running.clear()


def _is_last_try(task: str) -> bool:
    return task.startswith(_LAST_TRY)


def _failed(planned: PlannedCell, reason: str) -> dict[str, Any]:
    return finished_row(planned, {"status": FAILED, "reason": reason})


def _handed_on(prior: PopulationFile) -> PopulationFile:
    return prior
