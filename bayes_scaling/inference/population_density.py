"""What families say of their population: its density given them, by sums that are taken once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayes_scaling.models import Covariance, Population, kind_covariance

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Families:
    """What families say of the population, for each of K kinds that are equally rough.

    Attributes
    ----------
    centre : ndarray of shape (C, K, Q) or (K, Q)
        Mean of their parameters, in each chain or by their moments.
    scatter : ndarray of shape (C, K, Q, Q) or (K, Q, Q)
        Sum of the products of offsets from it.
    counts : ndarray of shape (K,)
    roughness : ndarray of shape (K, P)
        What is added to the spreads of such families.
    """

    centre: FloatArray
    scatter: FloatArray
    counts: FloatArray
    roughness: FloatArray

    @classmethod
    def of(cls, theta: FloatArray, data: Mapping[str, Any]) -> Families:
        """Sums over family parameters (C, F, Q); ``data`` holds ``roughness`` and ``rough_kind`` of the layout."""
        roughness, kind = data["roughness"], data["rough_kind"]
        parts = [theta[:, kind == number] for number in range(len(roughness))]
        centre = np.stack([part.mean(axis=1) for part in parts], axis=1)
        offsets = (
            part - middle[:, None] for part, middle in zip(parts, np.moveaxis(centre, 1, 0), strict=True)
        )
        scatter = np.stack([np.einsum("cfi,cfj->cij", offset, offset) for offset in offsets], axis=1)
        return cls(centre, scatter, np.bincount(kind).astype(float), roughness)

    @classmethod
    def of_moments(cls, means: FloatArray, covariances: FloatArray, data: Mapping[str, Any]) -> Families:
        """Expected sums over families of means (F, Q) and covariances (F, Q, Q); ``data`` as of :meth:`of`."""
        roughness, kind = data["roughness"], data["rough_kind"]
        parts = [kind == number for number in range(len(roughness))]
        centre = np.stack([means[part].mean(axis=0) for part in parts])
        offsets = means - centre[kind]
        squares = offsets[:, :, None] * offsets[:, None, :] + covariances
        scatter = np.stack([squares[part].sum(axis=0) for part in parts])
        return cls(centre, scatter, np.bincount(kind).astype(float), roughness)

    @property
    def count(self) -> int:
        """Number of families."""
        return int(self.counts.sum())

    def covariance(self, population: Population) -> Covariance:
        """The covariance of each kind under one population a chain, for :meth:`log_density`."""
        return kind_covariance(np, population, self.roughness)

    def log_density(self, population: Population, covariance: Covariance) -> FloatArray:
        """Log density (C,) of all families under one population a chain."""
        p, sd = population.n_mean, population.sd[:, None, population.n_mean :]
        offset = self.centre - population.mean[:, None]
        spread = self.scatter + self.counts[:, None, None] * offset[..., None] * offset[..., None, :]
        whitener = covariance.whitener
        mean_part = ((whitener @ spread[..., :p, :p]) * whitener).sum(axis=(-2, -1))
        scale_part = (np.diagonal(spread[..., p:, p:], axis1=-2, axis2=-1) / sd**2).sum(axis=-1)
        log_det = covariance.log_det + np.log(sd).sum(axis=-1)
        return (-0.5 * (mean_part + scale_part) - self.counts * log_det).sum(axis=-1)


@dataclass(frozen=True)
class Standing:
    """Where populations are while families are held: standard variables (C, H), covariances, log density (C,)."""

    standard: FloatArray
    covariance: Covariance
    value: FloatArray

    def judged(self, new: Standing, gain: FloatArray, chance: FloatArray) -> Standing:
        """The new one in chains (C,) where Metropolis's rule takes it, prior and proposal having given `gain`."""
        better = np.log(chance) < new.value - self.value + gain

        def chosen(theirs: FloatArray, own: FloatArray) -> FloatArray:
            return np.where(better.reshape(-1, *(1,) * (own.ndim - 1)), theirs, own)

        covariance = self.covariance
        if new.covariance is not covariance:
            covariance = Covariance(
                chosen(new.covariance.whitener, covariance.whitener),
                chosen(new.covariance.log_det, covariance.log_det),
            )
        return Standing(chosen(new.standard, self.standard), covariance, chosen(new.value, self.value))
