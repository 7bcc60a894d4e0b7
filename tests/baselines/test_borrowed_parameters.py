from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import optimize

from bayes_scaling.baselines import BorrowedParameters, Forecaster, LeastSquares, fit_least_squares
from bayes_scaling.baselines.borrowed_parameters import RelativeTerms, fit_with_borrowed
from bayes_scaling.baselines.columns import float_columns
from tests.baselines.families import TRUTH, family_rows, points_at, table, true_loss

TRUE_TERMS = RelativeTerms(
    log_size_share=np.log(TRUTH["A"] / TRUTH["E"]) - TRUTH["alpha"] * np.log(1e9),
    alpha=TRUTH["alpha"],
    log_data_share=np.log(TRUTH["B"] / TRUTH["E"]) - TRUTH["beta"] * np.log(2e10),
    beta=TRUTH["beta"],
)
FAR = ("small", 1e11, 1e12)


def of_law(family: str, law: dict[str, float], **shape) -> pd.DataFrame:
    rows = family_rows(family, **{"last_tokens": 1e12, **shape})
    return rows.assign(
        loss=rows["loss"]
        * true_loss(rows["n_params"], rows["n_tokens"], law)
        / true_loss(rows["n_params"], rows["n_tokens"])
    )


def lenders(noise_sd: float = 0.0) -> list[pd.DataFrame]:
    """Three families of one size term and of three data terms, the middle one in bits."""
    laws = [TRUTH, {**TRUTH, "B": 4000.0, "beta": 0.4}, {**TRUTH, "B": 700.0, "beta": 0.33}]
    rows = [of_law(f"lender-{index}", law, noise_sd=noise_sd, seed=index) for index, law in enumerate(laws)]
    rows[1] = rows[1].assign(loss=rows[1]["loss"] / np.log(2.0))
    return rows


def forecast_of(rows: pd.DataFrame, points: pd.DataFrame, **options):
    return BorrowedParameters(**options).forecast(table(*lenders(), rows), points, seed=0)


def true_at(points: pd.DataFrame, law: dict[str, float] = TRUTH) -> np.ndarray:
    return true_loss(points["n_params"].to_numpy(), points["n_tokens"].to_numpy(), law)


# --- what is borrowed -------------------------------------------------------------------------


def test_terms_relative_to_the_floor_are_those_of_the_law_whatever_its_unit():
    fit = fit_least_squares(*float_columns(of_law("any", TRUTH), "n_params", "n_tokens", "loss"))
    in_bits = type(fit).from_theta(fit.theta - np.log(np.log(2.0)) * np.array([1, 1, 1, 0, 0]), 0.0)

    assert vars(RelativeTerms.of(fit)) == pytest.approx(vars(TRUE_TERMS), rel=1e-3)
    assert vars(RelativeTerms.of(in_bits)) == pytest.approx(vars(RelativeTerms.of(fit)))


def test_each_parameter_is_the_median_over_families_by_itself():
    terms = [
        RelativeTerms(0.0, 3.0, 9.0, 1.0),
        RelativeTerms(1.0, 1.0, 1.0, 1.0),
        RelativeTerms(5.0, 2.0, 2.0, 7.0),
    ]

    assert RelativeTerms.median(terms) == RelativeTerms(1.0, 2.0, 2.0, 1.0)


@pytest.mark.parametrize("unit", [1.0, 1.0 / np.log(2.0)], ids=["nats", "bits"])
def test_one_noiseless_model_and_the_true_size_term_give_back_its_law(unit):
    law = {**TRUTH, "B": 5000.0, "beta": 0.41}
    n_params, n_tokens, loss = float_columns(of_law("any", law, sizes=(3e9,)), "n_params", "n_tokens", "loss")

    fit = fit_with_borrowed(TRUE_TERMS, n_params, n_tokens, unit * loss).published

    in_unit = {name: value * (unit if name in "EAB" else 1.0) for name, value in law.items()}
    assert fit == pytest.approx(in_unit, rel=1e-3)


def test_no_other_floor_data_term_or_exponent_is_nearer_to_the_rows():
    n_params, n_tokens, loss = float_columns(
        of_law("any", TRUTH, sizes=(3e9,), noise_sd=0.01), "n_params", "n_tokens", "loss"
    )
    size = np.exp(TRUE_TERMS.log_size_share) * (n_params / 1e9) ** -TRUE_TERMS.alpha

    def squares(parameters):
        floor, data, beta = parameters
        return np.sum((floor * (1.0 + size) + data * (n_tokens / 2e10) ** -beta - loss) ** 2)

    fit = fit_with_borrowed(TRUE_TERMS, n_params, n_tokens, loss)
    best = optimize.minimize(
        squares,
        [1.7, 0.3, 0.4],
        method="Nelder-Mead",
        options={"xatol": 1e-9, "fatol": 1e-14, "maxiter": 5000},
    )

    assert fit.objective == pytest.approx(best.fun, rel=1e-6)
    assert np.sum((fit.loss(n_params, n_tokens) - loss) ** 2) == pytest.approx(best.fun, rel=1e-6)


