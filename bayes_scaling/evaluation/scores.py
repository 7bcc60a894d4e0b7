"""Scores of probabilistic forecasts: pure functions of draws and of what was observed.

Everywhere `draws` has shape (n_draws, n_obs), `observed` has shape (n_obs,), and the score has shape
(n_obs,). Draws and observations may be losses or log losses; the score is in the same unit. A column of NaN
scores NaN.
"""

from __future__ import annotations

import numpy as np
from scipy import special

NOMINAL_LEVELS = (0.5, 0.8, 0.9, 0.95)
"""Levels at which intervals are judged."""

_POINTS_AT_ONCE = 512  # columns worked on together in the log score, to bound its memory


def crps(draws: np.ndarray, observed: np.ndarray) -> np.ndarray:
    """Continuous ranked probability score, lower is better; the absolute error when there is one draw.

    The unbiased estimator by probability-weighted moments (Zamo & Naveau 2018), O(n log n) in the
    number of draws: mean |x - y| + b0 - 2 b1, with b0 the mean of the draws and b1 the mean of x_(i) (i - 1)
    / (n - 1) over the ordered draws.
    """
    n_draws = len(draws)
    error = np.abs(draws - observed).mean(axis=0)
    if n_draws == 1:
        return error
    rank_weight = np.arange(n_draws) / (n_draws - 1)
    return error + draws.mean(axis=0) - 2.0 * (rank_weight @ np.sort(draws, axis=0)) / n_draws


def pit(draws: np.ndarray, observed: np.ndarray) -> np.ndarray:
    """Probability integral transform: the share of draws below the observation, uniform on (0, 1) if right.

    (below + ties / 2 + 1/2) / (n_draws + 1), so that it is never 0 or 1.
    """
    below, ties = (draws < observed).sum(axis=0), (draws == observed).sum(axis=0)
    return np.where(_missing(draws, observed), np.nan, (below + 0.5 * ties + 0.5) / (len(draws) + 1))


def central_interval(draws: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Both ends of the central interval that holds the share `level` of the draws, each of shape (n_obs,)."""
    lower, upper = np.quantile(draws, [0.5 - level / 2, 0.5 + level / 2], axis=0)
    return lower, upper


def covered(draws: np.ndarray, observed: np.ndarray, level: float) -> np.ndarray:
    """1.0 where the observation lies in the central interval of that level, 0.0 where it does not."""
    lower, upper = central_interval(draws, level)
    return np.where(_missing(draws, observed), np.nan, (lower <= observed) & (observed <= upper))


def interval_score(draws: np.ndarray, observed: np.ndarray, level: float = 0.9) -> np.ndarray:
    """Width of the central interval plus 2 / (1 - level) times the miss; lower is better.

    Gneiting & Raftery 2007, eq. 43: a proper score that asks for narrow intervals and for coverage at once.
    """
    lower, upper = central_interval(draws, level)
    miss = np.maximum(lower - observed, 0.0) + np.maximum(observed - upper, 0.0)
    return upper - lower + 2.0 / (1.0 - level) * miss


def log_score(draws: np.ndarray, observed: np.ndarray) -> np.ndarray:
    """Natural log of the predictive density at the observation, higher is better.

    The density is a Gaussian kernel estimate over the draws with Silverman's robust bandwidth, 0.9 min(sd,
    IQR / 1.34) n^(-1/5). It is good to a few hundredths within the range of the draws; beyond it the tail is
    that of the kernel, hence lighter than the forecast's. NaN for fewer than two draws or draws without
    spread, which have no density.
    """
    n_obs = len(observed)
    if len(draws) < 2 or n_obs == 0:
        return np.full(n_obs, np.nan)
    chunks = np.array_split(np.arange(n_obs), -(-n_obs // _POINTS_AT_ONCE))
    return np.concatenate([_kernel_log_density(draws[:, chunk], observed[chunk]) for chunk in chunks])


def absolute_relative_error(predicted: np.ndarray, observed: np.ndarray) -> np.ndarray:
    """|predicted - observed| / observed, a fraction of the loss."""
    return np.abs(predicted - observed) / observed


def log_bias(predicted: np.ndarray, observed: np.ndarray) -> np.ndarray:
    """ln(predicted / observed): above zero where the forecast was too high, about the relative error."""
    return np.log(predicted / observed)


def _missing(draws: np.ndarray, observed: np.ndarray) -> np.ndarray:
    return np.isnan(draws).any(axis=0) | np.isnan(observed)


def _kernel_log_density(draws: np.ndarray, observed: np.ndarray) -> np.ndarray:
    n_draws = len(draws)
    quarter, three_quarters = np.quantile(draws, [0.25, 0.75], axis=0)
    spread = np.minimum(draws.std(axis=0, ddof=1), (three_quarters - quarter) / 1.34)
    bandwidth = np.where(spread > 0.0, 0.9 * spread * n_draws**-0.2, np.nan)
    standardised = (observed - draws) / bandwidth
    log_kernel = -0.5 * standardised**2 - 0.5 * np.log(2.0 * np.pi)
    return special.logsumexp(log_kernel, axis=0) - np.log(n_draws * bandwidth)
