"""How well a family's small models predict its largest, by the protocol of the Hitchhiker's guide.

Choshen et al. 2024, arXiv:2410.11840.

The details that change figures are those of the published code: the token threshold is a share of the longest
run among the *selected training models together*, both comparisons are strict (so at a share of 1 the longest
run loses its last checkpoint), a cell is counted under the number of sizes found in its training rows, and
the test rows are not cut at the beginning.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from bayes_scaling.baselines.by_family import NotFittableError
from bayes_scaling.baselines.columns import float_columns
from bayes_scaling.baselines.least_squares import EARLY_TOKENS, fit_least_squares
from bayes_scaling.names import LOSS, N_PARAMS, N_TOKENS

FINAL_CHECKPOINT = 1.0
"""Test rule: the target's last checkpoint."""

LAST_30_PERCENT = 0.7
"""Test rule: the target's checkpoints from 70 % of its tokens on."""

SHARES = tuple(np.arange(1, 11) / 10)
"""Shares of training: 10 % to 100 %."""


def hitchhiker_train_rows(
    rows: pd.DataFrame, n_models: int, share: float = 1.0, *, min_tokens: float = EARLY_TOKENS
) -> pd.DataFrame:
    """Rows of the smallest models between `min_tokens` and a share of their longest run.

    Parameters
    ----------
    rows : DataFrame
        One family, with columns ``n_params``, ``n_tokens`` and ``loss``; repeated checkpoints are allowed.
    n_models : int
        Number of sizes to train on, from the smallest.
    share : float, default 1.0
        Share of the longest selected run, strictly below which rows are kept.
    min_tokens : float, default 1e10
        Tokens strictly above which rows are kept.
    """
    sizes = np.sort(rows[N_PARAMS].unique())[:n_models]
    chosen = rows[rows[N_PARAMS].isin(sizes)]
    return chosen[(chosen[N_TOKENS] < share * chosen[N_TOKENS].max()) & (chosen[N_TOKENS] > min_tokens)]


def hitchhiker_test_rows(rows: pd.DataFrame, test_from: float = LAST_30_PERCENT) -> pd.DataFrame:
    """Rows of the family's largest model from `test_from` of its tokens on."""
    target = rows[rows[N_PARAMS] == rows[N_PARAMS].max()]
    return target[target[N_TOKENS] >= test_from * target[N_TOKENS].max()]


def hitchhiker_table(
    rows: pd.DataFrame,
    *,
    n_models: Sequence[int] = range(3, 8),
    shares: Sequence[float] = SHARES,
    test_from: float = FINAL_CHECKPOINT,
    min_tokens: float = EARLY_TOKENS,
) -> pd.DataFrame:
    """Absolute relative error at the largest model, a fraction, by training sizes and share of training.

    Parameters
    ----------
    rows : DataFrame
        One family, with columns ``n_params``, ``n_tokens`` and ``loss`` in the unit that is fitted; a run
        table's frame will do.
    n_models : sequence of int, default 3 to 7
        Numbers of smallest models to train on.
    shares : sequence of float, default 0.1 to 1
        Shares of training.
    test_from : float, default 1.0
        :data:`FINAL_CHECKPOINT` or :data:`LAST_30_PERCENT`.
    min_tokens : float, default 1e10
        Training rows up to here are dropped.

    Returns
    -------
    DataFrame
        Sizes in rows, shares in columns. NaN where no training set had that number of sizes, or where the
        optimiser failed.
    """
    test = hitchhiker_test_rows(rows, test_from)
    cells = []
    for models in n_models:
        for share in shares:
            train = hitchhiker_train_rows(rows, models, share, min_tokens=min_tokens)
            cells.append((train[N_PARAMS].nunique(), share, _relative_error(train, test)))
    table = pd.DataFrame(cells, columns=["n_sizes", "share", "are"])
    return table.pivot_table("are", "n_sizes", "share", dropna=False).reindex(
        index=list(n_models), columns=list(shares)
    )


def _relative_error(train: pd.DataFrame, test: pd.DataFrame) -> float:
    """Mean error on the test rows of the law fitted to the training rows; NaN without a fit."""
    if train.empty:
        return np.nan
    try:
        fit = fit_least_squares(*float_columns(train, N_PARAMS, N_TOKENS, LOSS))
    except NotFittableError:
        return np.nan
    n_params, n_tokens, loss = float_columns(test, N_PARAMS, N_TOKENS, LOSS)
    return float(np.mean(np.abs(fit.loss(n_params, n_tokens) - loss) / loss))
