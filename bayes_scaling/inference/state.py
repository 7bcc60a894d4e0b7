"""Where the chains of the ensemble are: their populations, their families, and how likely these are there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bayes_scaling.models import FamilyPrior

FloatArray = NDArray[np.float64]
Chains = NDArray[np.intp] | slice


@dataclass(frozen=True, eq=False)
class Populations:
    """Where the populations of C chains are.

    Attributes
    ----------
    standard : ndarray of shape (C, H)
        Standard normal variables.
    prior : FamilyPrior
        What they make expect of families: dear, and the same until they move.
    """

    standard: FloatArray
    prior: FamilyPrior

    def of_chains(self, chains: Chains) -> Populations:
        """Those of some chains."""
        return Populations(self.standard[chains], self.prior.of_chains(chains))

    def take(self, new: Populations, better: NDArray[np.bool_]) -> None:
        """Take, in place, those of the chains (C,) that are better."""
        self.standard[better] = new.standard[better]
        self.prior.take(new.prior, better)


@dataclass(eq=False)
class State:
    """Where C chains are.

    Attributes
    ----------
    populations : Populations
    z : ndarray of shape (C, F, 2 + P)
        Standardised variables of families: scales, then the mean.
    theta : ndarray of shape (C, F, P + 2)
        The family parameters that they stand for.
    log_likelihood : ndarray of shape (C, F)
        Of each family.
    log_posterior : ndarray of shape (C, F)
        The same with the population.
    log_density : ndarray of shape (C, F)
        The same with the volume: the density of the standardised variables.
    """

    populations: Populations
    z: FloatArray
    theta: FloatArray
    log_likelihood: FloatArray
    log_posterior: FloatArray
    log_density: FloatArray

    @classmethod
    def of(
        cls,
        populations: Populations,
        z: FloatArray,
        theta: FloatArray,
        log_likelihood: FloatArray,
        log_prior: FloatArray,
        log_volume: FloatArray,
        is_possible: NDArray[np.bool_],
    ) -> State:
        """The state of these parts; where families (C, F) are not possible, no density is above minus infinity."""
        log_posterior = log_likelihood + log_prior
        log_density = log_posterior + log_volume
        is_possible = is_possible & np.isfinite(log_density)
        densities = (
            np.where(is_possible, one, -np.inf) for one in (log_likelihood, log_posterior, log_density)
        )
        return cls(populations, z, theta, *densities)

    def take(self, new: State, better: NDArray[np.bool_], chains: Chains = slice(None)) -> None:
        """Take, in place, the families (C, F) that are better, of these chains."""
        for name in ("z", "theta", "log_likelihood", "log_posterior", "log_density"):
            values = getattr(self, name)
            rows = values[chains]
            rows[better] = getattr(new, name)[better]
            values[chains] = rows
