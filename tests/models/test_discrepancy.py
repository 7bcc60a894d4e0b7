from __future__ import annotations

import numpy as np
import pytest

from bayes_scaling.models import DiscrepancyBasis

BASIS = DiscrepancyBasis()
STATIONARY = DiscrepancyBasis(decay=0.0)
LOG_REFERENCE = np.log([1e9, 2e10])


def covariance(basis: DiscrepancyBasis, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Covariance of the discrepancy between points (n, 2) in (log N, log D)."""
    return basis.features(*first.T) @ basis.features(*second.T).T


def squared_exponential(gaps: np.ndarray, length_scale: float) -> np.ndarray:
    return np.exp(-0.5 * (gaps**2).sum(axis=-1) / length_scale**2)


def gaps_up_to(n_length_scales: float, basis: DiscrepancyBasis) -> np.ndarray:
    """Gaps (n, 2) in all directions."""
    distance, angle = np.meshgrid(
        np.linspace(0, n_length_scales * basis.length_scale, 40), np.linspace(0, 2 * np.pi, 33), indexing="ij"
    )
    return np.stack([distance * np.cos(angle), distance * np.sin(angle)], axis=-1).reshape(-1, 2)


def worst_error(basis: DiscrepancyBasis, n_length_scales: float) -> float:
    gaps = gaps_up_to(n_length_scales, basis)
    found = covariance(basis, gaps, np.zeros((1, 2)))[:, 0]
    return float(np.abs(found - squared_exponential(gaps, basis.length_scale)).max())


def test_without_decay_the_variance_is_one_everywhere():
    points = np.random.default_rng(0).normal(0, 50, (200, 2))

    np.testing.assert_allclose(np.diag(covariance(STATIONARY, points, points)), 1.0, rtol=1e-12)


@pytest.mark.parametrize("decay", [0.05, 0.15, 0.4])
def test_the_scale_is_one_at_the_reference_and_falls_as_a_power_of_compute(decay):
    basis = DiscrepancyBasis(decay=decay)
    at_reference = LOG_REFERENCE + np.array([[3.0, -3.0], [0.0, 0.0]])
    factor_of_ten = LOG_REFERENCE + np.log([[10.0, 1.0], [1.0, 10.0], [0.1, 1.0]])

    np.testing.assert_allclose(np.diag(covariance(basis, at_reference, at_reference)), 1.0, rtol=1e-12)
    np.testing.assert_allclose(
        np.sqrt(np.diag(covariance(basis, factor_of_ten, factor_of_ten))),
        10.0 ** (-decay * np.array([1.0, 1.0, -1.0])),
    )


def test_decay_changes_no_correlation():
    points = np.random.default_rng(2).normal(LOG_REFERENCE, 5, (30, 2))
    scale = np.sqrt(np.diag(covariance(BASIS, points, points)))

    np.testing.assert_allclose(
        covariance(BASIS, points, points) / np.outer(scale, scale),
        covariance(STATIONARY, points, points),
        atol=1e-12,
    )


def test_without_decay_the_covariance_depends_on_the_gap_alone():
    rng = np.random.default_rng(1)
    first, second, shift = rng.normal(20, 5, (50, 2)), rng.normal(20, 5, (50, 2)), rng.normal(0, 30, (1, 2))

    np.testing.assert_allclose(
        covariance(STATIONARY, first + shift, second + shift),
        covariance(STATIONARY, first, second),
        atol=1e-12,
    )


@pytest.mark.parametrize("length_scale", [1.0, 5.0])
@pytest.mark.parametrize(
    ("n_nodes", "n_length_scales", "tolerance"), [(6, 2, 0.005), (6, 3, 0.1), (8, 3, 0.01), (12, 4, 0.01)]
)
def test_the_covariance_is_squared_exponential(length_scale, n_nodes, n_length_scales, tolerance):
    basis = DiscrepancyBasis(length_scale=length_scale, n_nodes=n_nodes, decay=0.0)

    assert worst_error(basis, n_length_scales) < tolerance


def test_more_nodes_are_more_exact():
    bases = [DiscrepancyBasis(n_nodes=count, min_weight=0.0, decay=0.0) for count in (4, 6, 8, 10, 12)]
    errors = [worst_error(basis, 4) for basis in bases]

    assert errors == sorted(errors, reverse=True)


def test_there_are_as_many_features_as_told():
    assert BASIS.features(np.zeros(3), np.ones(3)).shape == (3, BASIS.n_features)


def test_wear_adds_a_function_of_size_that_grows_with_its_square():
    log_wear = np.array([0.0, 0.1, 1.0])
    log_n, log_d = np.array([20.0, 20.0, 22.0]), np.full(3, 24.0)
    n_waves = DiscrepancyBasis(wear=0.0).n_features

    fresh, features = BASIS.features(log_n, log_d), BASIS.features(log_n, log_d, log_wear)

    np.testing.assert_array_equal(features[:, :n_waves], fresh[:, :n_waves])
    assert not fresh[:, n_waves:].any()
    worn = features[:, n_waves:] @ features[:, n_waves:].T
    np.testing.assert_allclose(np.diag(worn), (BASIS.wear * log_wear**2) ** 2, atol=1e-12)


@pytest.mark.parametrize(("n_length_scales", "tolerance"), [(0.5, 0.001), (1.0, 0.01), (2.0, 0.1)])
def test_what_wear_does_varies_with_size_as_the_rest_does(n_length_scales, tolerance):
    log_n = 20.0 + np.array([0.0, n_length_scales * BASIS.length_scale])

    worn = BASIS.features(log_n, np.full(2, 24.0), 1.0) - BASIS.features(log_n, np.full(2, 24.0))

    correlation = (worn[0] @ worn[1]) / BASIS.wear**2
    assert correlation == pytest.approx(np.exp(-0.5 * n_length_scales**2), abs=tolerance)


def test_without_wear_there_are_waves_alone():
    waves = DiscrepancyBasis(wear=0.0)

    features = waves.features(np.zeros(3), np.ones(3), 1.0)

    assert features.shape == (3, waves.n_features)
    np.testing.assert_array_equal(features, waves.features(np.zeros(3), np.ones(3)))
    assert waves.n_features < BASIS.n_features


@pytest.mark.parametrize(
    "change",
    [{"wear": -1.0}, {"n_nodes": 5}, {"n_nodes": 0}, {"length_scale": 0.0}, {"length_scale": np.nan}],
)
def test_a_basis_that_would_not_hold_its_variance_is_refused(change):
    # an odd number of nodes has one at frequency zero, which has no sine
    with pytest.raises(ValueError, match=next(iter(change))):
        DiscrepancyBasis(**change)
