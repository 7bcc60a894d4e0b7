"""Coordinates of families, linearised where they are: the law's slopes, and what the rows say along them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayes_scaling.inference.batch import Batch
from bayes_scaling.models import Centring

FloatArray = NDArray[np.float64]

STEP = 1e-4
"""Distance of the central differences in straight coordinates, all of which are logs or fractions."""

ROUNDING = 1e-11
"""Share of a family's information that rounding may lose where discrepancy is taken from it, and nothing is left."""


def linearise(
    batch: Batch,
    origin: FloatArray,
    scale_mean: FloatArray,
    scale_covariance: FloatArray,
    expected: FloatArray,
    spread: FloatArray,
) -> Centring:
    """Coordinates linearised at straight coordinates (F, P), given moments of the log scales.

    These moments are those under a population that has log scales (2,) as `expected`, with this `spread`.
    """
    params, rows = differentiate(batch, origin)
    n_mean = origin.shape[1]
    up, down = slice(1, n_mean + 1), slice(n_mean + 1, None)
    n_features = batch.data["eigenvalues"].shape[1]
    parts = batch.transform(rows)
    whitened = [part[:, :-n_features] for part in parts]
    products = np.stack([part @ part.T for part in whitened])
    projected = np.stack([part[:, -n_features:] for part in parts])
    return Centring(
        origin=origin,
        mean_origin=params[0],
        mean_slopes=np.moveaxis((params[up] - params[down]) / (2 * STEP), 0, -1),
        gram=products[:, 1:, 1:] * (1.0 + ROUNDING * np.eye(n_mean)),
        cross=np.swapaxes(projected[:, 1:], 1, 2),
        pull=products[:, 1:, 0],
        projection=projected[:, 0],
        energy=products[:, 0, 0],
        scale_mode=scale_mean,
        scale_factor=np.linalg.cholesky(scale_covariance),
        scale_share=np.minimum(np.diagonal(scale_covariance, axis1=-2, axis2=-1) / spread**2, 1.0),
        scale_expected=np.tile(expected, (len(origin), 1)),
        scale_spread=np.tile(spread, (len(origin), 1)),
    )


def differentiate(batch: Batch, origin: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Parameters (2 P + 1, F, P) at and around straight coordinates (F, P), and residuals and slopes there.

    The second array, (P + 1, n), holds observed minus expected ln loss, then its slope in each coordinate.
    """
    mean, n_mean = batch.spec.mean, origin.shape[1]
    steps = STEP * np.eye(n_mean)
    points = origin + np.concatenate([np.zeros((1, n_mean)), steps, -steps])[:, None, :]
    columns, _ = mean.from_coordinates(np, [points[..., i] for i in range(n_mean)], batch.ends)
    params = np.stack(columns, axis=-1)
    expected = batch.expected(params)
    slopes = (expected[1 : n_mean + 1] - expected[n_mean + 1 :]) / (2 * STEP)
    return params, np.concatenate([batch.layout.log_loss[None] - expected[:1], slopes])
