from __future__ import annotations

import numpy as np
import pytest

from bayes_scaling.errors import InputError
from bayes_scaling.laws import CHINCHILLA, TIED, get_law
from bayes_scaling.laws.tied import PUBLISHED_LOSS, PUBLISHED_PIVOTS, Pivots, Tied

INPUTS = {"n_params": np.geomspace(1e7, 1e11, 6)[:, None], "n_tokens": np.geomspace(1e9, 1e13, 5)}
EXPONENTS = [(0.30, 0.45), (0.50, 0.70), (0.12, 1.5)]


@pytest.mark.parametrize(("alpha", "beta"), EXPONENTS)
def test_the_published_lines_and_the_pivots_are_the_same_law(alpha, beta):
    # alpha = .0116280 + .05004588 ln A, beta = .23710262 + .03844353 ln B, at the loss where both forms meet
    log_a, log_b = (alpha - 0.0116280) / 0.05004588, (beta - 0.23710262) / 0.03844353
    by_lines = (
        PUBLISHED_LOSS
        + np.exp(log_a) * INPUTS["n_params"] ** -alpha
        + np.exp(log_b) * INPUTS["n_tokens"] ** -beta
    )
    params = {"log_E": np.log(PUBLISHED_LOSS), "log_alpha": np.log(alpha), "log_beta": np.log(beta)}

    np.testing.assert_allclose(np.exp(TIED.log_loss(np, params, INPUTS)), by_lines, rtol=1e-10)


def test_where_the_published_lines_meet():
    assert pytest.approx(4.77e8, rel=1e-2) == PUBLISHED_PIVOTS.n_params
    assert pytest.approx(1.98e11, rel=1e-2) == PUBLISHED_PIVOTS.n_tokens
    assert PUBLISHED_PIVOTS.size_share * PUBLISHED_LOSS == pytest.approx(0.793, abs=1e-3)
    assert PUBLISHED_PIVOTS.data_share * PUBLISHED_LOSS == pytest.approx(0.0021, abs=1e-4)


@pytest.mark.parametrize(("input_name", "other"), [("n_params", "n_tokens"), ("n_tokens", "n_params")])
def test_at_a_pivot_all_families_have_the_same_term(input_name, other):
    log_exponents = np.log([[0.2, 0.5], [0.4, 1.0], [0.9, 2.5]]).T
    params = {"log_E": 0.0, "log_alpha": log_exponents[0], "log_beta": log_exponents[1]}
    share = {"n_params": PUBLISHED_PIVOTS.size_share, "n_tokens": PUBLISHED_PIVOTS.data_share}[input_name]

    terms = np.expm1(
        TIED.log_loss(np, params, {input_name: getattr(PUBLISHED_PIVOTS, input_name), other: 1e200})
    )

    np.testing.assert_allclose(terms, share, rtol=1e-6)


def test_other_pivots_are_another_law_of_the_same_form():
    law = Tied(Pivots(n_params=1e9, size_share=0.2, n_tokens=2e10, data_share=0.22))
    params = {"log_E": 0.6, "log_alpha": np.log(0.35), "log_beta": np.log(0.37)}
    additive = params | {"log_size_share": np.log(0.2), "log_data_share": np.log(0.22)}

    np.testing.assert_allclose(
        law.log_loss(np, params, INPUTS), CHINCHILLA.log_loss(np, additive, INPUTS), rtol=1e-14
    )


def test_a_law_at_other_pivots_is_not_taken_for_the_registered_one():
    other = Tied(Pivots(n_params=1e9, size_share=0.2, n_tokens=2e10, data_share=0.22))

    assert Tied().name == TIED.name == "tied"
    assert other.name == "tied-1e+09-2e+10"
    with pytest.raises(InputError, match="is not known"):
        get_law(other.name)


def test_the_optimum_is_that_of_the_additive_law():
    params = {"log_E": 0.6, "log_alpha": np.log(0.35), "log_beta": np.log(0.8)}

    additive = CHINCHILLA.optimal_n_params(np, TIED.additive(np, params), 1e22)

    assert TIED.optimal_n_params(np, params, 1e22) == additive