@pytest.mark.parametrize(
    ("n_checkpoints", "borrowed"), [(1, {"alpha", "beta", "B"}), (2, {"alpha", "beta"}), (3, {"alpha"})]
)
def test_more_is_borrowed_the_fewer_token_counts_there_are(n_checkpoints, borrowed):
    rows = of_law("any", {**TRUTH, "B": 9000.0, "beta": 0.45}, sizes=(3e9,), n_checkpoints=n_checkpoints)

    fit = fit_with_borrowed(TRUE_TERMS, *float_columns(rows, "n_params", "n_tokens", "loss"))

    terms = vars(RelativeTerms.of(fit))
    taken = {"alpha": "alpha", "beta": "beta", "B": "log_data_share"}
    assert {
        name for name, key in taken.items() if np.isclose(terms[key], vars(TRUE_TERMS)[key], rtol=1e-6)
    } == borrowed
    assert fit.loss(*float_columns(rows, "n_params", "n_tokens")) == pytest.approx(
        rows["loss"].to_numpy(), rel=1e-6
    )


# --- the forecaster ---------------------------------------------------------------------------


def test_a_family_of_one_size_is_forecast_at_another_size_as_its_law_says():
    law = {
        "E": 3.4,
        "A": 800.0,
        "B": 9000.0,
        "alpha": 0.34,
        "beta": 0.41,
    }  # twice the unit, its own data term
    points = points_at(FAR)

    forecast = forecast_of(of_law("small", law, sizes=(1e9,)), points)

    assert isinstance(BorrowedParameters(), Forecaster)
    assert forecast.is_point
    np.testing.assert_allclose(forecast.draws[0], true_at(points, law), rtol=2e-3)
    assert forecast.notes.codes == ("parameters_borrowed",)
    assert "A, alpha borrowed from 3 families" in forecast.notes[0].message


def test_one_checkpoint_is_enough():
    points = points_at(FAR)

    forecast = forecast_of(of_law("small", TRUTH, sizes=(1e9,), n_checkpoints=1), points)

    np.testing.assert_allclose(forecast.draws[0], true_at(points), rtol=1e-2)
    assert "A, alpha, beta and B borrowed" in forecast.notes[0].message


def test_a_family_of_three_sizes_is_fitted_as_by_least_squares():
    own = of_law("small", {**TRUTH, "alpha": 0.2, "A": 30.0}, sizes=(1e8, 1e9, 1e10), noise_sd=0.01)
    points, train = points_at(FAR), table(*lenders(), own)

    forecast = BorrowedParameters().forecast(train, points, seed=0)

    np.testing.assert_array_equal(forecast.draws, LeastSquares().forecast(train, points, seed=0).draws)
    assert len(forecast.notes) == 0


def test_how_many_sizes_are_enough_can_be_chosen():
    own = of_law("small", {**TRUTH, "alpha": 0.2, "A": 30.0}, sizes=(1e8, 1e9), noise_sd=0.01)
    points, train = points_at(FAR), table(*lenders(), own)

    borrowed, fitted = (
        BorrowedParameters(min_sizes=least).forecast(train, points, seed=0) for least in (3, 2)
    )

    assert borrowed.notes.codes == ("parameters_borrowed",)
    assert fitted.notes.codes == ()
    assert (borrowed.draws != fitted.draws).all()


def test_a_family_whose_own_fit_does_not_converge_borrows(monkeypatch):
    own, points = of_law("small", TRUTH, noise_sd=0.01), points_at(FAR)
    original = optimize.least_squares

    def give_up_on_own(residuals, start, *args, **options):
        failed = len(residuals(start)) == len(own[own["n_tokens"] > 2.5e10])
        return (
            optimize.OptimizeResult(success=False) if failed else original(residuals, start, *args, **options)
        )

    monkeypatch.setattr(optimize, "least_squares", give_up_on_own)
    forecast = BorrowedParameters(min_tokens=2.5e10).forecast(
        table(*(rows[rows["n_params"] < 5e9] for rows in lenders()), own), points, seed=0
    )

    assert forecast.notes.codes == ("parameters_borrowed",)
    np.testing.assert_allclose(forecast.draws[0], true_at(points), rtol=0.05)


