from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bayes_scaling.baselines import (
    Forecaster,
    HuberLBFGS,
    VariableProjection,
    fit_least_squares,
    fit_variable_projection,
)
from bayes_scaling.baselines.columns import float_columns
from tests.baselines.families import TRUTH, family_rows, points_at, table, true_loss


def columns(rows):
    return float_columns(rows, "n_params", "n_tokens", "loss")


# --- the fit ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "law",
    [TRUTH, {"E": 0.3, "A": 30.0, "B": 9e6, "alpha": 0.12, "beta": 0.8}],
    ids=["usual", "unlike exponents"],
)
def test_noiseless_runs_give_back_the_law(law):
    rows = family_rows()
    n_params, n_tokens, _ = columns(rows)

    fit = fit_variable_projection(n_params, n_tokens, true_loss(n_params, n_tokens, law))

    assert fit.published == pytest.approx(law, rel=1e-4)
    assert fit.objective == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_the_optimum_is_that_of_least_squares_over_five_parameters(seed):
    rows = columns(family_rows(noise_sd=0.005, seed=seed))

    projected, direct = fit_variable_projection(*rows), fit_least_squares(*rows)

    assert projected.objective == pytest.approx(direct.objective, rel=1e-6)
    assert projected.published == pytest.approx(direct.published, rel=1e-2)


def test_the_objective_is_the_sum_of_squares_of_the_loss():
    n_params, n_tokens, loss = columns(family_rows(noise_sd=0.01))

    fit = fit_variable_projection(n_params, n_tokens, loss)

    assert fit.objective == pytest.approx(np.sum((fit.loss(n_params, n_tokens) - loss) ** 2), rel=1e-8)


def test_a_row_of_weight_two_counts_like_two_rows():
    rows = family_rows(noise_sd=0.02)
    doubled = pd.concat([rows, rows.iloc[:10]])
    weights = np.where(np.arange(len(rows)) < 10, 2.0, 1.0)

    by_weight, by_rows = (
        fit_variable_projection(*columns(rows), weights),
        fit_variable_projection(*columns(doubled)),
    )

    assert by_weight.objective == pytest.approx(by_rows.objective, rel=1e-8)
    assert by_weight.objective > 1.05 * fit_variable_projection(*columns(rows)).objective
    assert by_weight.published == pytest.approx(by_rows.published, rel=1e-3)


def test_from_a_start_the_optimum_is_found_though_the_start_is_far_off():
    rows = columns(family_rows(noise_sd=0.01))
    whole = fit_variable_projection(*rows)
    wrong = type(whole)(log_A=0.0, log_B=0.0, log_E=0.0, alpha=3.0, beta=0.02, objective=0.0)

    assert fit_variable_projection(*rows, start=wrong).objective == pytest.approx(whole.objective, rel=1e-6)


def test_no_term_is_negative_where_loss_rises_with_size():
    rows = family_rows()
    n_params, n_tokens, loss = columns(rows)

    fit = fit_variable_projection(n_params, n_tokens, loss + 0.5 * np.log10(n_params / 1e8))

    assert fit.published["A"] == 0.0
    assert min(fit.published.values()) >= 0.0


# --- the forecaster ---------------------------------------------------------------------------


def test_it_is_a_forecaster_that_predicts_far_beyond_noiseless_runs():
    points = points_at(("made-up", 7e10, 1.4e12), ("made-up", 1e12, 1e13))

    forecast = VariableProjection().forecast(table(family_rows()), points, seed=0)

    assert isinstance(VariableProjection(), Forecaster)
    assert forecast.is_point
    np.testing.assert_allclose(forecast.draws, [true_loss(points["n_params"], points["n_tokens"])], rtol=1e-5)


def test_the_forecast_follows_the_unit_of_loss():
    rows, points = family_rows(noise_sd=0.01), points_at(("made-up", 3e10, 2e11))
    method = VariableProjection(n_bootstrap=20)

    nats = method.forecast(table(rows), points, seed=4).draws
    bits = method.forecast(table(rows.assign(loss=rows["loss"] / np.log(2.0))), points, seed=4).draws

    np.testing.assert_allclose(bits, nats / np.log(2.0), rtol=1e-4)


@pytest.fixture(scope="module")
def bootstrap():
    train = table(family_rows("noisy", noise_sd=0.02), family_rows("clean", noise_sd=0.001))
    points = points_at(("noisy", 3e10, 2e11), ("clean", 3e10, 2e11))
    return train, points, VariableProjection(n_bootstrap=60).forecast(train, points, seed=1)


def test_draws_are_finite_and_spread_as_the_family_s_noise_does(bootstrap):
    forecast = bootstrap[2]
    noisy, clean = forecast.draws.std(axis=0)

    assert forecast.draws.shape == (60, 2)
    assert np.isfinite(forecast.draws).all()
    assert not forecast.is_point
    assert noisy > 5 * clean > 0.0


