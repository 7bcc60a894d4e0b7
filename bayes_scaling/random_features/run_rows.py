"""Simulated losses as a run table, so that a scaling model can be judged where the truth is known."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
import xarray as xr

from bayes_scaling.errors import InputError
from bayes_scaling.names import FAMILY, LOSS, METRIC, N_PARAMS, N_TOKENS, RUN, SEED
from bayes_scaling.random_features.simulate import SAMPLES, TIME, WIDTH
from bayes_scaling.runs import RunTable

PARAMS_PER_WIDTH: Final = 1e7
"""Parameters that one unit of width stands for: widths of 16 to 512 become 160M to 5B parameters."""

TOKENS_PER_STEP: Final = 1e8
"""Tokens that one unit of time, or one sample, stands for."""

METRIC_SIMULATED: Final = "squared_error"


def to_run_table(
    losses: xr.DataArray,
    family: str,
    *,
    tokens: str = TIME,
    params_per_width: float = PARAMS_PER_WIDTH,
    tokens_per_step: float = TOKENS_PER_STEP,
) -> RunTable:
    """Runs of one family: ``n_params`` is width, ``n_tokens`` is training time or number of samples.

    Time stands for tokens where each step sees fresh data (infinite samples); samples stand for tokens where
    students are trained to the end. Both are scaled by constants, which change the amplitudes of a power law and
    leave its exponents alone.

    Parameters
    ----------
    losses : DataArray with dims (seed, width, samples, time)
        Test losses of finite widths; one value of the dimension that is not `tokens`.
    family : str
        Label of the family.
    tokens : {"time", "samples"}
        With ``"time"`` a run is one student (seed, width) and its checkpoints are times. With ``"samples"``
        a run is one (seed, width, number of samples) with a single checkpoint.
    params_per_width, tokens_per_step : float
        What one unit stands for.

    Raises
    ------
    InputError
        With code ``"bad_design"`` when a width or token count is infinite or the other dimension has several values.
    """
    other = {TIME: SAMPLES, SAMPLES: TIME}.get(tokens)
    if other is None or losses.sizes[other] != 1:
        raise InputError(
            f"tokens = {tokens!r}, dims {dict(losses.sizes)}",
            "tokens of 'time' or 'samples', and one value of the other",
            f"Select one first, e.g. losses.isel({other or SAMPLES}=[-1]).",
            code="bad_design",
        )
    if not (np.isfinite(losses[WIDTH]).all() and np.isfinite(losses[tokens]).all()):
        raise InputError(
            f"an infinite {WIDTH} or number of {tokens}",
            "finite ones",
            "Leave the limits out of the table.",
            code="bad_design",
        )
    rows = losses.rename(LOSS).squeeze(other, drop=True).to_dataframe().reset_index()
    label = "N" + rows[WIDTH].astype(int).astype(str) + "-s" + rows[SEED].astype(str)
    if tokens == SAMPLES:
        label = label + "-P" + rows[SAMPLES].astype(int).astype(str)
    columns = {
        FAMILY: family,
        RUN: label,
        SEED: rows[SEED].astype(str),
        N_PARAMS: rows[WIDTH] * params_per_width,
        N_TOKENS: rows[tokens] * tokens_per_step,
        LOSS: rows[LOSS],
        METRIC: METRIC_SIMULATED,
    }
    return RunTable.from_frame(pd.DataFrame(columns))
