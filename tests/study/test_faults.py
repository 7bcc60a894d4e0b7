"""Everything that can go wrong in a long run, done for real: processes killed and frozen, a disk full."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from bayes_scaling.study import Cluster, StudyStoppedError, read_study, run_study
from bayes_scaling.study.watcher import SilentWatcher
from tests.study import cheap_cells

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]


class After(SilentWatcher):
    """Does something once, when so many cells are finished."""

    def __init__(self, n_done, action):
        self.n_done, self.action = n_done, action

    def progressed(self, done, total, failed):
        if self.action is not None and done >= self.n_done:
            action, self.action = self.action, None
            action()


def run_cheap(spec, folder, **options):
    cluster = options.pop("cluster", Cluster(n_workers=2))
    return run_study(spec, folder, cluster, cell_function=cheap_cells.cell, **options)


def test_a_worker_that_is_killed_costs_no_cell(many_cells, misdeeds, tmp_path):
    traces = misdeeds({})
    killed = []

    def kill_newest():
        killed.append(cheap_cells.starts(traces)[-1][1])
        os.kill(killed[0], signal.SIGKILL)

    study = run_cheap(many_cells, tmp_path / "out", watcher=After(10, kill_newest))

    assert killed[0] not in [pid for _, pid in cheap_cells.starts(traces)][-10:]
    assert study.summary["status"] == {"done": 40, "undetermined": 0, "failed": 0}
    assert sorted(study.table["are"]) == list(range(40))


def test_cells_that_raise_kill_hang_and_freeze_are_listed_and_the_rest_completes(
    many_cells, misdeeds, tmp_path
):
    misdeeds({3: "raise_error", 7: "kill_worker", 12: "hang", 20: "freeze"})

    study = run_cheap(many_cells, tmp_path / "out")

    reasons = study.failures.set_index("seed")["reason"].to_dict()
    assert study.summary["status"] == {"done": 36, "undetermined": 0, "failed": 4}
    assert reasons[3] == "ValueError: a cell that raises"
    assert "killed each time" in reasons[7]
    assert reasons[12] == reasons[20] == "timed out after 4 s"
    assert not study.is_trusted

    misdeeds({})
    again = run_cheap(many_cells, tmp_path / "out", cluster=Cluster(n_workers=1))

    assert again.summary["n_run"] == 4
    assert again.summary["status"]["done"] == 40


def test_a_full_disk_stops_the_study_with_what_is_finished_kept(many_cells, misdeeds, tmp_path):
    traces = misdeeds({})
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    try:
        fill = After(10, lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard)))
        with pytest.raises(
            StudyStoppedError, match=r"File too large.*of 40 cells are finished.*same command"
        ):
            run_cheap(many_cells, tmp_path / "out", watcher=fill)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    kept = read_study(tmp_path / "out").table
    assert 10 <= len(kept) < 40
    assert not list((tmp_path / "out").rglob(".unfinished*"))
    assert_only_missing_cells_run(many_cells, traces, tmp_path / "out", kept)


def test_a_scheduler_that_goes_away_stops_the_study_with_what_is_finished_kept(
    many_cells, misdeeds, tmp_path
):
    traces = misdeeds({})
    with dask_processes(tmp_path) as (scheduler, address):
        kill = After(10, scheduler.kill)
        with pytest.raises(StudyStoppedError, match=r"scheduler.*of 40 cells are finished"):
            run_cheap(many_cells, tmp_path / "out", watcher=kill, cluster=Cluster(address))

    kept = read_study(tmp_path / "out").table
    assert 10 <= len(kept) < 40
    assert_only_missing_cells_run(many_cells, traces, tmp_path / "out", kept)


@pytest.mark.parametrize(("how", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)])
def test_a_study_that_is_interrupted_goes_on_where_it_was(how, code, misdeeds, many_cells, tmp_path):
    traces = misdeeds({})
    script = tmp_path / "run.py"
    script.write_text(SCRIPT)
    table = many_cells.data["table"]
    process = subprocess.Popen(
        [sys.executable, script, table, tmp_path / "out"], env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    wait_until(lambda: len(list((tmp_path / "out").rglob("*.parquet"))) >= 5)

    process.send_signal(how)

    assert process.wait(timeout=30) == code
    kept = read_study(tmp_path / "out").table
    assert 5 <= len(kept) < 40
    time.sleep(1.0)  # for workers to notice that they have nobody left to work for
    assert_only_missing_cells_run(many_cells, traces, tmp_path / "out", kept)


SCRIPT = """
import sys
from bayes_scaling.study import Cluster, make_spec, run_study
from tests.study import cheap_cells

if __name__ == "__main__":
    grid = {"families": ["family-0"], "n_sizes": [2], "pooling": ["none"], "seed": list(range(40))}
    spec = make_spec({"data": {"table": sys.argv[1]}, "grid": grid, "study": {"cell_timeout": 4.0}})
    try:
        run_study(spec, sys.argv[2], Cluster(n_workers=1), cell_function=cheap_cells.cell)
    except KeyboardInterrupt:
        sys.exit(130)
"""


def assert_only_missing_cells_run(spec, traces, folder, kept):
    (traces / "trace").write_text("")
    study = run_cheap(spec, folder, cluster=Cluster(n_workers=1))
    started = Counter(seed for seed, _ in cheap_cells.starts(traces))
    assert started == Counter(set(range(40)) - set(kept["seed"]))
    assert study.summary["status"]["done"] == 40
    rows = study.table.set_index("key")
    assert (rows.loc[kept["key"], "finished"].to_numpy() == kept["finished"].to_numpy()).all()


class dask_processes:
    """A scheduler and a worker with its nanny, each in a process of its own."""

    def __init__(self, folder):
        self.file, self.processes = folder / "scheduler.json", []

    def __enter__(self):
        self._start("scheduler", "--port", "0", "--no-dashboard", "--scheduler-file", self.file)
        wait_until(self.file.is_file)
        time.sleep(0.5)
        self._start("worker", "--scheduler-file", self.file, "--nthreads", "1", "--no-dashboard")
        return self.processes[0], json.loads(self.file.read_text())["address"]

    def __exit__(self, *error):
        for process in reversed(self.processes):
            process.terminate()
        for process in self.processes:
            process.wait(timeout=30)

    def _start(self, *words):
        command = [sys.executable, "-m", "dask", *map(str, words)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        self.processes.append(
            subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        )


def wait_until(condition, seconds=60.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)
