"""The trend of a perplexity series by the rule of the paper: a straight line and its p value."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from bayes_scaling.errors import InputError

UP, FLAT, DOWN, UNCLEAR = "up", "flat", "down", "unclear"
TRENDS: Final = (UP, FLAT, DOWN)

SIGNIFICANCE: Final = 0.05
STAGNATION: Final = 0.05
"""A series stagnates when all of it lies within this share of its mean."""

FEWEST_POINTS: Final = 4


def regression_trend(
    series: ArrayLike, *, significance: float = SIGNIFICANCE, stagnation: float = STAGNATION
) -> np.ndarray:
    """Trend of each series of perplexities: ``"up"``, ``"down"``, ``"flat"`` or ``"unclear"``.

    Xia et al. 2023, arXiv:2212.09803: the perplexity at checkpoint i over that at the first checkpoint j is
    regressed on i - j; a series is flat when all of it lies within 5 % of its mean, else up or down by the
    sign of a slope with p < 0.05, else unclear. The p value takes the points to be independent.

    Parameters
    ----------
    series : array_like of shape (n_series, n_checkpoints) or (n_checkpoints,)
        Positive values in order of training, evenly spaced.
    significance, stagnation : float

    Returns
    -------
    ndarray of str, shape (n_series,)

    Raises
    ------
    InputError
        With code ``"bad_series"`` for fewer than four checkpoints or a value that is not positive.
    """
    values = checked_series(series)
    ratios = values / values[:, :1]
    slope, p_value = _slopes(ratios)
    deviation = np.abs(values / values.mean(axis=1, keepdims=True) - 1.0).max(axis=1)
    by_slope = np.where(slope > 0.0, UP, DOWN)
    return np.where(deviation <= stagnation, FLAT, np.where(p_value < significance, by_slope, UNCLEAR))


def checked_series(series: ArrayLike) -> np.ndarray:
    """The series as floats of shape (n_series, n_checkpoints), or the error that says what is wrong with them."""
    values = np.atleast_2d(np.asarray(series, dtype=float))
    if values.ndim != 2 or values.shape[1] < FEWEST_POINTS or not (np.isfinite(values) & (values > 0)).all():
        raise InputError(
            f"series of shape {values.shape}",
            f"positive finite values at {FEWEST_POINTS} checkpoints or more, one series a row",
            "Leave out series with missing checkpoints; give perplexities or losses, not logs.",
            code="bad_series",
        )
    return values


def _slopes(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Least-squares slope over the index and its two-sided p value, each of shape (n_series,)."""
    count = values.shape[1]
    x = np.arange(count) - (count - 1) / 2.0
    spread = x @ x
    slope = values @ x / spread
    residual = values - values.mean(axis=1, keepdims=True) - slope[:, None] * x
    error = np.sqrt((residual**2).sum(axis=1) / (count - 2) / spread)
    with np.errstate(divide="ignore", invalid="ignore"):  # a series without residuals, or without change
        t = slope / error
    return slope, np.where(slope == 0.0, 1.0, 2.0 * stats.t.sf(np.abs(t), count - 2))
