"""How chains move the population: freely under its prior, or among draws that another fit has made of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bayes_scaling.inference.family_moves import pairs_of, step_towards
from bayes_scaling.inference.population_density import Families, Standing
from bayes_scaling.models import Covariance, Population, PopulationVector

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

STEP = 2.0
"""Length of a step of the population given the families, in standard deviations that they leave."""

MUCH = 0.8
"""Share of a coordinate's prior variance that families must leave less than, for it to be moved alone."""

NEWS_A_BLOCK = 1.0
"""What families may say of the coordinates that are drawn anew at once, in coordinates that they know all of."""

MOST_BLOCKS = 70
"""In which coordinates that are moved alone go together after all: a law of twenty parameters has some 200 of them."""

STRETCHES = (1.0, 0.7, 0.4)
"""Lengths of steps along differences between chains, in units of the best for a normal distribution."""

LOCATION_SHARE = 0.5
"""How often such a step is one of the locations of the mean's parameters alone."""

SOME = 0.3
"""Share of the parameters in which a shift along a difference between chains goes."""

SHIFT_JITTER = 1e-3
"""Standard deviation of what is added to such a shift, in units of the prior's."""


@dataclass(frozen=True)
class Shift:
    """Populations with other locations, for families that keep their places among each other.

    Attributes
    ----------
    standard : ndarray of shape (C, H)
        Where the populations go.
    step : ndarray of shape (C, P)
        By how much the parameters of the mean go with them, those of all families of a chain.
    log_gain : ndarray of shape (C,)
        What the population's prior gains, corrected for how the shift was proposed.
    """

    standard: FloatArray
    step: FloatArray
    log_gain: FloatArray


class PopulationMoves(ABC):
    """Where the population of each of C chains is, as standard normal variables (C, H), and how it may move."""

    @abstractmethod
    def begin(self) -> FloatArray:
        """First places of all chains."""

    @abstractmethod
    def given_families(self, now: FloatArray, families: Families) -> FloatArray:
        """New places, families held: a move that needs no likelihood."""

    @abstractmethod
    def propose(self, now: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Proposed places and the gain of the log prior (C,), for a move in which families follow."""

    @abstractmethod
    def accept(self, better: NDArray[np.bool_]) -> None:
        """Tell which proposals were taken."""

    def shifted(self, now: FloatArray) -> Shift | None:
        """Proposed places for a move in which families keep their distance to the population; none by default."""
        return None


@dataclass(eq=False)
class FreePopulation(PopulationMoves):
    """A population under its normal prior, started around a first guess.

    Attributes
    ----------
    vector : PopulationVector
    guess : Population
        Where families seem to lie.
    n_families, n_chains : int
    rng : Generator
    """

    vector: PopulationVector
    guess: Population
    n_families: int
    n_chains: int
    rng: np.random.Generator

    def begin(self) -> FloatArray:
        """Scattered around the guess, roughly as widely as the posterior."""
        width = self._data_sd(self.n_families + 5)
        vector = self.vector.pack(self.guess)
        return self.vector.to_standard(
            vector + width * self.rng.standard_normal((self.n_chains, len(vector)))
        )

    def given_families(self, now: FloatArray, families: Families) -> FloatArray:
        """All coordinates by steps: alone if families say much of them, else many at once; these are drawn anew too.

        Where families contradict the prior, what is drawn anew from it is not taken, and steps lead on.
        """
        told = (self.vector.factor**2 / self._data_sd(families.count)[:, None] ** 2).sum(axis=0)
        left = 1.0 / (1.0 + told)  # of the prior's variance
        news = told * left
        is_told = left < MUCH
        n_blocks = max(1, int(np.ceil(news[~is_told].sum() / NEWS_A_BLOCK)))
        several = self._blocks(np.flatnonzero(~is_told), n_blocks)
        standing = self._standing(now, families)
        for positions in (*self._blocks(np.flatnonzero(is_told), MOST_BLOCKS), *several):
            reach = STEP * np.sqrt(left[positions] / len(positions))
            old = standing.standard[:, positions]
            moved = old + reach * self.rng.standard_normal((self.n_chains, len(positions)))
            gain = 0.5 * (old**2 - moved**2).sum(axis=1)
            standing = self._moved(standing, positions, moved, gain, families)
        for positions in several:
            moved = self.rng.standard_normal((self.n_chains, len(positions)))
            standing = self._moved(standing, positions, moved, np.zeros(self.n_chains), families)
        return standing.standard

    def propose(self, now: FloatArray) -> tuple[FloatArray, FloatArray]:
        """A step along the difference between two other chains (ter Braak 2006, doi:10.1007/s11222-006-8769-1).

        Of all coordinates, or of the locations of the mean's parameters alone (Vrugt et al. 2009,
        doi:10.1515/IJNSNS.2009.10.3.273): these few move further, along the ridge that floors and slopes share.
        """
        first, second = (self._other_chains() for _ in range(2))
        is_location = np.arange(self.vector.size) < self.vector.n_mean
        moves = is_location | (self.rng.random(self.n_chains) > LOCATION_SHARE)[:, None]
        reach = self.rng.choice(STRETCHES, self.n_chains) * 2.38 / np.sqrt(2 * moves.sum(axis=1))
        step = reach[:, None] * (now[first] - now[second]) + 1e-3 * self.rng.standard_normal(now.shape)
        new = now + moves * step
        return new, 0.5 * ((now**2).sum(axis=1) - (new**2).sum(axis=1))

    def accept(self, better: NDArray[np.bool_]) -> None:
        """Nothing to remember."""

    def shifted(self, now: FloatArray) -> Shift:
        """Locations of the mean's parameters: half of the chains along differences of the others.

        These have one location part of the way to what the prior expects of it, which keeps the prior's density.
        """
        p, (others, movers) = self.vector.n_mean, np.array_split(self.rng.permutation(self.n_chains), 2)
        step = np.zeros((self.n_chains, p))
        place = self.rng.integers(0, p, len(others))
        step[others, place] = step_towards(self.rng, self._unfactored.T[place], now[others])
        step[movers] = self._differences(len(movers), now[others])
        new = now + step @ self._unfactored[:, :p].T
        gain = 0.5 * ((now**2).sum(axis=1) - (new**2).sum(axis=1))
        gain[others] = 0.0
        return Shift(new, step, gain)

    def _differences(self, count: int, others: FloatArray) -> FloatArray:
        """So many steps (count, P), each in some locations, along differences of other chains' (B, H)."""
        p = self.vector.n_mean
        factor = self.vector.factor[:p]
        location = others @ factor.T
        first, second = pairs_of(self.rng, len(others), count)
        is_moved = self.rng.random((count, p)) < SOME
        reach = self.rng.choice(STRETCHES, count) * 2.38 / np.sqrt(2 * np.maximum(1, is_moved.sum(axis=1)))
        jitter = SHIFT_JITTER * np.sqrt((factor**2).sum(axis=1)) * self.rng.standard_normal((count, p))
        return is_moved * (reach[:, None] * (location[first] - location[second]) + jitter)

    def _blocks(self, positions: IntArray, most: int) -> list[IntArray]:
        """These coordinates in so many blocks, or in one for each."""
        if len(positions) <= most:
            return list(positions[:, None])
        return np.array_split(self.rng.permutation(positions), most)

    def _moved(
        self, old: Standing, positions: IntArray, moved: FloatArray, gain: FloatArray, families: Families
    ) -> Standing:
        """Populations with these coordinates moved, where that is taken; covariances are kept if it leaves them."""
        standard = old.standard.copy()
        standard[:, positions] = moved
        covariance = None if self._bends[positions].any() else old.covariance
        new = self._standing(standard, families, covariance)
        return old.judged(new, gain, self.rng.random(self.n_chains))

    def _standing(
        self, standard: FloatArray, families: Families, covariance: Covariance | None = None
    ) -> Standing:
        population = self.vector.unpack(np, self.vector.from_standard(np, standard))
        covariance = covariance or families.covariance(population)
        return Standing(standard, covariance, families.log_density(population, covariance))

    @cached_property
    def _unfactored(self) -> FloatArray:
        """What the vector's coordinates add to standard variables, (H, H)."""
        return np.linalg.inv(self.vector.factor)

    @cached_property
    def _bends(self) -> NDArray[np.bool_]:
        """Which standard variables (H,) change the covariance of parameters of the mean."""
        q, p = self.vector.n_family, self.vector.n_mean
        return (self.vector.factor[q : q + p] != 0).any(axis=0) | (self.vector.factor[2 * q :] != 0).any(
            axis=0
        )

    def _other_chains(self) -> IntArray:
        shift = self.rng.integers(1, self.n_chains, self.n_chains)
        return (np.arange(self.n_chains) + shift) % self.n_chains

    def _data_sd(self, n_families: int) -> FloatArray:
        """Standard deviation (H,) that so many families leave to the vector's coordinates, roughly."""
        q = self.vector.n_family
        sd = np.full(self.vector.size, 1.0 / np.sqrt(n_families))
        sd[:q] *= self.guess.sd
        sd[q : 2 * q] /= np.sqrt(2)
        return sd


