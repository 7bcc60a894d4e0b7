"""How straight capabilities grow with log compute inside each model family."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bayes_scaling.errors import InputError
from bayes_scaling.names import FAMILY
from bayes_scaling.observational.scores import ScoreTable


def family_trends(table: ScoreTable, capability: np.ndarray, *, min_models: int = 3) -> pd.DataFrame:
    """Least-squares line of a capability over natural log compute, one row a family.

    Parameters
    ----------
    table : ScoreTable
    capability : ndarray of shape (n_models,)
        Such as the first principal component.
    min_models : int
        Families with fewer models of known and different compute are left out: a line through two points is no test.

    Returns
    -------
    DataFrame
        ``family, n_models, slope, intercept, r_squared``; the slope is per e-fold of compute and the intercept at one
        FLOP. R² is NaN where the capability is constant.

    Raises
    ------
    InputError
        ``bad_argument`` for a capability of another shape or fewer than three models a family.
    """
    capability = np.asarray(capability, dtype=float)
    if capability.shape != (len(table),) or min_models < 3:
        raise InputError(
            f"a capability of shape {capability.shape} for {len(table)} models, and min_models = {min_models}",
            "one value a model, and at least three models a family",
            "Take one column of Components.project(table).",
            code="bad_argument",
        )
    rows = []
    for family in sorted(set(table.families)):
        mine = (table.families == family) & ~np.isnan(table.log_flops) & ~np.isnan(capability)
        log_flops, values = table.log_flops[mine], capability[mine]
        if len(values) >= min_models and np.ptp(log_flops) > 0.0:
            rows.append({FAMILY: family, "n_models": len(values), **_line(log_flops, values)})
    return pd.DataFrame(rows, columns=[FAMILY, "n_models", "slope", "intercept", "r_squared"])


def _line(log_flops: np.ndarray, values: np.ndarray) -> dict[str, float]:
    centred, departures = log_flops - log_flops.mean(), values - values.mean()
    slope = float(centred @ departures / (centred @ centred))
    total = float(departures @ departures)
    left = departures - slope * centred
    r_squared = 1.0 - float(left @ left) / total if total > 0.0 else np.nan
    return {
        "slope": slope,
        "intercept": float(values.mean() - slope * log_flops.mean()),
        "r_squared": r_squared,
    }
