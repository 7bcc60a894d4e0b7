"""A study from beginning to end: plan it, run what is missing, and say what it came to."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from distributed import Client

from bayes_scaling.errors import InputError
from bayes_scaling.study.cluster import connect, dashboard_address
from bayes_scaling.study.plan import Plan, plan_study
from bayes_scaling.study.run_cell import run_cell
from bayes_scaling.study.runner import CellFunction, OnProgress, Runner
from bayes_scaling.study.spec import StudySpec
from bayes_scaling.study.store import Store
from bayes_scaling.study.summary import failures, summarise
from bayes_scaling.study.watcher import SilentWatcher, StudyStart, Watcher

SUMMARY_FILE = "summary.json"


@dataclass(frozen=True, eq=False)
class Study:
    """The results of a study.

    Attributes
    ----------
    folder : Path
    table : DataFrame
        One row for each cell, with the columns of :data:`~bayes_scaling.study.columns.RESULT_COLUMNS`.
    summary : mapping
        As in ``summary.json``.
    """

    folder: Path
    table: pd.DataFrame
    summary: Mapping[str, Any]

    @property
    def failures(self) -> pd.DataFrame:
        """Cells that failed, with the reason of each."""
        return failures(self.table)

    @property
    def is_trusted(self) -> bool:
        """Whether no cell failed and no diagnostic says not to trust one."""
        return self.failures.empty and not self.table["untrusted"].any()

    def __repr__(self) -> str:
        counts = ", ".join(f"{count} {status}" for status, count in self.summary["status"].items())
        return f"<study of {len(self.table)} cells in {self.folder}: {counts}>"


@dataclass(frozen=True)
class Cluster:
    """Where a study runs.

    Attributes
    ----------
    scheduler : str, optional
        Address of a running Dask scheduler; default: a cluster of this machine's processors.
    n_workers : int, optional
        Workers of the cluster on this machine.
    """

    scheduler: str | None = None
    n_workers: int | None = None

    def client(self) -> AbstractContextManager[Client]:
        """A client of the cluster, for a block."""
        return connect(self.scheduler, self.n_workers)


def run_study(
    spec: StudySpec,
    folder: str | Path,
    cluster: Cluster | None = None,
    *,
    mirror: str | Path | None = None,
    watcher: Watcher | None = None,
    cell_function: CellFunction = run_cell,
) -> Study:
    """Run the cells of a study that are not in the folder yet.

    Parameters
    ----------
    spec : StudySpec
        From :func:`~bayes_scaling.study.spec.read_spec`.
    folder : path
        Gets ``cells/``, ``priors/`` and ``summary.json``. Results of earlier runs in it are kept and not computed
        again; cells that failed are tried again.
    cluster : Cluster, optional
        Default: this machine, one worker process for each processor.
    mirror : path, optional
        Folder with copies of the public data sets.
    watcher : Watcher, optional
        Hears of the progress.
    cell_function : callable
        What runs a cell, for tests.

    Returns
    -------
    Study
        Of the cells of this spec; the folder may hold others.

    Raises
    ------
    InputError
        Before anything is written, when the runs cannot be read, the grid has no cell, or no scheduler answers.
    StudyStoppedError
        When results cannot be written or the scheduler is gone. What is finished is kept.
    """
    started, watcher, cluster = time.perf_counter(), watcher or SilentWatcher(), cluster or Cluster()
    plan = plan_study(spec, spec.read_data(mirror))
    store = Store(Path(folder))
    store.clear_unfinished()
    store.compact()  # an interruption leaves a file for each handful of cells
    there = store.finished_keys()
    pending = [planned for planned in plan.cells if planned.key not in there]
    n_workers = 0
    if pending:
        with cluster.client() as client:
            n_workers = len(client.nthreads())
            watcher.started(_start(plan, len(pending), n_workers, dashboard_address(client)))
            on_progress: OnProgress = watcher.progressed
            Runner(client, store, spec, plan, on_progress, cell_function).work(pending)
    else:
        watcher.started(_start(plan, 0, 0, None))
    store.compact()
    seconds = time.perf_counter() - started
    return _finish(store, spec, plan, _about_run(len(pending), seconds, n_workers))


def read_study(folder: str | Path) -> Study:
    """The results in a folder, finished or not.

    Raises
    ------
    InputError
        When the folder holds no results.
    """
    store = Store(Path(folder))
    table = store.read()
    if table.empty:
        raise InputError(
            f"no results in {str(folder)!r}", "the folder of a study", "Check the path.", code="no_study"
        )
    path = store.folder / SUMMARY_FILE
    summary = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else summarise(table)
    return Study(store.folder, table, summary)


def _start(plan: Plan, n_pending: int, n_workers: int, dashboard: str | None) -> StudyStart:
    return StudyStart(len(plan.cells), len(plan.cells) - n_pending, plan.n_senseless, n_workers, dashboard)


def _work(store: Store, about: Mapping[str, Any]) -> Mapping[str, Any]:
    """How the cells were run: if all were there already, what the summary that is there says of it."""
    path = store.folder / SUMMARY_FILE
    if about["n_run"] or not path.is_file():
        return about
    earlier = json.loads(path.read_text(encoding="utf-8"))
    return {name: earlier.get(name) for name in about}


def _about_run(n_run: int, seconds: float, n_workers: int) -> dict[str, Any]:
    return {
        "n_run": n_run,
        "wall_seconds": seconds,
        "cells_per_second": n_run / seconds,
        "n_workers": n_workers,
    }


def _finish(store: Store, spec: StudySpec, plan: Plan, about: Mapping[str, Any]) -> Study:
    """Gather the cells of this spec, and write the summary."""
    table = store.read()
    wanted = table["key"].isin({planned.key for planned in plan.cells})
    table = table[wanted].sort_values(["family", "method", "pooling", "n_sizes", "key"], ignore_index=True)
    summary = summarise(table, n_senseless=plan.n_senseless, **_work(store, about), spec=spec.record())
    store.write_text(SUMMARY_FILE, json.dumps(summary, indent=1) + "\n")
    return Study(store.folder, table, summary)
