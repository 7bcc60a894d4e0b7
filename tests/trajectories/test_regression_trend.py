from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from bayes_scaling.errors import InputError
from bayes_scaling.trajectories import regression_trend, simulate_series
from bayes_scaling.trajectories.regression_trend import _slopes


def test_the_slope_and_its_p_value_are_those_of_a_regression():
    series = simulate_series(np.array([0.1, -0.3, 0.0]), 12, seed=1)
    slope, p_value = _slopes(series)

    for row, one_slope, one_p in zip(series, slope, p_value, strict=True):
        fitted = stats.linregress(np.arange(12), row)
        assert (one_slope, one_p) == pytest.approx((fitted.slope, fitted.pvalue))


def test_clear_series_are_classified():
    series = simulate_series(np.array([0.8, -0.8, 0.0]), 20, noise_sd=0.01)

    assert regression_trend(series).tolist() == ["up", "down", "flat"]


def test_within_five_per_cent_of_the_mean_is_flat_whatever_the_slope():
    rising = np.linspace(0.96, 1.04, 30)

    assert regression_trend(rising).tolist() == ["flat"]
    assert regression_trend(rising, stagnation=0.03).tolist() == ["up"]


def test_much_noise_without_a_trend_is_unclear():
    assert regression_trend([10.0, 14.0, 9.0, 13.0, 10.0, 14.0]).tolist() == ["unclear"]


def test_an_exact_line_and_a_constant_need_no_residuals():
    assert regression_trend([[1.0, 2.0, 3.0, 4.0], [4.0, 4.0, 4.0, 4.0]]).tolist() == ["up", "flat"]


def test_five_per_cent_of_series_without_trend_are_called_one_when_points_are_independent_and_far_more_otherwise():
    def share(correlation):
        flat = simulate_series(np.zeros(3000), 20, noise_sd=0.1, correlation=correlation, seed=4)
        return np.isin(regression_trend(flat), ("up", "down")).mean()

    assert share(0.0) == pytest.approx(0.05, abs=0.015)
    assert share(0.9) > 0.4


@pytest.mark.parametrize("series", [[1.0, 2.0, 3.0], [1.0, -2.0, 3.0, 4.0], [1.0, np.nan, 3.0, 4.0]])
def test_short_or_impossible_series_are_input_errors(series):
    with pytest.raises(InputError) as error:
        regression_trend(series)

    assert error.value.code == "bad_series"
