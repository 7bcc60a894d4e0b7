from __future__ import annotations

import numpy as np
import pytest

from bayes_scaling.laws import CHINCHILLA, COMPUTE, KAPLAN_C, MULTIPLICATIVE
from bayes_scaling.laws.compute import REFERENCE_FLOPS

FLOPS = np.geomspace(1e17, 1e25, 9)


def loss(published, flops=FLOPS):
    return np.exp(COMPUTE.log_loss(np, COMPUTE.from_published(np, published), {"flops": flops}))


def test_it_is_the_formula():
    constants = {"E": 1.6, "K": 900.0, "gamma": 0.15}

    np.testing.assert_allclose(loss(constants), 1.6 + 900.0 * FLOPS**-0.15, rtol=1e-12)
    assert COMPUTE.to_published(np, COMPUTE.from_published(np, constants)) == pytest.approx(constants)


def test_a_vanishing_exponent_gives_the_claim_that_is_linear_in_log_compute():
    """With the loss and the slope at the reference held, gamma to 0 takes E to minus infinity or K to infinity."""
    level, slope = 3.0, 0.12
    linear = level - slope * np.log(FLOPS / REFERENCE_FLOPS)

    gaps = []
    for gamma in (0.1, 0.08, 0.06):
        above = slope / gamma
        published = {"E": level - above, "K": above * REFERENCE_FLOPS**gamma, "gamma": gamma}
        gaps.append(np.abs(loss(published) - linear).max())

    # the distance from the line is proportional to gamma in the first order
    bend = slope * np.log(FLOPS / REFERENCE_FLOPS) ** 2 / 2
    assert gaps[0] > gaps[1] > gaps[2]
    assert gaps[2] / 0.06 == pytest.approx(bend.max(), rel=0.4)


def test_without_a_floor_it_is_kaplans_law_of_compute():
    kaplan = KAPLAN_C.from_published(np, {"C_c": 1.6e7, "alpha": 0.057})
    at_reference = np.exp(kaplan["log_reference_loss"])

    found = loss({"E": 1e-14, "K": at_reference * REFERENCE_FLOPS**0.057, "gamma": 0.057})

    np.testing.assert_allclose(found, np.exp(KAPLAN_C.log_loss(np, kaplan, {"flops": FLOPS})), rtol=1e-12)


def test_it_is_the_product_law_with_equal_exponents():
    product = {"E": 1.5, "A": 700.0, "alpha": 0.14, "beta": 0.14}
    n_params = np.geomspace(1e7, 1e10, 9)
    inputs = {"n_params": n_params, "n_tokens": FLOPS / (6 * n_params)}

    expected = MULTIPLICATIVE.log_loss(np, MULTIPLICATIVE.from_published(np, product), inputs)

    found = loss({"E": 1.5, "K": 700.0 * 6**0.14, "gamma": 0.14})
    np.testing.assert_allclose(np.log(found), expected, rtol=1e-12)


def test_it_is_the_additive_law_along_its_optimum():
    params = CHINCHILLA.from_published(
        np, {"E": 1.8172, "A": 482.01, "B": 2085.43, "alpha": 0.3478, "beta": 0.3658}
    )
    n_params = CHINCHILLA.optimal_n_params(np, params, FLOPS)
    inputs = {"n_params": n_params, "n_tokens": FLOPS / (6 * n_params)}
    reducible = np.exp(CHINCHILLA.log_loss(np, params, inputs)) - 1.8172
    gamma = 0.3478 * 0.3658 / (0.3478 + 0.3658)

    amplitude = reducible[0] * FLOPS[0] ** gamma

    np.testing.assert_allclose(
        loss({"E": 1.8172, "K": amplitude, "gamma": gamma}), reducible + 1.8172, rtol=1e-10
    )
