from __future__ import annotations

import numpy as np
import pytest

from bayes_scaling import InputError
from bayes_scaling.inference import draw_prior
from bayes_scaling.models import ModelSpec

SPEC = ModelSpec()
N_DRAWS = 4000


@pytest.fixture(scope="module")
def prior():
    return draw_prior(SPEC, n_draws=N_DRAWS, seed=3)


def test_it_is_a_posterior_without_families(prior):
    assert prior.families == ()
    assert prior.n_draws == N_DRAWS
    assert prior.method == "prior"
    assert prior.observed.empty


def test_the_population_is_drawn_from_its_priors(prior):
    mean = prior.draws["population_mean"][0].to_numpy()
    log_sd = np.log(prior.draws["population_sd"][0].to_numpy())
    priors = [SPEC.priors.parameters[name] for name in SPEC.family_parameters]
    noise = 4 / np.sqrt(N_DRAWS)

    for column, one in enumerate(priors):
        assert mean[:, column].mean() == pytest.approx(one.location, abs=noise * one.location_sd)
        assert mean[:, column].std() == pytest.approx(one.location_sd, rel=noise)
        assert log_sd[:, column].mean() == pytest.approx(
            np.log(one.spread), abs=noise * np.log(one.spread_factor)
        )
        assert log_sd[:, column].std() == pytest.approx(np.log(one.spread_factor), rel=noise)


def test_correlations_are_those_of_the_lkj_prior(prior):
    correlation = prior.draws["law_correlation"][0].to_numpy()

    n_law = correlation.shape[-1]
    np.testing.assert_allclose(np.diagonal(correlation, axis1=1, axis2=2), 1.0)
    assert np.linalg.eigvalsh(correlation).min() > -1e-12
    # each is a Beta(b, b) on (-1, 1) with b = eta + n/2 - 1 (Lewandowski et al. 2009, sec. 3)
    expected = 1 / np.sqrt(2 * (SPEC.priors.correlation_eta + n_law / 2 - 1) + 1)
    below = correlation[:, *np.tril_indices(n_law, -1)]
    np.testing.assert_allclose(below.std(axis=0), expected, rtol=5 / np.sqrt(N_DRAWS))
    np.testing.assert_allclose(below.mean(axis=0), 0, atol=5 * expected / np.sqrt(N_DRAWS))


def test_law_parameters_come_on_their_natural_scale(prior):
    for parameter in SPEC.law.parameters:
        pooled = prior.draws["population_mean"].sel(parameter=parameter.name)
        np.testing.assert_allclose(prior.draws[parameter.natural], np.exp(pooled))


def test_seeds_reproduce_and_differ(prior):
    again = draw_prior(SPEC, n_draws=N_DRAWS, seed=3)
    other = draw_prior(SPEC, n_draws=N_DRAWS, seed=4)

    assert prior.draws.identical(again.draws)
    assert not np.array_equal(prior.draws["alpha"], other.draws["alpha"])


@pytest.mark.parametrize("change", [{"n_draws": 0}, {"n_draws": 1.5}, {"seed": -1}])
def test_numbers_that_make_no_sense_are_refused(change):
    with pytest.raises(InputError, match=next(iter(change))):
        draw_prior(SPEC, **change)
