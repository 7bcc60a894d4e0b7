"""Slopes of exact power laws, and of simulated losses against theory."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from bayes_scaling.errors import InputError
from bayes_scaling.random_features import (
    TEST_LOSS,
    PowerLawTask,
    limiting_exponents,
    local_slopes,
    log_log_slope,
    published_exponents,
    simulate_losses,
)

COUNTS = (24, 32, 48, 64, 96, 128)


@pytest.fixture
def power_law() -> xr.DataArray:
    x = np.geomspace(1.0, 100.0, 6)
    return xr.DataArray(
        [3.0 * x**-0.7, 5.0 * x**-0.7], dims=("seed", "time"), coords={"time": x, "seed": [0, 1]}
    )


def test_a_power_law_has_its_exponent_everywhere(power_law):
    np.testing.assert_allclose(local_slopes(power_law, "time"), 0.7)
    slope = log_log_slope(power_law, "time", 2.0, 90.0)
    assert slope.exponent == pytest.approx(0.7)
    assert slope.standard_error == pytest.approx(0.0, abs=1e-12)
    assert slope.deviation(0.5) == pytest.approx(0.4)


def test_local_slopes_lie_at_the_geometric_middles(power_law):
    x = power_law["time"].to_numpy()

    np.testing.assert_allclose(local_slopes(power_law, "time")["time"], np.sqrt(x[1:] * x[:-1]))


def test_the_jackknife_error_is_that_of_repeated_simulations():
    rng, x = np.random.default_rng(0), np.geomspace(1.0, 50.0, 5)

    def one(_):
        noisy = x**-1.0 * np.exp(0.2 * rng.standard_normal((20, 5)))
        return log_log_slope(xr.DataArray(noisy, dims=("seed", "time"), coords={"time": x}), "time")

    slopes = [one(index) for index in range(200)]

    spread = np.std([slope.exponent for slope in slopes])
    assert np.mean([slope.standard_error for slope in slopes]) == pytest.approx(spread, rel=0.15)


def test_one_seed_has_no_error(power_law):
    assert np.isnan(log_log_slope(power_law.isel(seed=[0]), "time").standard_error)


def test_too_few_points_and_losses_below_zero_are_input_errors(power_law):
    with pytest.raises(InputError, match="between 2 and 10") as few:
        log_log_slope(power_law, "time", 2.0, 10.0)
    with pytest.raises(InputError) as negative:
        log_log_slope(power_law - 1.0, "time")

    assert (few.value.code, negative.value.code) == ("too_few_points", "not_positive")


@pytest.mark.parametrize(("a", "b"), [(2.0, 2.0), (1.5, 1.5), (1.75, 1.5)])
def test_each_bottleneck_has_the_exponent_of_theory(a, b):
    task, theory = PowerLawTask(a, b, n_modes=1024), limiting_exponents(a, b)
    in_time = simulate_losses(task, np.geomspace(30.0, 3e3, 9))[TEST_LOSS].isel(width=0, samples=0)
    by_width = simulate_losses(task, [np.inf], COUNTS, n_seeds=40)[TEST_LOSS].isel(samples=0, time=0)
    by_data = simulate_losses(task, [np.inf], samples=COUNTS, n_seeds=40)[TEST_LOSS].isel(width=0, time=0)

    assert log_log_slope(in_time, "time").exponent == pytest.approx(theory.time, rel=0.02)
    assert log_log_slope(by_width, "width").exponent == pytest.approx(theory.width, rel=0.12)
    assert log_log_slope(by_data, "samples").exponent == pytest.approx(theory.samples, rel=0.12)


def test_the_width_exponent_of_steep_tasks_is_the_limit_and_not_the_printed_one():
    a, b = 5.0, 1.5
    task = PowerLawTask(a, b, n_modes=512)
    by_width = simulate_losses(task, [np.inf], COUNTS, n_seeds=60)[TEST_LOSS].isel(samples=0, time=0)
    by_data = simulate_losses(task, [np.inf], samples=COUNTS, n_seeds=60)[TEST_LOSS].isel(width=0, time=0)

    slope = log_log_slope(by_width, "width")

    assert slope.exponent == pytest.approx(limiting_exponents(a, b).width, rel=0.15)
    assert published_exponents(a, b).width - slope.exponent > 5 * slope.standard_error
    assert log_log_slope(by_data, "samples").exponent == pytest.approx(
        published_exponents(a, b).samples, rel=0.15
    )


def test_the_gap_to_infinite_width_falls_like_one_over_width_early_in_training():
    task = PowerLawTask(1.5, 1.5, n_modes=512)
    finite = simulate_losses(task, [10.0], COUNTS, n_seeds=150)[TEST_LOSS].isel(samples=0, time=0)
    limit = simulate_losses(task, [10.0])[TEST_LOSS].item()

    slope = log_log_slope(finite - limit, "width")

    assert abs(slope.exponent - 1.0) < 3 * slope.standard_error
    assert slope.exponent - 0.5 > 3 * slope.standard_error  # not the late exponent, a - 1
