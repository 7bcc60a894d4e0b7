"""Weights of several forecasts whose mixture would have scored best."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp, softmax

FloatArray = NDArray[np.float64]

N_ROUNDS = 2_000
"""Largest number of rounds; each raises the score, and most tables need a few dozen."""

TOLERANCE = 1e-10
"""Gain in mean log score below which the weights are final."""


def stacking_weights(log_density: FloatArray, row_weights: FloatArray | None = None) -> FloatArray:
    """Weights of the mixture of forecasts with the highest mean log score.

    Yao, Vehtari, Simpson and Gelman 2018, arXiv:1704.02030, eq. 3, solved by expectation maximisation: the objective
    is concave, so that its only maximum is found from equal weights.

    Parameters
    ----------
    log_density : ndarray of shape (n_rows, n_forecasts)
        Log density of each row's observation under each forecast; ``-inf`` where a forecast excludes it.
    row_weights : ndarray of shape (n_rows,), optional
        How much each row counts; equal by default.

    Returns
    -------
    ndarray of shape (n_forecasts,)
        Non-negative, sum one.
    """
    n_rows, n_forecasts = log_density.shape
    given = np.ones(n_rows) if row_weights is None else np.asarray(row_weights, dtype=float)
    share = given / given.sum()
    weights, score = np.full(n_forecasts, 1.0 / n_forecasts), -np.inf
    for _ in range(N_ROUNDS):
        with np.errstate(divide="ignore"):
            joint = log_density + np.log(weights)
        reached = float(share @ logsumexp(joint, axis=1))
        if reached - score < TOLERANCE:
            break
        weights, score = share @ softmax(joint, axis=1), reached
    return weights
