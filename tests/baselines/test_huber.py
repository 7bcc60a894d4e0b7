"""The robust fit reaches the replication's printed figures and the whole grid's optimum."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import optimize

from bayes_scaling.baselines import HuberFitter, HuberLBFGS
from bayes_scaling.baselines.columns import float_columns
from bayes_scaling.baselines.huber import GRID, best_for_each_exponent_pair, grid_starts
from bayes_scaling.baselines.huber_objective import HuberObjective, huber
from tests.baselines.families import TRUTH, family_rows, points_at, table

REPLICATION = {"E": 1.8172, "A": 482.01, "B": 2085.4, "alpha": 0.3478, "beta": 0.3658}
STANDARD_ERRORS = {"E": 0.026, "A": 124.5, "B": 1293.0, "alpha": 0.0154, "beta": 0.0206}
SMALLEST_OBJECTIVE = 0.00101827


def columns(rows):
    return float_columns(rows, "n_params", "n_tokens", "loss")


@pytest.fixture(scope="module")
def chinchilla_points(mirror: Path) -> pd.DataFrame:
    """The 240 points of the replication: those with a loss strictly below the fifth largest."""
    raw = pd.read_csv(mirror / "epoch_chinchilla/svg_extracted_data.csv")
    kept = raw[raw["loss"] < raw["loss"].nlargest(5).iloc[-1]]
    n_params = kept["Model Size"]
    return pd.DataFrame(
        {"n_params": n_params, "n_tokens": kept["Training FLOP"] / (6 * n_params), "loss": kept["loss"]}
    )


def test_the_fit_is_the_published_replication_of_chinchilla(chinchilla_points):
    fit = HuberFitter().fit(*columns(chinchilla_points))

    assert len(chinchilla_points) == 240
    assert round(fit.published["E"], 4) == REPLICATION["E"]
    assert fit.objective == pytest.approx(SMALLEST_OBJECTIVE, abs=5e-9)
    assert fit.published == {
        name: pytest.approx(REPLICATION[name], abs=0.1 * STANDARD_ERRORS[name]) for name in REPLICATION
    }


def test_with_the_scale_estimated_the_fit_has_the_printed_amplitudes(chinchilla_points):
    fit = HuberFitter(scale="estimated").fit(*columns(chinchilla_points)).published

    assert round(fit["A"], 2) == REPLICATION["A"]
    assert round(fit["B"], 1) == REPLICATION["B"]
    assert round(fit["alpha"], 4) == REPLICATION["alpha"]
    assert fit["beta"] == pytest.approx(REPLICATION["beta"], abs=1e-4)
    assert fit["E"] == pytest.approx(REPLICATION["E"], abs=0.1 * STANDARD_ERRORS["E"])


def test_the_scale_that_the_replication_estimates_puts_the_turn_below_the_residuals(chinchilla_points):
    """The claim on which solving least absolute deviations instead rests."""
    n_params, n_tokens, loss = columns(chinchilla_points)
    fit = HuberFitter(scale="estimated").fit(n_params, n_tokens, loss)
    residuals, delta = np.log(fit.loss(n_params, n_tokens) / loss), 1e-3

    def cost(log_scale):
        return np.mean(huber(residuals / np.exp(log_scale), delta)) + log_scale

    turn = delta * np.exp(optimize.minimize_scalar(cost, bounds=(-30.0, 0.0), method="bounded").x)

    assert turn < 1e-8
    assert np.sum(np.abs(residuals) < turn) <= 5  # five free parameters: so many rows are met exactly


def test_one_start_for_each_pair_of_exponents_finds_the_optimum_of_all_starts(monkeypatch):
    """On a coarser grid of 72 starts, since all 4,500 take minutes."""
    for name, values in GRID.items():
        coarser = (values[0], values[2], values[-1]) if name in ("alpha", "beta") else (values[1], values[-1])
        monkeypatch.setitem(GRID, name, coarser)
    rows = columns(family_rows(sizes=(1e8, 1e9, 1e10), n_checkpoints=5, noise_sd=0.02))

    some, every = HuberFitter().fit(*rows), HuberFitter(all_starts=True).fit(*rows)

    assert len(grid_starts()) == 72
    assert some.objective == pytest.approx(every.objective, rel=1e-9)
    np.testing.assert_allclose(some.theta, every.theta, rtol=1e-3)


def test_the_grid_is_the_published_one():
    starts = grid_starts()

    assert starts.shape == (4500, 5)
    assert len(np.unique(starts, axis=0)) == 4500
    assert starts.min(axis=0).tolist() == [0.0, 0.0, -1.0, 0.0, 0.0]
    assert starts.max(axis=0).tolist() == [25.0, 25.0, 1.0, 2.0, 2.0]


def test_the_best_start_of_each_pair_of_exponents_is_kept():
    objective = HuberObjective(*(np.linspace(-1, 1, 7) for _ in range(3)), np.ones(7), 1e-3)
    starts = grid_starts()

    kept = best_for_each_exponent_pair(objective, starts)

    lowest = pd.DataFrame(starts[:, 3:]).assign(value=objective.value(starts)).groupby([0, 1])["value"].min()
    np.testing.assert_allclose(objective.value(kept), lowest.to_numpy())


def test_huber_is_a_square_that_turns_into_a_line_at_delta():
    assert huber(np.array([0.0, 0.5, -1.0, 3.0, -3.0]), 1.0).tolist() == [0.0, 0.125, 0.5, 2.5, 2.5]


def test_the_gradient_of_the_objective_is_that_of_finite_differences():
    rng = np.random.default_rng(0)
    objective = HuberObjective(*rng.normal(size=(3, 30)), rng.uniform(0.5, 2.0, 30), 0.5)
    theta = np.array([0.1, 0.2, 0.0, 0.3, 0.4])

    value, gradient = objective.value_and_gradient(theta)

    assert value == pytest.approx(objective.value(theta))
    np.testing.assert_allclose(gradient, optimize.approx_fprime(theta, objective.value), atol=1e-5)


@pytest.mark.parametrize("scale", ["fixed", "estimated"])
def test_a_few_wild_rows_do_not_move_the_fit(scale):
    rows = family_rows()
    rows.loc[[3, 17], "loss"] *= 1.5

    assert HuberFitter(scale=scale).fit(*columns(rows)).published == pytest.approx(TRUTH, rel=0.02)


def test_a_row_of_weight_two_counts_like_two_rows():
    rows = family_rows(noise_sd=0.02)
    doubled = pd.concat([rows, rows.iloc[:10]])
    weights = np.where(np.arange(len(rows)) < 10, 2.0, 1.0)

    by_weight = HuberFitter().fit(*columns(rows), weights)

    assert by_weight.objective == pytest.approx(HuberFitter().fit(*columns(doubled)).objective, rel=1e-6)


@pytest.fixture(scope="module")
def bootstrap():
    train = table(family_rows("noisy", noise_sd=0.02), family_rows("clean", noise_sd=0.001))
    points = points_at(("noisy", 3e10, 2e11), ("clean", 3e10, 2e11))
    return train, points, HuberLBFGS(n_bootstrap=40).forecast(train, points, seed=1)


def test_bootstrap_draws_spread_as_the_family_s_noise_does(bootstrap):
    _, _, forecast = bootstrap
    noisy, clean = forecast.draws.std(axis=0)

    assert forecast.draws.shape == (40, 2)
    assert not forecast.is_point
    assert noisy > 5 * clean > 0.0


def test_bootstrap_draws_hold_the_noise_of_a_run_beside_the_doubt_about_the_law():
    """In the middle of forty rows the law is known to a third of the noise, so the noise must show."""
    train = table(family_rows(noise_sd=0.02, seed=3))

    draws = HuberLBFGS(n_bootstrap=40).forecast(train, points_at(("made-up", 1e9, 2e10)), seed=1).draws

    assert 0.013 < np.log(draws).std() < 0.035


def test_bootstrap_draws_depend_on_the_seed_and_on_nothing_else(bootstrap):
    train, points, forecast = bootstrap
    alone = HuberLBFGS(n_bootstrap=40).forecast(train.select("noisy"), points[:1], seed=1)
    other_seed = HuberLBFGS(n_bootstrap=40).forecast(train.select("noisy"), points[:1], seed=2)

    np.testing.assert_array_equal(alone.draws[:, 0], forecast.draws[:, 0])
    assert (other_seed.draws != alone.draws).all()
