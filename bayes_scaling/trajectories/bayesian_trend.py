r"""The probability that a series goes up, stays or goes down, with the noise and its correlation unknown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import special, stats

from bayes_scaling.errors import InputError
from bayes_scaling.trajectories.regression_trend import STAGNATION, TRENDS, checked_series

EQUIVALENCE: Final = 2.0 * STAGNATION
"""Change of log value over a series that counts as none: a line that stays within 5 % of its mean moves by 10 %."""


@dataclass(frozen=True)
class TrendPrior:
    r"""Normal-inverse-gamma prior of a line through a series of log values, and the correlation of its noise.

    :math:`\ln y_i = \mu + c\,x_i + e_i` with x from -1/2 to 1/2, so that c is the change over the series;
    :math:`e` is an autoregressive series of order one with variance :math:`\sigma^2`. The level :math:`\mu` is flat and
    independent of :math:`\sigma`: a wide normal prior in units of :math:`\sigma`, the usual conjugate form, would count
    the level as one more observation of a small noise.

    Attributes
    ----------
    noise_sd : float
        Prior guess of :math:`\sigma`: 3 % of the value, a single checkpoint's scatter.
    noise_weight : float
        What that guess is worth in observations; 2 puts 95 % of mass between half
        of it and six times it.
    change_sd : float
        Standard deviation of c when :math:`\sigma` is at its guess: 0.3 puts 95 % of mass on changes by
        a factor of up to 1.8 either way.
    correlations : tuple of float
        Equally probable autocorrelations of neighbouring checkpoints.
    """

    noise_sd: float = 0.03
    noise_weight: float = 2.0
    change_sd: float = 0.3
    correlations: tuple[float, ...] = (0.0, 0.3, 0.6, 0.9)

    def __post_init__(self) -> None:
        scales = (self.noise_sd, self.noise_weight, self.change_sd)
        if min(scales) <= 0 or not self.correlations or not all(0 <= rho < 1 for rho in self.correlations):
            raise InputError(
                f"{self}",
                "positive scales and correlations in [0, 1)",
                "Correct the prior.",
                code="bad_prior",
            )


def trend_probabilities(
    series: ArrayLike, *, equivalence: float = EQUIVALENCE, prior: TrendPrior | None = None
) -> pd.DataFrame:
    """Posterior probabilities that each series goes up, stays flat or goes down.

    Flat means that the line through the log values changes by at most `equivalence` between the first and the
    last checkpoint (a region of practical equivalence). Given the autocorrelation of the noise, the
    posterior of the change is a Student t distribution in closed form; the autocorrelation is summed over.

    Parameters
    ----------
    series : array_like of shape (n_series, n_checkpoints) or (n_checkpoints,)
        Positive values in order of training, evenly spaced.
    equivalence : float
        Largest change of log value that counts as flat.
    prior : TrendPrior, optional

    Returns
    -------
    DataFrame
        One row per series: ``up, flat, down`` sum to one; ``trend`` names the largest; ``change`` and
        ``change_sd`` are posterior mean and standard deviation of the change in log value; ``correlation`` is the
        posterior mean of the autocorrelation.

    Raises
    ------
    InputError
        With codes ``"bad_series"``, ``"bad_prior"`` and ``"bad_argument"``.
    """
    if not equivalence > 0:
        raise InputError(f"equivalence = {equivalence}", "above zero", "Choose a width.", code="bad_argument")
    values, assumed = np.log(checked_series(series)), prior or TrendPrior()
    fits = [_Line.of(values, assumed, rho) for rho in assumed.correlations]
    log_weights = np.array([fit.log_evidence for fit in fits])
    weights = special.softmax(log_weights, axis=0)
    below, above = (
        sum(weight * fit.cdf(edge) for weight, fit in zip(weights, fits, strict=True))
        for edge in (-equivalence, equivalence)
    )
    means, variances = np.array([fit.mean for fit in fits]), np.array([fit.variance for fit in fits])
    mean = (weights * means).sum(axis=0)
    table = pd.DataFrame(dict(zip(TRENDS, (1.0 - above, above - below, below), strict=True)))
    return table.assign(
        trend=table.idxmax(axis=1),
        change=mean,
        change_sd=np.sqrt((weights * (variances + (means - mean) ** 2)).sum(axis=0)),
        correlation=np.array(assumed.correlations) @ weights,
    )


@dataclass(frozen=True, eq=False)
class _Line:
    """The posterior of the change for one autocorrelation: a Student t for each series."""

    mean: np.ndarray
    scale: np.ndarray
    freedom: float
    log_evidence: np.ndarray

    @classmethod
    def of(cls, values: np.ndarray, prior: TrendPrior, rho: float) -> _Line:
        count = values.shape[1]
        design = np.column_stack([np.ones(count), np.linspace(-0.5, 0.5, count)])
        white_design, white_values = _whiten(design.T, rho).T, _whiten(values, rho)
        precision = white_design.T @ white_design  # a flat prior adds nothing for the level
        precision[1, 1] += (prior.noise_sd / prior.change_sd) ** 2
        covariance = np.linalg.inv(precision)
        coefficients = white_values @ white_design @ covariance
        shape = 0.5 * (prior.noise_weight + count - 1)  # the flat level takes one observation
        unexplained = (white_values**2).sum(axis=1) - np.einsum(
            "ij,jk,ik->i", coefficients, precision, coefficients
        )
        rate = 0.5 * (prior.noise_weight * prior.noise_sd**2 + np.maximum(unexplained, 0.0))
        log_determinant = -0.5 * (count - 1) * np.log1p(-(rho**2)) - 0.5 * np.linalg.slogdet(precision)[1]
        return cls(
            coefficients[:, 1],
            np.sqrt(rate / shape * covariance[1, 1]),
            2.0 * shape,
            log_determinant - shape * np.log(rate),
        )

    @property
    def variance(self) -> np.ndarray:
        return self.scale**2 * self.freedom / (self.freedom - 2.0)

    def cdf(self, edge: float) -> np.ndarray:
        return stats.t.cdf(edge, self.freedom, self.mean, self.scale)


def _whiten(rows: np.ndarray, rho: float) -> np.ndarray:
    """Rows times the inverse Cholesky factor of an autoregressive correlation matrix."""
    rest = (rows[:, 1:] - rho * rows[:, :-1]) / np.sqrt(1.0 - rho**2)
    return np.column_stack([rows[:, :1], rest])
