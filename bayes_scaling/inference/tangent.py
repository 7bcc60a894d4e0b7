"""Coordinates of families, linearised where they are: the law's slopes, and what the rows say along them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from bayes_scaling.inference.batch import Batch
from bayes_scaling.models import Centring

FloatArray = NDArray[np.float64]

STEP = 1e-4
"""Distance of the central differences in straight coordinates, all of which are logs or fractions."""

ROUNDING = 1e-11
"""Share of a family's information that rounding may lose where discrepancy is taken from it, and nothing is left."""


@dataclass(frozen=True)
class Tangent(Centring):
    """Coordinates, and what else the likelihood linearised at their origin is made of: its value too.

    Attributes
    ----------
    cross : ndarray of shape (F, K, P)
        Projection of the whitened slopes on the eigenvectors of the discrepancy's features.
    projection : ndarray of shape (F, K)
        Projection of the whitened residuals.
    energy : ndarray of shape (F,)
        Their sum of squares.
    """

    cross: FloatArray
    projection: FloatArray
    energy: FloatArray


def linearise(
    batch: Batch,
    origin: FloatArray,
    scale_mean: FloatArray,
    scale_covariance: FloatArray,
    expected: FloatArray,
    spread: FloatArray,
) -> Tangent:
    """Coordinates linearised at straight coordinates (F, P), given moments of the log scales.

    These moments are those under a population that has log scales (2,) as `expected`, with this `spread`.
    """
    params, rows = differentiate(batch, origin)
    n_mean = origin.shape[1]
    up, down = slice(1, n_mean + 1), slice(n_mean + 1, None)
    seen = _Products.of(batch, rows)
    return Tangent(
        origin=origin,
        mean_origin=params[0],
        mean_slopes=np.moveaxis((params[up] - params[down]) / (2 * STEP), 0, -1),
        gram=seen.gram * (1.0 + ROUNDING * np.eye(n_mean)),
        pull=seen.pull,
        absorption=seen.absorption,
        scale_mode=scale_mean,
        scale_factor=np.linalg.cholesky(scale_covariance),
        scale_share=np.minimum(np.diagonal(scale_covariance, axis1=-2, axis2=-1) / spread**2, 1.0),
        scale_expected=np.tile(expected, (len(origin), 1)),
        scale_spread=np.tile(spread, (len(origin), 1)),
        cross=seen.cross,
        projection=seen.projection,
        energy=seen.energy,
    )


def averaged(batch: Batch, centring: Centring, points: Iterable[FloatArray]) -> Centring:
    """The same coordinates with the likelihood linearised at each point (F, P), and its information averaged.

    Where a law bends, one point may know little of what holds a family elsewhere. A point that has no slopes is left
    out.
    """
    n_mean, family = centring.origin.shape[1], batch.layout.family_index
    count, total = 0, [np.zeros(()) for _ in range(3)]
    for point in points:
        with np.errstate(all="ignore"):  # far out in the tails
            _, rows = differentiate(batch, point)
            # the residuals that this point's slopes expect at the origin
            rows[0] += (rows[1:] * (point - centring.origin)[family].T).sum(axis=0)
        if np.isfinite(rows).all():
            seen = _Products.of(batch, rows)
            parts = seen.gram, seen.pull, seen.absorption
            count, total = count + 1, [old + new for old, new in zip(total, parts, strict=True)]
    if not count:
        return centring
    gram, pull, absorption = (part / count for part in total)
    kept = {field.name: getattr(centring, field.name) for field in fields(Centring)}
    gram *= 1.0 + ROUNDING * np.eye(n_mean)
    return Centring(**kept | {"gram": gram, "pull": pull, "absorption": absorption})


@dataclass(frozen=True)
class _Products:
    """Sums over the whitened rows of each family: of products of slopes J and residuals r, as of :class:`Tangent`."""

    gram: FloatArray
    cross: FloatArray
    pull: FloatArray
    projection: FloatArray
    energy: FloatArray

    @classmethod
    def of(cls, batch: Batch, rows: FloatArray) -> _Products:
        """From residuals, then slopes, of all rows (P + 1, n)."""
        n_features = batch.data["eigenvalues"].shape[1]
        parts = batch.transform(rows)
        whitened = [part[:, :-n_features] for part in parts]
        products = np.stack([part @ part.T for part in whitened])
        projected = np.stack([part[:, -n_features:] for part in parts])
        cross = np.swapaxes(projected[:, 1:], 1, 2)
        return cls(products[:, 1:, 1:], cross, products[:, 1:, 0], projected[:, 0], products[:, 0, 0])

    @property
    def absorption(self) -> FloatArray:
        """Of each feature (F, K, P * P + P): as of :class:`Centring`."""
        outer = self.cross[..., :, None] * self.cross[..., None, :]
        pulls = self.cross * self.projection[..., None]
        return np.concatenate([outer.reshape(*self.cross.shape[:2], -1), pulls], axis=-1)


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
