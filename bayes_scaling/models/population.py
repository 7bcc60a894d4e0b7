r"""The population that families are draws of: its parameters as one vector, and their Gaussian prior.

The population has a location and a spread for every family parameter, and correlations between the law
parameters. As one unconstrained vector h it is

.. math:: h = (\mu_1 \dots \mu_Q, \; \ln\tau_1 \dots \ln\tau_Q, \; c_{21}, c_{31}, c_{32}, \dots)

where row i of the correlation's Cholesky factor is :math:`(c_{i1}, \dots, c_{i,i-1}, 1, 0, \dots)` scaled to
length one. A prior is then one multivariate normal of h, be it written by hand (independent) or the posterior
of another fit (correlated), and a standard normal vector is all that a sampler has to move.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Population:
    """Location (..., Q) and spread (..., Q) of families, and the correlation factor (..., P, P) of the first P.

    These P = ``n_mean`` of the Q family parameters are those of the mean.
    """

    mean: Any
    sd: Any
    correlation_factor: Any
    n_mean: int

    @property
    def mean_factor(self) -> Any:
        """Cholesky factor of the covariance of the law parameters, (..., P, P)."""
        return self.sd[..., : self.n_mean, None] * self.correlation_factor

    def widened(self, roughness: FloatArray) -> Population:
        """One population, of families whose parameters are rough by ``roughness`` (P,); NumPy only."""
        p, factor = self.n_mean, self.mean_factor
        covariance = factor @ factor.T + np.diag(roughness**2)
        sd = np.sqrt(np.diag(covariance))
        correlation = np.linalg.cholesky(covariance / np.outer(sd, sd))
        return Population(self.mean, np.concatenate([sd, self.sd[p:]]), correlation, p)


@dataclass(frozen=True)
class PopulationVector:
    """How the population's parameters lie in one vector, with its normal prior.

    Attributes
    ----------
    n_family, n_mean : int
        Family parameters Q, and how many of them are the mean's, P: the first ones.
    location : ndarray of shape (H,)
        Prior mean.
    factor : ndarray of shape (H, H)
        Cholesky factor of the prior covariance.
    """

    n_family: int
    n_mean: int
    location: FloatArray
    factor: FloatArray

    @property
    def size(self) -> int:
        """Length H of the vector."""
        return len(self.location)

    def from_standard(self, xp: Any, standard: Any) -> Any:
        """The vector (..., H) from standard normal variables (..., H)."""
        return self.location + xp.matmul(standard, self.factor.T)

    def to_standard(self, vector: FloatArray) -> FloatArray:
        """The standard normal variables that :meth:`from_standard` makes a vector of."""
        return np.linalg.solve(self.factor, (vector - self.location)[..., None])[..., 0]

    def unpack(self, xp: Any, vector: Any) -> Population:
        """The population that a vector (..., H) stands for."""
        q = self.n_family
        rows = np.eye(self.n_mean) + xp.matmul(vector[..., 2 * q :], self._places).reshape(
            (*vector.shape[:-1], self.n_mean, self.n_mean)
        )
        factor = rows / xp.sqrt((rows**2).sum(axis=-1))[..., None]
        return Population(vector[..., :q], xp.exp(vector[..., q : 2 * q]), factor, self.n_mean)

    def pack(self, population: Population) -> FloatArray:
        """The vector of a population: the inverse of :meth:`unpack`."""
        factor = population.correlation_factor
        rows = factor / np.diagonal(factor, axis1=-2, axis2=-1)[..., None]
        below = rows[..., *np.tril_indices(self.n_mean, -1)]
        return np.concatenate([population.mean, np.log(population.sd), below], axis=-1)

    @cached_property
    def _places(self) -> FloatArray:
        """Where each number below the diagonal goes, (n_below, P * P)."""
        rows, columns = np.tril_indices(self.n_mean, -1)
        places = np.zeros((len(rows), self.n_mean, self.n_mean))
        places[np.arange(len(rows)), rows, columns] = 1.0
        return places.reshape(len(rows), -1)
