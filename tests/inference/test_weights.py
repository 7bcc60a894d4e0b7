from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bayes_scaling.inference.batch import Batch
from bayes_scaling.inference.weights import draw_discrepancy_weights
from bayes_scaling.models import LOG_DISCREPANCY_SD, LOG_RUN_SD, ModelSpec, build_layout
from tests.models.dense import (
    AWKWARD_FAMILIES,
    PEAKS,
    awkward_runs,
    dense_covariance,
    dense_features,
    dense_mean,
)

SPEC = ModelSpec()
N_DRAWS = 20_000
SHAPES = np.array([0, 1, 2, 0, 2])


def dense_posterior(layout, theta: pd.Series, place: int, log_n: np.ndarray, log_d: np.ndarray):
    """Mean and covariance of a family's discrepancy at new points, by conditioning one big Gaussian."""
    rows = layout.frame[layout.frame["family"] == layout.families[place]]
    run_sd, discrepancy_sd = np.exp(theta[LOG_RUN_SD]), np.exp(theta[LOG_DISCREPANCY_SD])
    covariance = dense_covariance(SPEC, rows, SPEC.shapes[SHAPES[place]], run_sd, discrepancy_sd)
    here, there = dense_features(SPEC, rows), SPEC.basis.features(log_n, log_d)
    crossed = discrepancy_sd**2 * there @ here.T
    mean = dense_mean(rows, theta, PEAKS.get(layout.families[place]))
    residual = np.log(rows["loss"].to_numpy()) - layout.log_unit[place] - mean
    gain = np.linalg.solve(covariance, crossed.T).T
    return gain @ residual, discrepancy_sd**2 * there @ there.T - gain @ crossed.T


@pytest.fixture(scope="module")
def layout():
    return build_layout(SPEC, awkward_runs(), SHAPES)


@pytest.fixture(scope="module")
def batch(layout) -> Batch:
    return Batch.of(SPEC, layout)


@pytest.fixture(scope="module")
def theta(layout) -> np.ndarray:
    """Parameters (F, P) with a discrepancy as large as what it has to explain."""
    priors = SPEC.priors.parameters
    locations = {name: priors[name].location for name in SPEC.family_parameters}
    row = locations | {LOG_RUN_SD: np.log(0.01), LOG_DISCREPANCY_SD: np.log(0.05)}
    return np.tile([row[name] for name in SPEC.family_parameters], (len(layout.families), 1))


@pytest.fixture(scope="module")
def weights(batch, theta) -> np.ndarray:
    repeated = np.broadcast_to(theta, (N_DRAWS, *theta.shape))
    return draw_discrepancy_weights(batch, repeated, np.random.default_rng(0))


@pytest.mark.parametrize("place", range(len(AWKWARD_FAMILIES)), ids=AWKWARD_FAMILIES)
def test_weights_are_draws_of_the_conditioned_process(layout, theta, weights, place):
    log_n, log_d = np.log([1e8, 3e9, 7e10]), np.log([2e10, 1e11, 1e12])
    own = pd.Series(theta[place], index=list(SPEC.family_parameters))

    found = weights[:, place] @ SPEC.basis.features(log_n, log_d).T

    mean, covariance = dense_posterior(layout, own, place, log_n, log_d)
    sd = np.sqrt(np.diag(covariance))
    np.testing.assert_array_less(np.abs(found.mean(axis=0) - mean), 4.5 * sd / np.sqrt(N_DRAWS))
    np.testing.assert_allclose(np.cov(found.T), covariance, atol=0.06 * np.outer(sd, sd).max())
    np.testing.assert_allclose(found.std(axis=0), sd, rtol=0.03)


def test_each_draw_is_its_own(layout, theta, weights):
    assert weights.shape == (N_DRAWS, len(layout.families), SPEC.basis.n_features)
    assert len(np.unique(weights[:, 0, 0])) == N_DRAWS


def test_the_generator_decides(batch, theta):
    few = np.broadcast_to(theta, (5, *theta.shape))
    first, again, other = (
        draw_discrepancy_weights(batch, few, np.random.default_rng(seed)) for seed in (1, 1, 2)
    )

    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
