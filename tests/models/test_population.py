"""The population as one vector, and as families with rough units of loss see it."""

from __future__ import annotations

import numpy as np
import pytest

from bayes_scaling.models import ModelSpec

LEVEL, SHARES = {"log_E": 1.0}, {"log_size_share": 1.0, "log_data_share": 1.0}
EXPONENTS = {"log_alpha": 0.09, "log_beta": 0.09}


@pytest.mark.parametrize(
    ("is_foreign", "is_taught", "rough"),
    [
        (False, True, LEVEL),
        (True, False, LEVEL | SHARES),
        (True, True, LEVEL | SHARES | EXPONENTS),
    ],
)
def test_a_rough_unit_adds_its_variance_to_the_level_and_a_foreign_metric_to_the_rest_of_the_law(
    is_foreign, is_taught, rough
):
    spec = ModelSpec(unit_sd=0.7)
    vector = spec.population_vector
    standard = np.random.default_rng(0).standard_normal(vector.size)
    population = vector.unpack(np, vector.from_standard(np, standard))

    wider = population.widened(spec.roughness(np.array([True]), np.array([is_foreign]), is_taught)[0])

    before, after = (one.mean_factor @ one.mean_factor.T for one in (population, wider))
    expected = before + np.diag([0.49 * rough.get(name, 0.0) for name in spec.mean.parameter_names])
    np.testing.assert_allclose(after, expected, rtol=1e-10)
    np.testing.assert_array_equal(wider.sd[wider.n_mean :], population.sd[population.n_mean :])
    np.testing.assert_array_equal(wider.mean, population.mean)
