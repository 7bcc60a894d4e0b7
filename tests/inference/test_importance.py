from __future__ import annotations

import numpy as np
import pytest

from bayes_scaling.errors import InferenceError, InputError, Severity
from bayes_scaling.inference import (
    ImportanceQuality,
    ImportanceSettings,
    check_importance,
    sample_by_importance,
)

MEAN, SD = np.array([1.0, -2.0, 0.5]), np.array([0.3, 1.0, 0.1])


def normal(points):
    return -0.5 * (((points - MEAN) / SD) ** 2).sum(axis=1)


def skewed(points):
    """Logarithms of two exponential variables."""
    return (points - np.exp(points)).sum(axis=1)


def peaked(points):
    """A narrow peak, and as much mass around it thirty times as wide."""
    narrow, wide = (-0.5 * (points / sd) ** 2 - np.log(sd) for sd in (0.1, 3.0))
    return np.logaddexp(narrow, wide).sum(axis=1)


def test_draws_have_the_moments_of_the_density():
    draws, quality = sample_by_importance(normal, 3, ImportanceSettings(), seed=1)

    assert draws.shape == (4, 500, 3)
    flat = draws.reshape(-1, 3)
    np.testing.assert_allclose((flat.mean(axis=0) - MEAN) / SD, 0.0, atol=0.08)
    np.testing.assert_allclose(np.cov(flat.T) / np.outer(SD, SD), np.eye(3), atol=0.1)
    assert quality.n_proposals == 4000
    assert quality.pareto_k < 0.3
    assert 1000 < quality.ess_min <= 2000
    assert not check_importance(quality)


def test_a_skewed_density_is_drawn_without_bias():
    draws, quality = sample_by_importance(skewed, 2, ImportanceSettings(), seed=1)

    exponential = np.exp(draws.reshape(-1, 2))
    np.testing.assert_allclose(exponential.mean(axis=0), 1.0, atol=0.08)
    np.testing.assert_allclose((exponential > 3.0).mean(axis=0), np.exp(-3.0), atol=0.012)
    assert quality.pareto_k < 0.7


def test_the_effective_sample_size_is_that_of_repeated_estimates():
    few = ImportanceSettings(proposals=400, rounds=0)
    runs = [sample_by_importance(skewed, 2, few, seed=seed) for seed in range(200)]

    error = np.std([draws.reshape(-1, 2).mean(axis=0) for draws, _ in runs], axis=0)
    spread = np.pi / np.sqrt(6.0)  # of the logarithm of an exponential variable
    assert np.mean([quality.ess_min for _, quality in runs]) == pytest.approx(
        ((spread / error) ** 2).min(), rel=0.3
    )


def test_proposals_narrower_than_the_density_are_told():
    _, quality = sample_by_importance(peaked, 2, ImportanceSettings(rounds=0), seed=1)

    finding = check_importance(quality)[0]
    assert finding.code == "pareto_k"
    assert finding.severity is Severity.ERROR
    assert 'method="nuts"' in finding.advice


def test_further_rounds_mend_proposals_that_are_too_narrow():
    _, quality = sample_by_importance(peaked, 2, ImportanceSettings(rounds=4), seed=1)

    assert quality.pareto_k < 0.7


@pytest.mark.parametrize(
    ("quality", "codes"),
    [
        (ImportanceQuality(0.65, 900.0, 8000), ()),
        (ImportanceQuality(0.72, 900.0, 8000), ("pareto_k",)),
        (ImportanceQuality(0.65, 900.0, 1000), ()),
        (ImportanceQuality(0.68, 900.0, 1000), ("pareto_k",)),  # few proposals need a smaller one
        (ImportanceQuality(np.nan, 900.0, 8000), ("pareto_k",)),
        (ImportanceQuality(0.3, 399.0, 8000), ("ess",)),
    ],
)
def test_findings_are_those_beyond_the_limits(quality, codes):
    assert check_importance(quality).codes == codes


def test_the_same_seed_gives_the_same_draws():
    one, two, other = (
        sample_by_importance(skewed, 2, ImportanceSettings(proposals=200), seed=seed)[0] for seed in (1, 1, 2)
    )

    np.testing.assert_array_equal(one, two)
    assert not np.allclose(one, other)


def test_progress_counts_proposals():
    seen = []
    sample_by_importance(
        normal, 3, ImportanceSettings(proposals=200), progress=lambda *args: seen.append(args)
    )

    assert seen == [(100, 400, 0), (200, 400, 0), (400, 400, 0)]


@pytest.mark.parametrize("value", [-np.inf, np.nan])
def test_a_density_that_is_nowhere_finite_is_an_error(value):
    with pytest.raises(InferenceError, match="no point of finite density"):
        sample_by_importance(lambda points: np.full(len(points), value), 2, ImportanceSettings())


@pytest.mark.parametrize("setting", ["draws", "chains", "proposals", "rounds"])
def test_settings_out_of_range_are_refused(setting):
    with pytest.raises(InputError, match=setting):
        ImportanceSettings(**{setting: -1})
