"""Posteriors of all families at once with the mean linearised, given a population; and a population given them.

For a linear mean the parameters of a family are integrated out in closed form at any two scales (runs and
discrepancy), so the scales' own posterior follows on a grid: no joint mode, which would have too small scales.
A few rounds of linearising where the families are, and of moving the population to where they lie, give the
samplers their start and their coordinates, and each family the path shape that its rows support best.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from bayes_scaling.inference.batch import Batch
from bayes_scaling.inference.excess import Excess, updated_excess
from bayes_scaling.inference.outliers import noise_inflation
from bayes_scaling.inference.population_density import Families
from bayes_scaling.inference.population_step import population_step
from bayes_scaling.inference.scale_grid import ScaleGrid
from bayes_scaling.inference.tangent import differentiate, linearise
from bayes_scaling.models import (
    FRONTIER,
    Centring,
    FamilyPrior,
    Layout,
    ModelSpec,
    Population,
    family_covariance,
    family_units,
    own_information,
    read_rows,
    whitened,
)
from bayes_scaling.models.likelihood import LOG_2PI
from bayes_scaling.runs import RunTable

FloatArray = NDArray[np.float64]

NODES = np.linspace(-2.5, 2.5, 6)
"""Grid of each scale, in standard deviations around its mean."""

N_FIRST_ROUNDS, N_ROUNDS, N_LAST_ROUNDS = 6, 12, 4
"""Rounds of linearising: for each path shape, for the best ones, and after outliers were found."""

N_EXCESS_ROUNDS, N_EXCESS_STEPS = 8, 2
"""Rounds of expectation propagation for one-sided noise, and of linearising between them."""

N_OUTLIER_ROUNDS = 3
"""Most times that outliers are looked for: what they hid may be one too."""

SCALE_VARIANCE_FLOOR = 0.01
"""Smallest variance of a log scale: what a hundred observations would leave."""


@dataclass(frozen=True, eq=False)
class FamilyMoments:
    """What is known of each family under a population.

    Attributes
    ----------
    origin : ndarray of shape (F, P)
        Mean of the straight coordinates.
    covariance : ndarray of shape (F, P, P)
        Of the parameters of the mean.
    scale_mean, scale_covariance : ndarray of shape (F, 2) and (F, 2, 2)
        Of the log scales.
    log_evidence : ndarray of shape (F,)
        Log of the integral of likelihood times population.
    """

    origin: FloatArray
    covariance: FloatArray
    scale_mean: FloatArray
    scale_covariance: FloatArray
    log_evidence: FloatArray


@dataclass(frozen=True, eq=False)
class Start:
    """Where sampling starts: arrays, population, coordinates, where scales may be, what lies above the law."""

    batch: Batch
    population: Population
    moments: FamilyMoments
    centring: Centring
    grid: ScaleGrid
    excess: Excess | None = None


def prepare(
    spec: ModelSpec,
    runs: RunTable,
    population: Population | None = None,
    known_units: Mapping[str, float] | None = None,
    is_taught: bool | None = None,
) -> Start:
    """Arrays of a table, each family with the path shape its rows support best, a population and coordinates.

    A population that is given stays; otherwise it is moved to where the families lie. Log units of metrics that are
    given serve families that cannot tell their own. Whether other families taught the population is what the priors
    say, if it is not told.
    """
    moves = population is None
    first = population or prior_population(spec)
    unit = family_units(runs, known_units)
    rows = read_rows(spec, runs, unit, is_taught)
    layouts = [whitened(spec, rows, number) for number in range(len(spec.shapes))]
    options = [_Search.begin(spec, layout, first).run(N_FIRST_ROUNDS, False).moments for layout in layouts]
    best = np.argmax([moments.log_evidence for moments in options], axis=0)
    search = _Search.begin(spec, whitened(spec, rows, best), first)
    search = replace(search, moments=_chosen(options, best)).run(N_ROUNDS, moves)
    excess = None
    if spec.noise == FRONTIER:
        search, excess = _with_excess(search, moves)
    for _ in range(N_OUTLIER_ROUNDS if spec.robust else 0):
        present = search.batch.layout.inflation
        inflation = noise_inflation(search.batch, *search.foreseen(), present)
        if np.array_equal(inflation, present):
            break
        search = search.with_noise(inflation, excess).run(N_LAST_ROUNDS, moves)
    centring = search.centring()
    grid = scale_grid(search.batch, centring, search.population)
    return Start(search.batch, search.population, search.moments, centring, grid, excess)


def _with_excess(search: _Search, moves: bool) -> tuple[_Search, Excess]:
    """The search with runs that lie above their law, and by how much; it has taken their scatter as symmetric."""
    scatter, usual = search.moments.scale_mean, prior_population(search.batch.spec)
    excess = Excess.expected(np.exp(scatter[:, 0]), search.batch.layout.family_index)
    # what was scatter is excess now: start from as little scatter as the prior expects
    moments = replace(search.moments, scale_mean=np.minimum(scatter, usual.mean[usual.n_mean :]))
    search = replace(search, population=usual if moves else search.population, moments=moments)
    for _ in range(N_EXCESS_ROUNDS):
        search = search.with_noise(1.0, excess)
        excess = updated_excess(search.batch, *search.foreseen(), excess)
        search = search.with_noise(1.0, excess).run(N_EXCESS_STEPS, moves)
    return search, excess


def _chosen(options: list[FamilyMoments], best: NDArray[np.intp]) -> FamilyMoments:
    """The moments of each family under its best option."""
    families = np.arange(len(best))
    names = [field.name for field in fields(FamilyMoments)]
    return FamilyMoments(
        *(np.stack([getattr(one, name) for one in options])[best, families] for name in names)
    )


def prior_population(spec: ModelSpec) -> Population:
    """A population that is wide enough for any family that the prior expects."""
    vector = spec.population_vector
    q, p = vector.n_family, vector.n_mean
    sd = np.sqrt((vector.factor**2).sum(axis=1))
    return Population(vector.location[:q], np.hypot(sd[:q], np.exp(vector.location[q : 2 * q])), np.eye(p), p)


def family_moments(batch: Batch, centring: Centring, population: Population) -> FamilyMoments:
    """Moments and evidence of every family with the mean linearised, scales integrated on a grid."""
    data = batch.arrays_at(centring)
    grid = np.stack(np.meshgrid(NODES, NODES), axis=-1).reshape(-1, 1, 2)
    offsets = np.matmul(
        centring.scale_factor, np.broadcast_to(grid, (len(grid), len(batch.blocks), 2))[..., None]
    )
    scales = centring.scale_mode + offsets[..., 0]
    log_density, place, covariance = _log_evidence(centring, data, population, scales)
    area = (NODES[1] - NODES[0]) ** 2 * np.prod(
        np.diagonal(centring.scale_factor, axis1=-2, axis2=-1), axis=-1
    )
    evidence = logsumexp(log_density, axis=0)
    weight = np.exp(log_density - evidence)
    origin = np.einsum("gf,gfi->fi", weight, place)
    spread = np.einsum("gf,gfij->fij", weight, covariance) + _scatter(weight, place - origin)
    slopes = centring.mean_slopes
    scale_mean = np.einsum("gf,gfi->fi", weight, scales)
    scale_covariance = _scatter(weight, scales - scale_mean) + SCALE_VARIANCE_FLOOR * np.eye(2)
    return FamilyMoments(
        origin,
        slopes @ spread @ np.swapaxes(slopes, -1, -2),
        scale_mean,
        scale_covariance,
        evidence + np.log(area),
    )


def _scatter(weight: FloatArray, offset: FloatArray) -> FloatArray:
    return np.einsum("gf,gfi,gfj->fij", weight, offset, offset)


def scale_grid(batch: Batch, centring: Centring, population: Population) -> ScaleGrid:
    """The posterior of each family's scales on a wide grid, with the mean linearised."""
    n_mean = population.n_mean
    low, step = ScaleGrid.corners(population.mean[n_mean:], population.sd[n_mean:])
    middles = ScaleGrid.middles(low, step)
    scales = np.broadcast_to(middles[:, None, :], (len(middles), len(batch.blocks), 2))
    data = batch.arrays_at(centring)
    return ScaleGrid.of_log_density(low, step, _log_evidence(centring, data, population, scales)[0])


