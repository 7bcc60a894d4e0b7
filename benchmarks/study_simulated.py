"""Hundreds of simulated families through a study on a cluster, and through the joint fit: time, memory, coverage.

    python benchmarks/study_simulated.py [--families 200] [--runs 20] [--out DIR]

Draws families from the weak priors, each of five sizes on two lengths with as many seeds as the runs allow. A quarter
of them, half of them and all go through one joint fit by the fast path; and through a study, unpooled and under a
population prior taught by the other folds, on a cluster of a scheduler and two workers in processes of their own. Every
measurement is a fresh process; those that are in the folder are not made again. Prints Markdown tables for
docs/results.md. Processor seconds are those of all processes of a measurement, and hardly depend on what else runs.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from distributed import Client
from tables import markdown

from bayes_scaling import RunTable, ScalingModel
from bayes_scaling.evaluation import split_runs
from bayes_scaling.evaluation.scores import absolute_relative_error, covered
from bayes_scaling.inference import convergence
from bayes_scaling.names import FAMILY, HOLDOUT_LARGEST_MODEL, KIND_RUN, LOSS, N_PARAMS, RUN
from bayes_scaling.runs import read_runs
from bayes_scaling.study import Cluster, compare, make_spec, run_study

SIZES = np.geomspace(5e7, 5e9, 5)
LENGTHS = (2e10, 1e11)
SHARES = np.geomspace(0.05, 1.0, 6)
"""Checkpoints, as shares of a run's length."""

PARTS = (0.25, 0.5, 1.0)
"""Shares of the families, for growth."""

N_WORKERS = 2
START_SECONDS = 120.0
N_SIZES = (2, 4)
N_FOLDS = 4
POOLINGS = ("none", "population")
SCORES = ("are", "covered_50", "covered_90")
MAX_EXPONENT, MAX_GIB = 1.0, 4.0

Record = dict[str, Any]


# --- the table --------------------------------------------------------------------------------


def simulated_runs(n_families: int, n_runs: int, seed: int = 1) -> RunTable:
    """Families of one population that the weak priors expect, each with so many runs."""
    n_seeds = n_runs // (len(SIZES) * len(LENGTHS))
    rows = pd.MultiIndex.from_product(
        [[f"family-{number:03d}" for number in range(n_families)], SIZES, LENGTHS, range(n_seeds), SHARES],
        names=[FAMILY, N_PARAMS, "n_tokens_total", "seed", "share"],
    ).to_frame(index=False)
    rows["n_tokens"] = rows.pop("share") * rows["n_tokens_total"]
    rows["seed"] = rows["seed"].astype(str)
    rows[RUN] = (
        rows[N_PARAMS].map("{:.3g}".format)
        + rows["n_tokens_total"].map(" on {:.3g}, seed ".format)
        + rows["seed"]
    )
    expected = RunTable.from_frame(rows.assign(loss=1.0))
    drawn = ScalingModel(priors="weak").prior_predictive(expected, n_draws=1, seed=seed)
    return RunTable.from_frame(expected.frame.assign(**{LOSS: drawn.draws.to_numpy().ravel()}))


def write_tables(folder: Path, n_families: int, n_runs: int) -> dict[int, Path]:
    """Tables of the first families, by their number: the smaller ones are the beginning of the largest."""
    counts = sorted({round(share * n_families) for share in PARTS})
    paths = {count: folder / f"runs-{count}.parquet" for count in counts}
    if not all(path.is_file() for path in paths.values()):
        runs = simulated_runs(n_families, n_runs)
        for count, path in paths.items():
            runs.select(runs.families[:count]).to_parquet(path)
    return paths


# --- a cluster --------------------------------------------------------------------------------


class OwnCluster:
    """A scheduler and two workers, started by the commands that a user would type.

    Attributes
    ----------
    address : str
        Of the scheduler.
    usage : mapping of str to resource usage
        Of the scheduler and of the workers with their nannies, known when the cluster has ended.
    """

    def __init__(self, folder: Path) -> None:
        self._file, self._folder = folder / "scheduler.json", folder
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self.usage: dict[str, resource.struct_rusage] = {}

    @property
    def address(self) -> str:
        """Where the scheduler is."""
        return str(json.loads(self._file.read_text(encoding="utf-8"))["address"])

    @property
    def is_running(self) -> bool:
        """Whether a process of it has been started and not been ended."""
        return set(self._processes) != set(self.usage)

    def start(self) -> None:
        """Start the processes, and wait until the workers are there."""
        self._start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
        deadline = time.monotonic() + START_SECONDS
        while not self._file.is_file():
            if time.monotonic() > deadline:
                raise TimeoutError(f"no scheduler after {START_SECONDS:g} s")
            time.sleep(0.05)
        self._start("worker", "--nthreads", "1", "--nworkers", str(N_WORKERS), "--no-dashboard")
        with Client(self.address) as client:
            client.wait_for_workers(N_WORKERS, timeout=START_SECONDS)

    def stop(self) -> None:
        """End the processes, and learn what they took."""
        for role in ("worker", "scheduler"):
            if role in self._processes:
                process = self._processes[role]
                process.terminate()
                # of the process and of its children, the worker processes among them
                _, _, self.usage[role] = os.wait4(process.pid, 0)
                process.wait()

    def _start(self, role: str, *options: str) -> None:
        command = [sys.executable, "-m", "dask", role, *options, "--scheduler-file", str(self._file)]
        with (self._folder / f"{role}.log").open("wb") as log:
            self._processes[role] = subprocess.Popen(
                command, cwd=self._folder, stdout=log, stderr=log, env=os.environ
            )


