"""Rows and runs that the rest of their family does not expect, and by how much their noise has to be widened.

A diverged run or a wrong label would pull a Gaussian model far. Each row, then each run, is predicted from the
other rows of its family with the mean linearised. What is less expected than a Gaussian value :data:`LIMIT`
standard deviations off has its noise widened by the square of the excess, so that the further off it lies, the less
it says. The rest stays Gaussian, and with it all that is integrated out.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2, norm

from bayes_scaling.inference.batch import Batch

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

LIMIT = 4.0
"""Standard deviations; one Gaussian row in 16,000 lies further off."""

ROUNDING = 1e-6
"""Log loss is not known better than this: without any noise the covariance of a family's rows has no inverse."""


def noise_inflation(
    batch: Batch,
    residuals: FloatArray,
    slopes: FloatArray,
    scales: FloatArray,
    prior_covariance: FloatArray,
    present: FloatArray,
) -> FloatArray:
    """Factors (n,) on the standard deviation of each row's noise, at least one.

    Parameters
    ----------
    batch : Batch
        Its noise already has the factors `present`.
    residuals : ndarray of shape (n,)
        Observed ln loss minus what the population expects, by the linearised mean.
    slopes : ndarray of shape (n, P)
        Derivatives of the expected ln loss in the straight coordinates.
    scales : ndarray of shape (F, 2)
        Log scales of runs and discrepancy.
    prior_covariance : ndarray of shape (F, P, P)
        Of the straight coordinates under the population.
    present : ndarray of shape (n,)
    """
    features, blocks = batch.layout.features, batch.layout.run_blocks
    runs = blocks.spread(np.arange(len(blocks.starts)))
    factors = np.ones(len(runs))
    for position, block in enumerate(batch.blocks):
        rows = block.rows
        whitener = block.transform[:, : rows.stop - rows.start].T
        noise = np.exp(2 * scales[position, 0]) * np.linalg.inv(whitener.T @ whitener)
        noise = noise / np.outer(present[rows], present[rows]) + ROUNDING**2 * np.eye(len(noise))
        smooth = np.exp(2 * scales[position, 1]) * features[rows] @ features[rows].T
        smooth += slopes[rows] @ prior_covariance[position] @ slopes[rows].T
        factors[rows] = _family_factors(residuals[rows], noise, smooth, runs[rows])
    return factors


def _family_factors(
    residual: FloatArray, noise: FloatArray, smooth: FloatArray, runs: IntArray
) -> FloatArray:
    """Factors of one family's rows: the worst row first, and when no row is left, the worst run."""
    factors = np.ones(len(residual))
    single = [np.array([row]) for row in range(len(residual))]
    whole = [np.flatnonzero(runs == run) for run in np.unique(runs)]
    for _ in range(len(residual)):
        precision = np.linalg.inv(smooth + noise * np.outer(factors, factors))
        weighted = precision @ residual
        with np.errstate(invalid="ignore"):  # what rounding leaves no number of is no outlier
            groups, excess = single, np.abs(weighted) / np.sqrt(np.diag(precision) * _limit(1))
            if not excess.max() > 1.0:
                groups, excess = whole, np.array([_excess(run, precision, weighted) for run in whole])
        worst = int(np.argmax(excess))
        if not excess[worst] > 1.0:
            break
        factors[groups[worst]] *= excess[worst] ** 2
    return factors


def _excess(group: IntArray, precision: FloatArray, weighted: FloatArray) -> float:
    """How far a group's residuals lie from what all others predict, as a multiple of the limit for its size.

    For a single row this is its residual of prediction over its standard deviation, over the limit.
    """
    spread = np.linalg.inv(precision[np.ix_(group, group)])
    squared = float(weighted[group] @ spread @ weighted[group])
    return float(np.sqrt(squared / _limit(len(group))))


@cache
def _limit(n_rows: int) -> float:
    """Squared distance that a Gaussian group of this length exceeds as rarely as one row exceeds LIMIT."""
    return float(chi2.isf(2 * norm.sf(LIMIT), n_rows))