def _log_evidence(
    centring: Centring, data: dict[str, FloatArray], population: Population, scales: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Log density (G, F) of log scales (G, F, 2) and data, the linearised parameters integrated out.

    Also mean (G, F, P) and covariance (G, F, P, P) of the straight coordinates at these scales.
    """
    precision, pull = own_information(np, scales, data)
    prior = FamilyPrior.of(np, population, data)
    joint, total = precision + prior.precision, pull + prior.pull
    covariance = np.linalg.inv(joint)
    place = np.einsum("gfij,gfj->gfi", covariance, total)
    log_variance = 2 * scales[..., 0]
    ratio = np.exp(2 * scales[..., 1] - log_variance)[..., None]
    inflated = 1 + ratio * data["eigenvalues"]
    # quadratic form of the residual that the linearised mean has at coordinates zero, and of the population there
    at_zero = centring.pull[..., None, :] @ centring.origin[..., None]
    gram_zero = centring.origin[..., None, :] @ centring.gram @ centring.origin[..., None]
    energy = centring.energy + (2 * at_zero + gram_zero)[..., 0, 0]
    projection = centring.projection + (centring.cross @ centring.origin[..., None])[..., 0]
    quadratic = (energy - (projection**2 * ratio / inflated).sum(axis=-1)) * np.exp(-log_variance)
    log_det = data["log_det"] + data["n_obs"] * (log_variance + LOG_2PI) + np.log(inflated).sum(axis=-1)
    expected = (population.mean[: population.n_mean] - centring.mean_origin)[..., None]
    expected = expected + centring.mean_slopes @ centring.origin[..., None]
    expected = (prior.covariance.whitener @ expected)[..., 0]
    log_volume = np.linalg.slogdet(centring.mean_slopes)[1] - prior.covariance.log_det
    spread = population.sd[population.n_mean :]
    scaled = (scales - population.mean[population.n_mean :]) / spread
    log_density = (
        -0.5 * (log_det + quadratic)
        - 0.5 * (expected**2).sum(axis=-1)
        + log_volume
        - 0.5 * np.linalg.slogdet(joint)[1]
        + 0.5 * (total * place).sum(axis=-1)
        - 0.5 * (scaled**2).sum(axis=-1)
        - np.log(spread).sum()
        - LOG_2PI
    )
    return log_density, place, covariance


def updated_population(
    batch: Batch, centring: Centring, moments: FamilyMoments, present: Population
) -> Population:
    """The population that the families' moments under the present one suggest."""
    offset = centring.mean_slopes @ (moments.origin - centring.origin)[..., None]
    centre = np.concatenate([centring.mean_origin + offset[..., 0], moments.scale_mean], axis=1)
    p = present.n_mean
    covariance = np.zeros((*centre.shape, centre.shape[1]))
    covariance[:, :p, :p] = moments.covariance
    covariance[:, p:, p:] = moments.scale_covariance
    families = Families.of_moments(centre, covariance, batch.data)
    return population_step(batch.spec.population_vector, families, present)


@dataclass(frozen=True, eq=False)
class _Search:
    """One state of the search for populations and coordinates."""

    batch: Batch
    population: Population
    moments: FamilyMoments

    @classmethod
    def begin(cls, spec: ModelSpec, layout: Layout, population: Population) -> _Search:
        batch = Batch.of(spec, layout)
        n_families, p = len(layout.families), population.n_mean
        params = [np.full(n_families, value) for value in population.mean[:p]]
        origin = np.stack(spec.mean.to_coordinates(np, params, batch.ends), axis=-1)
        shape = (n_families, 1)
        moments = FamilyMoments(
            origin,
            np.tile(np.diag(population.sd[:p] ** 2), (*shape, 1)),
            np.tile(population.mean[p:], shape),
            np.tile(np.diag(population.sd[p:] ** 2), (*shape, 1)),
            np.full(n_families, -np.inf),
        )
        return cls(batch, population, moments)

    def centring(self) -> Centring:
        """Coordinates where the search is."""
        now, n_mean = self.moments, self.population.n_mean
        expected, spread = self.population.mean[n_mean:], self.population.sd[n_mean:]
        return linearise(self.batch, now.origin, now.scale_mean, now.scale_covariance, expected, spread)

    def with_noise(self, inflation: FloatArray | float, excess: Excess | None) -> _Search:
        """The same place with rows whose noise is widened, and runs that lie above their law."""
        layout, spec = self.batch.layout, self.batch.spec
        level = None
        if excess is not None:
            run_variance = np.exp(2 * self.moments.scale_mean[layout.family_index, 0])
            level = (excess.mean, excess.variance / run_variance)
        changed = whitened(spec, layout, layout.shape_index, inflation, level)
        return replace(self, batch=Batch.of(spec, changed))

    def foreseen(self) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """What the population alone expects of each row: residuals, slopes, scales and prior covariance.

        These are the arguments of :func:`noise_inflation` and :func:`updated_excess`.
        """
        centring = self.centring()
        prior = FamilyPrior.of(np, self.population, self.batch.arrays_at(centring))
        covariance = np.linalg.inv(prior.precision)
        expected = (covariance @ prior.pull[..., None])[..., 0] - centring.origin
        _, rows = differentiate(self.batch, centring.origin)
        slopes = rows[1:].T
        index = self.batch.layout.family_index
        residuals = rows[0] - (slopes * expected[index]).sum(axis=1)
        return residuals, slopes, self.moments.scale_mean, covariance

    def run(self, n_rounds: int, moves_population: bool) -> _Search:
        """The state after some rounds."""
        state = self
        for _ in range(n_rounds):
            centring = state.centring()
            moments = state._damped(centring, family_moments(state.batch, centring, state.population))
            population = (
                updated_population(state.batch, centring, moments, state.population)
                if moves_population
                else state.population
            )
            state = _Search(state.batch, population, moments)
        return state

    def _damped(self, centring: Centring, proposed: FamilyMoments) -> FamilyMoments:
        """The proposal with each family's step shortened until its density does not fall."""
        step = proposed.origin - centring.origin
        shares = 0.5 ** np.arange(8.0)[:, None, None]
        points = np.concatenate([centring.origin[None], centring.origin + shares * step])
        density = self._log_density(points, proposed.scale_mean)
        better = density[1:] >= density[0] - 1e-6
        first = np.where(better.any(axis=0), better.argmax(axis=0), len(shares) - 1)
        origin = points[1 + first, np.arange(len(first))]
        return replace(proposed, origin=origin)

    def _log_density(self, points: FloatArray, scales: FloatArray) -> FloatArray:
        """Log posterior density (C, F) of straight coordinates (C, F, P) at given log scales."""
        columns, log_jacobian = self.batch.spec.mean.from_coordinates(
            np, [points[..., i] for i in range(points.shape[-1])], self.batch.ends
        )
        params = np.stack(columns, axis=-1)
        likelihood = self.batch.log_likelihood(params, scales[None])
        prior = family_covariance(np, self.population, self.batch.data)
        offset = params - self.population.mean[: self.population.n_mean]
        whitened = (prior.whitener @ offset[..., None])[..., 0]
        density = likelihood - 0.5 * (whitened**2).sum(axis=-1) + log_jacobian
        return np.where(np.isfinite(density), density, -np.inf)
