"""Rows and runs that the rest of their family does not expect, and by how much their noise has to be widened.

A diverged run or a wrong label would pull a Gaussian model far. Each row, then each run, is predicted from the
other rows of its family with the mean linearised; what lies further off than :data:`LIMIT` standard deviations
has its noise widened until it lies there. The rest stays Gaussian, and with it all that is integrated out.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayes_scaling.inference.batch import Batch
from bayes_scaling.models import discrepancy_features
from bayes_scaling.names import FAMILY, RUN

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

LIMIT = 4.0
"""Standard deviations; one Gaussian row in 16,000 lies further off."""


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
    frame = batch.layout.frame
    features = discrepancy_features(batch.spec, frame)
    runs = frame.groupby([FAMILY, RUN], sort=False).ngroup().to_numpy().astype(np.intp)
    factors = np.ones(len(frame))
    for position, block in enumerate(batch.blocks):
        rows = block.rows
        whitener = block.transform[:, : rows.stop - rows.start].T
        noise = np.exp(2 * scales[position, 0]) * np.linalg.inv(whitener.T @ whitener)
        noise = noise / np.outer(present[rows], present[rows])
        smooth = np.exp(2 * scales[position, 1]) * features[rows] @ features[rows].T
        smooth += slopes[rows] @ prior_covariance[position] @ slopes[rows].T
        factors[rows] = _family_factors(residuals[rows], noise, smooth, runs[rows])
    return factors


def _family_factors(
    residual: FloatArray, noise: FloatArray, smooth: FloatArray, runs: IntArray
) -> FloatArray:
    """Factors of one family's rows: rows one at a time, then whole runs, the worst first, a few times over."""
    factors = np.ones(len(residual))
    single = [np.array([row]) for row in range(len(residual))]
    whole = [np.flatnonzero(runs == run) for run in np.unique(runs)]
    for _ in range(3):
        for groups in (single, whole):
            precision = np.linalg.inv(smooth + noise * np.outer(factors, factors))
            weighted = precision @ residual
            distances = np.array([_distance(group, precision, weighted, noise, factors) for group in groups])
            for group, distance in zip(groups, distances, strict=True):
                # the group's own noise is the base one here: what it needs, not what it has
                factors[group] = np.maximum(factors[group], max(1.0, distance / LIMIT))
    return factors


def _distance(
    group: IntArray, precision: FloatArray, weighted: FloatArray, noise: FloatArray, factors: FloatArray
) -> float:
    """Root mean square of a group's residuals given all others, in its own standard deviations."""
    block = np.ix_(group, group)
    spread = np.linalg.inv(precision[block])
    error = spread @ weighted[group]
    own = noise[block]
    base = spread - own * np.outer(factors[group], factors[group]) + own
    # a group that is widened already may seem to have no noise of its own but for rounding
    return float(np.sqrt(max(float(error @ np.linalg.solve(base, error)), 0.0) / len(group)))
