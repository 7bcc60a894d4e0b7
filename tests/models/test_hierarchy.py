"""The PyMC model against the density that it is meant to have, evaluated by hand."""

from __future__ import annotations

import numpy as np
import pymc as pm
import pytest
from pytensor.compile.mode import Mode
from scipy import stats

from bayes_scaling.inference.linearised import prepare
from bayes_scaling.inference.tangent import linearise
from bayes_scaling.models import ModelSpec, Whitening, build_model
from tests.models.dense import dense_log_likelihood, split
from tests.simulate import Design, simulate

SPEC = ModelSpec()
DESIGN = Design(sizes=(1e8, 1e9, 1e10), n_seeds=1, n_checkpoints=4)
INTERPRETED = Mode(linker="py", optimizer="fast_compile")
"""Slow to run and quick to build: each function here is called a few times."""

pytestmark = pytest.mark.filterwarnings("ignore:PyTensor could not link to a BLAS")


class Density:
    """A model as a function of the values of its variables."""

    def __init__(self, model: pm.Model) -> None:
        names = ["population_mean", "population_sd", "mean_correlation"]
        names += [f"{name}_family" for name in SPEC.family_parameters]
        outputs = model.replace_rvs_by_values([model[name] for name in names])
        self.function = model.compile_fn([model.logp(), *outputs], inputs=model.value_vars, mode=INTERPRETED)
        self.start = model.initial_point()

    def __call__(self, point: dict[str, np.ndarray]) -> tuple[float, np.ndarray, tuple[np.ndarray, ...]]:
        """Log density in the sampler's coordinates, family parameters (F, P), and the population."""
        log_density, mean, sd, correlation, *families = self.function(point)
        return float(log_density), np.stack(families, axis=-1), (mean, sd, correlation)

    def log_jacobian(self, point: dict[str, np.ndarray]) -> float:
        """Log volume of the map from the sampler's coordinates of families to their parameters."""
        z = point["z_family"].ravel()

        def theta(values: np.ndarray) -> np.ndarray:
            return self(point | {"z_family": values.reshape(point["z_family"].shape)})[1].ravel()

        step = 1e-4 * np.eye(len(z))
        columns = [(theta(z + one) - theta(z - one)) / 2e-4 for one in step]
        return float(np.linalg.slogdet(np.array(columns))[1])


def by_hand(layout, theta: np.ndarray, population: tuple[np.ndarray, ...]) -> float:
    """Log density of families given the population, and of losses given families."""
    mean, sd, correlation = population
    n_mean = len(correlation)
    covariance = np.outer(sd[:n_mean], sd[:n_mean]) * correlation
    params, scales = split(theta)
    return (
        stats.multivariate_normal.logpdf(params, mean[:n_mean], covariance).sum()
        + stats.norm.logpdf(scales, mean[n_mean:], sd[n_mean:]).sum()
        + dense_log_likelihood(SPEC, layout, theta).sum()
    )


def random_point(start: dict[str, np.ndarray], seed: int) -> dict[str, np.ndarray]:
    """A point near the start, population and families moved."""
    rng = np.random.default_rng(seed)
    return {name: 0.7 * rng.standard_normal(values.shape) for name, values in start.items()}


@pytest.fixture(scope="module")
def runs():
    return simulate(2, design=DESIGN, seed=1).runs


@pytest.fixture(scope="module")
def prepared(runs):
    """The arrays of the runs, and coordinates made for them."""
    return prepare(SPEC, runs)


@pytest.fixture(scope="module")
def model(prepared):
    return build_model(SPEC, prepared.batch.layout, prepared.centring)


@pytest.fixture(scope="module")
def density(model):
    return Density(model)


@pytest.fixture(scope="module")
def density_elsewhere(prepared):
    """The same model in coordinates that are linearised where quite other runs would lie."""
    other = prepare(SPEC, simulate(2, design=DESIGN, seed=2).runs).moments
    foreign = linearise(
        prepared.batch,
        other.origin,
        other.scale_mean + 0.5,
        2 * other.scale_covariance,
        np.array([-4.0, -5.0]),
        np.array([0.3, 2.0]),
    )
    return Density(build_model(SPEC, prepared.batch.layout, foreign))


