"""One-sided noise: how far each run lies above what a well-tuned run of its size and tokens would reach.

With ``noise="frontier"`` a run's log loss is law + discrepancy + path + excess, the excess exponential and never
below zero. It is integrated out in the manner of expectation propagation (Rasmussen and Williams 2006, sec. 3.6): each
run's exponential factor is replaced by a Gaussian, which the rest of the likelihood can take in. It leaves the
posterior mean as it is, given what all other runs say, and the variance as far as that takes no Gaussian wider than
the exponential.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from bayes_scaling.inference.batch import Batch

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

TYPICAL_EXCESS = 0.01
"""Excess expected before any run is seen: one per cent of the loss."""

PRIOR_RUNS = 4.0
"""Runs that this expectation counts for in a family."""

DAMPING = 0.7
"""Share of each step of expectation propagation that is taken: whole steps may swing."""


@dataclass(frozen=True, eq=False)
class Excess:
    """Gaussian stand-ins for the excess of every run, repeated on its rows.

    Attributes
    ----------
    mean, variance : ndarray of shape (n,)
        Of the stand-in, in log loss and its square.
    typical : ndarray of shape (F,)
        Mean excess of each family's runs.
    """

    mean: FloatArray
    variance: FloatArray
    typical: FloatArray

    @classmethod
    def expected(cls, typical: FloatArray, family_index: IntArray) -> Excess:
        """What is known before a run is looked at: mean and variance of the exponential distribution itself.

        Parameters
        ----------
        typical : ndarray of shape (F,)
        family_index : ndarray of shape (n,)
            Position of each row's family.
        """
        return cls(typical[family_index], typical[family_index] ** 2, typical)


def updated_excess(
    batch: Batch,
    residuals: FloatArray,
    slopes: FloatArray,
    scales: FloatArray,
    prior_covariance: FloatArray,
    excess: Excess,
) -> Excess:
    """One round of expectation propagation over all runs; arguments as of :func:`noise_inflation`.

    The residuals are those with the present means subtracted, and the batch's noise has the present variances.
    """
    blocks = batch.layout.run_blocks
    runs = blocks.spread(np.arange(len(blocks.starts)))
    mean, variance, typical = excess.mean.copy(), excess.variance.copy(), excess.typical.copy()
    for position, block in enumerate(batch.blocks):
        rows = block.rows
        noise, discrepancy, mean_part = batch.row_covariances(position, scales, slopes, prior_covariance)
        precision = np.linalg.inv(noise + discrepancy + mean_part)
        weighted = precision @ residuals[rows]
        expected = []
        for run in np.unique(runs[rows]):
            group = np.flatnonzero(runs[rows] == run)
            first = rows.start + group[0]
            spread = np.linalg.inv(precision[np.ix_(group, group)])
            offset = spread @ weighted[group] + excess.mean[first]
            seen = _level(offset, spread - excess.variance[first])
            m, v, posterior = _site(*seen, excess.typical[position])
            members = rows.start + group
            mean[members], variance[members] = _damped(excess.mean[first], excess.variance[first], m, v)
            expected.append(posterior)
        total = PRIOR_RUNS * TYPICAL_EXCESS + float(np.sum(expected))
        typical[position] = total / (PRIOR_RUNS + len(expected))
    return Excess(mean, variance, typical)


def _level(offset: FloatArray, covariance: FloatArray) -> tuple[float, float]:
    """Mean and variance of the common level of a run's rows, from its offsets and their covariance."""
    weights = np.linalg.solve(covariance, np.ones(len(offset)))
    variance = 1.0 / float(weights.sum())
    return float(weights @ offset) * variance, variance


def _site(mean: float, variance: float, typical: float) -> tuple[float, float, float]:
    """Mean and variance of the stand-in, and the posterior mean, of an excess that the rest sees like this."""
    location, sd = mean - variance / typical, np.sqrt(variance)
    z = location / sd
    hazard = float(np.exp(norm.logpdf(z) - norm.logcdf(z)))
    posterior_mean = location + sd * hazard
    posterior_variance = variance * max(1.0 - hazard * (hazard + z), 1e-6)
    # far above the law the exponential is a mere slope, whose own Gaussian would be infinitely wide
    precision = max(1.0 / posterior_variance - 1.0 / variance, 1.0 / typical**2)
    site_mean = (posterior_mean * (precision + 1.0 / variance) - mean / variance) / precision
    return site_mean, 1.0 / precision, posterior_mean


def _damped(mean: float, variance: float, new_mean: float, new_variance: float) -> tuple[float, float]:
    """Old and new stand-in mixed in natural parameters, which a product of Gaussians adds."""
    precision = (1 - DAMPING) / variance + DAMPING / new_variance
    shift = (1 - DAMPING) * mean / variance + DAMPING * new_mean / new_variance
    return shift / precision, 1.0 / precision