def test_draws_depend_on_the_seed_and_on_no_other_family(bootstrap):
    train, points, forecast = bootstrap
    method = VariableProjection(n_bootstrap=60)

    alone = method.forecast(train.select("noisy"), points[:1], seed=1)
    other_seed = method.forecast(train.select("noisy"), points[:1], seed=2)

    np.testing.assert_array_equal(alone.draws[:, 0], forecast.draws[:, 0])
    assert (other_seed.draws != alone.draws).all()


def test_nine_tenths_intervals_hold_most_of_the_new_runs_of_a_law_that_is_true():
    points, inside, ratios = points_at(("made-up", 3e10, 2e11)), [], []
    truth = true_loss(points["n_params"].to_numpy(), points["n_tokens"].to_numpy())
    method = VariableProjection(n_bootstrap=60)
    for seed in range(40):
        rows = family_rows(sizes=tuple(np.geomspace(1e8, 1e10, 12)), noise_sd=0.01, seed=seed)
        draws = method.forecast(table(rows), points, seed=seed).draws
        new_run = truth * np.exp(np.random.default_rng(1000 + seed).normal(0.0, 0.01))
        low, high = np.quantile(draws, [0.05, 0.95], axis=0)
        inside.append(bool(low < new_run) and bool(new_run < high))
        ratios.append(high / low)

    # In the long run 0.8 (a dozen runs make the bootstrap too sure), give or take 0.06 in 40 trials.
    assert np.mean(inside) > 0.65
    assert np.mean(ratios) < 1.08  # not by being wide


def test_a_run_of_many_checkpoints_is_thinned_unless_told_not_to():
    rows = family_rows(n_checkpoints=200)
    spoilt = rows.assign(loss=rows["loss"].where(rows.groupby("run").cumcount() != 100, 9.0))
    points = points_at(("made-up", 3e10, 2e11))
    truth = true_loss(points["n_params"].to_numpy(), points["n_tokens"].to_numpy())

    thinned = VariableProjection().forecast(table(spoilt), points, seed=0).draws[0]
    whole = VariableProjection(max_checkpoints=None).forecast(table(spoilt), points, seed=0).draws[0]

    assert thinned == pytest.approx(truth, rel=1e-5)  # the spoilt checkpoint is not among the twelve
    assert whole != pytest.approx(truth, rel=1e-3)


def test_rows_up_to_the_token_cut_do_not_matter():
    rows = family_rows(noise_sd=0.01)
    spoilt = rows.assign(loss=rows["loss"].where(rows["n_tokens"] > 1e10, 9.0))
    points, method = points_at(("made-up", 3e10, 2e11)), VariableProjection(min_tokens=1e10)

    first, second = (method.forecast(table(each), points, seed=0) for each in (rows, spoilt))

    np.testing.assert_array_equal(first.draws, second.draws)


@pytest.mark.parametrize(
    "rows",
    [family_rows(sizes=(1e9,)), family_rows(sizes=(1e8, 1e9), n_checkpoints=2), family_rows("another")],
    ids=["one size", "four rows", "never seen"],
)
@pytest.mark.parametrize("n_bootstrap", [0, 7])
def test_a_family_too_small_gives_nan_and_a_finding(rows, n_bootstrap):
    forecast = VariableProjection(n_bootstrap).forecast(
        table(rows), points_at(("made-up", 1e10, 1e11)), seed=0
    )

    assert forecast.draws.shape == (max(n_bootstrap, 1), 1)
    assert np.isnan(forecast.draws).all()
    assert forecast.notes.codes == ("family_too_small",)
    assert forecast.notes[0].family == "made-up"


def test_a_fit_without_one_of_the_terms_is_a_finding():
    rows = family_rows()
    rows["loss"] += 0.5 * np.log10(rows["n_params"] / 1e8)

    forecast = VariableProjection().forecast(table(rows), points_at(("made-up", 3e10, 2e11)), seed=0)

    assert np.isfinite(forecast.draws).all()
    assert forecast.notes.codes == ("term_absent",)
    assert "A = 0" in forecast.notes[0].message


def test_its_intervals_are_not_those_of_the_robust_fit_but_of_their_kind():
    """Both bootstraps weigh the same runs by the same numbers; only the loss that is minimised differs."""
    train, points = table(family_rows(noise_sd=0.01)), points_at(("made-up", 3e10, 2e11))

    ours, robust = (
        np.log(method.forecast(train, points, seed=1).draws).std()
        for method in (VariableProjection(n_bootstrap=60), HuberLBFGS(n_bootstrap=60))
    )

    assert 0.4 < ours / robust < 2.5
