"""Averages within one run: of points that share a token count, and of noisy training losses within bins."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from bayes_scaling.names import FAMILY, LOSS, LOSS_SE, N_TOKENS, N_TOKENS_TOTAL, RUN

N_AVERAGED: Final = "n_averaged"
"""Column with the number of source rows that a row is the mean of."""

N_BINS: Final = 64
"""Bins of equal width in log tokens, from a run's first to its last log line."""


def average_ties(points: pd.DataFrame) -> pd.DataFrame:
    """Mean loss at each token count of each run; other columns keep the value of the first row."""
    grouped = points.groupby([FAMILY, RUN, N_TOKENS], sort=False)[LOSS]
    averaged = points.assign(**{LOSS: grouped.transform("mean"), N_AVERAGED: grouped.transform("size")})
    return averaged.drop_duplicates([FAMILY, RUN, N_TOKENS], ignore_index=True)


def average_in_bins(log: pd.DataFrame, n_bins: int = N_BINS) -> pd.DataFrame:
    """Mean tokens and mean loss of one run's training log within bins of log tokens.

    Parameters
    ----------
    log : DataFrame
        Rows of one run with the columns of a run table; other columns keep the value of the first row.
    n_bins : int, default 64
        Number of bins; empty ones give no row, so that early checkpoints are thinned less than late ones.

    Returns
    -------
    DataFrame
        One row a bin, with the standard error of its mean in ``loss_se`` (losses of single batches taken as
        independent; NaN for a bin of one row) and the run's last token count in ``n_tokens_total``.
    """
    log_tokens = np.log(log[N_TOKENS].to_numpy(dtype=float))
    edges = np.linspace(log_tokens.min(), log_tokens.max(), n_bins + 1)
    bins = np.clip(np.searchsorted(edges, log_tokens, side="right") - 1, 0, n_bins - 1)
    grouped = log.groupby(bins)
    binned = grouped.first()
    binned[N_TOKENS] = grouped[N_TOKENS].mean()
    binned[LOSS] = grouped[LOSS].mean()
    binned[LOSS_SE] = grouped[LOSS].std(ddof=1) / np.sqrt(grouped.size())
    binned[N_AVERAGED] = grouped.size()
    binned[N_TOKENS_TOTAL] = log[N_TOKENS].max()
    return binned.reset_index(drop=True)
