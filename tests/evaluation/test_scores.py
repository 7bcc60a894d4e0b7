"""Scores against closed forms, and against the slow way of computing them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from bayes_scaling.evaluation import scores

OBSERVED = np.array([-2.0, -0.5, 0.0, 1.0, 3.0])
RNG = np.random.default_rng(20240)


def normal_draws(n_draws: int, mean: float = 0.0, sd: float = 1.0) -> np.ndarray:
    return RNG.normal(mean, sd, (n_draws, len(OBSERVED)))


def normal_crps(observed: np.ndarray) -> np.ndarray:
    """Gneiting & Raftery 2007: of a standard normal forecast."""
    return observed * (2 * stats.norm.cdf(observed) - 1) + 2 * stats.norm.pdf(observed) - 1 / np.sqrt(np.pi)


def test_crps_of_many_normal_draws_is_the_closed_form():
    assert scores.crps(normal_draws(40_000), OBSERVED) == pytest.approx(normal_crps(OBSERVED), abs=0.02)


def test_crps_is_unbiased_however_few_the_draws():
    three_draws = RNG.normal(size=(3, 200_000))

    assert scores.crps(three_draws, np.full(200_000, 1.0)).mean() == pytest.approx(
        normal_crps(np.array([1.0]))[0], abs=0.01
    )


def test_crps_is_the_mean_error_less_half_the_mean_difference_of_two_draws():
    draws = normal_draws(30)
    differences = np.abs(draws[:, None] - draws[None]).sum(axis=(0, 1)) / (30 * 29)

    np.testing.assert_allclose(
        scores.crps(draws, OBSERVED), np.abs(draws - OBSERVED).mean(axis=0) - differences / 2
    )


def test_crps_of_a_point_forecast_is_the_absolute_error():
    assert scores.crps(np.zeros((1, 5)), OBSERVED).tolist() == np.abs(OBSERVED).tolist()


def test_crps_is_lowest_for_the_honest_forecast():
    observed = RNG.normal(size=4000)

    def mean_crps(mean, sd):
        return scores.crps(RNG.normal(mean, sd, (200, 4000)), observed).mean()

    assert mean_crps(0, 1) < min(mean_crps(0, 0.5), mean_crps(0, 2), mean_crps(0.5, 1))


def test_pit_is_uniform_for_the_honest_forecast_and_not_for_one_too_sure():
    observed = RNG.normal(size=3000)

    def p_value(sd):
        return stats.kstest(scores.pit(RNG.normal(0, sd, (500, 3000)), observed), "uniform").pvalue

    assert p_value(1.0) > 0.01
    assert p_value(0.7) < 1e-6


def test_pit_counts_draws_below_and_half_of_ties_and_is_never_zero_or_one():
    draws = np.array([[1.0, 1.0, 1.0], [2.0, 2.0, 2.0], [3.0, 3.0, 3.0]])

    assert scores.pit(draws, np.array([0.0, 2.0, 4.0])).tolist() == [0.125, 0.5, 0.875]


@pytest.mark.parametrize("level", scores.NOMINAL_LEVELS)
def test_honest_intervals_hold_their_share(level):
    observed = RNG.normal(size=20_000)

    share = scores.covered(RNG.normal(size=(400, 20_000)), observed, level).mean()

    assert share == pytest.approx(level, abs=0.015)


def test_interval_score_is_the_width_plus_the_penalty_for_missing():
    draws = np.tile(np.linspace(0.0, 1.0, 101)[:, None], 3)

    assert scores.interval_score(draws, np.array([0.5, 1.05, -0.05]), 0.9) == pytest.approx([0.9, 2.9, 2.9])


def test_log_score_of_many_normal_draws_is_the_log_density():
    draws = RNG.normal(1.0, 0.5, (20_000, 5))
    observed = np.array([0.0, 0.5, 1.0, 1.6, 2.0])

    assert scores.log_score(draws, observed) == pytest.approx(stats.norm.logpdf(observed, 1.0, 0.5), abs=0.08)


def test_log_score_far_outside_the_draws_is_low_and_finite():
    assert -1e6 < scores.log_score(normal_draws(1000), np.full(5, 40.0)).max() < -100


def test_log_score_of_draws_without_spread_is_nan():
    assert np.isnan(scores.log_score(np.ones((10, 5)), OBSERVED)).all()
    assert np.isnan(scores.log_score(np.ones((1, 5)), OBSERVED)).all()


def test_log_score_does_not_depend_on_how_points_are_cut_into_chunks(monkeypatch):
    draws = normal_draws(50)
    together = scores.log_score(draws, OBSERVED)
    monkeypatch.setattr(scores, "_POINTS_AT_ONCE", 2)

    np.testing.assert_array_equal(scores.log_score(draws, OBSERVED), together)


@pytest.mark.parametrize(
    "score",
    [
        scores.crps,
        scores.pit,
        scores.interval_score,
        scores.log_score,
        lambda d, o: scores.covered(d, o, 0.9),
    ],
)
def test_a_missing_forecast_scores_nan_and_leaves_the_others_alone(score):
    draws = normal_draws(50)
    whole = score(draws, OBSERVED)
    draws[:, 2] = np.nan

    with_gap = score(draws, OBSERVED)

    assert np.isnan(with_gap).tolist() == [False, False, True, False, False]
    np.testing.assert_array_equal(np.delete(with_gap, 2), np.delete(whole, 2))


def test_errors_of_the_median_are_relative_to_what_was_observed():
    predicted, observed = np.array([2.2, 1.8]), np.array([2.0, 2.0])

    assert scores.absolute_relative_error(predicted, observed) == pytest.approx([0.1, 0.1])
    assert scores.log_bias(predicted, observed) == pytest.approx(np.log([1.1, 0.9]))
