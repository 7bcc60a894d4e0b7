"""Steps of families that know nothing of slopes."""

from __future__ import annotations

import numpy as np
import pytest

from bayes_scaling.inference.family_moves import along_differences, towards_population
from bayes_scaling.models import ModelSpec, Population, family_covariance

N_CHAINS = 4000


@pytest.fixture(scope="module")
def population() -> Population:
    """One for all chains, with correlations."""
    vector = ModelSpec().population_vector
    standard = np.random.default_rng(3).standard_normal(vector.size)
    one = vector.unpack(np, vector.from_standard(np, standard))
    return Population(
        *(np.tile(part, (N_CHAINS, *[1] * part.ndim)) for part in (one.mean, one.sd)),
        np.tile(one.correlation_factor, (N_CHAINS, 1, 1)),
        one.n_mean,
    )


def rough_data(n_mean: int) -> dict[str, np.ndarray]:
    """Two families, the second of a rough unit."""
    return {"roughness": np.vstack([np.zeros(n_mean), np.eye(n_mean)[0]]), "rough_kind": np.array([0, 1])}


def test_families_without_data_stay_draws_of_their_population(population):
    rng, p = np.random.default_rng(0), population.n_mean
    data = rough_data(p)
    factor = population.mean_factor[0]
    covariances = [factor @ factor.T + np.diag(rough**2) for rough in data["roughness"]]
    centre = population.mean[0, :p]
    params = np.stack([rng.multivariate_normal(centre, one, N_CHAINS) for one in covariances], axis=1)

    covariance = family_covariance(np, population, data)
    before = params.copy()
    for _ in range(60):
        params = towards_population(rng, population, covariance, params)

    for family, covariance in enumerate(covariances):
        sd = np.sqrt(np.diag(covariance))
        np.testing.assert_array_less(np.abs(params[:, family].mean(axis=0) - centre) / sd, 0.06)
        found = np.cov(((params[:, family] - centre) / sd).T)
        np.testing.assert_allclose(found, covariance / np.outer(sd, sd), atol=0.08)
        # and they have forgotten where they were
        kept = [np.corrcoef(before[:, family, i], params[:, family, i])[0, 1] for i in range(p)]
        assert np.max(np.abs(kept)) < 0.5


def test_a_step_moves_one_parameter_of_each_family(population):
    rng, p = np.random.default_rng(1), population.n_mean
    params = rng.standard_normal((N_CHAINS, 2, p))

    covariance = family_covariance(np, population, rough_data(p))
    moved = towards_population(rng, population, covariance, params)

    assert ((moved != params).sum(axis=-1) == 1).all()


def test_steps_along_differences_are_along_those_of_the_others():
    rng = np.random.default_rng(2)
    theta = rng.standard_normal((6, 3, 5))
    direction = rng.standard_normal((3, 5))
    others = rng.standard_normal((8, 3, 1)) * direction

    step = along_differences(rng, theta, others) - theta

    across = step - (step * direction).sum(-1, keepdims=True) * direction / (direction**2).sum(-1)[:, None]
    assert np.abs(across).max() < 1e-3 < np.abs(step).max(axis=-1).min()
