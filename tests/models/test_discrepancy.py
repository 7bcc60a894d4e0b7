from __future__ import annotations

import numpy as np
import pytest

from bayes_scaling.models import DiscrepancyBasis

BASIS = DiscrepancyBasis()


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


def test_the_variance_is_one_everywhere():
    points = np.random.default_rng(0).normal(0, 50, (200, 2))

    np.testing.assert_allclose(np.diag(covariance(BASIS, points, points)), 1.0, rtol=1e-12)


def test_the_covariance_depends_on_the_gap_alone():
    rng = np.random.default_rng(1)
    first, second, shift = rng.normal(20, 5, (50, 2)), rng.normal(20, 5, (50, 2)), rng.normal(0, 30, (1, 2))

    np.testing.assert_allclose(
        covariance(BASIS, first + shift, second + shift), covariance(BASIS, first, second), atol=1e-12
    )


@pytest.mark.parametrize("length_scale", [1.0, 3.0])
@pytest.mark.parametrize(
    ("n_nodes", "n_length_scales", "tolerance"), [(6, 2, 0.005), (6, 3, 0.1), (8, 3, 0.01), (12, 4, 0.01)]
)
def test_the_covariance_is_squared_exponential(length_scale, n_nodes, n_length_scales, tolerance):
    basis = DiscrepancyBasis(length_scale=length_scale, n_nodes=n_nodes)

    assert worst_error(basis, n_length_scales) < tolerance


def test_more_nodes_are_more_exact():
    errors = [worst_error(DiscrepancyBasis(n_nodes=count, min_weight=0.0), 4) for count in (4, 6, 8, 10, 12)]

    assert errors == sorted(errors, reverse=True)


def test_there_are_as_many_features_as_told():
    assert BASIS.features(np.zeros(3), np.ones(3)).shape == (3, BASIS.n_features)


@pytest.mark.parametrize(
    "change", [{"n_nodes": 5}, {"n_nodes": 0}, {"length_scale": 0.0}, {"length_scale": np.nan}]
)
def test_a_basis_that_would_not_hold_its_variance_is_refused(change):
    # an odd number of nodes has one at frequency zero, which has no sine
    with pytest.raises(ValueError, match=next(iter(change))):
        DiscrepancyBasis(**change)
