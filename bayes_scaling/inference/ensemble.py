"""Many short Metropolis chains of the hierarchical model at once, in the coordinates that NUTS moves in too.

Given the population, families are independent, and a family's standardised variables are nearly standard
normal: proposals from the standard normal, and from its neighbourhood of the present values, are accepted
often. The population is moved with the families held, and with their standardised variables held, so that the
families follow. No gradient is needed, nothing is compiled, and all chains and families are moved by the same
array operations. The moves leave the posterior as it is, so what the chains settle to is no approximation.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bayes_scaling.inference.family_moves import along_differences, towards_population
from bayes_scaling.inference.linearised import SCALE_VARIANCE_FLOOR, Start
from bayes_scaling.inference.population_density import Families
from bayes_scaling.inference.population_moves import PopulationMoves
from bayes_scaling.inference.state import Chains, Populations, State
from bayes_scaling.inference.tangent import linearise
from bayes_scaling.laws import HasEndpointCoordinates
from bayes_scaling.models import (
    Centring,
    FamilyPrior,
    Population,
    Whitening,
    log_population_density,
    log_stretch,
    place,
    scales_from_standard,
    standard_from_scales,
    standardise,
)
from bayes_scaling.models.likelihood import LOG_2PI

FloatArray = NDArray[np.float64]

KEPT = 0.7
"""How much of its present values a family keeps in a move nearby; so much that a hard family moves too."""

LOG_SCALE_BOUNDS = float(np.log(1e-5)), float(np.log(10.0))
"""Scales of runs and discrepancy, in ln loss, outside of which chains do not go."""

GRID_SHARE = 0.3
"""How often a move afar takes the scales from their grid."""

N_TOGETHER = 2
"""Moves of population and families together in one sweep: the population is what mixes slowest."""

N_WIDE = 9
"""Moves of each kind that knows nothing of slopes in one sweep, of a law that data leave partly open."""

FIRST_SPREAD = 0.7
"""Of standardised families at the start: the tails are left for the chains to find."""


class Ensemble:
    """All chains and their moves.

    Parameters
    ----------
    start : Start
        Arrays, coordinates and first moments.
    moves : PopulationMoves
        How the population is moved.
    rng : Generator
    n_chains : int
    """

    def __init__(self, start: Start, moves: PopulationMoves, rng: np.random.Generator, n_chains: int) -> None:
        self._start, self._moves, self._rng, self._n_chains = start, moves, rng, n_chains
        self.spec = start.batch.spec
        self._vector = self.spec.population_vector
        self._ends = start.batch.ends
        self._n_wide = N_WIDE if self.spec.law.weakly_identified else 0
        self._power = 1.0
        self._use(start.centring)
        shape = (n_chains, len(start.batch.blocks), self._vector.n_family)
        z = FIRST_SPREAD * rng.standard_normal(shape)
        populations = self._populations(moves.begin())
        z[..., :2] = self._scales_from_grid(populations)
        self.state = self._at(populations, z)

    def sweep(self) -> None:
        """Every move once."""
        self._move_afar()
        self._move_nearby()
        for _ in range(self._n_wide):
            self._move_one_parameter()
            self._move_along_differences()
            self._shift()
        self._move_population()
        for _ in range(N_TOGETHER):
            self._move_together()

    def population(self, standard: FloatArray) -> Population:
        """The population that standard variables (..., H) stand for."""
        return self._vector.unpack(np, self._vector.from_standard(np, standard))

    def temper(self, power: float) -> None:
        """Let the likelihood count by this power from now on: chains that it holds less look further around."""
        if power != self._power:
            self._power = power
            self.state = self._at_theta(self.state.populations, self.state.theta)

    def recentre(self) -> None:
        """Linearise where the chains are now, instead of where the start took them to be."""
        params, scales = self._split(self.state.theta)
        columns = self.spec.mean.to_coordinates(np, list(np.moveaxis(params, -1, 0)), self._ends)
        population = self.state.populations.prior.population
        z_scales = standard_from_scales(population, scales, self._data)
        offset = np.matmul(self._data["scale_factor"], z_scales[..., None])[..., 0]
        offset -= offset.mean(axis=0)
        covariance = np.einsum("cfi,cfj->fij", offset, offset) / len(offset) + SCALE_VARIANCE_FLOOR * np.eye(
            2
        )
        origin = np.median(np.stack(columns, axis=-1), axis=0)
        expected, spread = (
            part[:, self._vector.n_mean :].mean(axis=0) for part in (population.mean, population.sd)
        )
        self._use(linearise(self._start.batch, origin, scales.mean(axis=0), covariance, expected, spread))
        self._restate(self.state.populations.standard)

    def for_gradients(self) -> None:
        """Go on in the law's coordinates for samplers that follow gradients; the model and the chains stay."""
        law = self.spec.law
        gentle = law.for_gradients() if isinstance(law, HasEndpointCoordinates) else law
        if gentle is law:
            return
        self.spec = replace(self.spec, law=gentle)
        self._start = replace(self._start, batch=replace(self._start.batch, spec=self.spec))
        self.recentre()

    def whitening(self, n_sweeps: int) -> Whitening:
        """Moments of the standardised variables over some more sweeps."""
        seen = []
        for _ in range(n_sweeps):
            self.sweep()
            seen.append((self.state.populations.standard.copy(), self.state.z.copy()))
        population, families = (np.concatenate(part) for part in zip(*seen, strict=True))
        return Whitening.of_draws(population, families)

    def _use(self, centring: Centring) -> None:
        self.centring = centring
        self._data = self._start.batch.arrays_at(centring)

    def _split(self, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
        n_mean = self._vector.n_mean
        return theta[..., :n_mean], theta[..., n_mean:]

    def _populations(self, standard: FloatArray) -> Populations:
        """Populations that standard variables (C, H) stand for."""
        with np.errstate(all="ignore"):  # as below
            return Populations(standard, FamilyPrior.of(np, self.population(standard), self._data))

    def _at(self, populations: Populations, z: FloatArray) -> State:
        """Families where standardised variables (C, F, Q) put them."""
        prior = populations.prior
        with np.errstate(all="ignore"):  # far out in the tails; such proposals are refused
            is_far = self._is_far(scales_from_standard(np, prior.population, z[..., :2], self._data))
            # what lies beyond all reason is not evaluated
            z_parts = np.where(is_far[..., None], 0.0, z[..., :2]), z[..., 2:]
            placed = place(np, self.spec.mean, prior, z_parts, self._data, self._ends)
            density = self._log_prior(prior, placed.params, placed.scales)
            likelihood = self._power * self._start.batch.log_likelihood(placed.params, placed.scales)
        theta = np.concatenate([placed.params, placed.scales], axis=-1)
        return State.of(populations, z, theta, likelihood, density, placed.log_volume, ~is_far)

    def _at_theta(
        self, populations: Populations, theta: FloatArray, likelihood: FloatArray | None = None
    ) -> State:
        """Families (C, F, Q), in the standardised variables that belong to them; far out, there may be none.

        Their log likelihood (C, F) is that which is given, where it is known.
        """
        prior, (params, scales) = populations.prior, self._split(theta)
        with np.errstate(all="ignore"):
            z = standardise(self.spec.mean, prior, params, scales, self._data, self._ends)
            density = self._log_prior(prior, params, scales)
            if likelihood is None:
                likelihood = self._power * self._start.batch.log_likelihood(params, scales)
        together = np.concatenate([z.scales, z.mean], axis=-1)
        is_possible = np.isfinite(together).all(axis=-1) & ~self._is_far(scales)
        return State.of(populations, together, theta, likelihood, density, z.log_volume, is_possible)

    @staticmethod
    def _log_prior(prior: FamilyPrior, params: FloatArray, scales: FloatArray) -> FloatArray:
        return log_population_density(np, prior.population, prior.covariance, params, scales)

    def _is_far(self, scales: FloatArray) -> NDArray[np.bool_]:
        """Whether log scales (C, F, 2) are beyond what any family can have, and arithmetic can bear, (C, F)."""
        return ((scales < LOG_SCALE_BOUNDS[0]) | (scales > LOG_SCALE_BOUNDS[1])).any(axis=-1)

    def _move_nearby(self) -> None:
        """Families part of the way to fresh normal variables (Neal 1998, arXiv:physics/9701026, eq. 15)."""
        old = self.state
        fresh = self._rng.standard_normal(old.z.shape)
        new = self._at(old.populations, KEPT * old.z + np.sqrt(1 - KEPT**2) * fresh)
        correction = 0.5 * ((new.z**2).sum(axis=-1) - (old.z**2).sum(axis=-1))
        self._accept(new, _gain(new.log_density, old.log_density) + correction)

    def _move_afar(self) -> None:
        """Families to fresh variables, the scales also from their grid: a family may have more than one mode."""
        old = self.state
        fresh = self._rng.standard_normal(old.z.shape)
        from_grid = self._rng.random(old.z.shape[:2]) < GRID_SHARE
        fresh[..., :2] = np.where(
            from_grid[..., None], self._scales_from_grid(old.populations), fresh[..., :2]
        )
        new = self._at(old.populations, fresh)
        correction = self._log_fresh_density(old) - self._log_fresh_density(new)
        self._accept(new, _gain(new.log_density, old.log_density) + correction)

    def _move_one_parameter(self) -> None:
        """One parameter of each family towards the population, of which the likelihood is the judge."""
        old = self.state
        params, scales = self._split(old.theta)
        prior = old.populations.prior
        moved = towards_population(self._rng, prior.population, prior.covariance, params)
        new = self._at_theta(old.populations, np.concatenate([moved, scales], axis=-1))
        self._accept(new, _gain(new.log_likelihood, old.log_likelihood))

    def _move_along_differences(self) -> None:
        """All parameters of each family, one half of the chains after the other."""
        order = self._rng.permutation(self._n_chains)
        halves = order[: self._n_chains // 2], order[self._n_chains // 2 :]
        for movers, others in (halves, halves[::-1]):
            old = self.state
            theta = along_differences(self._rng, old.theta[movers], old.theta[others])
            new = self._at_theta(old.populations.of_chains(movers), theta)
            self._accept(new, _gain(new.log_posterior, old.log_posterior[movers]), movers)

    def _shift(self) -> None:
        """The population's locations, all families by as much: data that say little of any say little against it."""
        old = self.state
        shift = self._moves.shifted(old.populations.standard)
        if shift is None:
            return
        params, scales = self._split(old.theta)
        theta = np.concatenate([params + shift.step[:, None], scales], axis=-1)
        new = self._at_theta(self._populations(shift.standard), theta)
        gain = shift.log_gain + _gain(new.log_likelihood, old.log_likelihood).sum(axis=1)
        self._take_together(new, np.log(self._rng.random(self._n_chains)) < gain)

    def _scales_from_grid(self, populations: Populations) -> FloatArray:
        """Standardised scales (C, F, 2) that the grid gives."""
        scales = self._start.grid.draw(self._n_chains, self._rng)
        return standard_from_scales(populations.prior.population, scales, self._data)

    def _log_fresh_density(self, state: State) -> FloatArray:
        """Log density (C, F) of what a move afar proposes, without the constant."""
        stretch = log_stretch(np, state.populations.prior.population, self._data)
        volume = (np.log(np.diagonal(self._data["scale_factor"], axis1=-2, axis2=-1)) + stretch).sum(axis=-1)
        normal = -0.5 * (state.z[..., :2] ** 2).sum(axis=-1) - LOG_2PI
        scales = self._split(state.theta)[1]
        with np.errstate(invalid="ignore"):
            grid = self._start.grid.log_density(scales) + volume
        mixed = np.logaddexp(np.log(1 - GRID_SHARE) + normal, np.log(GRID_SHARE) + grid)
        return mixed - 0.5 * (state.z[..., 2:] ** 2).sum(axis=-1)

    def _accept(self, new: State, gain: FloatArray, chains: Chains = slice(None)) -> None:
        """The families of these chains that gain (C, F) enough by Metropolis's rule."""
        self.state.take(new, np.log(self._rng.random(gain.shape)) < gain, chains)

    def _move_population(self) -> None:
        """The population, families held."""
        families = Families.of(self.state.theta, self._data)
        self._restate(self._moves.given_families(self.state.populations.standard, families))

    def _restate(self, standard: FloatArray) -> None:
        """The same families in the standardised variables that belong to another population or linearisation."""
        known = self.state.log_likelihood
        # minus infinity may stand for a likelihood that was never evaluated
        is_known = bool(np.isfinite(known).all())
        self.state = self._at_theta(
            self._populations(standard), self.state.theta, known if is_known else None
        )

    def _move_together(self) -> None:
        """The population, families following in standardised variables."""
        old = self.state
        standard, gain = self._moves.propose(old.populations.standard)
        new = self._at(self._populations(standard), old.z)
        gain = gain + _gain(new.log_density, old.log_density).sum(axis=1)
        better = np.log(self._rng.random(self._n_chains)) < gain
        self._moves.accept(better)
        self._take_together(new, better)

    def _take_together(self, new: State, better: NDArray[np.bool_]) -> None:
        """Population and families of the chains (C,) that are better."""
        self.state.take(new, np.broadcast_to(better[:, None], new.log_density.shape))
        self.state.populations.take(new.populations, better)


def _gain(new: FloatArray, old: FloatArray) -> FloatArray:
    """What log densities (C, F) gain; NaN, which no comparison takes, from one impossible place to another."""
    with np.errstate(invalid="ignore"):
        return new - old
