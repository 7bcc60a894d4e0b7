"""The PyMC model against the density that it is meant to have, evaluated by hand."""

from __future__ import annotations

import numpy as np
import pymc as pm
import pytest
from pytensor.compile.mode import Mode
from scipy import stats

from bayes_scaling.inference.centring import prepare
from bayes_scaling.inference.family_modes import FamilyObjective
from bayes_scaling.models import ModelSpec, build_model, family_log_likelihood
from tests.simulate import Design, simulate

SPEC = ModelSpec()
DESIGN = Design(sizes=(1e8, 1e9, 1e10), n_seeds=1, n_checkpoints=4)
INTERPRETED = Mode(linker="py", optimizer="fast_compile")
"""Slow to run and quick to build: each function here is called a few times."""

pytestmark = pytest.mark.filterwarnings("ignore:PyTensor could not link to a BLAS")


class Density:
    """A model as a function of the values of its variables."""

    def __init__(self, model: pm.Model) -> None:
        names = ["population_mean", "population_sd", "law_correlation"]
        names += [f"{name}_family" for name in SPEC.family_parameters]
        outputs = model.replace_rvs_by_values([model[name] for name in names])
        self.function = model.compile_fn([model.logp(), *outputs], inputs=model.value_vars, mode=INTERPRETED)
        self.start = model.initial_point()
        self.z_names = [name for name in self.start if name.startswith("z_")]

    def __call__(self, point: dict[str, np.ndarray]) -> tuple[float, np.ndarray, tuple[np.ndarray, ...]]:
        """Log density in the sampler's coordinates, family parameters (F, P), and the population."""
        log_density, mean, sd, correlation, *families = self.function(point)
        return float(log_density), np.stack(families, axis=-1), (mean, sd, correlation)

    def log_jacobian(self, point: dict[str, np.ndarray]) -> float:
        """Log volume of the map from the sampler's coordinates of families to their parameters."""
        sizes = [point[name].size for name in self.z_names]
        z = np.concatenate([point[name].ravel() for name in self.z_names])

        def theta(values: np.ndarray) -> np.ndarray:
            parts = np.split(values, np.cumsum(sizes)[:-1])
            moved = {
                name: part.reshape(point[name].shape) for name, part in zip(self.z_names, parts, strict=True)
            }
            return self(point | moved)[1].ravel()

        step = 1e-4 * np.eye(len(z))
        columns = [(theta(z + one) - theta(z - one)) / 2e-4 for one in step]
        return float(np.linalg.slogdet(np.array(columns))[1])


def by_hand(layout, theta: np.ndarray, population: tuple[np.ndarray, ...]) -> float:
    """Log density of families given the population, and of losses given families."""
    mean, sd, correlation = population
    n_law = len(SPEC.law.parameters)
    law_covariance = np.outer(sd[:n_law], sd[:n_law]) * correlation
    named = {name: theta[:, position] for position, name in enumerate(SPEC.family_parameters)}
    return (
        stats.multivariate_normal.logpdf(theta[:, :n_law], mean[:n_law], law_covariance).sum()
        + stats.norm.logpdf(theta[:, n_law:], mean[n_law:], sd[n_law:]).sum()
        + family_log_likelihood(np, SPEC.law, named, layout.arrays()).sum()
    )


def random_point(start: dict[str, np.ndarray], seed: int) -> dict[str, np.ndarray]:
    """A point near the start; the prior's own coordinates stay, since their density is PyMC's business."""
    rng = np.random.default_rng(seed)
    moved = [name for name in start if name.startswith("z_")]
    return start | {name: 0.7 * rng.standard_normal(start[name].shape) for name in moved}


@pytest.fixture(scope="module")
def runs():
    return simulate(2, design=DESIGN, seed=1).runs


@pytest.fixture(scope="module")
def prepared(runs):
    """The arrays of the runs, and coordinates made for them."""
    return prepare(FamilyObjective(SPEC), runs)


@pytest.fixture(scope="module")
def model(prepared):
    return build_model(SPEC, *prepared)


@pytest.fixture(scope="module")
def density(model):
    return Density(model)


@pytest.fixture(scope="module")
def density_elsewhere(prepared):
    """The same model in coordinates that were made for quite other runs."""
    _, foreign = prepare(FamilyObjective(SPEC), simulate(2, design=DESIGN, seed=2).runs)
    return Density(build_model(SPEC, prepared[0], foreign))


def test_the_model_names_its_variables_and_their_dimensions(model, runs):
    families = {f"{name}_family": ("family",) for name in SPEC.family_parameters}
    dims = families | {
        "population_mean": ("parameter",),
        "population_sd": ("parameter",),
        "law_correlation": ("law_parameter", "law_parameter_"),
    }

    assert {name: model.named_vars_to_dims[name] for name in dims} == dims
    assert model.coords["family"] == runs.families
    assert model.coords["parameter"] == SPEC.family_parameters
    assert model.coords["law_parameter"] == SPEC.law.parameter_names


def test_nothing_is_observed_twice_or_sampled(model):
    assert model.observed_RVs == []
    assert len(model.free_RVs) == len(model.value_vars) == 5


def test_the_start_has_a_finite_density_and_gradient(model, density):
    log_density, theta, population = density(density.start)
    gradient = model.compile_dlogp(mode=INTERPRETED)(density.start)

    assert np.isfinite(log_density)
    assert np.all(np.isfinite(theta))
    assert all(np.all(np.isfinite(values)) for values in population)
    assert np.all(np.isfinite(gradient))
    assert np.any(gradient != 0)


@pytest.mark.parametrize("coordinates", ["density", "density_elsewhere"])
def test_the_coordinates_change_nothing_but_the_volume(coordinates, prepared, request):
    density = request.getfixturevalue(coordinates)
    left = []
    for point in (random_point(density.start, seed) for seed in range(4)):
        log_density, theta, population = density(point)
        left.append(log_density - density.log_jacobian(point) - by_hand(prepared[0], theta, population))

    # the prior of the population and constants, the same at all points
    np.testing.assert_allclose(left, left[0], atol=1e-6)


def test_the_population_has_its_prior(prepared, density):
    points = [density.start, density.start | {"population_mean_z": np.linspace(-1, 1, 7)}]
    points.append(density.start | {"population_sd_z": np.linspace(-1, 2, 7)})
    left = []
    for point in points:
        log_density, theta, population = density(point)
        prior = stats.norm.logpdf(point["population_mean_z"]).sum()
        prior += stats.norm.logpdf(point["population_sd_z"]).sum()
        left.append(
            log_density - density.log_jacobian(point) - by_hand(prepared[0], theta, population) - prior
        )

    np.testing.assert_allclose(left, left[0], atol=1e-4)


def test_the_population_is_on_the_scale_of_its_prior(density):
    priors = [SPEC.priors.parameters[name] for name in SPEC.family_parameters]
    mean_z, sd_z = np.linspace(-1, 1, 7), np.linspace(2, -2, 7)

    _, _, (mean, sd, _) = density(density.start | {"population_mean_z": mean_z, "population_sd_z": sd_z})

    np.testing.assert_allclose(
        mean, [prior.location + z * prior.location_sd for prior, z in zip(priors, mean_z, strict=True)]
    )
    np.testing.assert_allclose(
        sd, [prior.spread * prior.spread_factor**z for prior, z in zip(priors, sd_z, strict=True)]
    )
