"""Probabilities of trends: against brute-force integration, and calibrated over series of their own prior."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from bayes_scaling.datasets import load_dataset
from bayes_scaling.errors import InputError
from bayes_scaling.trajectories import TrendPrior, simulate_series, trend_probabilities
from bayes_scaling.trajectories.simulated_series import draw_prior_series, true_trends

TRENDS = ["up", "flat", "down"]


def brute_force(series, prior, equivalence=0.1):
    """The same posterior on a grid of (change, log noise, correlation), with dense normal densities."""
    y, count = np.log(series), len(series)
    x = np.linspace(-0.5, 0.5, count)
    changes, sds = np.arange(-1.5, 1.5, 0.005) + 0.0025, np.geomspace(0.003, 0.5, 120)
    half, lags = 0.5 * prior.noise_weight, np.abs(np.subtract.outer(np.arange(count), np.arange(count)))
    log_density = np.empty((len(prior.correlations), len(sds), len(changes)))
    for i, rho in enumerate(prior.correlations):
        inverse = np.linalg.inv(float(rho) ** lags)
        ones = np.ones(count)
        # a flat level leaves the residual after generalised least squares on a constant
        inverse = inverse - np.outer(inverse @ ones, ones @ inverse) / (level := ones @ inverse @ ones)
        residual = y - changes[:, None] * x
        square = np.einsum("ij,jk,ik->i", residual, inverse, residual)
        constant = -0.5 * np.linalg.slogdet(float(rho) ** lags)[1] - 0.5 * np.log(level)
        for j, sd in enumerate(sds):
            log_prior = stats.invgamma.logpdf(sd**2, half, scale=half * prior.noise_sd**2) + 2 * np.log(sd)
            spread = stats.norm.logpdf(changes, 0.0, prior.change_sd * sd / prior.noise_sd)
            log_density[i, j] = (
                constant + log_prior + spread - (count - 1) * np.log(sd) - 0.5 * square / sd**2
            )
    weights = np.exp(log_density - log_density.max()).sum(axis=(0, 1))
    weights /= weights.sum()
    return [
        weights[changes > equivalence].sum(),
        weights[abs(changes) <= equivalence].sum(),
    ], weights @ changes


@pytest.mark.parametrize("change", [0.12, -0.08, 0.4])
def test_the_closed_form_is_what_integration_gives(change):
    series = simulate_series(np.array([change]), 10, noise_sd=0.05, correlation=0.5, seed=7)[0]

    (up, flat), mean = brute_force(series, TrendPrior())

    ours = trend_probabilities(series).iloc[0]
    assert ours["up"] == pytest.approx(up, abs=0.01)
    assert ours["flat"] == pytest.approx(flat, abs=0.01)
    assert ours["change"] == pytest.approx(mean, abs=0.003)


@pytest.fixture(scope="module")
def prior_series():
    changes, series = draw_prior_series(TrendPrior(), 20_000, 15, seed=11)
    return changes, true_trends(changes, 0.1), trend_probabilities(series)


@pytest.mark.parametrize("trend", TRENDS)
def test_probabilities_are_calibrated(prior_series, trend):
    _, truth, judged = prior_series
    bins = np.digitize(judged[trend], [0.05, 0.2, 0.4, 0.6, 0.8, 0.95])

    for one in range(7):
        said, happened = judged[trend][bins == one], truth[bins == one] == trend
        error = np.sqrt((said * (1.0 - said)).sum()) / len(said)
        assert abs(said.mean() - happened.mean()) < 4.0 * error


def test_changes_lie_where_the_posterior_says(prior_series):
    changes, _, judged = prior_series
    standardised = (changes - judged["change"]) / judged["change_sd"]

    assert standardised.std() == pytest.approx(1.0, abs=0.03)
    assert standardised.mean() == pytest.approx(0.0, abs=0.03)


def test_most_series_of_known_class_are_found(prior_series):
    _, truth, judged = prior_series

    assert (judged["trend"] == truth).mean() > 0.88
    wrong_way = ((truth == "up") & (judged["trend"] == "down")) | (
        (truth == "down") & (judged["trend"] == "up")
    )
    assert wrong_way.mean() < 0.005


def test_probabilities_sum_to_one_and_name_the_most_probable():
    judged = trend_probabilities(simulate_series(np.array([0.6, 0.0, -0.6]), 20, noise_sd=0.01))

    np.testing.assert_allclose(judged[TRENDS].sum(axis=1), 1.0)
    assert judged["trend"].tolist() == ["up", "flat", "down"]
    assert (judged[TRENDS].max(axis=1) > 0.95).all()


def test_the_scale_of_a_series_says_nothing():
    series = simulate_series(np.array([0.15]), 12, seed=3)

    np.testing.assert_allclose(
        trend_probabilities(series)[TRENDS], trend_probabilities(1000.0 * series)[TRENDS], atol=1e-9
    )


def test_correlated_noise_is_recognised_and_makes_less_sure():
    rough = simulate_series(np.zeros(300), 40, noise_sd=0.05, correlation=0.9, seed=5)
    alone = TrendPrior(correlations=(0.0,))

    assert trend_probabilities(rough)["correlation"].mean() > 0.7
    assert (
        trend_probabilities(rough)["change_sd"].mean()
        > 2.0 * trend_probabilities(rough, prior=alone)["change_sd"].mean()
    )


def test_bad_priors_widths_and_series_are_input_errors():
    with pytest.raises(InputError):
        TrendPrior(noise_sd=0.0)
    with pytest.raises(InputError):
        TrendPrior(correlations=(1.0,))
    with pytest.raises(InputError):
        trend_probabilities([1.0, 2.0, 3.0, 4.0], equivalence=0.0)
    with pytest.raises(InputError):
        trend_probabilities([1.0, 2.0, 0.0, 4.0])


def test_opt_goes_down_and_is_flat_in_the_last_three_tenths(mirror):
    rows = load_dataset("colpret", mirror, ["opt"]).frame

    for _, curve in rows.groupby("n_params"):
        progress = curve["n_tokens"] / curve["n_tokens"].max()
        whole, late = (
            trend_probabilities(np.exp(curve["loss"][progress >= start].to_numpy())).iloc[0]
            for start in (0.1, 0.7)
        )
        assert whole["down"] > 0.95
        assert late["flat"] > 0.9
