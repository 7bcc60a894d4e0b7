"""The published numbers of Kaplan et al. 2020, arXiv:2001.08361, and how they hang together."""

from __future__ import annotations

import numpy as np
import pytest

from bayes_scaling.laws.kaplan_adjustments import (
    FLOPS_PER_PF_DAY,
    compute_exponent,
    critical_batch_tokens,
    examples_for_steps,
    kaplan_allocation,
    minimal_compute,
    minimal_steps,
)


def test_the_critical_batch_is_its_scale_at_one_nat_and_doubles_as_the_loss_falls_by_13_percent():
    # sec. 5.1: "roughly doubles for every 13 % decrease in loss"
    assert critical_batch_tokens(1.0) == 2.1e8
    assert critical_batch_tokens(0.87 * 3.0) / critical_batch_tokens(3.0) == pytest.approx(2.0, abs=0.07)


@pytest.mark.parametrize(("batch", "share"), [(1e12, 1.0), (2e6, 0.5), (2e6 / 3, 0.25)])
def test_steps_that_a_large_batch_saves(batch, share):
    assert minimal_steps(1000.0, batch, 2e6) == pytest.approx(1000.0 * share, rel=1e-5)


@pytest.mark.parametrize(("batch", "share"), [(1.0, 1.0), (2e6, 0.5), (6e6, 0.25)])
def test_compute_that_a_small_batch_saves(batch, share):
    assert minimal_compute(8.0, batch, 2e6) == pytest.approx(8.0 * share, rel=1e-5)


def test_steps_and_examples_trade_off_along_the_hyperbola():
    steps = np.array([1.1, 2.0, 5.0, 50.0]) * 300

    examples = examples_for_steps(steps, 300.0, 9e8)

    np.testing.assert_allclose((steps / 300 - 1) * (examples / 9e8 - 1), 1.0)
    assert examples[1] == pytest.approx(2 * 9e8)


def test_the_adjustments_are_the_same_trade_off():
    """A run of S steps at batch B sees B S tokens; its minimal steps and tokens lie on the hyperbola."""
    critical, batch, steps = 3e6, np.array([1e5, 3e6, 2e7]), 1e4
    least_steps = minimal_steps(steps, batch, critical)
    least_tokens = minimal_compute(batch * steps, batch, critical)  # compute and tokens differ by 6 N

    np.testing.assert_allclose(least_tokens / least_steps, critical)
    np.testing.assert_allclose(examples_for_steps(steps, least_steps, least_tokens), batch * steps)


def test_the_exponent_of_minimal_compute():
    assert compute_exponent(alpha_s=0.76, alpha_b=0.21, alpha_n=0.077) == pytest.approx(0.052, abs=5e-4)


def test_the_allocation_spends_the_budget():
    """At the critical batch twice the minimal compute is spent, and twice the minimal steps are made."""
    pf_days = np.array([1e-4, 1.0, 1e4])

    best = kaplan_allocation(pf_days)

    spent = 6 * best.n_params * best.n_tokens / FLOPS_PER_PF_DAY
    np.testing.assert_allclose(spent / pf_days, 2.0, rtol=0.15)
    np.testing.assert_allclose(2 * best.batch_tokens * best.least_steps / best.n_tokens, 1.0, rtol=0.15)
    assert best.n_params[1] == 1.3e9
    assert best.n_params[2] / best.n_params[1] == pytest.approx(10 ** (4 * 0.73))
