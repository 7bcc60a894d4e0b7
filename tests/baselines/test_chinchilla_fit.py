"""The law in published parameters agrees with the pooled law, and its gradient with differences."""

from __future__ import annotations

import numpy as np
import pytest

from bayes_scaling.baselines.chinchilla_fit import (
    ChinchillaFit,
    log_loss,
    log_loss_and_jacobian,
    recentre,
)
from bayes_scaling.laws import CHINCHILLA

THETA = np.array([6.2, 7.6, 0.6, 0.35, 0.37])
LOG_N = np.log([1e7, 1e9, 7e10, 1e15])
LOG_D = np.log([1e8, 2e10, 1.4e12, 1e15])


def test_it_is_the_pooled_law_in_other_parameters():
    published = ChinchillaFit.from_theta(THETA, 0.0).published
    pooled = CHINCHILLA.from_published(np, published)
    inputs = {"n_params": np.exp(LOG_N), "n_tokens": np.exp(LOG_D)}

    np.testing.assert_allclose(
        log_loss(THETA, LOG_N, LOG_D), CHINCHILLA.log_loss(np, pooled, inputs), rtol=1e-12
    )


def test_the_jacobian_is_that_of_finite_differences():
    value, jacobian = log_loss_and_jacobian(THETA, LOG_N, LOG_D)
    step = 1e-6
    differences = [
        (log_loss(THETA + step * unit, LOG_N, LOG_D) - log_loss(THETA - step * unit, LOG_N, LOG_D))
        / (2 * step)
        for unit in np.eye(5)
    ]

    np.testing.assert_allclose(value, log_loss(THETA, LOG_N, LOG_D), rtol=1e-14)
    np.testing.assert_allclose(jacobian.T, differences, rtol=1e-6, atol=1e-9)


def test_many_parameter_vectors_are_valued_at_once():
    thetas = np.stack([THETA, THETA + 0.1, THETA - 0.1])

    together = log_loss(thetas, LOG_N, LOG_D)

    np.testing.assert_array_equal(together, [log_loss(theta, LOG_N, LOG_D) for theta in thetas])


def test_recentring_and_back_changes_nothing_and_the_recentred_law_is_the_same():
    there = recentre(THETA, 20.0, 24.0)

    np.testing.assert_allclose(log_loss(there, LOG_N - 20.0, LOG_D - 24.0), log_loss(THETA, LOG_N, LOG_D))
    np.testing.assert_allclose(recentre(there, -20.0, -24.0), THETA)


@pytest.mark.parametrize("exponent", [0.0, -0.1, 12.0])
def test_exponents_that_the_pooled_form_excludes_are_valued(exponent):
    theta = np.array([6.2, 7.6, 0.6, exponent, 0.37])

    assert np.isfinite(log_loss(theta, LOG_N, LOG_D)).all()


def test_a_wild_estimate_gives_infinity_without_a_warning():
    wild = ChinchillaFit(log_A=800.0, log_B=1.0, log_E=0.0, alpha=0.0, beta=0.1, objective=0.0)

    assert wild.loss(np.array([1e9]), np.array([1e10])) == np.inf
    assert wild.published["A"] == np.inf
