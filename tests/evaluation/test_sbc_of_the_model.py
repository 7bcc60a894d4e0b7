"""The hierarchical model by the fast path, on data of the independent simulator: `benchmarks/sbc.py` in small."""

from __future__ import annotations

import pytest

from benchmarks.sbc import WRONG, calibrate_model

pytestmark = pytest.mark.slow

N_SIMULATIONS = 40
LEVEL = 0.01


@pytest.fixture(scope="module")
def right():
    return calibrate_model({}, N_SIMULATIONS)


def test_the_model_recovers_what_simulated_runs_were_made_of(right):
    assert right.passed(LEVEL), f"\n{right.uniformity().round(3)}"


def test_forecasts_of_a_larger_model_are_neither_too_narrow_nor_too_wide(right):
    spread = right.uniformity().loc[["larger model, mean", "larger model, run"], "rank_sd"]

    assert spread.between(0.75, 1.25).all()


@pytest.mark.parametrize(
    ("wrong", "quantity"),
    [
        ("a law without discrepancy", "mean of log_discrepancy_sd"),
        ("runs that all but repeat", "mean of log_run_sd"),
    ],
)
def test_a_model_whose_noise_is_far_too_small_fails(wrong, quantity):
    found = calibrate_model(WRONG[wrong], N_SIMULATIONS // 2)

    assert not found.passed(LEVEL)
    assert found.uniformity().loc[quantity, "p_holm"] < LEVEL
