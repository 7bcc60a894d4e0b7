from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from scipy import stats

from bayes_scaling.inference.linearised import prepare
from bayes_scaling.models import (
    FamilyPrior,
    ModelSpec,
    Placed,
    Population,
    kind_covariance,
    log_population_density,
    own_information,
    place,
    standardise,
)
from bayes_scaling.models.coordinates import frame_at
from tests.laws.linear import LINEAR_SPEC
from tests.models.dense import awkward_runs
from tests.simulate import Design, simulate

MODE = pytensor.compile.mode.Mode(linker="py", optimizer="fast_compile")
N_CHAINS = 6
SPECS = {
    "chinchilla": ModelSpec(),
    "without schedule": ModelSpec(schedule=False),
    "linear": LINEAR_SPEC,
}


class Case:
    """A table prepared for sampling, and chains somewhere near its posterior."""

    def __init__(self, spec: ModelSpec) -> None:
        self.spec = spec
        self.start = prepare(spec, awkward_runs())
        self.layout = self.start.batch.layout
        self.data = self.start.batch.arrays_at(self.start.centring)
        self.roughness = self.data["roughness"][self.data["rough_kind"]]
        self.ends = self.layout.ends(spec.law.inputs)
        rng = np.random.default_rng(0)
        vector = spec.population_vector
        self.standard = 0.5 * rng.standard_normal((N_CHAINS, vector.size))
        self.population = self.population_at(self.standard)
        shape = (N_CHAINS, len(self.layout.families))
        self.z = (0.5 * rng.standard_normal((*shape, 2)), 0.5 * rng.standard_normal((*shape, vector.n_mean)))

    def population_at(self, standard: np.ndarray) -> Population:
        vector = self.spec.population_vector
        return vector.unpack(np, vector.from_standard(np, standard))

    def prior(self, population: Population | None = None) -> FamilyPrior:
        return FamilyPrior.of(np, population or self.population, self.data)

    def place(self, z: tuple[np.ndarray, np.ndarray], population: Population | None = None):
        return place(np, self.spec.mean, self.prior(population), z, self.data, self.ends)

    def density(self, placed: Placed) -> np.ndarray:
        """Of families under the population, (C, F)."""
        covariance = self.prior().covariance
        return log_population_density(np, self.population, covariance, placed.params, placed.scales)


@pytest.fixture(scope="module", params=SPECS)
def case(request) -> Case:
    return Case(SPECS[request.param])


