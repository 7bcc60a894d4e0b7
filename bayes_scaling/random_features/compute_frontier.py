"""The lowest loss that each compute budget reaches, and the width and time that reach it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike

from bayes_scaling.errors import InputError
from bayes_scaling.random_features.simulate import TIME, WIDTH


def compute_frontier(losses: xr.DataArray, budgets: ArrayLike) -> pd.DataFrame:
    """Compute-optimal width, time and loss at C = N t.

    Along each budget the loss of every width is read off its curve (linear on log-log axes), and the minimum is the
    vertex of the parabola in log N through the best width and its neighbours.

    Parameters
    ----------
    losses : DataArray with dims (width, time)
        Mean losses of at least three finite widths at finite times.
    budgets : array_like
        Products of width and time.

    Returns
    -------
    DataFrame
        One row per budget whose optimum lies inside the simulated widths: ``compute, width, time, loss``.

    Raises
    ------
    InputError
        With code ``"no_optimum"`` when no budget has its optimum inside.
    """
    finite = losses.sel({WIDTH: np.isfinite(losses[WIDTH]), TIME: np.isfinite(losses[TIME])})
    ordered = finite.transpose(WIDTH, TIME).sortby([WIDTH, TIME])
    curves = np.log(ordered.to_numpy())
    log_n, log_t = np.log(ordered[WIDTH].to_numpy()), np.log(ordered[TIME].to_numpy())
    rows = [
        row
        for budget in np.atleast_1d(np.asarray(budgets, dtype=float))
        if (row := _optimum(curves, log_n, log_t, float(np.log(budget)))) is not None
    ]
    if not rows:
        raise InputError(
            "no budget has its lowest loss inside the simulated widths and times",
            "budgets between the smallest and the largest product of both",
            "Simulate more widths or times, or choose other budgets.",
            code="no_optimum",
        )
    return pd.DataFrame(np.exp(rows), columns=["compute", WIDTH, TIME, "loss"])


def _optimum(
    curves: np.ndarray, log_n: np.ndarray, log_t: np.ndarray, log_c: float
) -> tuple[float, float, float, float] | None:
    """Logs of (compute, width, time, loss) at the minimum along one budget; None where it is at an edge."""
    at = log_c - log_n
    is_seen = (at >= log_t[0]) & (at <= log_t[-1])
    along = np.array(
        [np.interp(x, log_t, curve) for x, curve in zip(at[is_seen], curves[is_seen], strict=True)]
    )
    sizes = log_n[is_seen]
    best = int(np.argmin(along)) if len(along) else 0
    if not 0 < best < len(along) - 1:
        return None
    near = slice(best - 1, best + 2)
    curvature, slope, level = np.polyfit(sizes[near] - sizes[best], along[near], 2)
    step = -slope / (2.0 * curvature)
    return log_c, sizes[best] + step, log_c - sizes[best] - step, level + 0.5 * slope * step
