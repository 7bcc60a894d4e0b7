from __future__ import annotations

import numpy as np
import pytest

from bayes_scaling.laws import MULTIPLICATIVE

CONSTANTS = {"E": 1.5, "A": 900.0, "alpha": 0.12, "beta": 0.17}


def loss(n_params, n_tokens):
    params = MULTIPLICATIVE.from_published(np, CONSTANTS)
    return np.exp(MULTIPLICATIVE.log_loss(np, params, {"n_params": n_params, "n_tokens": n_tokens}))


def test_it_is_the_formula():
    n_params, n_tokens = np.geomspace(1e6, 1e12, 7)[:, None], np.geomspace(1e8, 1e14, 5)

    np.testing.assert_allclose(
        loss(n_params, n_tokens), 1.5 + 900.0 * n_params**-0.12 * n_tokens**-0.17, rtol=1e-12
    )


def test_constants_survive_the_round_trip():
    back = MULTIPLICATIVE.to_published(np, MULTIPLICATIVE.from_published(np, CONSTANTS))

    assert back == pytest.approx(CONSTANTS, rel=1e-11)


@pytest.mark.parametrize(("n_params", "n_tokens"), [(1e7, 1e200), (1e200, 1e9)])
def test_either_input_alone_reaches_the_floor(n_params, n_tokens):
    assert loss(n_params, n_tokens) == pytest.approx(1.5, rel=1e-6)


def test_a_fixed_budget_has_no_interior_optimum():
    n_params = np.geomspace(1e6, 1e14, 50)

    along_budget = loss(n_params, 1e22 / (6 * n_params))

    assert np.all(
        np.diff(along_budget) > 0
    )  # data has the larger exponent: the smaller the model, the better
