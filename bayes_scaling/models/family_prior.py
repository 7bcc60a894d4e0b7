"""Families under a population: the normal distribution of each one's parameters, before its own rows are seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayes_scaling.models.algebra import diagonal, inverse_of_lower
from bayes_scaling.models.population import Population

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Covariance:
    """Covariances of families' parameters of the mean under a population: its own, and that of what is rough.

    Attributes
    ----------
    whitener : array of shape (..., K, P, P)
        W with W'W the inverse of the covariance.
    log_det : array of shape (..., K)
        Half the log determinant of the covariance.
    """

    whitener: Any
    log_det: Any


def family_covariance(xp: Any, population: Population, data: Mapping[str, Any]) -> Covariance:
    """The covariance of each family, K = F; where all are equally rough there is one for all, K = 1."""
    kinds = kind_covariance(xp, population, data["roughness"])
    if len(data["roughness"]) == 1:
        return kinds
    kind = data["rough_kind"]
    return Covariance(kinds.whitener[..., kind, :, :], kinds.log_det[..., kind])


def kind_covariance(xp: Any, population: Population, roughness: FloatArray) -> Covariance:
    """Covariances LL' + diag(r^2) of K kinds of families, with the rows of ``roughness`` (K, P) as r.

    One parameter after another: with a whitener W so far and v = W (0 .. r_k .. 0)', the inverse square root of
    I + vv' is I - vv' / (e + sqrt e), e = 1 + v'v its determinant. Roots, rather than a difference of precisions, since
    those stay positive definite whatever rounding does.
    """
    factor = population.mean_factor
    whitener = inverse_of_lower(xp, factor)[..., None, :, :]
    log_det = xp.log(diagonal(xp, factor)).sum(axis=-1)[..., None]
    for position in np.flatnonzero(roughness.any(axis=0)):
        pull = whitener[..., :, position] * roughness[:, position, None]
        excess = 1.0 + (pull**2).sum(axis=-1)
        share = pull / (excess + xp.sqrt(excess))[..., None]
        taken = (pull[..., :, None] * whitener).sum(axis=-2)
        whitener = whitener - share[..., :, None] * taken[..., None, :]
        log_det = log_det + 0.5 * xp.log(excess)
    return Covariance(whitener, log_det)


@dataclass(frozen=True)
class FamilyPrior:
    """What populations, one a chain, make expect of each family.

    Attributes
    ----------
    population : Population
    covariance : Covariance
        Of the parameters of the mean.
    precision : array of shape (..., F, P, P)
        Of the straight coordinates, with the mean linearised.
    pull : array of shape (..., F, P)
        Precision times location of these.
    """

    population: Population
    covariance: Covariance
    precision: Any
    pull: Any

    @classmethod
    def of(cls, xp: Any, population: Population, data: Mapping[str, Any]) -> FamilyPrior:
        """Of the families that ``data`` describes: the layout's arrays and :meth:`Centring.arrays`."""
        covariance = family_covariance(xp, population, data)
        root = covariance.whitener
        whitener = xp.matmul(root, data["mean_slopes"])
        offset = population.mean[..., None, : population.n_mean] - data["mean_origin"]
        expected = xp.matmul(root, offset[..., None]) + xp.matmul(whitener, data["origin"][..., None])
        turned = xp.swapaxes(whitener, -1, -2)
        pull = xp.matmul(turned, expected)[..., 0]
        return cls(population, covariance, xp.matmul(turned, whitener), pull)

    def of_chains(self, chains: NDArray[np.intp] | slice) -> FamilyPrior:
        """What the populations of some chains make expect; NumPy only."""
        mean, sd, factor, whitener, log_det, precision, pull = (part[chains] for part in self._arrays)
        population = Population(mean, sd, factor, self.population.n_mean)
        return FamilyPrior(population, Covariance(whitener, log_det), precision, pull)

    def take(self, new: FamilyPrior, better: NDArray[np.bool_]) -> None:
        """Take, in place, what the populations of chains (C,) that are better make expect; NumPy only."""
        for own, other in zip(self._arrays, new._arrays, strict=True):
            own[better] = other[better]

    @property
    def _arrays(self) -> tuple[Any, ...]:
        population, covariance = self.population, self.covariance
        return (
            population.mean,
            population.sd,
            population.correlation_factor,
            covariance.whitener,
            covariance.log_det,
            self.precision,
            self.pull,
        )


def log_population_density(
    xp: Any, population: Population, covariance: Covariance, params: Any, scales: Any
) -> Any:
    """Log density (..., F) of families under the population, without the constant.

    Parameters
    ----------
    xp : module
        numpy or ``pytensor.tensor``.
    population : Population
    covariance : Covariance
        :func:`family_covariance`.
    params : array of shape (..., F, P)
        Parameters of the mean.
    scales : array of shape (..., F, 2)
        Log scales of runs and discrepancy.
    """
    n_mean = population.n_mean
    offset = params - population.mean[..., None, :n_mean]
    whitened = xp.matmul(covariance.whitener, offset[..., None])[..., 0]
    spread = population.sd[..., None, n_mean:]
    scaled = (scales - population.mean[..., None, n_mean:]) / spread
    log_det = covariance.log_det + xp.log(spread).sum(axis=-1)
    return -0.5 * (whitened**2).sum(axis=-1) - 0.5 * (scaled**2).sum(axis=-1) - log_det
