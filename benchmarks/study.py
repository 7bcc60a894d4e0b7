"""A study of all public families: how long it takes, how it scales, and what pooling is worth.

    python benchmarks/study.py [--mirror DIR] [--out DIR] [--sample N]

Runs benchmarks/study.toml on all processors (again: only what is missing in the folder), then a sample of its cells
on one and on two workers, and prints Markdown tables for docs/results.md.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from tables import markdown

from bayes_scaling.study import Cluster, Study, compare_on_same, read_spec, run_study
from bayes_scaling.study.cluster import connect
from bayes_scaling.study.plan import Plan, plan_study
from bayes_scaling.study.runner import Runner
from bayes_scaling.study.spec import StudySpec
from bayes_scaling.study.store import Store

SPEC = Path(__file__).with_name("study.toml")


def sample_seconds(spec: StudySpec, plan: Plan, n_workers: int, n_cells: int) -> float:
    """Wall seconds for a sample of the unpooled cells, from a cluster that is up to the last result on the disk."""
    alone = [planned for planned in plan.cells if planned.prior is None]
    chosen = np.random.default_rng(0).choice(len(alone), size=n_cells, replace=False)
    with tempfile.TemporaryDirectory() as folder, connect(n_workers=n_workers) as client:
        started = time.perf_counter()
        Runner(client, Store(Path(folder)), spec, plan).work([alone[place] for place in chosen])
        return time.perf_counter() - started


def scaling_table(spec: StudySpec, mirror: str | None, n_cells: int) -> str:
    """Cells a second on one and on two workers."""
    plan = plan_study(spec, spec.read_data(mirror))
    seconds = {n_workers: sample_seconds(spec, plan, n_workers, n_cells) for n_workers in (1, 2)}
    return markdown(
        ["workers", "cells", "seconds", "cells/s", "speed-up"],
        [
            [str(n), str(n_cells), f"{took:.0f}", f"{n_cells / took:.2f}", f"{seconds[1] / took:.2f}"]
            for n, took in seconds.items()
        ],
    )


def error_table(means: pd.DataFrame) -> str:
    """Errors, CRPS and coverage by way of fitting."""
    header = [
        "fit",
        "cells",
        "families",
        "typical error",
        "mean error",
        "CRPS",
        "50 % held",
        "90 % held",
        "95 % held",
    ]
    rows = [
        [
            ", ".join(map(str, label[1:])),
            str(record["n_cells"]),
            str(record["n_families"]),
            *(f"{100 * record[name]:.1f} %" for name in ("are_median", "are", "crps")),
            *(f"{100 * record[name]:.0f} %" for name in ("covered_50", "covered_90", "covered_95")),
        ]
        for label, record in zip(means.index, means.to_dict("records"), strict=True)
    ]
    return markdown(header, rows).replace("nan %", "–")


def print_study(study: Study) -> None:
    """Print what the whole study came to."""
    summary = study.summary
    print(
        f"{summary['n_cells']:,} cells, {summary['status']}; {summary['wall_seconds']:.0f} s on"
        f" {summary['n_workers']} workers, {summary['cells_per_second']:.2f} cells/s; largest worker"
        f" {summary['peak_memory_mb']:.0f} MiB\n"
    )
    print(error_table(compare_on_same(study.table)), end="\n\n")
    print("By number of sizes (pooling, method, sizes):\n")
    print(error_table(compare_on_same(study.table, "n_sizes")), end="\n\n")
    one_size = study.table.query("n_sizes == 1 and status == 'done'").groupby("family")["are"].mean()
    print(
        f"One size, on the population: typical error {100 * one_size.median():.1f} %, {len(one_size)} families\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--mirror", help="folder with copies of the public data sets")
    parser.add_argument("--out", default="study-output", help="folder of the study; kept")
    parser.add_argument(
        "--sample", type=int, default=120, help="cells for the comparison of one and two workers"
    )
    arguments = parser.parse_args()
    spec = read_spec(SPEC)
    print_study(run_study(spec, arguments.out, Cluster(), mirror=arguments.mirror))
    print(scaling_table(spec, arguments.mirror, arguments.sample))


if __name__ == "__main__":
    main()
