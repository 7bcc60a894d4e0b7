from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import optimize

from bayes_scaling.baselines import CompletePooling, Forecaster
from bayes_scaling.baselines.complete_pooling import PooledProblem, fit_pooled
from tests.baselines.families import TRUTH, family_rows, points_at, table, true_loss

SHAPE = [
    np.log(TRUTH["A"] / TRUTH["E"]) - TRUTH["alpha"] * np.log(1e9),
    np.log(TRUTH["B"] / TRUTH["E"]) - TRUTH["beta"] * np.log(2e10),
    TRUTH["alpha"],
    TRUTH["beta"],
]


def scaled(rows: pd.DataFrame, factor: float) -> pd.DataFrame:
    return rows.assign(loss=factor * rows["loss"])


def two_families(noise_sd: float = 0.0, seed: int = 0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Families of one shape, the second with 1.5 times the loss of the first."""
    return family_rows("low", noise_sd=noise_sd, seed=seed), scaled(
        family_rows("high", noise_sd=noise_sd, seed=seed + 500), 1.5
    )


def true_at(points: pd.DataFrame, factor: float = 1.0) -> np.ndarray:
    return factor * true_loss(points["n_params"].to_numpy(), points["n_tokens"].to_numpy())


# --- the fit ----------------------------------------------------------------------------------


def test_noiseless_families_give_back_the_shape_and_each_its_level():
    fit = fit_pooled(PooledProblem.of(pd.concat(two_families())))

    np.testing.assert_allclose(fit.shape, SHAPE, rtol=1e-4)
    np.testing.assert_allclose(np.exp(fit.levels), [TRUTH["E"], 1.5 * TRUTH["E"]], rtol=1e-4)


def test_the_jacobian_is_that_of_finite_differences():
    rows = pd.concat(two_families(noise_sd=0.02))
    weights = np.random.default_rng(0).uniform(0.5, 2.0, len(rows))
    problem, shape = PooledProblem.of(rows).weighted(weights), np.array([-1.0, -0.5, 0.3, 0.5])

    differences = optimize.approx_fprime(shape, problem.weighted_residuals, 1e-7)

    np.testing.assert_allclose(problem.jacobian(shape), differences, atol=1e-6)


def test_no_other_levels_leave_a_smaller_sum_of_squares():
    problem = PooledProblem.of(pd.concat(two_families(noise_sd=0.02)))
    shape = np.array([-1.0, -0.5, 0.3, 0.5])
    residuals = problem.residuals(shape)

    assert np.bincount(problem.family, residuals) == pytest.approx([0.0, 0.0], abs=1e-10)


def test_a_run_of_weight_nought_does_not_matter():
    rows = pd.concat(two_families(noise_sd=0.01))
    spoilt = rows["run"].isin(["low-1e+10"]).to_numpy()
    problem = PooledProblem.of(rows.assign(loss=rows["loss"].where(~spoilt, 9.0)))

    fit = fit_pooled(problem.weighted(np.where(spoilt, 0.0, 1.0)))

    np.testing.assert_allclose(fit.shape, fit_pooled(PooledProblem.of(rows[~spoilt])).shape, rtol=1e-3)


# --- the forecaster ---------------------------------------------------------------------------


def test_it_is_a_forecaster_and_the_points_keep_their_order():
    points = points_at(("high", 7e10, 1e12), ("low", 1e12, 1e13), ("high", 3e10, 2e11))

    forecast = CompletePooling().forecast(table(*two_families()), points, seed=0)

    assert isinstance(CompletePooling(), Forecaster)
    assert forecast.is_point
    assert forecast.diagnostics["fit_seconds"] > 0.0
    np.testing.assert_allclose(forecast.draws[0], true_at(points) * [1.5, 1.0, 1.5], rtol=1e-4)


def test_a_family_of_one_checkpoint_is_carried_by_the_others():
    lone = scaled(family_rows("lone", sizes=(1e9,), n_checkpoints=1), 3.0)
    points = points_at(("lone", 7e10, 1e12))

    forecast = CompletePooling().forecast(table(*two_families(), lone), points, seed=0)

    np.testing.assert_allclose(forecast.draws[0], true_at(points, 3.0), rtol=1e-4)
    assert len(forecast.notes) == 0


def test_a_family_never_seen_is_at_the_mean_level_with_a_finding():
    points = points_at(("unseen", 7e10, 1e12))

    forecast = CompletePooling().forecast(table(*two_families()), points, seed=0)

    np.testing.assert_allclose(forecast.draws[0], true_at(points, np.sqrt(1.5)), rtol=1e-4)
    assert [(note.code, note.family) for note in forecast.notes] == [("family_unseen", "unseen")]


def test_draws_for_a_family_never_seen_are_as_far_apart_as_the_families_are():
    points = points_at(("unseen", 7e10, 1e12), ("low", 7e10, 1e12))

    unseen, seen = (
        CompletePooling(n_bootstrap=50).forecast(table(*two_families(0.001)), points, seed=0).draws.T
    )

    assert seen.std() < 0.01 * seen.mean()
    assert unseen.std() == pytest.approx(0.25 * true_at(points)[0], rel=0.1)


def test_families_of_one_shape_only_differ_where_theirs_is_another():
    """What complete pooling cannot do: a family whose loss falls faster with size is missed."""
    steep = family_rows("steep")
    steep["loss"] = true_loss(steep["n_params"], steep["n_tokens"], {**TRUTH, "A": 4e4, "alpha": 0.6})
    points = points_at(("steep", 1e12, 1e13))

    forecast = CompletePooling().forecast(table(*two_families(), steep), points, seed=0)

    truth = true_loss(1e12, 1e13, {**TRUTH, "A": 4e4, "alpha": 0.6})
    assert abs(forecast.draws.item() / truth - 1.0) > 0.01


@pytest.mark.parametrize("factor", [1e-3, 1.0 / np.log(2.0), 3.0])
def test_the_forecast_of_a_family_follows_its_own_unit_of_loss(factor):
    low, high = two_families(noise_sd=0.01)
    points, method = points_at(("low", 3e10, 2e11), ("high", 3e10, 2e11)), CompletePooling(n_bootstrap=10)

    before = method.forecast(table(low, high), points, seed=3).draws
    after = method.forecast(table(scaled(low, factor), high), points, seed=3).draws

    np.testing.assert_allclose(after, before * [factor, 1.0], rtol=1e-4)


def test_equal_seeds_give_equal_finite_draws_and_others_do_not():
    train, points = table(*two_families(noise_sd=0.01)), points_at(("low", 3e10, 2e11))
    method = CompletePooling(n_bootstrap=30)

    one, same, other = (method.forecast(train, points, seed=seed).draws for seed in (1, 1, 2))

    assert one.shape == (30, 1)
    assert np.isfinite(one).all()
    np.testing.assert_array_equal(one, same)
    assert (one != other).all()


def test_nine_tenths_intervals_hold_most_of_the_new_runs_of_families_that_share_a_shape():
    points, inside, ratios = points_at(("high", 3e10, 2e11)), [], []
    for seed in range(40):
        forecast = CompletePooling(n_bootstrap=80).forecast(
            table(*two_families(noise_sd=0.01, seed=seed)), points, seed=seed
        )
        new_run = true_at(points, 1.5) * np.exp(np.random.default_rng(1000 + seed).normal(0.0, 0.01))
        low, high = np.quantile(forecast.draws, [0.05, 0.95], axis=0)
        inside.append(bool(low < new_run) and bool(new_run < high))
        ratios.append(high / low)

    # In the long run 0.86, give or take 0.06 in 40 trials.
    assert np.mean(inside) > 0.7
    assert np.mean(ratios) < 1.08  # not by being wide


@pytest.mark.parametrize(
    "rows",
    [
        [family_rows("a", sizes=(1e9,)), family_rows("b", sizes=(1e10,))],
        [family_rows("a", sizes=(1e8, 1e9), n_checkpoints=2)],
    ],
    ids=["one size each", "too few rows"],
)
@pytest.mark.parametrize("n_bootstrap", [0, 7])
def test_a_table_too_small_gives_nan_and_a_finding(rows, n_bootstrap):
    forecast = CompletePooling(n_bootstrap).forecast(table(*rows), points_at(("a", 1e10, 1e11)), seed=0)

    assert forecast.draws.shape == (max(n_bootstrap, 1), 1)
    assert np.isnan(forecast.draws).all()
    assert forecast.notes.codes == ("table_too_small",)


def test_when_no_row_lies_beyond_the_token_cut_that_is_a_finding_too():
    forecast = CompletePooling(min_tokens=1e15).forecast(
        table(family_rows()), points_at(("made-up", 1e10, 1e11)), seed=0
    )

    assert np.isnan(forecast.draws).all()
    assert forecast.notes.codes == ("table_too_small",)
