from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from bayes_scaling.memorisation.profile_density import ProfileDensity
from bayes_scaling.memorisation.profile_draws import SeenEffects
from bayes_scaling.memorisation.profile_kernel import ProfileCells, contrasts
from bayes_scaling.memorisation.profile_model import build_profile_model
from bayes_scaling.memorisation.profile_priors import Distribution, ParameterPrior, priors_for

LAG, PLACE = np.log1p([0.0, 1.0, 2.0, 0.0, 1.0]), np.array([0.3, 0.3, 0.3, 0.7, 0.7])


def density_of(log_size):
    """Five cells of each model, with made-up estimates and errors that go together."""
    n_models = len(log_size)
    model, cell = np.repeat(np.arange(n_models), 5), np.tile(np.arange(5), n_models)
    cells = ProfileCells(LAG, PLACE, cell, model, np.array(log_size))
    estimate = np.random.default_rng(1).normal(1.0, 0.4, size=len(cell))
    return ProfileDensity(SeenEffects(estimate, 0.1 * np.eye(len(cell)) + 0.02), cells)


def pymc_point(density, coordinates):
    """Where PyMC has its variables at these coordinates: logarithms of what is positive."""
    parameters, n_models = density.parameters(coordinates), len(density.cells.log_size)
    names = {
        name: name if prior.distribution is Distribution.NORMAL else f"{name}_log__"
        for name, prior in priors_for(n_models).items()
    }
    point = {
        inner: parameters[name] if inner == name else np.log(parameters[name])
        for name, inner in names.items()
    }
    if n_models > 1:
        point["scale_contrast"] = contrasts(n_models) @ parameters["log_scale"]
    return point


def log_volume(density, coordinates):
    """Log determinant of the derivative of PyMC's variables by the coordinates."""
    step = 1e-5
    columns = []
    for direction in step * np.eye(len(coordinates)):
        above, below = (pymc_point(density, coordinates + side * direction) for side in (1, -1))
        columns.append(np.hstack([(above[name] - below[name]) / (2 * step) for name in above]))
    return np.linalg.slogdet(np.array(columns))[1]


@pytest.mark.parametrize("log_size", [[0.0], [-1.0, 0.2, 0.8]])
def test_it_is_the_density_of_the_pymc_model(log_size):
    density = density_of(log_size)
    model = build_profile_model(density.seen.estimate, density.seen.covariance, density.cells)
    function = model.compile_logp()
    points = np.random.default_rng(2).normal(size=(6, density.n_coordinates))

    expected = [function(pymc_point(density, point)) + log_volume(density, point) for point in points]

    difference = density.log_density(points) - expected
    assert len(set(pymc_point(density, points[0])) ^ {var.name for var in model.value_vars}) == 0
    assert np.ptp(expected) > 1.0
    np.testing.assert_allclose(difference, difference[0], atol=1e-5)


@pytest.mark.parametrize(
    ("prior", "reference"),
    [
        (ParameterPrior(Distribution.NORMAL, 2.0, 1.0), stats.norm(1.0, 2.0)),
        (ParameterPrior(Distribution.HALF_NORMAL, 0.7), stats.halfnorm(scale=0.7)),
        (ParameterPrior(Distribution.LOG_NORMAL, 0.5, np.log(0.3)), stats.lognorm(0.5, scale=0.3)),
    ],
)
def test_values_have_the_prior_quantiles_of_standard_normal_numbers(prior, reference):
    standard = np.array([-3.0, -0.5, 0.0, 2.0, 6.0])

    np.testing.assert_allclose(reference.logsf(prior.value(standard)), stats.norm.logsf(standard), rtol=1e-6)


def test_every_prior_states_its_reason():
    assert all(prior.reason for prior in priors_for(2).values())


def test_draws_have_the_names_and_dimensions_that_nuts_gives():
    found = density_of([-1.0, 0.2, 0.8]).dataset(np.zeros((2, 7, 12)))

    assert found["log_scale"].dims == ("chain", "draw", "model")
    assert {name for name in found.data_vars if found[name].dims == ("chain", "draw")} == {
        "mean_sd",
        *priors_for(3),
    }
    assert dict(found.sizes) == {"chain": 2, "draw": 7, "model": 3}


@pytest.mark.parametrize("far", [-1.0, 1.0])
def test_far_from_all_sense_the_density_is_zero(far):
    density = density_of([-1.0, 0.2, 0.8])
    middle, priors, scales = np.zeros(12), np.zeros(12), np.zeros(12)
    priors[:10], scales[10:] = 2000.0 * far, 1e6 * far

    found = density.log_density(np.array([middle, priors, scales]))

    assert np.isfinite(found[0])
    assert (found[1:] == -np.inf).all()
