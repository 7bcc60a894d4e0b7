from __future__ import annotations

import numpy as np
import pytest

from bayes_scaling.laws import KAPLAN_N, KAPLAN_NS

PUBLISHED = {"N_c": 6.5e13, "S_c": 2.1e3, "alpha_N": 0.077, "alpha_S": 0.76}
"""Kaplan et al. 2020, arXiv:2001.08361, table 3."""

N_PARAMS, N_STEPS = np.geomspace(1e5, 1e11, 5)[:, None], np.geomspace(1e3, 1e6, 4)


def log_loss(n_params, n_steps):
    params = KAPLAN_NS.from_published(np, PUBLISHED)
    return KAPLAN_NS.log_loss(np, params, {"n_params": n_params, "n_steps": n_steps})


def test_the_published_constants_give_the_published_law():
    by_hand = (6.5e13 / N_PARAMS) ** 0.077 + (2.1e3 / N_STEPS) ** 0.76

    np.testing.assert_allclose(np.exp(log_loss(N_PARAMS, N_STEPS)), by_hand, rtol=1e-12)


def test_a_published_value():
    # 1e9 parameters after 1e5 steps: 2.347 + 0.053
    assert np.exp(log_loss(1e9, 1e5)) == pytest.approx(2.401, abs=1e-3)


def test_published_constants_survive_the_round_trip():
    back = KAPLAN_NS.to_published(np, KAPLAN_NS.from_published(np, PUBLISHED))

    assert back == pytest.approx(PUBLISHED, rel=1e-11)


def test_endless_steps_leave_the_power_law_in_size():
    alone = KAPLAN_N.from_published(np, {"N_c": 6.5e13, "alpha": 0.077})

    np.testing.assert_allclose(
        log_loss(N_PARAMS, 1e60), KAPLAN_N.log_loss(np, alone, {"n_params": N_PARAMS}), rtol=1e-12
    )
