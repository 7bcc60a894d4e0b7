"""Stacking weights against mixtures whose best weights are known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp
from scipy.stats import norm

from bayes_scaling.evaluation.stacking import stacking_weights


def test_a_mixture_gets_its_own_weights_back():
    rng = np.random.default_rng(0)
    drawn = np.where(rng.random(20_000) < 0.3, rng.normal(0, 1, 20_000), rng.normal(4, 1, 20_000))
    density = np.column_stack([norm.logpdf(drawn, 0, 1), norm.logpdf(drawn, 4, 1)])

    assert stacking_weights(density) == pytest.approx([0.3, 0.7], abs=0.01)


def test_weights_maximise_the_score():
    rng = np.random.default_rng(1)
    density, counts = rng.normal(size=(40, 2)), rng.uniform(0.2, 3.0, 40)

    def loss(share):
        return -(counts @ logsumexp(density + np.log([share, 1 - share]), axis=1))

    best = minimize_scalar(loss, bounds=(1e-9, 1 - 1e-9), method="bounded", options={"xatol": 1e-10}).x
    assert stacking_weights(density, counts)[0] == pytest.approx(best, abs=1e-3)


def test_a_forecast_that_is_always_worse_gets_nothing():
    density = np.column_stack([np.zeros(50), -np.ones(50), np.full(50, -np.inf)])

    assert stacking_weights(density) == pytest.approx([1.0, 0.0, 0.0], abs=1e-4)


def test_rows_that_count_more_pull_the_weights():
    density = np.array([[0.0, -2.0], [-2.0, 0.0]])

    assert stacking_weights(density) == pytest.approx([0.5, 0.5])
    assert stacking_weights(density, np.array([3.0, 1.0]))[0] > 0.6
