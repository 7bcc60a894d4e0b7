from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bayes_scaling import InputError
from bayes_scaling.inference import draw_prior
from bayes_scaling.models import ModelSpec
from bayes_scaling.priors import JointMoments

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


def test_correlations_are_centred_on_none_and_moderate(prior):
    correlation = prior.draws["mean_correlation"][0].to_numpy()

    n_mean = correlation.shape[-1]
    assert n_mean == len(SPEC.mean.parameter_names)
    np.testing.assert_allclose(np.diagonal(correlation, axis1=1, axis2=2), 1.0)
    assert np.linalg.eigvalsh(correlation).min() > 0
    below = correlation[:, *np.tril_indices(n_mean, -1)]
    # "about 0.35 either way" is what Priors says of its default
    assert np.all(np.abs(below.mean(axis=0)) < 5 * 0.35 / np.sqrt(N_DRAWS))
    assert np.all((below.std(axis=0) > 0.28) & (below.std(axis=0) < 0.40))


def test_the_first_correlation_is_a_normal_number_over_the_length_of_its_row(prior):
    correlation = prior.draws["mean_correlation"][0].to_numpy()[:, 1, 0]

    number = correlation / np.sqrt(1 - correlation**2)
    assert number.mean() == pytest.approx(0, abs=4 * SPEC.priors.correlation_sd / np.sqrt(N_DRAWS))
    assert number.std() == pytest.approx(SPEC.priors.correlation_sd, rel=4 / np.sqrt(2 * N_DRAWS))


def test_a_population_that_was_taught_is_drawn_with_its_covariance():
    vector = SPEC.population_vector
    rng = np.random.default_rng(0)
    factor = vector.factor @ (
        0.1 * np.tril(rng.standard_normal((vector.size, vector.size))) + np.eye(vector.size)
    )
    moments = JointMoments.from_lists(vector.location, factor)
    spec = replace(SPEC, priors=replace(SPEC.priors, moments=moments))

    drawn = draw_prior(spec, n_draws=N_DRAWS, seed=1).draws

    mean, sd = drawn["population_mean"][0].to_numpy(), drawn["population_sd"][0].to_numpy()
    found = np.cov(np.concatenate([mean, np.log(sd)], axis=1).T)
    expected = (factor @ factor.T)[:16, :16]
    scale = np.sqrt(np.diag(expected))
    np.testing.assert_allclose(found / np.outer(scale, scale), expected / np.outer(scale, scale), atol=0.1)


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