def test_early_rows_are_left_out_where_there_are_late_ones_and_kept_with_a_finding_where_not():
    rows = of_law("small", TRUTH, sizes=(1e9,), last_tokens=4e11)
    spoilt = rows.assign(loss=rows["loss"].where(rows["n_tokens"] > 1e10, 9.0))
    points = points_at(FAR)

    clean, cut = (forecast_of(each, points) for each in (rows, spoilt))
    early = forecast_of(of_law("small", TRUTH, sizes=(1e9,), last_tokens=9e9), points)

    assert not rows["loss"].equals(spoilt["loss"])
    np.testing.assert_array_equal(clean.draws, cut.draws)
    assert early.notes.codes == ("early_rows_kept", "parameters_borrowed")
    assert np.isfinite(early.draws).all()


@pytest.mark.parametrize("n_bootstrap", [0, 10])
def test_the_forecast_follows_the_unit_of_loss_of_the_family_alone(n_bootstrap):
    rows = of_law("small", TRUTH, sizes=(1e9,), noise_sd=0.01)
    points = points_at(FAR)

    nats = forecast_of(rows, points, n_bootstrap=n_bootstrap).draws
    bits = forecast_of(rows.assign(loss=rows["loss"] / np.log(2.0)), points, n_bootstrap=n_bootstrap).draws

    np.testing.assert_allclose(bits, nats / np.log(2.0), rtol=1e-5)


def test_equal_seeds_give_equal_finite_draws_and_others_do_not():
    train = table(*lenders(0.005), of_law("small", TRUTH, sizes=(1e9,), noise_sd=0.01))
    points, method = points_at(FAR, ("lender-0", 1e11, 1e12)), BorrowedParameters(n_bootstrap=30)

    one, same, other = (method.forecast(train, points, seed=seed).draws for seed in (1, 1, 2))

    assert one.shape == (30, 2)
    assert np.isfinite(one).all()
    np.testing.assert_array_equal(one, same)
    assert (one != other).all()


def test_draws_of_a_borrowing_family_are_as_far_apart_as_the_lenders_are():
    rows = of_law("small", TRUTH, sizes=(1e9,))
    unlike = of_law("unlike", {**TRUTH, "A": 20.0, "alpha": 0.15})
    points, method = points_at(("small", 1e12, 1e12)), BorrowedParameters(n_bootstrap=40)

    alike = method.forecast(table(*lenders(), rows), points, seed=0).draws
    mixed = method.forecast(table(*lenders(), unlike, rows), points, seed=0).draws

    assert mixed.std() > 10 * alike.std()


def test_nine_tenths_intervals_hold_most_of_the_new_runs_where_lenders_vary_as_the_family_does():
    rng, inside, ratios = np.random.default_rng(0), [], []
    for seed in range(30):
        laws = [{**TRUTH, "alpha": alpha, "A": 0.3 * 1e9**alpha} for alpha in rng.normal(0.34, 0.03, 9)]
        families = [of_law(f"lender-{index}", law, n_checkpoints=5) for index, law in enumerate(laws[:-1])]
        own, points = (
            of_law("small", laws[-1], sizes=(1e9,), noise_sd=0.005, seed=seed),
            points_at(("small", 1e11, 1e12)),
        )
        draws = BorrowedParameters(n_bootstrap=60).forecast(table(*families, own), points, seed=seed).draws
        new_run = true_at(points, laws[-1]) * np.exp(rng.normal(0.0, 0.005))
        low, high = np.quantile(draws, [0.05, 0.95], axis=0)
        inside.append(bool(low < new_run) and bool(new_run < high))
        ratios.append(high / low)

    # In the long run 0.75 (eight lenders are few), give or take 0.08 in 30 trials.
    assert np.mean(inside) > 0.55
    assert np.mean(ratios) < 1.15  # not by being wide


@pytest.mark.parametrize("n_bootstrap", [0, 7])
def test_without_a_family_to_borrow_from_there_is_nan_and_a_finding(n_bootstrap):
    forecast = BorrowedParameters(n_bootstrap=n_bootstrap).forecast(
        table(family_rows("small", sizes=(1e9,))), points_at(FAR), seed=0
    )

    assert forecast.draws.shape == (max(n_bootstrap, 1), 1)
    assert np.isnan(forecast.draws).all()
    assert forecast.notes.codes == ("no_lender",)


def test_a_family_never_seen_gives_nan_and_a_finding():
    forecast = BorrowedParameters().forecast(table(*lenders()), points_at(FAR), seed=0)

    assert np.isnan(forecast.draws).all()
    assert [(note.code, note.family) for note in forecast.notes] == [("family_unseen", "small")]
