"""How much single checkpoints scatter around their run's smooth curve."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bayes_scaling.names import FAMILY, LOSS, N_PARAMS, N_TOKENS, RUN
from bayes_scaling.runs import RunTable

FEWEST_CHECKPOINTS = 3
"""A curve through fewer checkpoints leaves nothing over to judge noise by."""


def checkpoint_noise(runs: RunTable) -> pd.DataFrame:
    """Standard deviation of log loss of one checkpoint around its run's curve, one row per run.

    From how far each checkpoint lies off the line between its neighbours in log loss over log tokens, scaled to unit
    variance (Gasser, Sroka and Jennen-Steinmetz 1986). The median of the squares, not their mean, so that
    the bend of the first checkpoints and single spikes count little.

    Returns
    -------
    DataFrame
        ``family, run, n_params, n_checkpoints, noise_sd``; NaN for runs of fewer than three checkpoints.
    """
    rows = [
        (family, run, curve[N_PARAMS].iloc[0], len(curve), noise_sd(log_curve(curve)))
        for (family, run), curve in runs.frame.groupby([FAMILY, RUN])
    ]
    return pd.DataFrame(rows, columns=[FAMILY, RUN, N_PARAMS, "n_checkpoints", "noise_sd"])


def log_curve(curve: pd.DataFrame) -> np.ndarray:
    """Log tokens and log loss of one run in order of tokens, shape (2, n_checkpoints)."""
    ordered = curve.sort_values(N_TOKENS)
    return np.log(ordered[[N_TOKENS, LOSS]].to_numpy(dtype=float)).T


def noise_sd(curve: np.ndarray) -> float:
    """Noise of one curve, shape (2, n_checkpoints); NaN for fewer than three checkpoints."""
    if curve.shape[1] < FEWEST_CHECKPOINTS:
        return float("nan")
    x, y = curve
    share = (x[2:] - x[1:-1]) / (x[2:] - x[:-2])  # weight of the earlier neighbour
    off_line = y[1:-1] - share * y[:-2] - (1.0 - share) * y[2:]
    standardised = off_line**2 / (1.0 + share**2 + (1.0 - share) ** 2)
    return float(
        np.sqrt(np.median(standardised) / 0.4549)
    )  # median of a chi-squared of one degree of freedom
