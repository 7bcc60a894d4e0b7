"""Cells that cost nothing and misbehave on request; imported by worker processes.

What a cell does is decided by its seed and by the table of misdeeds, a JSON file named in the environment: seed to
the name of a function here.
"""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

from bayes_scaling.study.run_cell import finished_row

FOLDER = "STUDY_TEST_FOLDER"
"""Environment variable: where the misdeeds are written down and where cells leave their traces."""


def cell(tables, population, planned, settings):
    """Leave a trace, do what the table of misdeeds says, and hand back a result."""
    folder = Path(os.environ[FOLDER])
    seed = str(planned.cell.seed)
    with (folder / "trace").open("a") as trace:
        trace.write(f"{seed} {os.getpid()}\n")
    misdeeds = json.loads((folder / "misdeeds.json").read_text())
    time.sleep(0.05)
    if seed in misdeeds:
        globals()[misdeeds[seed]]()
    return finished_row(planned, {"status": "done", "are": float(planned.cell.seed), "seconds": 0.05})


def raise_error():
    raise ValueError("a cell that raises")


def kill_worker():
    os.kill(os.getpid(), signal.SIGKILL)


def hang():
    time.sleep(600.0)


def freeze():
    """Stop the whole process, heartbeats too, as a library that holds the interpreter's lock does."""
    os.kill(os.getpid(), signal.SIGSTOP)


def starts(folder: Path) -> list[tuple[int, int]]:
    """Seed and process of every start of a cell so far."""
    lines = (folder / "trace").read_text().splitlines()
    return [(int(seed), int(pid)) for seed, pid in map(str.split, lines)]
