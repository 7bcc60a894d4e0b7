"""Noisy training losses of single long runs, averaged within bins."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pandas as pd

from bayes_scaling.datasets.readers.averaging import average_in_bins
from bayes_scaling.datasets.readers.files import read_csv
from bayes_scaling.names import FAMILY, LOSS, N_PARAMS, N_TOKENS, RUN

MAMBA3B_TOKENS_PER_STEP: Final = 2048 * 2048
"""Assumed: the file counts steps and states no batch. The run is marked for it."""


K2_SPIKE_SHARE: Final = 0.15
"""How far above the median of the eleven lines around it a line of K2's log must be to count as a spike."""


def read_k2(folder: Path) -> pd.DataFrame:
    """Up to 64 rows of LLM360's K2 (65B): mean training loss within bins of log tokens, without spikes."""
    wanted = ["tokens_seen", "k2 training - lm loss"]
    log = read_csv(folder, "aggregated_eval/K2.csv", usecols=wanted)
    run = _run("k2", "K2-65B", 65e9, log["tokens_seen"], log["k2 training - lm loss"])
    around = run[LOSS].rolling(11, center=True, min_periods=1).median()
    return average_in_bins(run[run[LOSS] <= (1.0 + K2_SPIKE_SHARE) * around])


def read_mamba3b(folder: Path) -> pd.DataFrame:
    """Up to 64 rows of LLM360's 3B Mamba: mean training loss within bins of log tokens."""
    log = read_csv(folder, "aggregated_eval/llm360Mamba3B.csv", usecols=["step", "loss"])
    return average_in_bins(
        _run("mamba3b", "Mamba-3B", 3e9, log["step"] * MAMBA3B_TOKENS_PER_STEP, log["loss"])
    )


def _run(family: str, run: str, n_params: float, n_tokens: pd.Series, loss: pd.Series) -> pd.DataFrame:
    """A training log as run-table rows, from the first trained batch on."""
    rows = pd.DataFrame({FAMILY: family, RUN: run, N_PARAMS: n_params, N_TOKENS: n_tokens, LOSS: loss})
    return rows[rows[N_TOKENS] > 0]