@dataclass(eq=False)
class BankedPopulation(PopulationMoves):
    """A population that is one of the draws of another fit: what conditions a new family without refitting others.

    Attributes
    ----------
    vector : PopulationVector
    bank : ndarray of shape (S, H)
        The draws as standard normal variables.
    n_chains : int
    rng : Generator
    index : ndarray of shape (C,)
        Which draw each chain has.
    """

    vector: PopulationVector
    bank: FloatArray
    n_chains: int
    rng: np.random.Generator
    index: IntArray = field(init=False)
    _proposed: IntArray = field(init=False)

    def begin(self) -> FloatArray:
        """Draws spread evenly over the bank."""
        self.index = np.linspace(0, len(self.bank) - 1, self.n_chains).round().astype(np.intp)
        return self.bank[self.index]

    def given_families(self, now: FloatArray, families: Families) -> FloatArray:
        """Other draws, taken by how well the families fit them."""
        fresh = self.rng.integers(0, len(self.bank), self.n_chains)
        gain = self._density(fresh, families) - self._density(self.index, families)
        self.index = np.where(np.log(self.rng.random(self.n_chains)) < gain, fresh, self.index)
        return self.bank[self.index]

    def propose(self, now: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Other draws; all are equally likely before the new family is seen."""
        self._proposed = self.rng.integers(0, len(self.bank), self.n_chains)
        return self.bank[self._proposed], np.zeros(self.n_chains)

    def accept(self, better: NDArray[np.bool_]) -> None:
        """Remember the draws that were taken."""
        self.index = np.where(better, self._proposed, self.index)

    def _density(self, index: IntArray, families: Families) -> FloatArray:
        population = self.vector.unpack(np, self.vector.from_standard(np, self.bank[index]))
        return families.log_density(population, families.covariance(population))