@contextmanager
def own_cluster() -> Iterator[OwnCluster]:
    """A cluster for a block."""
    with tempfile.TemporaryDirectory() as folder:
        cluster = OwnCluster(Path(folder))
        try:
            cluster.start()
            yield cluster
        finally:
            cluster.stop()


# --- what is measured, each in a process of its own ------------------------------------------


def measure_study(table: Path, folder: Path, scheduler: str) -> Record:
    """A study of a table on a cluster that is up, from reading the table to the summary."""
    grid = {"n_sizes": list(N_SIZES), "pooling": list(POOLINGS)}
    settings = {"prior": "folds", "n_folds": N_FOLDS}
    spec = make_spec({"data": {"table": str(table)}, "grid": grid, "study": settings})
    study = run_study(spec, folder, Cluster(scheduler))
    scores = compare(study.table, "n_sizes")
    return {
        "seconds": study.summary["wall_seconds"],
        "cells": len(study.table),
        "cells_per_second": study.summary["cells_per_second"],
        "status": study.summary["status"],
        "n_untrusted": study.summary["n_untrusted"],
        "worker_gib": study.table["peak_memory_mb"].max() / 2**10,
        "scores": scores.reset_index()[["pooling", "n_sizes", "n_cells", *SCORES]].to_dict("records"),
    }


def measure_joint(table: Path) -> Record:
    """The joint fit of all families without their largest models, and how it foretells those."""
    split = split_runs(read_runs(str(table)), HOLDOUT_LARGEST_MODEL)[0]
    started, started_cpu = time.perf_counter(), time.process_time()
    fit = ScalingModel(priors="weak").fit(split.train, "laplace", seed=0, progress=False)
    fitted, cpu_seconds = time.perf_counter(), time.process_time() - started_cpu
    draws = fit.predict(split.points, kind=KIND_RUN).draws.transpose("chain", "draw", "obs").to_numpy()
    draws = draws.reshape(-1, len(split.points))
    forecast_seconds = time.perf_counter() - fitted
    observed, families = split.test.frame[LOSS].to_numpy(float), split.test.frame[FAMILY].to_numpy()
    scores = pd.DataFrame(
        {
            "are": absolute_relative_error(np.median(draws, axis=0), observed),
            "covered_50": covered(draws, observed, 0.5),
            "covered_90": covered(draws, observed, 0.9),
        }
    )
    return {
        "seconds": fitted - started,
        "cpu_seconds": cpu_seconds,
        "forecast_seconds": forecast_seconds,
        "rows": len(split.train),
        "r_hat_max": convergence(fit).r_hat_max,
        **scores.groupby(families).mean().mean().to_dict(),
    }


