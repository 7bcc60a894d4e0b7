"""Draws of what the likelihood integrates out: the weights of each family's discrepancy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayes_scaling.inference.batch import Batch

FloatArray = NDArray[np.float64]

BATCH = 64
"""Draws that are projected at once."""


def draw_discrepancy_weights(batch: Batch, theta: FloatArray, rng: np.random.Generator) -> FloatArray:
    """One draw of the discrepancy's weights for each draw of the family parameters.

    Parameters
    ----------
    batch : Batch
    theta : ndarray of shape (n_draws, F, P + 2)
        Family parameters on the pooled scale.
    rng : Generator

    Returns
    -------
    ndarray of shape (n_draws, F, K)
        Weights of the unwhitened features, in log loss.

    Notes
    -----
    Given the scales s (runs) and t (discrepancy), the weights along the eigenvectors of the whitened features
    are independent, with precision ``1/t^2 + g/s^2`` and mean ``(b/s^2)`` over that precision: the usual
    Gaussian linear model (Rasmussen and Williams 2006, eq. 2.8).
    """
    parts = np.array_split(theta[..., :-2], max(1, len(theta) // BATCH))
    projections = np.concatenate([batch.projections(part) for part in parts])
    run_precision, own_precision = (np.exp(-2 * theta[..., place])[..., None] for place in (-2, -1))
    variance = 1.0 / (own_precision + batch.layout.eigenvalues * run_precision)
    along = projections * run_precision * variance + np.sqrt(variance) * rng.standard_normal(
        projections.shape
    )
    return np.matmul(batch.layout.rotation, along[..., None])[..., 0]
