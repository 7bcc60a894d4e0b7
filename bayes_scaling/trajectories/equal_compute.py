"""The loss that each model size has after the same compute, and which size is best there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from bayes_scaling.errors import InputError
from bayes_scaling.names import FAMILY, FLOPS, LOSS, N_PARAMS, N_TOKENS, RUN
from bayes_scaling.runs import RunTable
from bayes_scaling.runs.compute import FLOPS_PER_PARAM_AND_TOKEN
from bayes_scaling.trajectories.checkpoint_noise import FEWEST_CHECKPOINTS, log_curve, noise_sd
from bayes_scaling.trajectories.equal_loss import QUANTILES
from bayes_scaling.trajectories.noisy_curve import draw_curves


def losses_at_equal_compute(
    runs: RunTable, budgets: Sequence[float], *, n_draws: int = 2000, seed: int = 0
) -> pd.DataFrame:
    """Loss of each run at D = C / 6N tokens, with what checkpoint noise leaves open, and P(best of its family).

    Parameters
    ----------
    runs : RunTable
        Runs of at least three checkpoints; shorter ones are left out.
    budgets : sequence of float
        Training compute C in FLOPs.
    n_draws : int
        Draws behind the quantiles.
    seed : int
        Same seed, same table.

    Returns
    -------
    DataFrame
        One row for each budget and run whose checkpoints reach from below to above it:
        ``flops, family, run, n_params, n_tokens, loss_q05, loss_median, loss_q95, prob_best``. ``prob_best``
        is the probability of having the lowest loss among the family's runs seen at this budget.

    Raises
    ------
    InputError
        With code ``"bad_budget"`` when a budget is not positive or no run was seen at any.
    """
    costs = np.atleast_1d(np.asarray(budgets, dtype=float))
    if len(costs) == 0 or not (np.isfinite(costs) & (costs > 0)).all():
        raise _bad_budget(f"budgets {budgets!r}", "positive FLOPs")
    rng = np.random.default_rng(seed)
    tables = [
        _one_budget(family_rows, float(cost), n_draws, rng)
        for _, family_rows in runs.frame.groupby(FAMILY)
        for cost in costs
    ]
    seen = [table for table in tables if len(table)]
    if not seen:
        raise _bad_budget("no run has checkpoints on both sides of a budget", "budgets within a run's 6 N D")
    return (
        pd.concat(seen, ignore_index=True).sort_values([FLOPS, FAMILY, N_PARAMS, RUN]).reset_index(drop=True)
    )


def compute_envelope(
    runs: RunTable, budgets: Sequence[float], *, n_draws: int = 2000, seed: int = 0
) -> pd.DataFrame:
    """The lower envelope of a family's curves over compute: the most probably best run at each budget.

    Parameters
    ----------
    runs, budgets, n_draws, seed
        As for :func:`losses_at_equal_compute`.

    Returns
    -------
    DataFrame
        Its rows with the largest ``prob_best`` for each budget and family, and ``n_seen``, out of how many runs.
    """
    table = losses_at_equal_compute(runs, budgets, n_draws=n_draws, seed=seed)
    groups = table.groupby([FLOPS, FAMILY])["prob_best"]
    best = table.loc[groups.idxmax()]
    return best.assign(n_seen=groups.transform("size")[best.index]).reset_index(drop=True)


def _one_budget(rows: pd.DataFrame, cost: float, n_draws: int, rng: np.random.Generator) -> pd.DataFrame:
    """The runs of one family that were seen at one budget."""
    names, draws = [], []
    for run, curve in rows.groupby(RUN):
        n_params = float(curve[N_PARAMS].iloc[0])
        n_tokens = cost / (FLOPS_PER_PARAM_AND_TOKEN * n_params)
        at = _draw_log_loss(log_curve(curve), float(np.log(n_tokens)), n_draws, rng)
        if at is not None:
            names.append((cost, rows[FAMILY].iloc[0], run, n_params, n_tokens))
            draws.append(at)
    table = pd.DataFrame(names, columns=[FLOPS, FAMILY, RUN, N_PARAMS, N_TOKENS])
    if not draws:
        return table
    quantiles = np.exp(np.quantile(draws, list(QUANTILES.values()), axis=1))
    best = np.bincount(np.argmin(draws, axis=0), minlength=len(draws)) / n_draws
    columns = {f"{LOSS}_{name}": values for name, values in zip(QUANTILES, quantiles, strict=True)}
    return table.assign(**columns, prob_best=best)


def _draw_log_loss(
    curve: np.ndarray, log_tokens: float, n_draws: int, rng: np.random.Generator
) -> np.ndarray | None:
    x = curve[0]
    if len(x) < FEWEST_CHECKPOINTS or not x[0] <= log_tokens <= x[-1]:
        return None
    return draw_curves(curve, noise_sd(curve), np.array([log_tokens]), n_draws, rng)[:, 0]


def _bad_budget(given: str, expected: str) -> InputError:
    return InputError(given, expected, "Give compute as 6 N D in FLOPs.", code="bad_budget")
