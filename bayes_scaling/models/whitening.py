"""The last change of variables before sampling: location and shape that a first look at the posterior gave."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Whitening:
    """Affine maps from the sampler's variables to the standardised ones, for the population and each family.

    Attributes
    ----------
    population_location : ndarray of shape (H,)
    population_factor : ndarray of shape (H, H)
    family_location : ndarray of shape (F, 2 + P)
        Scales first, then the coordinates of the mean.
    family_factor : ndarray of shape (F, 2 + P, 2 + P)
    """

    population_location: FloatArray
    population_factor: FloatArray
    family_location: FloatArray
    family_factor: FloatArray

    @classmethod
    def none(cls, n_population: int, n_families: int, n_family: int) -> Whitening:
        """The identity."""
        return cls(
            np.zeros(n_population),
            np.eye(n_population),
            np.zeros((n_families, n_family)),
            np.tile(np.eye(n_family), (n_families, 1, 1)),
        )

    @classmethod
    def of_draws(cls, population: FloatArray, families: FloatArray) -> Whitening:
        """Mean and covariance of standardised variables: population (S, H) and families (S, F, 2 + P)."""
        return cls(*_moments(population), *_moments(families))


def _moments(draws: FloatArray) -> tuple[FloatArray, FloatArray]:
    centre = draws.mean(axis=0)
    offset = draws - centre
    covariance = np.einsum("s...i,s...j->...ij", offset, offset) / len(draws)
    return centre, np.linalg.cholesky(covariance + 1e-6 * np.eye(draws.shape[-1]))
