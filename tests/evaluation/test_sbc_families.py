"""Ranks of several families of one fit: what chance may do when they go together, and what it may not."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from bayes_scaling.evaluation.sbc import chi_squared
from bayes_scaling.evaluation.sbc_families import FamilyCalibration, correlation_within_fits

N_DRAWS = 63
SHAPE = (20, 12)


def calibration(together=0.0, shift=0.0, width=1.0, seed=0, quantities=("a", "b", "c")):
    """Ranks of calibrated posteriors, or of those that lie too low (`shift`) or are too narrow (`width` above 1)."""
    rng = np.random.default_rng(seed)
    shares = {}
    for name in quantities:
        common, own = rng.standard_normal((SHAPE[0], 1)), rng.standard_normal(SHAPE)
        score = np.sqrt(together) * common + np.sqrt(1 - together) * own
        shares[name] = stats.norm.cdf(shift + width * score)
    ranks = {name: np.floor(share * (N_DRAWS + 1)).astype(int) for name, share in shares.items()}
    return FamilyCalibration(ranks, shares, N_DRAWS)


@pytest.mark.parametrize("together", [0.0, 0.6])
def test_calibrated_ranks_fail_as_seldom_as_promised(together):
    fails = [not calibration(together, seed=seed).passed(0.1) for seed in range(100)]

    assert np.mean(fails) < 0.2


def test_ranks_that_go_together_would_fail_a_test_for_independent_ones():
    """Else there were no need for a reference that goes together too."""
    p_values = []
    for seed in range(100):
        ranks = calibration(0.6, seed=seed, quantities=("a",)).ranks["a"]
        counts = np.bincount(ranks.ravel(), minlength=N_DRAWS + 1)
        p_values.append(stats.chi2.sf(chi_squared(counts), 15))

    assert np.mean(np.array(p_values) < 0.1) > 0.4


@pytest.mark.parametrize("wrong", [{"shift": 0.4}, {"width": 1.4}, {"width": 0.7}])
@pytest.mark.parametrize("together", [0.0, 0.1])
def test_posteriors_that_are_off_fail(wrong, together):
    assert not calibration(together, **wrong).passed(0.01)


@pytest.mark.parametrize("together", [0.0, 0.3, 0.8])
def test_the_correlation_within_fits_is_found(together):
    found = [
        correlation_within_fits(calibration(together, seed=seed).ranks["a"], N_DRAWS) for seed in range(50)
    ]

    assert np.mean(found) == pytest.approx(together, abs=0.06)


def test_one_family_a_fit_has_nothing_to_go_together_with():
    assert correlation_within_fits(np.arange(20)[:, None], N_DRAWS) == 0


def test_coverage_counts_what_lies_inside_central_intervals():
    shares = {"a": np.array([[0.01, 0.3, 0.5, 0.96]]), "b": np.array([[0.5, 0.06, 0.2, 0.9]])}
    found = FamilyCalibration({name: (64 * share).astype(int) for name, share in shares.items()}, shares, 63)

    table = found.uniformity()

    assert table["inside_50"].tolist() == [0.5, 0.25]
    assert table["inside_90"].tolist() == [0.5, 1.0]
    assert found.coverage(0.9) == 0.75


def test_the_statistic_of_bins_is_that_of_scipy():
    counts = np.random.default_rng(0).multinomial(240, np.full(N_DRAWS + 1, 1 / 64), 3)

    expected = [stats.chisquare(one.reshape(16, 4).sum(axis=1)).statistic for one in counts]

    np.testing.assert_allclose(chi_squared(counts), expected, rtol=1e-12)
