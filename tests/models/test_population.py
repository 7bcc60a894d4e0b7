"""The population as one vector, and as families with rough units of loss see it."""

from __future__ import annotations

import numpy as np

from bayes_scaling.models import ModelSpec


def test_a_rough_unit_adds_its_variance_to_the_level_alone():
    spec = ModelSpec()
    vector = spec.population_vector
    standard = np.random.default_rng(0).standard_normal(vector.size)
    population = vector.unpack(np, vector.from_standard(np, standard))

    wider = population.widened(spec.level_sd(np.array([True]))[0])

    before, after = (one.mean_factor @ one.mean_factor.T for one in (population, wider))
    expected = before.copy()
    expected[0, 0] += spec.unit_sd**2
    np.testing.assert_allclose(after, expected, rtol=1e-10)
    np.testing.assert_array_equal(wider.sd[wider.n_mean :], population.sd[population.n_mean :])
    np.testing.assert_array_equal(wider.mean, population.mean)
