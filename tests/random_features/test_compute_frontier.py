from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from bayes_scaling.errors import InputError
from bayes_scaling.random_features import (
    TEST_LOSS,
    PowerLawTask,
    compute_frontier,
    limiting_exponents,
    simulate_losses,
)

WIDTHS, TIMES = np.geomspace(4.0, 400.0, 30), np.geomspace(1.0, 1e5, 200)


@pytest.fixture
def additive() -> xr.DataArray:
    """L = N^-1 + t^-0.5, whose optimum is known: N = (C^0.5 / 0.5)^(1 / 1.5)."""
    values = WIDTHS[:, None] ** -1.0 + TIMES[None] ** -0.5
    return xr.DataArray(values, dims=("width", "time"), coords={"width": WIDTHS, "time": TIMES})


def test_an_additive_law_has_its_closed_form_optimum(additive):
    budgets = np.array([300.0, 3000.0, 30_000.0])

    front = compute_frontier(additive, budgets)

    best = (budgets**0.5 / 0.5) ** (1.0 / 1.5)
    np.testing.assert_allclose(front["width"], best, rtol=0.02)
    np.testing.assert_allclose(front["time"], budgets / best, rtol=0.02)
    np.testing.assert_allclose(front["loss"], 1.0 / best + (budgets / best) ** -0.5, rtol=2e-3)
    np.testing.assert_allclose(front["width"] * front["time"], front["compute"])


def test_a_budget_with_its_optimum_outside_is_left_out(additive):
    assert compute_frontier(additive, [3000.0, 1e9])["compute"].tolist() == pytest.approx([3000.0])


def test_no_budget_inside_is_an_input_error(additive):
    with pytest.raises(InputError) as error:
        compute_frontier(additive, [1e-3, 1e12])

    assert error.value.code == "no_optimum"


def test_limits_among_the_losses_are_passed_over(additive):
    limit = additive.isel(width=[-1]).assign_coords(width=[np.inf]) * 0.0 + 1e-9

    with_limit = compute_frontier(xr.concat([additive, limit], "width"), [3000.0])

    assert with_limit.equals(compute_frontier(additive, [3000.0]))


def test_the_simulated_frontier_has_the_exponents_of_theory():
    a, b = 1.5, 1.5
    widths = np.unique(np.geomspace(8, 128, 14).round())
    simulated = simulate_losses(PowerLawTask(a, b, 1024), np.geomspace(3.0, 3e4, 80), widths, n_seeds=24)
    budgets = np.geomspace(1e3, 1e5, 9)

    front = np.log(compute_frontier(simulated[TEST_LOSS].mean("seed").isel(samples=0), budgets))

    theory = limiting_exponents(a, b)
    slopes = {name: np.polyfit(front["compute"], front[name], 1)[0] for name in ("loss", "time", "width")}
    assert -slopes["loss"] == pytest.approx(theory.compute, rel=0.12)
    assert slopes["time"] == pytest.approx(theory.optimal_time, rel=0.12)
    assert slopes["width"] == pytest.approx(theory.optimal_width, rel=0.15)
