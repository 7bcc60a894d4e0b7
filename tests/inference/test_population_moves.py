"""What families say of a population, by sums that are taken once."""

from __future__ import annotations

import numpy as np

from bayes_scaling.inference.population_moves import Families
from bayes_scaling.models import ModelSpec, log_population_density


def test_sums_give_the_density_of_all_families_also_of_those_with_rough_units():
    spec = ModelSpec()
    vector, rng = spec.population_vector, np.random.default_rng(0)
    n_chains, n_families, p = 3, 7, vector.n_mean
    centre = vector.location[: vector.n_family]
    theta = centre + 0.3 * rng.standard_normal((n_chains, n_families, vector.n_family))
    is_rough, is_foreign = np.arange(n_families) % 3 > 0, np.arange(n_families) % 3 == 2
    roughness = spec.roughness(is_rough, is_foreign)
    kinds, kind = np.unique(roughness, axis=0, return_inverse=True)
    data = {"roughness": kinds, "rough_kind": kind}
    families = Families.of(theta, data)

    standard = rng.standard_normal((2, n_chains, vector.size))
    for population in (vector.unpack(np, vector.from_standard(np, one)) for one in standard):
        direct = log_population_density(np, population, theta[..., :p], theta[..., p:], data).sum(axis=1)
        np.testing.assert_allclose(families.log_density(population), direct, rtol=1e-10)
