"""Sums of terms that are known by their logs."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytensor.tensor as pt
import pytest

from bayes_scaling.laws.sums import log_one_plus

LOGS = np.array([[-2.0, 0.0, 3.0, -800.0, 800.0, -800.0], [-1.0, 0.0, -5.0, 800.0, 799.0, -900.0]])


@pytest.mark.parametrize("n_terms", [1, 2])
def test_terms_of_any_size_are_added(n_terms):
    expected = np.logaddexp.reduce([np.zeros(LOGS.shape[1]), *LOGS[:n_terms]])

    with np.errstate(all="raise", under="ignore"):
        found = log_one_plus(np, *LOGS[:n_terms])

    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(log_one_plus(pt, *map(pt.constant, LOGS[:n_terms])).eval(), found, rtol=1e-12)


def test_its_slope_is_each_term_s_share_wherever_it_lies():
    slopes = jax.vmap(jax.grad(lambda logs: log_one_plus(jnp, logs[0], logs[1])))(LOGS.T)

    total = np.logaddexp.reduce([np.zeros(LOGS.shape[1]), *LOGS])
    np.testing.assert_allclose(slopes, np.exp(LOGS - total).T, rtol=1e-5, atol=1e-12)
