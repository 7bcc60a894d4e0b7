from __future__ import annotations

import numpy as np
import pytest

from bayes_scaling.laws import CHINCHILLA, KAPLAN_ND, POWER_SUM

INPUTS = {"n_params": np.geomspace(1e7, 1e12, 6)[:, None], "n_tokens": np.geomspace(1e9, 1e13, 5)}
MADE_UP = {"L_inf": 1.2, "N_C": 3e12, "D_C": 8e11, "alpha_N": 0.09, "alpha_D": 0.15, "alpha": 0.4}
"""For a test of the formula; no published fit."""


def test_it_is_the_formula_of_the_paper():
    c = MADE_UP
    bracket = (
        c["L_inf"] ** (1 / c["alpha"])
        + (c["N_C"] / INPUTS["n_params"]) ** (c["alpha_N"] / c["alpha"])
        + (c["D_C"] / INPUTS["n_tokens"]) ** (c["alpha_D"] / c["alpha"])
    )

    found = POWER_SUM.log_loss(np, POWER_SUM.from_published(np, c), INPUTS)

    np.testing.assert_allclose(np.exp(found), bracket ** c["alpha"], rtol=1e-12)
    assert POWER_SUM.to_published(np, POWER_SUM.from_published(np, c)) == pytest.approx(c, rel=1e-10)


def test_without_a_floor_it_is_kaplans_joint_law():
    joint = {"N_c": 6.4e13, "D_c": 1.8e13, "alpha_N": 0.076, "alpha_D": 0.103}
    same = {
        "L_inf": 1e-4,
        "N_C": joint["N_c"],
        "D_C": joint["D_c"],
        "alpha_N": 0.076,
        "alpha_D": 0.103,
        "alpha": 0.103,
    }

    found = POWER_SUM.log_loss(np, POWER_SUM.from_published(np, same), INPUTS)

    expected = KAPLAN_ND.log_loss(np, KAPLAN_ND.from_published(np, joint), INPUTS)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_with_an_outer_exponent_of_one_it_is_the_additive_law():
    params = {
        "log_E": 0.5,
        "log_size_share": -1.5,
        "log_data_share": -1.2,
        "log_alpha": -1.0,
        "log_beta": -0.9,
    }

    found = POWER_SUM.log_loss(np, params | {"log_outer": 0.0}, INPUTS)

    np.testing.assert_allclose(found, CHINCHILLA.log_loss(np, params, INPUTS), rtol=1e-14)


@pytest.mark.parametrize("outer", [0.1, 0.5, 2.0])
def test_small_shares_mean_the_same_under_any_outer_exponent(outer):
    params = {
        "log_E": 0.5,
        "log_size_share": -9.0,
        "log_data_share": -8.5,
        "log_alpha": -1.0,
        "log_beta": -0.9,
    }
    at_reference = {"n_params": 1e9, "n_tokens": 2e10}

    excess = np.expm1(POWER_SUM.log_loss(np, params | {"log_outer": np.log(outer)}, at_reference) - 0.5)

    assert excess == pytest.approx(np.exp(-9.0) + np.exp(-8.5), rel=2e-3)
