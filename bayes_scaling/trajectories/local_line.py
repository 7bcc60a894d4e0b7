"""A run's curve near one place: the posterior of a straight line through the nearest checkpoints."""

from __future__ import annotations

import numpy as np

NEAREST = 4
"""Checkpoints through which a local line is drawn: two on either side where there are as many."""


def draw_local_lines(
    curve: np.ndarray, nearest: np.ndarray, sd: float, n_draws: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, float]:
    """Draws of the line's value and slope at the middle of some checkpoints, and that middle.

    Flat prior, normal noise of known size: the value and the slope at the middle are independent and normal.

    Parameters
    ----------
    curve : ndarray of shape (2, n_checkpoints)
        Log tokens and log loss.
    nearest : ndarray of int
        Positions of at least two checkpoints.
    sd : float
        Noise of one checkpoint's log loss.
    n_draws : int
    rng : Generator

    Returns
    -------
    values, slopes : ndarrays of shape (n_draws,)
    middle : float
        Log tokens at which `values` holds.
    """
    x, y = curve[:, nearest]
    middle = float(x.mean())
    spread = float(((x - middle) ** 2).sum())
    slope = float((x - middle) @ y) / spread
    values = y.mean() + sd / np.sqrt(len(x)) * rng.standard_normal(n_draws)
    return values, slope + sd / np.sqrt(spread) * rng.standard_normal(n_draws), middle


def around(position: int, count: int) -> np.ndarray:
    """The checkpoints around the gap between `position - 1` and `position`."""
    first = min(max(position - NEAREST // 2, 0), max(count - NEAREST, 0))
    return np.arange(first, min(first + NEAREST, count))
