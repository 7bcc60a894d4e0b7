"""What each model size needs in tokens and compute to reach the same loss."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from bayes_scaling.errors import InputError
from bayes_scaling.names import FAMILY, FLOPS, N_PARAMS, N_TOKENS, RUN
from bayes_scaling.runs import RunTable
from bayes_scaling.runs.compute import training_flops
from bayes_scaling.trajectories.checkpoint_noise import FEWEST_CHECKPOINTS, log_curve, noise_sd
from bayes_scaling.trajectories.noisy_curve import draw_curves

QUANTILES = {"q05": 0.05, "median": 0.5, "q95": 0.95}
_PLACES_PER_GAP = 16
"""Places between two checkpoints at which a crossing is looked for; a straight line joins neighbours."""


def tokens_at_equal_loss(
    runs: RunTable, losses: Sequence[float], *, n_draws: int = 2000, seed: int = 0
) -> pd.DataFrame:
    """Tokens and compute at which each run first reaches each loss, with what checkpoint noise leaves open.

    Checkpoints are interpolated in log loss over log tokens, each being as uncertain as the run's checkpoints are noisy
    (:func:`checkpoint_noise`); the first place of a drawn curve at or below the loss is its crossing.

    Parameters
    ----------
    runs : RunTable
        Runs of at least three checkpoints; shorter ones are left out.
    losses : sequence of float
        Levels, in the unit of the table's loss.
    n_draws : int
        Draws behind the quantiles.
    seed : int
        Same seed, same table.

    Returns
    -------
    DataFrame
        One row for each level and run that starts above the level and reaches it:
        ``loss, family, run, n_params, n_tokens_q05, n_tokens_median, n_tokens_q95, flops_q05, flops_median,
        flops_q95, share_crossing``. FLOPs are 6 N D. ``share_crossing`` is the share of drawn curves that cross
        between the first and the last checkpoint; the quantiles are those of these curves.

    Raises
    ------
    InputError
        With code ``"bad_level"`` when a level is not positive, ``"never_reached"`` when no run reaches any.
    """
    levels = np.atleast_1d(np.asarray(losses, dtype=float))
    if len(levels) == 0 or not (np.isfinite(levels) & (levels > 0)).all():
        raise InputError(
            f"losses {losses!r}", "positive levels", "Give losses as the table has them.", code="bad_level"
        )
    rng = np.random.default_rng(seed)
    rows = [
        (level, family, run, curve[N_PARAMS].iloc[0], *crossing)
        for (family, run), curve in runs.frame.groupby([FAMILY, RUN])
        for level in levels
        if (crossing := _crossing(log_curve(curve), float(np.log(level)), n_draws, rng)) is not None
    ]
    if not rows:
        raise InputError(
            f"no run of three checkpoints starts above and reaches any of {list(levels)}",
            "levels between the first and the lowest loss of some run",
            "See runs.summary for the range of losses.",
            code="never_reached",
        )
    tokens = [f"{N_TOKENS}_{name}" for name in QUANTILES]
    table = pd.DataFrame(rows, columns=["loss", FAMILY, RUN, N_PARAMS, *tokens, "share_crossing"])
    for name in QUANTILES:
        flops = training_flops(table[N_PARAMS], table[f"{N_TOKENS}_{name}"])
        table.insert(len(table.columns) - 1, f"{FLOPS}_{name}", flops)
    return table.sort_values(
        ["loss", FAMILY, N_PARAMS, RUN], ascending=[False, True, True, True]
    ).reset_index(drop=True)


def _crossing(
    curve: np.ndarray, log_level: float, n_draws: int, rng: np.random.Generator
) -> tuple[float, ...] | None:
    """Quantiles of the tokens at the first crossing and the share of draws that cross; None without a crossing."""
    x, y = curve
    if len(x) < FEWEST_CHECKPOINTS or y[0] <= log_level or y.min() > log_level:
        return None
    gaps = np.arange(_PLACES_PER_GAP * (len(x) - 1) + 1) / _PLACES_PER_GAP
    places = np.interp(gaps, np.arange(len(x)), x)
    above = draw_curves(curve, noise_sd(curve), places, n_draws, rng) - log_level
    crossing = (above[:, 0] > 0.0) & (above.min(axis=1) <= 0.0)
    if not crossing.any():
        return None
    above = above[crossing]
    after = np.argmax(above <= 0.0, axis=1)
    draw = np.arange(len(above))
    before, behind = above[draw, after - 1], above[draw, after]
    log_tokens = places[after - 1] + (places[after] - places[after - 1]) * before / (before - behind)
    return (*np.exp(np.quantile(log_tokens, list(QUANTILES.values()))), float(crossing.mean()))
