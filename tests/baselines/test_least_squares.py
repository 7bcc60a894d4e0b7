from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize

from bayes_scaling.baselines import LeastSquares, NotFittableError, fit_least_squares
from bayes_scaling.baselines.columns import float_columns
from bayes_scaling.baselines.least_squares import SIZE_TERM, START
from tests.baselines.families import TRUTH, family_rows, points_at, table


def columns(rows):
    return float_columns(rows, "n_params", "n_tokens", "loss")


def test_noiseless_runs_give_back_the_law():
    fit = fit_least_squares(*columns(family_rows()))

    assert fit.published == pytest.approx(TRUTH, rel=1e-3)
    assert fit.objective == pytest.approx(0.0, abs=1e-8)


def test_no_other_parameters_have_a_smaller_sum_of_squares():
    n_params, n_tokens, loss = columns(family_rows(noise_sd=0.01))
    fit = fit_least_squares(n_params, n_tokens, loss)
    nearby = fit.theta + np.random.default_rng(0).normal(0.0, 1e-3, (200, 5))

    sums = [
        np.sum((type(fit).from_theta(theta, 0.0).loss(n_params, n_tokens) - loss) ** 2) for theta in nearby
    ]

    assert fit.objective == pytest.approx(np.sum((fit.loss(n_params, n_tokens) - loss) ** 2))
    assert min(sums) > fit.objective


def test_exponents_stay_at_or_above_zero_where_loss_rises_with_size():
    rows = family_rows()
    rows["loss"] = 3.0 + 0.1 * np.log10(rows["n_params"] / 1e8)

    assert fit_least_squares(*columns(rows)).alpha >= 0.0


def test_fixed_parameters_stay_where_they_are():
    fit = fit_least_squares(*columns(family_rows(sizes=(1e9,))), fixed=SIZE_TERM)

    assert (fit.log_A, fit.alpha) == (START["log_A"], START["alpha"])


def test_when_the_optimiser_gives_up_dogbox_has_one_try_and_then_it_is_an_error(monkeypatch):
    tried = []

    def give_up(*args, method, **options):
        tried.append(method)
        return optimize.OptimizeResult(success=False)

    monkeypatch.setattr(optimize, "least_squares", give_up)

    with pytest.raises(NotFittableError, match="did not converge on 40 rows"):
        fit_least_squares(*columns(family_rows()))
    assert tried == ["trf", "dogbox"]


def test_a_family_without_convergence_is_nan_with_a_finding(monkeypatch):
    failure = optimize.OptimizeResult(success=False)
    monkeypatch.setattr(optimize, "least_squares", lambda *args, **options: failure)

    forecast = LeastSquares().forecast(table(family_rows()), points_at(("made-up", 1e11, 1e12)), seed=0)

    assert np.isnan(forecast.draws).all()
    assert forecast.notes.codes == ("no_convergence",)


def test_rows_up_to_the_token_cut_do_not_matter():
    rows = family_rows(last_tokens=1e12, noise_sd=0.01)
    points = points_at(("made-up", 1e11, 1e12))
    spoilt = rows.assign(loss=rows["loss"].where(rows["n_tokens"] > 4e10, 9.0))
    method = LeastSquares(min_tokens=4e10)

    first, second = (method.forecast(table(each), points, seed=0) for each in (rows, spoilt))

    assert not rows["loss"].equals(spoilt["loss"])
    np.testing.assert_array_equal(first.draws, second.draws)
    assert len(first.notes) == 0


def test_a_family_that_the_token_cut_would_leave_too_small_keeps_its_early_rows_and_says_so():
    forecast = LeastSquares().forecast(
        table(family_rows(last_tokens=9e9)), points_at(("made-up", 1e11, 1e12)), seed=0
    )

    assert np.isfinite(forecast.draws).all()
    assert forecast.notes.codes == ("early_rows_kept",)
    assert forecast.notes[0].family == "made-up"


def test_a_family_of_one_size_can_borrow_the_size_term():
    rows = family_rows(sizes=(1e9,))
    near, far = points_at(("made-up", 1e9, 2e11)), points_at(("made-up", 1e11, 2e11))
    method = LeastSquares(borrow_size_term=True)

    at_near, at_far = (method.forecast(table(rows), points, seed=0).draws.item() for points in (near, far))

    assert at_near < rows["loss"].min()
    size_term = [np.exp(SIZE_TERM["log_A"]) / size ** SIZE_TERM["alpha"] for size in (1e9, 1e11)]
    assert at_near - at_far == pytest.approx(size_term[0] - size_term[1])


def test_borrowing_leaves_families_of_several_sizes_as_they_are():
    train, points = table(family_rows(noise_sd=0.01)), points_at(("made-up", 1e11, 1e12))

    np.testing.assert_array_equal(
        LeastSquares(borrow_size_term=True).forecast(train, points, seed=0).draws,
        LeastSquares().forecast(train, points, seed=0).draws,
    )
