"""Which checkpoints of a run enter the likelihood."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bayes_scaling.names import FAMILY, N_TOKENS, RUN


def thin_checkpoints(frame: pd.DataFrame, max_checkpoints: int, min_progress: float) -> pd.DataFrame:
    """The rows of a run table that a fit uses: late enough, and spread evenly in log tokens.

    Parameters
    ----------
    frame : DataFrame
        Rows sorted by family, run and tokens.
    max_checkpoints : int
        Most checkpoints kept of one run; its last is always among them.
    min_progress : float
        Checkpoints before this share of the run's last checkpoint are left out, in [0, 1).

    Returns
    -------
    DataFrame
        A subset of the rows, in the same order, with the index reset.
    """
    last = frame.groupby([FAMILY, RUN], sort=False)[N_TOKENS].transform("max")
    late = frame[frame[N_TOKENS] >= min_progress * last]
    kept = [
        run[_spread_evenly(late[N_TOKENS].to_numpy()[run], max_checkpoints)]
        for run in map(np.asarray, late.groupby([FAMILY, RUN], sort=False).indices.values())
    ]
    return late.iloc[np.sort(np.concatenate(kept))].reset_index(drop=True)


def _spread_evenly(n_tokens: np.ndarray, count: int) -> np.ndarray:
    """Positions of at most ``count`` sorted values that lie evenly in the logarithm, the last among them."""
    if len(n_tokens) <= count:
        return np.arange(len(n_tokens))
    log_tokens = np.log(n_tokens)
    targets = np.linspace(log_tokens[-1], log_tokens[0], count)
    return np.unique(np.abs(log_tokens[:, None] - targets[None, :]).argmin(axis=0))
