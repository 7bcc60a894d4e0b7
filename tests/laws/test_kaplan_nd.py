from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from bayes_scaling.laws import KAPLAN_ND

PUBLISHED = {"N_c": 6.4e13, "D_c": 1.8e13, "alpha_N": 0.076, "alpha_D": 0.103}
"""Kaplan et al. 2020, arXiv:2001.08361, table 2."""


def loss(published, n_params, n_tokens):
    params = KAPLAN_ND.from_published(np, published)
    return np.exp(KAPLAN_ND.log_loss(np, params, {"n_params": n_params, "n_tokens": n_tokens}))


def by_hand(published, n_params, n_tokens):
    ratio = published["alpha_N"] / published["alpha_D"]
    bracket = (published["N_c"] / n_params) ** ratio + published["D_c"] / n_tokens
    return bracket ** published["alpha_D"]


@settings(deadline=None)
@given(
    n_c=st.floats(1e10, 1e16),
    d_c=st.floats(1e10, 1e16),
    alpha_n=st.floats(0.02, 0.5),
    alpha_d=st.floats(0.05, 0.5),
    n_params=st.floats(1e3, 1e15),
    n_tokens=st.floats(1e3, 1e15),
)
def test_it_is_the_formula_of_the_paper(n_c, d_c, alpha_n, alpha_d, n_params, n_tokens):
    published = {"N_c": n_c, "D_c": d_c, "alpha_N": alpha_n, "alpha_D": alpha_d}

    assert loss(published, n_params, n_tokens) == pytest.approx(
        by_hand(published, n_params, n_tokens), rel=1e-9
    )
    back = KAPLAN_ND.to_published(np, KAPLAN_ND.from_published(np, published))
    assert back == pytest.approx(published, rel=1e-8)


def test_the_published_loss_at_the_reference_point():
    # (6.4e4^0.738 + 900)^0.103
    assert loss(PUBLISHED, 1e9, 2e10) == pytest.approx(2.374, abs=1e-3)
    assert KAPLAN_ND.from_published(np, PUBLISHED)["log_reference_loss"] == pytest.approx(
        np.log(2.374), abs=1e-3
    )


def test_overfitting_depends_on_a_power_of_size_over_data():
    """Sec. 4.2: L(N, D) / L(N, infinity) - 1 is a function of N^0.74 / D alone."""
    n_params = np.array([1e7, 1e8, 1e9])
    n_tokens = 5e3 * n_params**0.738

    excess = loss(PUBLISHED, n_params, n_tokens) / loss(PUBLISHED, n_params, 1e80) - 1

    assert PUBLISHED["alpha_N"] / PUBLISHED["alpha_D"] == pytest.approx(0.74, abs=0.005)
    np.testing.assert_allclose(excess, excess[0], rtol=1e-3)
    assert excess[0] > 0.01


@pytest.mark.parametrize("flops", [1e18, 1e21, 1e25])
def test_the_closed_form_optimum_is_the_numeric_one(flops):
    closed = KAPLAN_ND.optimal_n_params(np, KAPLAN_ND.from_published(np, PUBLISHED), flops)

    numeric = optimize.minimize_scalar(
        lambda log_n: np.log(by_hand(PUBLISHED, np.exp(log_n), flops / (6 * np.exp(log_n)))),
        bracket=(np.log(closed) - 2, np.log(closed) + 3),
        tol=1e-12,
    )

    assert np.log(closed) == pytest.approx(numeric.x, abs=1e-4)