@pytest.fixture(scope="module")
def whitening():
    """Locations and factors that no draws ever gave."""
    rng = np.random.default_rng(7)
    n_population, n_family = SPEC.population_vector.size, len(SPEC.family_parameters)
    families = rng.standard_normal((60, 2, n_family)) @ rng.normal(0, 0.4, (n_family, n_family))
    population = 0.3 + rng.standard_normal((200, n_population)) * rng.uniform(0.5, 1.5, n_population)
    return Whitening.of_draws(population, families)


@pytest.fixture(scope="module")
def density_whitened(prepared, whitening):
    return Density(build_model(SPEC, prepared.batch.layout, prepared.centring, whitening))


def test_the_model_names_its_variables_and_their_dimensions(model, runs):
    families = {f"{name}_family": ("family",) for name in SPEC.family_parameters}
    dims = families | {
        "population_mean": ("parameter",),
        "population_sd": ("parameter",),
        "mean_correlation": ("mean_parameter", "mean_parameter_"),
    }

    assert {name: model.named_vars_to_dims[name] for name in dims} == dims
    assert model.coords["family"] == runs.families
    assert model.coords["parameter"] == SPEC.family_parameters
    assert model.coords["mean_parameter"] == SPEC.mean.parameter_names


def test_nothing_is_observed_twice_or_sampled(model):
    assert model.observed_RVs == []
    assert [variable.name for variable in model.free_RVs] == ["z_population", "z_family"]
    assert len(model.value_vars) == 2


def test_the_start_has_a_finite_density_and_gradient(model, density):
    log_density, theta, population = density(density.start)
    gradient = model.compile_dlogp(mode=INTERPRETED)(density.start)

    assert np.isfinite(log_density)
    assert np.all(np.isfinite(theta))
    assert all(np.all(np.isfinite(values)) for values in population)
    assert np.all(np.isfinite(gradient))
    assert np.any(gradient != 0)


def standard_population(point: dict[str, np.ndarray], whitening: Whitening | None) -> np.ndarray:
    """The standard normal variables of the population before the last change of variables."""
    if whitening is None:
        return point["z_population"]
    return whitening.population_location + whitening.population_factor @ point["z_population"]


@pytest.mark.parametrize("coordinates", ["density", "density_elsewhere", "density_whitened"])
def test_the_coordinates_change_nothing_but_the_volume(coordinates, prepared, whitening, request):
    density = request.getfixturevalue(coordinates)
    used = whitening if coordinates == "density_whitened" else None
    left = []
    for point in (random_point(density.start, seed) for seed in range(4)):
        log_density, theta, population = density(point)
        prior = stats.norm.logpdf(standard_population(point, used)).sum()
        by_layout = by_hand(prepared.batch.layout, theta, population)
        left.append(log_density - density.log_jacobian(point) - by_layout - prior)

    # constants, the same at all points
    np.testing.assert_allclose(left, left[0], atol=1e-5)


def test_the_population_is_on_the_scale_of_its_prior(density):
    priors = [SPEC.priors.parameters[name] for name in SPEC.family_parameters]
    mean_z, sd_z, below_z = np.linspace(-1, 1, 8), np.linspace(2, -2, 8), np.linspace(-2, 2, 15)

    z_population = np.concatenate([mean_z, sd_z, below_z])
    _, _, (mean, sd, correlation) = density(density.start | {"z_population": z_population})

    np.testing.assert_allclose(
        mean, [prior.location + z * prior.location_sd for prior, z in zip(priors, mean_z, strict=True)]
    )
    np.testing.assert_allclose(
        sd, [prior.spread * prior.spread_factor**z for prior, z in zip(priors, sd_z, strict=True)]
    )
    rows = np.eye(6)
    rows[np.tril_indices(6, -1)] = SPEC.priors.correlation_sd * below_z
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    np.testing.assert_allclose(correlation, rows @ rows.T, atol=1e-12)
