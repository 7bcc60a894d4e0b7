"""The fast path against NUTS, and on its own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bayes_scaling.errors import InputError
from bayes_scaling.inference import LaplaceSettings, check_posterior, fit_laplace
from bayes_scaling.inference.laplace import settle
from bayes_scaling.inference.linearised import prepare
from bayes_scaling.models import ModelSpec
from bayes_scaling.prediction import make_points, predict
from tests.simulate import PARAMETERS, Design, simulate

SPEC = ModelSpec()
SHORT = LaplaceSettings(draws=4, tune=3, chains=8)


@pytest.fixture(scope="module")
def fast(small_runs):
    """The posterior of `small_fit` by the fast path, with as many independent draws."""
    return fit_laplace(SPEC, small_runs, LaplaceSettings(draws=64, thin=3), seed=3)


def flat(posterior, name: str) -> np.ndarray:
    values = posterior.draws[name].transpose("chain", "draw", ...).to_numpy()
    return values.reshape(posterior.n_draws, *values.shape[2:])


@pytest.mark.parametrize("name", ["theta_family", "population_mean"])
def test_it_agrees_with_nuts(fast, small_fit, name):
    ours, exact = flat(fast, name), flat(small_fit, name)

    off = (np.median(ours, axis=0) - np.median(exact, axis=0)) / exact.std(axis=0)
    np.testing.assert_allclose(off, 0, atol=0.2)
    np.testing.assert_allclose(ours.std(axis=0), exact.std(axis=0), rtol=0.25)


def test_spreads_and_correlations_agree_with_those_of_nuts(fast, small_fit):
    ours, exact = (np.log(flat(one, "population_sd")) for one in (fast, small_fit))

    off = (np.median(ours, axis=0) - np.median(exact, axis=0)) / exact.std(axis=0)
    np.testing.assert_allclose(off, 0, atol=0.2)
    np.testing.assert_allclose(ours.std(axis=0), exact.std(axis=0), rtol=0.25)
    ours, exact = (flat(one, "mean_correlation") for one in (fast, small_fit))
    np.testing.assert_allclose(ours.mean(axis=0), exact.mean(axis=0), atol=0.08)
    np.testing.assert_allclose(ours.std(axis=0), exact.std(axis=0), atol=0.05)


def test_so_do_its_predictions(fast, small_fit):
    at = make_points(None, n_params=[2e10, 2e11], n_tokens=[1e11, 1e12], family=["family-0", "new"])

    ours, exact = (np.log(predict(one, at, seed=1).quantile([0.05, 0.5, 0.95])) for one in (fast, small_fit))

    width = (exact[0.95] - exact[0.05]).to_numpy()[:, None]
    np.testing.assert_allclose((ours - exact) / width, 0, atol=0.08)


def test_the_default_converges_in_seconds(small_runs):
    posterior = fit_laplace(SPEC, small_runs, seed=5)

    assert not check_posterior(posterior)
    assert posterior.seconds < 20
    assert posterior.n_draws == 64 * 32


def test_the_truth_is_inside_the_intervals(fast, simulation):
    truth = simulation.families.loc[list(fast.families), list(PARAMETERS)].to_numpy()

    rank = (flat(fast, "theta_family") < truth).mean(axis=0)

    assert np.all((rank > 0.001) & (rank < 0.999))
    assert np.mean((rank > 0.05) & (rank < 0.95)) > 2 / 3


def test_the_posterior_says_how_it_was_made(fast, small_runs):
    attributes = fast.idata.attrs

    assert (attributes["method"], attributes["seed"]) == ("laplace", 3)
    assert attributes["seconds"] > 0
    assert fast.spec == SPEC
    assert fast.families == small_runs.families
    assert fast.draws.sizes["chain"] == 64
    assert fast.draws.sizes["draw"] == 64
    assert "sample_stats" not in fast.idata.children


def test_seeds_reproduce_and_differ_and_progress_is_told(small_runs):
    told = []

    first = fit_laplace(SPEC, small_runs, SHORT, seed=1, progress=lambda *counts: told.append(counts))
    again, other = (fit_laplace(SPEC, small_runs, SHORT, seed=seed) for seed in (1, 2))

    assert again.draws.identical(first.draws)
    assert not np.any(other.draws["theta_family"] == first.draws["theta_family"])
    assert told == [(8, 32, 0), (16, 32, 0), (24, 32, 0), (32, 32, 0)]


def test_a_table_of_few_families_is_thinned_by_itself(small_runs):
    short = LaplaceSettings(draws=2, tune=3, chains=8)

    unset, three, one = (
        fit_laplace(SPEC, small_runs, settings, seed=1).draws["theta_family"].to_numpy()
        for settings in (short, replace(short, thin=3), replace(short, thin=1))
    )

    np.testing.assert_array_equal(unset, three)
    assert not np.array_equal(unset, one)


def test_thinning_keeps_every_other_sweep(small_runs):
    dense = fit_laplace(SPEC, small_runs, LaplaceSettings(draws=6, tune=3, chains=8, thin=1), seed=1)
    thinned = fit_laplace(SPEC, small_runs, LaplaceSettings(draws=3, tune=3, chains=8, thin=2), seed=1)

    every_other = dense.draws["theta_family"].isel(draw=[1, 3, 5]).to_numpy()
    np.testing.assert_array_equal(thinned.draws["theta_family"], every_other)


@pytest.mark.parametrize(
    "design",
    [
        Design(sizes=(1e8, 1e9), n_seeds=1, n_checkpoints=1),
        Design(sizes=(1e8, 1e9), n_seeds=1, n_checkpoints=1, logs_learning_rate=True),
        Design(n_unique_tokens=1e10, n_checkpoints=3),
    ],
    ids=["two rows", "a rate that never moves", "repeats"],
)
@pytest.mark.parametrize("n_families", [1, 4])
def test_any_table_that_can_be_fitted_gives_finite_draws(n_families, design):
    posterior = fit_laplace(SPEC, simulate(n_families, design=design).runs, SHORT)

    assert all(np.all(np.isfinite(values)) for values in posterior.draws.values())


@pytest.mark.parametrize("seed", [-1, 0.5, "one", None])
def test_a_seed_is_a_whole_number(small_runs, seed):
    with pytest.raises(InputError, match="seed"):
        fit_laplace(SPEC, small_runs, seed=seed)


def test_one_size_is_not_enough(small_runs):
    alone = small_runs.subset(small_runs.frame["n_params"] == 1e9)

    with pytest.raises(InputError) as error:
        fit_laplace(SPEC, alone)

    assert error.value.code == "one_size"


@pytest.mark.parametrize("tune", [1, 2, 7])
def test_a_warm_up_of_any_length_ends_with_the_whole_likelihood(small_runs, tune):
    """Of a law that data leave partly open, whose chains begin with less of it."""

    class OpenLaw(type(SPEC.law)):
        weakly_identified = True

    start = prepare(replace(SPEC, law=OpenLaw()), small_runs)
    ensemble = settle(start, 0, replace(SHORT, tune=tune))

    found = ensemble.state
    again = start.batch.log_likelihood(found.theta[..., :-2], found.theta[..., -2:])
    np.testing.assert_allclose(found.log_likelihood, again, rtol=1e-8)
