"""Run the studies of docs/study.md: every question of benchmarks/study_questions.py, into one folder.

    python benchmarks/study_run.py --out OUT --mirror DIR [--pooling none] [--workers N]

Stop it at any moment and run it again: only what is missing runs.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from study_questions import QUESTIONS, olmo_content, read_olmo, spec_content

from bayes_scaling.study import Cluster, Study, make_spec, run_study


def report(question: str, study: Study, seconds: float) -> None:
    """Print how a question's cells fared."""
    counts = ", ".join(f"{count:,} {status}" for status, count in study.summary["status"].items())
    print(f"{question}: {len(study.table):,} cells ({counts}), {seconds:.0f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", required=True, help="folder of the results; kept")
    parser.add_argument("--mirror", help="folder with copies of the public data sets")
    parser.add_argument("--pooling", choices=("none", "population"), help="only these cells")
    parser.add_argument("--workers", type=int, help="default: one for each processor")
    arguments = parser.parse_args()
    cluster = Cluster(n_workers=arguments.workers)
    for question, grid in QUESTIONS.items():
        pooling = [each for each in grid["pooling"] if arguments.pooling in (None, each)]
        if not pooling:
            continue
        started = time.perf_counter()
        spec = make_spec(spec_content(question, pooling=pooling))
        study = run_study(spec, arguments.out, cluster, mirror=arguments.mirror)
        report(question, study, time.perf_counter() - started)
    if arguments.pooling != "none":
        started = time.perf_counter()
        file = Path(arguments.out) / "olmo.csv"
        read_olmo(arguments.mirror).to_csv(file)
        study = run_study(make_spec(olmo_content(file)), arguments.out, cluster)
        report("OLMo 7B from 1B", study, time.perf_counter() - started)


if __name__ == "__main__":
    main()