def run_task(task: Sequence[str]) -> None:
    """Measure and print what :func:`in_own_process` reads."""
    kind, table, *others = task
    record = measure_joint(Path(table)) if kind == "joint" else measure_study(Path(table), *_study(others))
    record["gib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    record.setdefault("cpu_seconds", time.process_time())
    print(json.dumps(record))


def _study(others: Sequence[str]) -> tuple[Path, str]:
    folder, scheduler = others
    return Path(folder), scheduler


def in_own_process(*task: str | Path) -> Record:
    """What this file measures in another process."""
    command = [sys.executable, __file__, "--task", *map(str, task)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stderr}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


# --- all of it, and what was there already ----------------------------------------------------


@dataclass(frozen=True)
class Bench:
    """Measurements in a folder, by kind and number of families; what is missing is measured.

    Attributes
    ----------
    folder : Path
    tables : mapping of int to Path
        Tables by their number of families.
    """

    folder: Path
    tables: Mapping[int, Path]

    def study(self, n_families: int) -> Record:
        """A study on a fresh cluster."""
        return self._kept(f"study-{n_families}", lambda: self._measure_study(n_families))

    def joint(self, n_families: int) -> Record:
        """A joint fit."""
        return self._kept(f"joint-{n_families}", lambda: in_own_process("joint", self.tables[n_families]))

    def _measure_study(self, n_families: int) -> Record:
        with tempfile.TemporaryDirectory() as results, own_cluster() as cluster:
            record = in_own_process(
                "study", self.tables[n_families].resolve(), Path(results) / "out", cluster.address
            )
        of_cluster = sum(usage.ru_utime + usage.ru_stime for usage in cluster.usage.values())
        return {
            **record,
            "cpu_seconds": record["cpu_seconds"] + of_cluster,
            "scheduler_gib": cluster.usage["scheduler"].ru_maxrss / 2**20,
        }

    def _kept(self, name: str, measure: Any) -> Record:
        path = self.folder / f"{name}.json"
        if not path.is_file():
            record = measure()
            unfinished = path.with_suffix(".unfinished")
            unfinished.write_text(json.dumps(record, indent=1), encoding="utf-8")
            unfinished.replace(path)
        return dict(json.loads(path.read_text(encoding="utf-8")))


def exponent(records: Mapping[int, Record], of: str = "seconds") -> float:
    """Slope of the log of a figure on the log of the number of families; 1 is linear."""
    if len(records) < 2:
        return float("nan")
    return float(np.polyfit(np.log(list(records)), np.log([one[of] for one in records.values()]), 1)[0])


def study_table(records: Mapping[int, Record], n_runs: int) -> str:
    """Time and memory of the studies."""
    rows = [
        [
            str(n),
            f"{n * n_runs:,}",
            str(one["cells"]),
            ", ".join(f"{count} {status}" for status, count in one["status"].items()),
            str(one["n_untrusted"]),
            *(f"{one[name]:.0f}" for name in ("seconds", "cpu_seconds")),
            f"{one['cells_per_second']:.2f}",
            *(f"{one[name]:.2f}" for name in ("worker_gib", "gib", "scheduler_gib")),
        ]
        for n, one in records.items()
    ]
    sizes = ["largest worker, GiB", "driver, GiB", "scheduler, GiB"]
    header = [
        "families",
        "runs",
        "cells",
        "outcome",
        "not to be trusted",
        "seconds",
        "processor seconds",
        "cells/s",
    ]
    return markdown([*header, *sizes], rows)


def score_table(records: Mapping[int, Record]) -> str:
    """Error and coverage of the studies' cells by pooling and number of sizes."""
    rows = [
        [str(n), line["pooling"], str(line["n_sizes"]), str(line["n_cells"]), *_scores(line)]
        for n, one in records.items()
        for line in one["scores"]
    ]
    return markdown(
        ["families", "pooling", "training sizes", "cells", "mean ARE", "50 % held", "90 % held"], rows
    )


def joint_table(records: Mapping[int, Record]) -> str:
    """Time, memory, error and coverage of the joint fits."""
    rows = [
        [
            str(n),
            f"{one['rows']:,}",
            *(f"{one[name]:.1f}" for name in ("seconds", "cpu_seconds", "forecast_seconds")),
            f"{one['gib']:.2f}",
            f"{one['r_hat_max']:.3f}",
            *_scores(one),
        ]
        for n, one in records.items()
    ]
    header = ["families", "rows", "fit, s", "processor seconds", "forecast, s", "GiB", "worst R-hat"]
    return markdown([*header, "mean ARE", "50 % held", "90 % held"], rows)


def _scores(one: Mapping[str, float]) -> list[str]:
    are, half, nine_tenths = (100 * one[name] for name in SCORES)
    return [f"{are:.2f} %", f"{half:.0f} %", f"{nine_tenths:.0f} %"]


def target_rows(studies: Mapping[int, Record], joints: Mapping[int, Record]) -> list[list[str]]:
    """Growth and memory beside their targets."""
    rows = []
    for label, records in (("study", studies), ("joint fit", joints)):
        peak = max(value for one in records.values() for name, value in one.items() if name.endswith("gib"))
        for figure, value, limit in (
            (f"{label}, exponent of growth, seconds", exponent(records), MAX_EXPONENT),
            (f"{label}, the same, processor seconds", exponent(records, "cpu_seconds"), MAX_EXPONENT),
            (f"{label}, largest process, GiB", peak, MAX_GIB),
        ):
            missed = "" if round(value, 2) <= limit else " (*missed*)"
            rows.append([figure, f"{value:.2f}{missed}", f"<= {limit:g}"])
    return rows


def main() -> None:
    """Measure what is missing and print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--families", type=int, default=200)
    parser.add_argument("--runs", type=int, default=20, help="runs of each family, a multiple of ten")
    parser.add_argument("--out", default="study-simulated", help="folder of the measurements; kept")
    parser.add_argument("--task", nargs="+", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.task:
        return run_task(arguments.task)
    per_seed = len(SIZES) * len(LENGTHS)
    if arguments.runs < per_seed or arguments.runs % per_seed:
        parser.error(f"--runs {arguments.runs}: expected a multiple of {per_seed}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # by way of what ends the cluster
    folder = Path(arguments.out) / f"{arguments.families}x{arguments.runs}"
    folder.mkdir(parents=True, exist_ok=True)
    bench = Bench(folder, write_tables(folder, arguments.families, arguments.runs))
    print(f"{os.cpu_count()} processors; load at the start {os.getloadavg()[0]:.1f}\n", flush=True)
    joints = {n: bench.joint(n) for n in bench.tables}
    print(joint_table(joints), end="\n\n", flush=True)
    studies = {n: bench.study(n) for n in bench.tables}
    print(study_table(studies, arguments.runs), score_table(studies), sep="\n\n", end="\n\n")
    print(markdown(["figure", "measured", "target"], target_rows(studies, joints)))


if __name__ == "__main__":
    main()
