from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from bayes_scaling.datasets import load_coefficients
from bayes_scaling.laws import CHINCHILLA, HasClosedFormOptimum

REPLICATION = {"E": 1.8172, "A": 482.01, "B": 2085.43, "alpha": 0.3478, "beta": 0.3658}
"""Besiroglu et al. 2024, arXiv:2404.10102, table 1."""

PLAIN_FORM = "L = E + A/N^alpha + B/D^beta"
CONSTANTS = ["E", "A", "B", "alpha", "beta"]

exponents = st.floats(0.02, 2.0)


def loss(published: dict[str, float], n_params, n_tokens):
    params = CHINCHILLA.from_published(np, published)
    return np.exp(CHINCHILLA.log_loss(np, params, {"n_params": n_params, "n_tokens": n_tokens}))


def by_hand(published: dict[str, float], n_params, n_tokens):
    e, a, b, alpha, beta = (published[name] for name in CONSTANTS)
    return e + a / n_params**alpha + b / n_tokens**beta


# --- published numbers ------------------------------------------------------------------------


def test_every_published_fit_gives_its_loss_at_a_billion_parameters():
    table = load_coefficients()
    table = table[table["form"] == PLAIN_FORM].dropna(subset=[*CONSTANTS, "sanity_L_1B_20B"])

    found = loss({name: table[name].to_numpy() for name in CONSTANTS}, 1e9, 2e10)

    assert len(table) > 20
    np.testing.assert_allclose(found, table["sanity_L_1B_20B"], atol=5.1e-4)


def test_the_reference_shares_are_those_of_the_published_form():
    params = CHINCHILLA.from_published(np, REPLICATION)

    assert np.exp(params["log_size_share"]) == pytest.approx(482.01 / (1e9**0.3478 * 1.8172))
    assert np.exp(params["log_data_share"]) == pytest.approx(2085.43 / (2e10**0.3658 * 1.8172))


@settings(deadline=None)
@given(e=st.floats(0.05, 10), a=st.floats(0.1, 1e6), b=st.floats(0.1, 1e6), alpha=exponents, beta=exponents)
def test_published_constants_survive_the_round_trip(e, a, b, alpha, beta):
    published = {"E": e, "A": a, "B": b, "alpha": alpha, "beta": beta}

    back = CHINCHILLA.to_published(np, CHINCHILLA.from_published(np, published))

    assert back == pytest.approx(published, rel=1e-11)


@settings(deadline=None)
@given(
    e=st.floats(0.05, 10),
    a=st.floats(0.1, 1e4),
    b=st.floats(0.1, 1e4),
    alpha=exponents,
    beta=exponents,
    n_params=st.floats(1e3, 1e15),
    n_tokens=st.floats(1e3, 1e15),
)
def test_log_space_gives_the_sum_of_the_paper(e, a, b, alpha, beta, n_params, n_tokens):
    published = {"E": e, "A": a, "B": b, "alpha": alpha, "beta": beta}

    assert loss(published, n_params, n_tokens) == pytest.approx(
        by_hand(published, n_params, n_tokens), rel=1e-11
    )


# --- limits -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("input_name", "exponent"), [("n_params", "alpha"), ("n_tokens", "beta")])
def test_the_asymptotic_slope_is_the_exponent(input_name, exponent):
    params = CHINCHILLA.from_published(np, REPLICATION)
    endless = {"n_params": 1e60, "n_tokens": 1e60}
    scales = np.array([1e3, 1e4])

    reducible = np.expm1(CHINCHILLA.log_loss(np, params, endless | {input_name: scales}) - params["log_E"])

    slope = np.diff(np.log(reducible)) / np.diff(np.log(scales))
    assert slope.item() == pytest.approx(-REPLICATION[exponent], rel=1e-9)


def test_endless_scale_leaves_the_irreducible_loss():
    assert loss(REPLICATION, 1e80, 1e80) == pytest.approx(REPLICATION["E"], rel=1e-12)


# --- the optimum ------------------------------------------------------------------------------


def test_the_law_says_that_its_optimum_has_a_closed_form():
    assert isinstance(CHINCHILLA, HasClosedFormOptimum)


@pytest.mark.parametrize("flops", [1e18, 1e21, 5.76e23, 1e27])
@pytest.mark.parametrize(
    "changes", [{}, {"alpha": 0.2}, {"beta": 0.6, "B": 1e5}], ids=["published", "flat", "steep"]
)
def test_the_closed_form_optimum_is_the_numeric_one(flops, changes):
    published = REPLICATION | changes
    params = CHINCHILLA.from_published(np, published)

    closed = CHINCHILLA.optimal_n_params(np, params, flops)
    numeric = optimize.minimize_scalar(
        lambda log_n: by_hand(published, np.exp(log_n), flops / (6 * np.exp(log_n))),
        bracket=(np.log(closed) - 2, np.log(closed) + 3),
        tol=1e-12,
    )

    # at a minimum the loss is flat: its position is known to the root of its precision
    assert np.log(closed) == pytest.approx(numeric.x, abs=1e-5)
    assert by_hand(published, closed, flops / (6 * closed)) <= numeric.fun * (1 + 1e-13)


def test_the_published_optimum_of_the_chinchilla_budget():
    # Besiroglu et al. 2024, sec. 4: about 20 tokens a parameter at the budget of Chinchilla, 5.76e23 FLOPs
    n_params = CHINCHILLA.optimal_n_params(np, CHINCHILLA.from_published(np, REPLICATION), 5.76e23)

    assert 5.76e23 / 6 / n_params**2 == pytest.approx(20, abs=5)
