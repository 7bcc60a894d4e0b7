"""Loss curves of three sizes under nine learning-rate schedules."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pandas as pd

from bayes_scaling.datasets.readers import PartReader
from bayes_scaling.names import FAMILY, LEARNING_RATE, LOSS, N_PARAMS, N_TOKENS, N_TOKENS_TOTAL, RUN

TOKENS_PER_STEP: Final = 128 * 4096
"""Taken for all runs: neither the files nor the repository's README state the batch.

A wrong constant stretches the token axis of all runs alike and leaves the exponents of a law as they are.
"""

_PLANNED_STEPS = re.compile(r"_(\d{4,})$")


def read_curves(folder: Path) -> pd.DataFrame:
    """One row for each logged step: training loss in nats per token; a family is a schedule."""
    return pd.concat([_curve(path) for path in sorted(folder.glob("csv_*/*.csv"))], ignore_index=True)


def _curve(path: Path) -> pd.DataFrame:
    millions = int(path.parent.name.removeprefix("csv_"))
    log = pd.read_csv(path)
    return pd.DataFrame(
        {
            FAMILY: f"mpl-{path.stem}",
            RUN: f"{millions}M",
            N_PARAMS: millions * 1e6,
            N_TOKENS: log["step"] * TOKENS_PER_STEP,
            LOSS: log["loss"],
            N_TOKENS_TOTAL: _planned_steps(path.stem, log["step"].max()) * TOKENS_PER_STEP,
            LEARNING_RATE: log["lr"],
            "schedule": path.stem,
            "step": log["step"],
        }
    )


def _planned_steps(schedule: str, last_step: int) -> int:
    """Steps that the schedule's name plans, such as 24000 in ``wsd_20000_24000``; else the last logged."""
    planned = _PLANNED_STEPS.search(schedule)
    return int(planned[1]) if planned else last_step


PARTS: Final[Mapping[str, PartReader]] = {"curves": read_curves}
