"""The population that families' moments suggest, against brute force and against a known truth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from bayes_scaling.inference.population_density import Families
from bayes_scaling.inference.population_step import expected_density, population_step
from bayes_scaling.models import ModelSpec

VECTOR = ModelSpec().population_vector
P, Q = VECTOR.n_mean, VECTOR.n_family
ROUGHNESS = np.array([np.zeros(P), np.r_[0.7, 0.5, 0.2, np.zeros(P - 3)]])


def moments(n_families: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Means, covariances and kinds of some families."""
    rng = np.random.default_rng(seed)
    means = VECTOR.location[:Q] + 0.3 * rng.standard_normal((n_families, Q))
    roots = 0.1 * rng.standard_normal((n_families, Q, Q))
    return means, roots @ np.swapaxes(roots, 1, 2), rng.integers(0, 2, n_families)


def sums_of(means: np.ndarray, covariances: np.ndarray, kind: np.ndarray) -> Families:
    return Families.of_moments(means, covariances, {"roughness": ROUGHNESS, "rough_kind": kind})


def test_the_expected_density_is_that_of_the_families_one_by_one():
    means, covariances, kind = moments(9)
    sums = sums_of(means, covariances, kind)
    rng = np.random.default_rng(1)

    def direct(standard):
        population = VECTOR.unpack(np, VECTOR.from_standard(np, standard))
        value = -0.5 * standard @ standard
        for mean, covariance, number in zip(means, covariances, kind, strict=True):
            own = np.diag(population.sd**2)
            factor = population.mean_factor
            own[:P, :P] = factor @ factor.T + np.diag(ROUGHNESS[number] ** 2)
            # scales do not go with the parameters of the mean, whatever a family's moments say
            value += multivariate_normal(population.mean, own).logpdf(mean)
            value -= 0.5 * np.trace(np.linalg.inv(own) @ covariance)
        return value

    one, other = 0.5 * rng.standard_normal((2, VECTOR.size))
    assert expected_density(VECTOR, sums, one)[0] - expected_density(VECTOR, sums, other)[0] == pytest.approx(
        direct(one) - direct(other), rel=1e-9
    )


@pytest.mark.parametrize("is_correlated", [False, True])
def test_the_slope_is_that_of_the_density(is_correlated):
    rng = np.random.default_rng(2)
    factor = VECTOR.factor.copy()
    if is_correlated:
        factor += np.tril(0.05 * rng.standard_normal(factor.shape), -1)
    vector = replace(VECTOR, factor=factor)
    sums = sums_of(*moments(9))
    where = 0.5 * rng.standard_normal(vector.size)

    slope = expected_density(vector, sums, where)[1]

    steps = 1e-5 * np.eye(vector.size)
    values = [[expected_density(vector, sums, where + sign * step)[0] for sign in (1, -1)] for step in steps]
    np.testing.assert_allclose(slope, np.diff(values, axis=1)[:, 0] / -2e-5, atol=1e-5)


def test_steps_lead_to_the_mode():
    sums = sums_of(*moments(40))
    population = VECTOR.unpack(np, VECTOR.location)

    for _ in range(8):
        population = population_step(VECTOR, sums, population)

    standard = VECTOR.to_standard(VECTOR.pack(population))
    assert np.abs(expected_density(VECTOR, sums, standard)[1]).max() < 0.01


@pytest.mark.parametrize("moment", [np.nan, 1e100])
def test_moments_beyond_all_reason_leave_the_population_where_it_is_or_finite(moment):
    means, covariances, kind = moments(9)
    means[0, 0] = moment
    present = VECTOR.unpack(np, VECTOR.location)

    found = population_step(VECTOR, sums_of(means, covariances, kind), present)

    assert np.isfinite(VECTOR.pack(found)).all()


def test_the_prior_of_a_location_weighs_as_the_spread_that_was_found_lets_it():
    """Families that differ more than the prior expects say less of their mean, however little it expected."""
    means, covariances, kind = moments(40)
    offsets = 0.9 * np.linspace(-1.7, 1.7, 40)
    means[:, -1] = VECTOR.location[Q - 1] + 1.5 + offsets
    sums = sums_of(means, 1e-6 * covariances, kind)
    population = VECTOR.unpack(np, VECTOR.location)

    for _ in range(8):
        population = population_step(VECTOR, sums, population)

    assert population.sd[-1] == pytest.approx(np.std(means[:, -1]), rel=0.2)
    prior_weight = 1 / VECTOR.factor[Q - 1, Q - 1] ** 2
    own_weight = 40 / population.sd[-1] ** 2
    assert population.mean[-1] - VECTOR.location[Q - 1] == pytest.approx(
        1.5 * own_weight / (own_weight + prior_weight), abs=0.01
    )
