"""Rows and runs that the rest of their family does not expect, and by how much their noise has to be widened.

A diverged run or a wrong label would pull a Gaussian model far. Each row, then each run and each neighbourhood of
runs, is predicted from the other rows of its family with the mean linearised. What is less expected than a Gaussian
value :data:`LIMIT` standard deviations off has its noise widened by the square of the excess, so that the further off
it lies, the less it says. The rest stays Gaussian, and with it all that is integrated out.
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

LARGEST_NEIGHBOURHOOD = 4
"""Runs that are looked at together, at most: two or three that are wrong in the same way excuse each other."""

MINORITY = 8
"""Only one run in so many may be looked at together with others: what is more is not an exception."""

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
        noise, discrepancy, mean_part = batch.row_covariances(position, scales, slopes, prior_covariance)
        noise = noise / np.outer(present[rows], present[rows]) + ROUNDING**2 * np.eye(len(noise))
        groups = _runs_and_neighbourhoods(runs[rows], features[rows])
        factors[rows] = _family_factors(residuals[rows], noise, discrepancy + mean_part, groups)
    return factors


def _runs_and_neighbourhoods(runs: IntArray, features: FloatArray) -> list[IntArray]:
    """The rows of each run, and of each run with the few to which the discrepancy ties it most closely."""
    whole = [np.flatnonzero(runs == run) for run in np.unique(runs)]
    place = np.stack([features[group].mean(axis=0) for group in whole])
    square = (place**2).sum(axis=1)
    nearest = np.argsort(square - 2 * place @ place.T, axis=1, kind="stable")
    most = min(LARGEST_NEIGHBOURHOOD, len(whole) // MINORITY)
    together = {frozenset(row[:size].tolist()) for size in range(2, most + 1) for row in nearest}
    return whole + [
        np.concatenate([whole[run] for run in sorted(group)]) for group in sorted(together, key=sorted)
    ]


def _family_factors(
    residual: FloatArray, noise: FloatArray, smooth: FloatArray, several: list[IntArray]
) -> FloatArray:
    """Factors of one family's rows: the worst row first, and when no row is left, the worst of several together."""
    factors = np.ones(len(residual))
    single = [np.array([row]) for row in range(len(residual))]
    for _ in range(len(residual)):
        precision = np.linalg.inv(smooth + noise * np.outer(factors, factors))
        weighted = precision @ residual
        with np.errstate(invalid="ignore"):  # what rounding leaves no number of is no outlier
            groups, excess = single, np.abs(weighted) / np.sqrt(np.diag(precision) * _limit(1))
            if not excess.max() > 1.0:
                groups, excess = several, _excess(several, precision, weighted)
        worst = int(np.argmax(excess))
        if not excess[worst] > 1.0:
            break
        factors[groups[worst]] *= excess[worst] ** 2
    return factors


def _excess(groups: list[IntArray], precision: FloatArray, weighted: FloatArray) -> FloatArray:
    """How far each group's residuals lie from what all others predict, as a multiple of the limit for its size.

    For a single row this is its residual of prediction over its standard deviation, over the limit.
    """
    sizes = np.array([len(group) for group in groups])
    excess = np.zeros(len(groups))
    for size in np.unique(sizes):
        rows = np.stack([group for group in groups if len(group) == size])
        pull = weighted[rows]
        offset = np.linalg.solve(precision[rows[:, :, None], rows[:, None, :]], pull[..., None])[..., 0]
        excess[sizes == size] = np.sqrt((pull * offset).sum(axis=1) / _limit(int(size)))
    return excess


@cache
def _limit(n_rows: int) -> float:
    """Squared distance that a Gaussian group of this length exceeds as rarely as one row exceeds LIMIT."""
    return float(chi2.isf(2 * norm.sf(LIMIT), n_rows))
