"""Series of perplexities whose trend is known, to judge the classifications by."""

from __future__ import annotations

import numpy as np

from bayes_scaling.trajectories.bayesian_trend import TrendPrior
from bayes_scaling.trajectories.regression_trend import DOWN, FLAT, UP


def simulate_series(
    changes: np.ndarray,
    n_checkpoints: int,
    *,
    noise_sd: float | np.ndarray = 0.03,
    correlation: float | np.ndarray = 0.0,
    seed: int = 0,
) -> np.ndarray:
    """Positive series around straight lines in log value, shape (n_series, n_checkpoints).

    Parameters
    ----------
    changes : ndarray of shape (n_series,)
        Change of the log value from the first to the last checkpoint.
    n_checkpoints : int
    noise_sd, correlation : float or ndarray of shape (n_series,)
        Standard deviation of the noise in log value and its autocorrelation between neighbours.
    seed : int
    """
    count = len(changes)
    rng = np.random.default_rng(seed)
    rho, steps = np.broadcast_to(correlation, count), rng.standard_normal((count, n_checkpoints))
    noise = np.empty_like(steps)
    noise[:, 0] = steps[:, 0]
    for index in range(1, n_checkpoints):
        noise[:, index] = rho * noise[:, index - 1] + np.sqrt(1.0 - rho**2) * steps[:, index]
    line = np.linspace(-0.5, 0.5, n_checkpoints) * np.asarray(changes)[:, None]
    return np.exp(3.0 + line + np.broadcast_to(noise_sd, count)[:, None] * noise)


def draw_prior_series(
    prior: TrendPrior, n_series: int, n_checkpoints: int, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Changes and series drawn from a prior, shapes (n_series,) and (n_series, n_checkpoints).

    Over these, posterior probabilities under the same prior are calibrated by construction; the level is fixed,
    which a prior that says nothing about it does not notice.
    """
    rng = np.random.default_rng([seed, 1])
    half = 0.5 * prior.noise_weight
    noise_sd = prior.noise_sd * np.sqrt(half / rng.gamma(half, size=n_series))
    changes = prior.change_sd * noise_sd / prior.noise_sd * rng.standard_normal(n_series)
    rho = rng.choice(prior.correlations, size=n_series)
    series = simulate_series(changes, n_checkpoints, noise_sd=noise_sd, correlation=rho, seed=seed)
    return changes, series


def true_trends(changes: np.ndarray, equivalence: float) -> np.ndarray:
    """The class that each change belongs to, shape of the changes."""
    return np.where(changes > equivalence, UP, np.where(changes < -equivalence, DOWN, FLAT))
