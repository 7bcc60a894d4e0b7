"""A run's curve between its checkpoints, with the noise of each checkpoint left open."""

from __future__ import annotations

import numpy as np
from scipy import interpolate


def draw_curves(
    curve: np.ndarray, sd: float, at: np.ndarray, n_draws: int, rng: np.random.Generator
) -> np.ndarray:
    """Draws of a run's smooth log loss at some places, shape (n_draws, n_places).

    A flat prior of the loss at each checkpoint and normal noise of known size make the posterior there normal around
    what was seen; each draw is interpolated by a monotone cubic in log loss over log tokens (Fritsch and Carlson
    1980), which follows the bend of the first checkpoints and makes no waves between noisy ones.

    Parameters
    ----------
    curve : ndarray of shape (2, n_checkpoints)
        Log tokens, increasing, and log loss.
    sd : float
        Noise of one checkpoint's log loss.
    at : ndarray of shape (n_places,)
        Log tokens within the range of the checkpoints.
    n_draws : int
    rng : Generator
    """
    x, y = curve
    values = y[:, None] + sd * rng.standard_normal((len(x), n_draws))
    return interpolate.PchipInterpolator(x, values, axis=0)(at).T
