"""Where in its learning-rate schedule a checkpoint stands."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bayes_scaling.names import FAMILY, LEARNING_RATE, N_TOKENS, N_TOKENS_TOTAL, RUN

FloatArray = NDArray[np.float64]


def peak_learning_rates(frame: pd.DataFrame) -> dict[str, float]:
    """Largest learning rate of each family that logs one which changes within a run; empty for others.

    A rate that is the same at all checkpoints of every run is a setting of the run, not its schedule.
    """
    if LEARNING_RATE not in frame:
        return {}
    rates = frame.groupby([FAMILY, RUN])[LEARNING_RATE].agg(["min", "max"])
    moving = rates[rates["max"] > 1.001 * rates["min"]]
    peaks = moving.groupby(level=0)["max"].max()
    return {str(family): float(peak) for family, peak in peaks.items()}


def schedule_level(frame: pd.DataFrame, peaks: dict[str, float]) -> FloatArray:
    """Learning rate over its peak for each row, in 0..1.

    Parameters
    ----------
    frame : DataFrame
        Rows of a run table, or points of a prediction.
    peaks : dict of str to float
        :func:`peak_learning_rates` of the training rows. A family that is not in it counts as decaying along
        a cosine to zero at ``n_tokens_total``, the most common schedule; without that column, as decayed.

    Returns
    -------
    ndarray of shape (n_rows,)
    """
    total = frame[N_TOKENS_TOTAL] if N_TOKENS_TOTAL in frame else frame[N_TOKENS]
    progress = (frame[N_TOKENS] / total.fillna(frame[N_TOKENS])).clip(0.0, 1.0).to_numpy(dtype=float)
    level = 0.5 * (1.0 + np.cos(np.pi * progress))
    if LEARNING_RATE not in frame or not peaks:
        return level
    peak = frame[FAMILY].map(peaks).to_numpy(dtype=float)
    logged = (frame[LEARNING_RATE].to_numpy(dtype=float) / peak).clip(0.0, 1.0)
    return np.where(np.isfinite(logged), logged, level)