def test_standardised_variables_survive_the_round_trip(case):
    placed = case.place(case.z)

    back = standardise(case.spec.mean, case.prior(), placed.params, placed.scales, case.data, case.ends)

    for found, given in zip((back.scales, back.mean), case.z, strict=True):
        np.testing.assert_allclose(found, given, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(back.log_volume, placed.log_volume, rtol=1e-8, atol=1e-8)


def test_parameters_survive_the_round_trip_under_another_population(case):
    """The same families stand for other standardised variables when the population has moved."""
    placed = case.place(case.z)
    other = case.population_at(case.standard[::-1])

    z = standardise(case.spec.mean, case.prior(other), placed.params, placed.scales, case.data, case.ends)
    again = case.place((z.scales, z.mean), other)

    assert not np.allclose(z.mean, case.z[1], atol=1e-3)
    np.testing.assert_allclose(again.params, placed.params, rtol=1e-7, atol=1e-8)
    np.testing.assert_allclose(again.scales, placed.scales, rtol=1e-10)


def test_numpy_with_many_chains_is_pytensor_with_each(case):
    many = case.place(case.z)

    for chain in range(2):
        one = Population(
            pt.as_tensor(case.population.mean[chain]),
            pt.as_tensor(case.population.sd[chain]),
            pt.as_tensor(case.population.correlation_factor[chain]),
            case.population.n_mean,
        )
        data = {name: pt.as_tensor(values) for name, values in case.data.items() if "rough" not in name}
        data |= {name: case.data[name] for name in ("roughness", "rough_kind")}
        z = tuple(pt.as_tensor(part[chain]) for part in case.z)
        prior = FamilyPrior.of(pt, one, data)
        placed = place(pt, case.spec.mean, prior, z, data, case.ends)
        density = log_population_density(pt, one, prior.covariance, placed.params, placed.scales)
        outputs = [placed.params, placed.scales, placed.log_volume, density]
        params, scales, log_volume, log_density = pytensor.function([], outputs, mode=MODE)()

        np.testing.assert_allclose(params, many.params[chain], rtol=1e-8, atol=1e-10)
        np.testing.assert_allclose(scales, many.scales[chain], rtol=1e-10)
        np.testing.assert_allclose(log_volume, many.log_volume[chain], rtol=1e-8)
        np.testing.assert_allclose(log_density, case.density(many)[chain], rtol=1e-8)


def test_the_volume_is_that_of_the_map(case):
    """Up to a constant of each family: differences between chains are those of the determinants."""
    centre = np.concatenate(case.z, axis=-1)
    size = centre.shape[-1]
    columns = []
    for step in 1e-5 * np.eye(size):
        ends = [case.place((z[..., :2], z[..., 2:])) for z in (centre + step, centre - step)]
        high, low = (np.concatenate([one.params, one.scales], axis=-1) for one in ends)
        columns.append((high - low) / 2e-5)
    determinants = np.linalg.slogdet(np.stack(columns, axis=-1))[1]

    left = case.place(case.z).log_volume - determinants

    np.testing.assert_allclose(left, np.broadcast_to(left[:1], left.shape), atol=1e-5)


def test_the_density_of_families_is_normal(case):
    placed = case.place(case.z)

    found = case.density(placed)

    expected = np.empty(found.shape)
    for chain in range(N_CHAINS):
        mean, sd = case.population.mean[chain], case.population.sd[chain]
        n_mean, factor = case.population.n_mean, case.population.mean_factor[chain]
        for family, level in enumerate(case.roughness):
            params = stats.multivariate_normal(mean[:n_mean], factor @ factor.T + np.diag(level**2))
            expected[chain, family] = params.logpdf(placed.params[chain, family])
        expected[chain] += stats.norm.logpdf(placed.scales[chain], mean[n_mean:], sd[n_mean:]).sum(axis=-1)
    left = found - expected
    np.testing.assert_allclose(left, left[0, 0], atol=1e-6)


# --- a linear law, with which the coordinates are exact ---------------------------------------


def test_with_a_linear_law_the_posterior_is_standard_normal_in_the_coordinates_of_the_mean():
    case = Case(SPECS["linear"])
    rng = np.random.default_rng(1)
    left = []
    for _ in range(3):
        z_mean = rng.standard_normal(case.z[1].shape)
        placed = case.place((case.z[0], z_mean))
        density = case.density(placed) + placed.log_volume
        density = density + case.start.batch.log_likelihood(placed.params, placed.scales)
        left.append(density + 0.5 * (z_mean**2).sum(axis=-1))

    # given scales and population nothing is left; the step of the differences bounds the precision
    np.testing.assert_allclose(left[1], left[0], rtol=1e-6, atol=1e-4)
    np.testing.assert_allclose(left[2], left[0], rtol=1e-6, atol=1e-4)


def test_a_family_that_says_nothing_is_where_its_population_is():
    """Under noise that drowns it, the frame is that of the population."""
    case = Case(SPECS["linear"])
    drowned = np.full((*case.z[0].shape[:-1], 2), np.log([1e6, 1e-6]))

    frame = frame_at(np, case.prior(), drowned, case.data)

    n_mean = case.population.n_mean
    expected = np.broadcast_to(case.population.mean[:, None, :n_mean], frame.centre.shape)
    np.testing.assert_allclose(frame.centre, expected, atol=1e-6)
    shared = case.population.mean_factor @ np.swapaxes(case.population.mean_factor, -1, -2)
    covariance = shared[:, None] + [np.diag(rough**2) for rough in case.roughness]
    found = np.linalg.inv(frame.factor @ np.swapaxes(frame.factor, -1, -2))
    np.testing.assert_allclose(found, covariance, rtol=1e-5, atol=1e-10)


def test_information_is_the_curvature_of_the_log_likelihood():
    """For a linear mean: second differences of the dense likelihood, and its slope at the origin."""
    spec = SPECS["linear"]
    runs = simulate(1, design=Design(sizes=(1e8, 1e9), n_seeds=1, n_checkpoints=6), seed=2).runs
    start = prepare(replace(spec, robust=False), runs)
    scales = np.log([[0.01, 0.02]])
    data = start.batch.arrays_at(start.centring)

    precision, pull = own_information(np, scales, data)

    params = np.linalg.solve(precision[0], pull[0])
    steps = 0.01 * np.eye(4)

    def likelihood(offset: np.ndarray) -> float:
        return start.batch.log_likelihood((params + offset)[None, None], scales[None])[0, 0]

    hessian = [
        [
            (likelihood(a + b) - likelihood(a - b) - likelihood(b - a) + likelihood(-a - b)) / 4e-4
            for a in steps
        ]
        for b in steps
    ]
    np.testing.assert_allclose(-np.array(hessian), precision[0], rtol=1e-4)
    # at its own peak, the likelihood does not rise in any direction
    slope = [(likelihood(step) - likelihood(-step)) / 0.02 for step in steps]
    np.testing.assert_allclose(slope / np.sqrt(np.diag(precision[0])), 0, atol=1e-3)


def test_the_population_s_information_is_its_normal_distribution_in_straight_coordinates(case):
    """At the origin, in any law: precision S'PS and pull S'P(mu - theta0 + S u0)."""
    precision, pull = case.prior().precision, case.prior().pull

    for chain, family in ((0, 0), (3, 4)):
        factor, slopes = case.population.mean_factor[chain], case.data["mean_slopes"][family]
        level = case.roughness[family]
        inverse = np.linalg.inv(factor @ factor.T + np.diag(level**2))
        offset = case.population.mean[chain, : case.population.n_mean] - case.data["mean_origin"][family]
        np.testing.assert_allclose(
            precision[chain, family], slopes.T @ inverse @ slopes, rtol=1e-8, atol=1e-6
        )
        expected = slopes.T @ inverse @ (offset + slopes @ case.data["origin"][family])
        np.testing.assert_allclose(pull[chain, family], expected, rtol=1e-7, atol=1e-6)


@pytest.mark.parametrize("size", [0.0, 1.0, 1e4])
def test_families_are_whitened_by_their_own_covariance(case, size):
    n_mean = case.population.n_mean
    roughness = np.zeros((3, n_mean))
    roughness[1, 0], roughness[2, [0, 1, n_mean - 1]] = size, [size, 0.5 * size, 2.0]

    found = kind_covariance(np, case.population, roughness)

    factor = case.population.mean_factor[:, None]
    covariance = factor @ np.swapaxes(factor, -1, -2) + [np.diag(rough**2) for rough in roughness]
    identity = found.whitener @ covariance @ np.swapaxes(found.whitener, -1, -2)
    np.testing.assert_allclose(identity, np.broadcast_to(np.eye(n_mean), identity.shape), atol=1e-6)
    log_det = np.linalg.slogdet(covariance)[1]
    np.testing.assert_allclose(2 * np.broadcast_to(found.log_det, log_det.shape), log_det, rtol=1e-6)
